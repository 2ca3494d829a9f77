// SPDX-License-Identifier: Apache-2.0
#include "behavioral/settling.h"

#include <Eigen/Dense>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"

namespace mho::behavioral {
namespace {

using Complex = std::complex<double>;
using Eigen::Index;
using Eigen::VectorXd;

// Coefficients in rising powers of s times the unit of time.
VectorXd in_units(const std::vector<double>& coefficients, double unit_second, Index first_power) {
    VectorXd scaled(static_cast<Index>(coefficients.size()));
    double power = std::pow(unit_second, static_cast<double>(first_power));
    for (Index k = 0; k < scaled.size(); ++k) {
        scaled(k) = coefficients[static_cast<std::size_t>(k)] / power;
        power *= unit_second;
    }
    return scaled;
}

Complex value_at(const VectorXd& coefficients, Complex s) {
    Complex sum = 0;
    for (Index k = coefficients.size(); k-- > 0;) sum = sum * s + coefficients(k);
    return sum;
}

VectorXd derivative(const VectorXd& coefficients) {
    VectorXd slope(coefficients.size() - 1);
    for (Index k = 0; k < slope.size(); ++k)
        slope(k) = static_cast<double>(k + 1) * coefficients(k + 1);
    return slope;
}

// Eigenvalues of the companion matrix.
Eigen::VectorXcd roots(VectorXd coefficients) {
    Index degree = coefficients.size() - 1;
    while (degree > 0 && coefficients(degree) == 0) --degree;
    Eigen::MatrixXd companion = Eigen::MatrixXd::Zero(degree, degree);
    for (Index k = 0; k < degree; ++k) {
        companion(0, k) = -coefficients(degree - 1 - k) / coefficients(degree);
    }
    companion.bottomLeftCorner(degree - 1, degree - 1).diagonal().setOnes();
    return companion.eigenvalues();
}

// Of a monotone cubic (Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 1984) at x[i].
double slope_at(std::span<const double> x, std::span<const double> y, std::size_t i) {
    const auto chord = [&](std::size_t k) { return (y[k + 1] - y[k]) / (x[k + 1] - x[k]); };
    if (i == 0) return chord(0);
    if (i + 1 == x.size()) return chord(i - 1);
    const double before = chord(i - 1), after = chord(i);
    if (!(before * after > 0)) return 0;
    const double left = x[i] - x[i - 1], right = x[i + 1] - x[i];
    return 3 * (left + right) / ((2 * right + left) / before + (right + 2 * left) / after);
}

// A quantity of the read-out at `ampere`: on a monotone cubic through those that it has with the
// dynamics next to it. Coefficients of different fits have nothing to do with each other.
template <typename Of>
double at_ampere(std::span<const ReadoutDynamics> all, double ampere, Of of) {
    std::size_t k = 0;  // the first that is not below
    while (k < all.size() && all[k].ampere < ampere) ++k;
    if (k == all.size()) return of(all.back());
    if (k == 0 || all[k].ampere == ampere) return of(all[k]);
    const std::size_t first = k < 2 ? 0 : k - 2, last = std::min(all.size() - 1, k + 1);
    std::vector<double> x, y;
    for (std::size_t i = first; i <= last; ++i) {
        x.push_back(all[i].ampere);
        y.push_back(of(all[i]));
    }
    const std::size_t low = k - 1 - first, high = low + 1;
    const double width = x[high] - x[low], t = (ampere - x[low]) / width;
    const double rise = y[high] - y[low];
    const double start = width * slope_at(x, y, low), end = width * slope_at(x, y, high);
    return y[low] + t * (start + t * (3 * rise - 2 * start - end + t * (start + end - 2 * rise)));
}

// Distance from the end over time, volt: the real part of sum over k of weight exp(rate t), t in
// units of `unit_second`.
struct Decay {
    double unit_second = 0;
    Eigen::VectorXcd rate, weight;

    double at(double second) const {
        const double t = second / unit_second;
        Complex sum = 0;
        for (Index k = 0; k < rate.size(); ++k) sum += weight(k) * std::exp(rate(k) * t);
        return std::abs(sum.real());
    }
};

Decay decay_after_step(const ReadoutDynamics& dynamics, double edge_second, const ColumnPort& port,
                       double ampere) {
    Decay decay;
    decay.unit_second = std::abs(dynamics.denominator.front());
    const double unit = decay.unit_second;
    const VectorXd input = in_units(dynamics.input_ohm, unit, 0);
    const VectorXd transfer = in_units(dynamics.transfer_ohm, unit, 0);
    VectorXd loop(input.size() + 1);
    loop << 1, in_units(dynamics.denominator, unit, 1);
    loop.head(input.size()) += port.siemens * input;
    loop.tail(input.size()) += port.farad / unit * input;
    const VectorXd slope = derivative(loop);
    decay.rate = roots(loop);
    decay.weight.resize(decay.rate.size());
    const double edge = edge_second / unit;
    for (Index k = 0; k < decay.rate.size(); ++k) {
        const Complex rate = decay.rate(k);
        if (!(rate.real() < 0)) {
            throw bad_input(
                "settling: the read-out is unstable with a column of {:.3g} S and "
                "{:.3g} F",
                port.siemens, port.farad);
        }
        decay.weight(k) = ampere * value_at(transfer, rate) / (rate * value_at(slope, rate));
        // The mean over steps at all times of the edge.
        if (edge > 0) decay.weight(k) *= (1.0 - std::exp(-rate * edge)) / (rate * edge);
    }
    return decay;
}

// With one two-port throughout.
double linear_second(const ReadoutDynamics& dynamics, double edge_second, const ColumnPort& port,
                     double ampere, double band_volt) {
    const Decay decay = decay_after_step(dynamics, edge_second, port, ampere);
    const double total = decay.weight.cwiseAbs().sum();
    if (!(total > band_volt)) return 0;
    // Nothing is outside after `late`.
    const double slowest = -1 / decay.rate.real().maxCoeff();
    double late = slowest * std::log(total / band_volt) * decay.unit_second;
    constexpr int kSteps = 5000;
    const double step = late / kSteps;
    double before = late;
    while (before > 0 && decay.at(before) <= band_volt) {
        late = before;
        before -= step;
    }
    if (before <= 0) return 0;
    for (int halving = 0; halving < 50; ++halving) {
        const double middle = 0.5 * (before + late);
        (decay.at(middle) > band_volt ? before : late) = middle;
    }
    return late;
}

// A step on its way: what settling_path_second is told.
struct Path {
    double edge_second;
    const ColumnPort& port;
    double ampere;
    double band_volt;
};

double path_second(const Path& path, std::span<const ReadoutDynamics> all) {
    // Time in which the distance falls by e, with the dynamics of the card's currents.
    constexpr double kInside = 0.1;  // of the band
    std::vector<std::pair<double, double>> constants;
    double ohm = 0;  // of the read-out at rest
    double least = std::numeric_limits<double>::infinity();
    for (const ReadoutDynamics& one : all) {
        const auto second = [&](double band) {
            return linear_second(one, path.edge_second, path.port, path.ampere, band);
        };
        const double outer = second(path.band_volt);
        if (outer == 0) return 0;
        constants.emplace_back(one.ampere,
                               (second(kInside * path.band_volt) - outer) / -std::log(kInside));
        if (std::abs(one.ampere) < least) {
            least = std::abs(one.ampere);
            ohm = one.transfer_ohm.front();
        }
    }
    const auto constant = [&](double at) {
        if (at <= constants.front().first) return constants.front().second;
        for (std::size_t k = 1; k < constants.size(); ++k) {
            const auto& [low, low_second] = constants[k - 1];
            const auto& [high, high_second] = constants[k];
            if (at <= high) {
                return low_second + (at - low) / (high - low) * (high_second - low_second);
            }
        }
        return constants.back().second;
    };
    // Over y = ln(1 / (1 - i / I)): it rises by 1 in each time constant.
    const double total = std::abs(path.ampere * ohm);
    const double end = std::log(std::max(1.0, total / path.band_volt));
    constexpr int kParts = 200;
    double sum = 0;
    for (int k = 0; k < kParts; ++k) {
        const double y = (k + 0.5) * end / kParts;
        sum += constant(path.ampere * (1 - std::exp(-y))) - constant(path.ampere);
    }
    return sum * end / kParts;
}

void require_dynamics(const TimingModel& timing, double band_volt) {
    if (timing.resting.denominator.empty()) {
        throw bad_input("settling: the card has no dynamics of the read-out");
    }
    if (!(band_volt > 0)) throw bad_input("settling: band {}, expected volt > 0", band_volt);
}

}  // namespace

double row_delay_second(const ModelCard& card) {
    return card.array.driver_ohm * card.energy.row_farad;
}

double half_lsb_volt(const AdcModel& adc) {
    return std::ldexp(adc.ideal_high_volt - adc.ideal_low_volt, -adc.bits - 1);
}

ColumnPort column_port(const ArrayModel& array, const TimingModel& timing,
                       std::span<const double> g_siemens) {
    const double ohm = array.column_segment_ohm;
    // Seen from the node of each cell away from the read-out.
    std::vector<double> seen;
    double behind = 0;
    for (const double g : g_siemens) {
        behind = g / (1 + g * array.driver_ohm) + behind / (1 + ohm * behind);
        seen.push_back(behind);
    }
    ColumnPort port;
    port.siemens = behind / (1 + ohm * behind);
    double volt = 1;
    for (std::size_t k = seen.size(); k-- > 0;) {
        volt /= 1 + ohm * seen[k];
        port.farad += timing.column_farad * volt * volt;
    }
    return port;
}

std::vector<ReadoutDynamics> by_ampere(const TimingModel& timing) {
    std::vector<ReadoutDynamics> all{timing.sourcing, timing.resting, timing.sinking};
    all.insert(all.end(), timing.between.begin(), timing.between.end());
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.ampere < b.ampere; });
    return all;
}

double settling_second(const TimingModel& timing, const ColumnPort& port, double ampere,
                       double band_volt) {
    require_dynamics(timing, band_volt);
    if (ampere == 0) return 0;
    const auto with = [&](std::span<const ReadoutDynamics> all) {
        return at_ampere(all, ampere, [&](const ReadoutDynamics& dynamics) {
            return linear_second(dynamics, timing.edge_second, port, ampere, band_volt);
        });
    };
    if (timing.mixed.empty()) return with(by_ampere(timing));
    double sum = 0, logarithm = 0;
    bool settles_at_once = false;
    for (const MixedDynamics& one : timing.mixed) {
        const double second = with(one.at_currents);
        sum += one.weight * second;
        settles_at_once = settles_at_once || second == 0;
        if (!settles_at_once) logarithm += one.weight * std::log(second);
    }
    return settles_at_once ? std::max(0.0, sum) : std::exp(logarithm);
}

double settling_path_second(const TimingModel& timing, const ColumnPort& port, double ampere,
                            double band_volt) {
    require_dynamics(timing, band_volt);
    if (ampere == 0) return 0;
    const Path path{timing.edge_second, port, ampere, band_volt};
    if (timing.mixed.empty()) return path_second(path, by_ampere(timing));
    double sum = 0;
    for (const MixedDynamics& one : timing.mixed) {
        sum += one.weight * path_second(path, one.at_currents);
    }
    return sum;
}

}  // namespace mho::behavioral
