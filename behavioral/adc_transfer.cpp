// SPDX-License-Identifier: Apache-2.0
#include "behavioral/adc_transfer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

constexpr std::size_t kMaxBins = 1 << 14;

// Position on the grid, rising with `value`; NaN goes to 0.
template <typename Real>
inline Real grid_position(Real value, Real start, Real bins_per_volt, Real last_bin) {
    Real position = (value - start) * bins_per_volt;
    position = position > 0 ? position : Real(0);
    return position < last_bin ? position : last_bin;
}

// The smallest Real that is not below `value`.
template <typename Real>
Real raised(double value) {
    if (value > static_cast<double>(std::numeric_limits<Real>::max())) {
        return std::numeric_limits<Real>::infinity();
    }
    if (value < static_cast<double>(std::numeric_limits<Real>::lowest())) {
        return std::numeric_limits<Real>::lowest();
    }
    Real narrow = static_cast<Real>(value);
    if (static_cast<double>(narrow) < value) {
        narrow = std::nextafter(narrow, std::numeric_limits<Real>::infinity());
    }
    return narrow;
}

// With at most one transition per bin.
template <typename Real>
struct Grid {
    Real start;
    Real bins_per_volt;
    Real last_bin;
    const std::int32_t* base;
    const Real* threshold;
};

// Not MHO_SIMD_CLONES: the gathers of wide vectors are slower than single loads on many processors,
// and the rest vectorises in the narrowest.
template <typename Real>
void convert_on_grid(const Real* values, Real* codes, std::size_t count, const Grid<Real>& grid) {
    const Grid<Real> g = grid;
    MHO_INDEPENDENT_ITERATIONS
    for (std::size_t i = 0; i < count; ++i) {
        const Real value = values[i];
        const auto bin =
            static_cast<std::int32_t>(grid_position(value, g.start, g.bins_per_volt, g.last_bin));
        codes[i] = static_cast<Real>(g.base[bin] + (value >= g.threshold[bin] ? 1 : 0));
    }
}

std::span<const double> checked(std::span<const double> transitions) {
    if (transitions.empty()) throw bad_input("ADC: no transitions");
    for (std::size_t k = 0; k < transitions.size(); ++k) {
        if (!std::isfinite(transitions[k])) {
            throw bad_input("ADC: transition {} is {}, expected a finite value", k, transitions[k]);
        }
        if (k > 0 && !(transitions[k] > transitions[k - 1])) {
            throw bad_input("ADC: transition {} is {}, expected more than the one before ({})", k,
                            transitions[k], transitions[k - 1]);
        }
    }
    return transitions;
}

}  // namespace

template <typename Real>
AdcTable<Real>::AdcTable(std::span<const double> transitions) {
    for (const double t : transitions) transition_.push_back(raised<Real>(t));
    const Real range = transition_.back() - transition_.front();
    // Twice as many bins as the narrowest code asks for, so that rounding of positions does not
    // put two transitions into one.
    double bins = 1;
    for (std::size_t k = 1; k < transition_.size(); ++k) {
        const double width =
            static_cast<double>(transition_[k]) - static_cast<double>(transition_[k - 1]);
        bins = std::max(bins, width > 0 ? 2 * static_cast<double>(range) / width : 1e300);
    }
    const std::size_t count = bins < static_cast<double>(kMaxBins)
                                  ? static_cast<std::size_t>(std::ceil(bins)) + 1
                                  : kMaxBins;
    start_ = transition_.front();
    // Ranges whose quotient is not a normal number get one bin and a search.
    bins_per_volt_ = range > 0 ? static_cast<Real>(count - 1) / range : Real(0);
    if (!std::isfinite(bins_per_volt_) || !std::isfinite(range)) bins_per_volt_ = 0;
    last_bin_ = static_cast<Real>(count - 1);
    base_.assign(count, 0);
    threshold_.assign(count, std::numeric_limits<Real>::infinity());
    std::vector<std::int32_t> inside(count, 0);
    for (const Real t : transition_) {
        const auto bin =
            static_cast<std::size_t>(grid_position<Real>(t, start_, bins_per_volt_, last_bin_));
        threshold_[bin] = t;
        one_per_bin_ = one_per_bin_ && ++inside[bin] == 1;
    }
    for (std::size_t bin = 1; bin < count; ++bin) base_[bin] = base_[bin - 1] + inside[bin - 1];
}

template <typename Real>
std::int32_t AdcTable<Real>::code(Real value) const {
    if (!(value >= transition_.front())) return 0;
    return static_cast<std::int32_t>(
        std::upper_bound(transition_.begin(), transition_.end(), value) - transition_.begin());
}

template <typename Real>
void AdcTable<Real>::convert(std::span<const Real> values, std::span<Real> codes) const {
    if (values.size() != codes.size()) {
        throw bad_input("ADC: {} values but room for {} codes", values.size(), codes.size());
    }
    if (one_per_bin_) {
        convert_on_grid(
            values.data(), codes.data(), values.size(),
            Grid<Real>{start_, bins_per_volt_, last_bin_, base_.data(), threshold_.data()});
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) codes[i] = static_cast<Real>(code(values[i]));
}

template class AdcTable<float>;
template class AdcTable<double>;

AdcTransfer::AdcTransfer(std::span<const double> transitions)
    : code_max_(static_cast<std::int32_t>(checked(transitions).size())),
      narrow_(transitions),
      wide_(transitions) {}

}  // namespace mho::behavioral
