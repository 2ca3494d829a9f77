// SPDX-License-Identifier: Apache-2.0
// Converter of a quantised multiply: none, ideal, or by transition tables that columns may have of
// their own; its range by rule or by calibrated limits.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "behavioral/adc_transfer.h"
#include "behavioral/panel_kernel.h"

namespace mho::behavioral {

struct AdcLimits {
    double low = 0;
    double high = 0;
};

enum class AdcKind { none, ideal, table };
enum class AdcRange {
    maximum,   // what all cells at their top level give when all inputs are at theirs
    granular,  // one code per smallest step of the sum: a level times an input code
    limits,    // AdcOptions::limits, for example calibrated ones
};

// An ideal converter of `bits` has 2^bits codes, the first at the lower and the last at the upper
// limit: code = (value - low) / lsb to the nearest, lsb = (high - low) / (2^bits - 1).
struct AdcOptions {
    AdcKind kind = AdcKind::ideal;
    int bits = 8;  // 1 .. 20
    AdcRange range = AdcRange::maximum;
    // One for all weight slices or one for each, in levels times input codes.
    std::vector<AdcLimits> limits = {};
    // One code less, so that with limits of equal size zero has a code of its own. Ideal only.
    bool exact_zero = false;
    // Transition tables of AdcKind::table, 2^bits - 1 rising values each as parts of the range: the
    // ideal ones are (k + 1/2) / (2^bits - 1). Column j of array k has table
    // k tables_per_array + j / columns_per_table, counted round and round; one table serves all
    // columns.
    std::vector<std::vector<double>> tables = {};
    int columns_per_table = 1;
    // Empty: table t gives code k after k transitions. Else codes[t], one more than its
    // transitions, whose number is free then.
    std::vector<std::vector<std::int32_t>> codes = {};
    Eigen::Index tables_per_array = 0;
    // What is added to the inputs of AdcKind::table, as parts of the range: column j of array k has
    // number k offsets_per_array + j, counted round and round. Empty: nothing.
    std::vector<double> offsets = {};
    Eigen::Index offsets_per_array = 0;

    // Converters of one array are not those of another.
    bool by_array() const { return tables_per_array > 0 || offsets_per_array > 0; }
};

void check_adc(const AdcOptions& options);  // throws bad_input

// One weight slice's converters, compiled: of every array, or of array number `array`.
class Converter {
  public:
    Converter(const AdcOptions& options, const AdcLimits& limits, Eigen::Index array = 0);

    double lsb() const { return lsb_; }
    double low() const { return low_; }
    int code_max() const { return code_max_; }

    // tile (count x kPanelWidth) becomes codes; its first column is the array's `first_column`. In
    // single precision: where the exact position (value - low) / lsb lies within 2^-22 of its range
    // from a transition, the neighbouring code may come out. A value of 0 is always exact, ties
    // going to the even code.
    void convert(std::span<float> tile, Eigen::Index first_column) const;

  private:
    void add_offsets(std::span<float> tile, Eigen::Index first_column) const;
    void convert_part(std::size_t table, std::span<float> part) const;

    AdcKind kind_;
    double low_ = 0;
    double lsb_ = 1;
    int code_max_ = 0;
    Eigen::Index columns_per_table_ = 1;
    std::vector<AdcTable<float>> tables_;
    std::vector<std::vector<float>> codes_;  // empty: a table's own
    std::vector<float> offsets_;             // by column, round and round
};

}  // namespace mho::behavioral
