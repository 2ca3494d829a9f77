// SPDX-License-Identifier: Apache-2.0
#include "calibrate/cell_table_fit.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "behavioral/cell_table.h"

namespace mho::calibrate {
namespace {

using behavioral::CellTable;

// Parts of the tolerance: what a table may be off where it is left as it is, over states and over
// voltages; what a current may fall and still be taken for noise; what it then rises.
constexpr double kGoodStates = 0.1;
constexpr double kGoodVoltages = 0.05;
constexpr double kNoise = 0.01;
constexpr double kLeastRise = 1e-6;

class TableFitter {
  public:
    TableFitter(std::span<const double> volt, double tolerance, const MeasureCurves& measure)
        : volt_(volt.begin(), volt.end()),
          tolerance_(tolerance),
          measure_(measure),
          zero_(static_cast<std::size_t>(std::find(volt_.begin(), volt_.end(), 0.0) -
                                         volt_.begin())) {
        if (zero_ == volt_.size()) throw bad_input("cell law: the sweep does not pass 0 V");
    }

    TableFit run(double g_min, double g_max) {
        const double middle = 0.5 * (g_min + g_max);
        const std::vector<double> first{g_min, middle, g_max};
        std::vector<Curve> curves = measure_(first);
        tolerance_ *= std::max(std::abs(curves.back().front()), std::abs(curves.back().back()));
        tidy(first, curves);
        for (std::size_t k = 0; k < first.size(); ++k) knots_[first[k]] = std::move(curves[k]);
        refine({{g_min, middle}, {middle, g_max}});
        fit_.table = thinned();
        return fit_;
    }

  private:
    using Interval = std::pair<double, double>;

    std::vector<Curve> measured(const std::vector<double>& states) {
        std::vector<Curve> curves = measure_(states);
        tidy(states, curves);
        return curves;
    }

    void tidy(const std::vector<double>& states, std::vector<Curve>& curves) {
        for (std::size_t k = 0; k < states.size(); ++k) tidy(states[k], curves[k]);
        ++fit_.rounds;
        fit_.measured += states.size();
    }

    // Takes the solver's leftover at 0 V off, and its noise where next to no current flows: from 0
    // V outward each current is at least a little larger than the one before.
    void tidy(double state, Curve& curve) const {
        if (!(std::abs(curve[zero_]) <= tolerance_)) {
            throw bad_input(
                "cell law: a cell in state {} S carries {} A at 0 V, expected none (at most {})",
                state, curve[zero_], tolerance_);
        }
        const double rest = curve[zero_];
        for (double& ampere : curve) ampere -= rest;
        for (std::size_t k = zero_ + 1; k < curve.size(); ++k) {
            lift(state, curve[k - 1], volt_[k], 1, curve[k]);
        }
        for (std::size_t k = zero_; k > 0; --k) {
            lift(state, curve[k], volt_[k - 1], -1, curve[k - 1]);
        }
    }

    void lift(double state, double before, double volt, double sign, double& ampere) const {
        const double least = before + sign * kLeastRise * tolerance_;
        if (sign * ampere >= sign * least) return;
        if (!(sign * (least - ampere) <= kNoise * tolerance_)) {
            throw bad_input(
                "cell law: in state {} S the current goes from {} to {} A on the way out to {} V, "
                "expected it to rise with the voltage",
                state, before, ampere, volt);
        }
        ampere = least;
    }

    void refine(std::vector<Interval> open) {
        while (!open.empty()) {
            if (knots_.size() + open.size() > kMaxStates) {
                throw simulator_error("cell law: {} states do not hold it to {} A", kMaxStates,
                                      tolerance_);
            }
            std::vector<double> middles;
            for (const auto& [low, high] : open) middles.push_back(0.5 * (low + high));
            std::vector<Curve> curves = measured(middles);
            const CellTable so_far = table_of(all_voltages());
            std::vector<Interval> next;
            for (std::size_t k = 0; k < middles.size(); ++k) {
                const double off = difference(so_far, middles[k], curves[k]);
                if (off <= kGoodStates * tolerance_) continue;
                knots_[middles[k]] = std::move(curves[k]);
                next.emplace_back(open[k].first, middles[k]);
                next.emplace_back(middles[k], open[k].second);
            }
            open = std::move(next);
        }
    }

    std::set<std::size_t> all_voltages() const {
        std::set<std::size_t> all;
        for (std::size_t k = 0; k < volt_.size(); ++k) all.insert(k);
        return all;
    }

    CellTable table_of(const std::set<std::size_t>& kept) const {
        CellTable table;
        for (const std::size_t k : kept) table.volt.push_back(volt_[k]);
        for (const auto& [state, curve] : knots_) {
            table.state_siemens.push_back(state);
            for (const std::size_t k : kept) table.ampere.push_back(curve[k]);
        }
        return table;
    }

    double difference(const CellTable& table, double state, const Curve& curve,
                      std::size_t* where = nullptr) const {
        std::vector<double> ampere(table.volt.size()), slope(table.volt.size());
        behavioral::cell_curve(table, state, ampere, slope);
        double worst = 0;
        for (std::size_t k = 0; k < volt_.size(); ++k) {
            const double model =
                behavioral::on_curve(table.volt, ampere.data(), slope.data(), volt_[k]).ampere;
            const double off = std::abs(model - curve[k]);
            if (off <= worst) continue;
            worst = off;
            if (where != nullptr) *where = k;
        }
        return worst;
    }

    // Both ends and 0 V, then the voltage at which the table is furthest off, again and again.
    CellTable thinned() const {
        std::set<std::size_t> kept{0, zero_, volt_.size() - 1};
        for (;;) {
            CellTable table = table_of(kept);
            double worst = kGoodVoltages * tolerance_;
            std::size_t at = volt_.size();
            for (const auto& [state, curve] : knots_) {
                std::size_t where = 0;
                const double off = difference(table, state, curve, &where);
                if (off > worst && !kept.contains(where)) {
                    worst = off;
                    at = where;
                }
            }
            if (at == volt_.size()) return table;
            kept.insert(at);
        }
    }

    std::vector<double> volt_;
    double tolerance_;  // ampere, once the first round is known
    const MeasureCurves& measure_;
    std::size_t zero_;
    std::map<double, Curve> knots_;
    TableFit fit_;
};

}  // namespace

TableFit fit_cell_table(std::span<const double> volt, double g_min_siemens, double g_max_siemens,
                        double tolerance, const MeasureCurves& measure) {
    TableFit fit = TableFitter(volt, tolerance, measure).run(g_min_siemens, g_max_siemens);
    const CellTable& table = fit.table;
    const std::size_t volts = table.volt.size();
    for (std::size_t k = volts; k < table.ampere.size(); ++k) {
        const double smaller = table.ampere[k - volts], larger = table.ampere[k];
        if (table.volt[k % volts] == 0 || std::abs(larger) > std::abs(smaller)) continue;
        throw bad_input(
            "cell law: at {} V the state {} S carries {} A and the next smaller one {} A, expected "
            "more",
            table.volt[k % volts], table.state_siemens[k / volts], larger, smaller);
    }
    return fit;
}

}  // namespace mho::calibrate
