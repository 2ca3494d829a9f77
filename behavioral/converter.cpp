// SPDX-License-Identifier: Apache-2.0
#include "behavioral/converter.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

struct Ideal {
    float zero, codes_per_unit, code_max;  // zero: the value 0 in codes
};

// Adding and taking away 1.5 * 2^23 rounds to the nearest integer, ties to even.
MHO_SIMD_CLONES void convert_ideal(float* values, std::size_t count, const Ideal& ideal) {
    constexpr float kRound = 0x1.8p23f;
    const Ideal adc = ideal;
    for (std::size_t i = 0; i < count; ++i) {
        float code = values[i] * adc.codes_per_unit + adc.zero;
        code = code < adc.code_max ? code : adc.code_max;
        code = code > 0 ? code : 0;
        values[i] = code + kRound - kRound;
    }
}

}  // namespace

void check_adc(const AdcOptions& options) {
    if (options.kind == AdcKind::none) return;
    const int least = options.exact_zero ? 2 : 1;
    if (options.bits < least || options.bits > 20) {
        throw bad_input("ADC: {} bits, expected {} to 20", options.bits, least);
    }
    if (options.kind != AdcKind::table) return;
    if (options.exact_zero) throw bad_input("ADC: a table and exact_zero, expected one of them");
    if (options.tables.empty()) throw bad_input("ADC: no transition tables");
    if (options.columns_per_table < 1) {
        throw bad_input("ADC: {} columns per table, expected at least 1",
                        options.columns_per_table);
    }
    const std::size_t transitions = (std::size_t{1} << options.bits) - 1;
    for (const std::vector<double>& table : options.tables) {
        if (table.size() != transitions) {
            throw bad_input("ADC: a table of {} transitions, expected {} for {} bits", table.size(),
                            transitions, options.bits);
        }
    }
}

Converter::Converter(const AdcOptions& options, const AdcLimits& limits) : kind_(options.kind) {
    check_adc(options);
    if (kind_ == AdcKind::none) return;
    const double width = limits.high - limits.low;
    if (!std::isfinite(limits.low) || !(width > 0) || !std::isfinite(width)) {
        throw bad_input("ADC: limits {} to {}, expected them to rise", limits.low, limits.high);
    }
    code_max_ = (1 << options.bits) - (options.exact_zero ? 2 : 1);
    low_ = limits.low;
    lsb_ = width / code_max_;
    if (kind_ == AdcKind::ideal) return;
    columns_per_table_ = options.columns_per_table;
    for (std::vector<double> table : options.tables) {
        for (double& transition : table) transition = limits.low + transition * width;
        tables_.emplace_back(table);
    }
}

void Converter::convert(std::span<float> tile, Index first_column, Index width) const {
    if (kind_ == AdcKind::none) return;
    if (kind_ == AdcKind::ideal) {
        convert_ideal(tile.data(), tile.size(),
                      {static_cast<float>(-low_ / lsb_), static_cast<float>(1 / lsb_),
                       static_cast<float>(code_max_)});
        return;
    }
    if (tables_.size() == 1) {
        tables_[0].convert(std::span<const float>(tile), tile);
        return;
    }
    const Index rows = static_cast<Index>(tile.size()) / width;
    for (Index column = 0; column < width;) {
        const Index group = (first_column + column) / columns_per_table_;
        const Index end = std::min<Index>(width, (group + 1) * columns_per_table_ - first_column);
        const AdcTransfer& table = tables_[static_cast<std::size_t>(group) % tables_.size()];
        for (Index r = 0; r < rows; ++r) {
            const std::span<float> part = tile.subspan(static_cast<std::size_t>(r * width + column),
                                                       static_cast<std::size_t>(end - column));
            table.convert(std::span<const float>(part), part);
        }
        column = end;
    }
}

}  // namespace mho::behavioral
