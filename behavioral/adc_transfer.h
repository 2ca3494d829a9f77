// SPDX-License-Identifier: Apache-2.0
// Converter with any strictly rising transition table, compiled for speed: a uniform grid of bins
// gives the code at the bin's start and the one transition inside it. Exact at every transition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mho::behavioral {

// One precision of the table; Real is float or double.
template <typename Real>
class AdcTable {
  public:
    // Code k is given for transition[k-1] <= value < transition[k]; transitions given in double
    // are raised to the next Real, so comparisons with Real values stay exact.
    explicit AdcTable(std::span<const double> transitions);

    // Below the first transition 0, from the last on transitions.size(); NaN gives 0.
    std::int32_t code(Real value) const;

    // codes[i] = code(values[i]) as Real; `codes` may be the same memory as `values`. Throws
    // bad_input when the sizes differ.
    void convert(std::span<const Real> values, std::span<Real> codes) const;

  private:
    Real start_ = 0;
    Real bins_per_volt_ = 0;
    Real last_bin_ = 0;
    bool one_per_bin_ = true;
    std::vector<std::int32_t> base_;  // per bin: transitions in the bins before it
    std::vector<Real> threshold_;     // per bin: its transition, or infinity
    std::vector<Real> transition_;
};

extern template class AdcTable<float>;
extern template class AdcTable<double>;

class AdcTransfer {
  public:
    // Throws bad_input unless there is at least one transition and all are finite and rise
    // strictly.
    explicit AdcTransfer(std::span<const double> transitions);

    std::int32_t code(double value) const { return wide_.code(value); }
    void convert(std::span<const float> values, std::span<float> codes) const {
        narrow_.convert(values, codes);
    }
    void convert(std::span<const double> values, std::span<double> codes) const {
        wide_.convert(values, codes);
    }
    std::int32_t code_max() const { return code_max_; }

  private:
    std::int32_t code_max_;
    AdcTable<float> narrow_;
    AdcTable<double> wide_;
};

}  // namespace mho::behavioral
