// SPDX-License-Identifier: Apache-2.0
#include "behavioral/converter.h"

#include <algorithm>
#include <array>
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

void check_table(const AdcOptions& options, std::size_t t) {
    const std::vector<double>& table = options.tables[t];
    for (std::size_t k = 0; k < table.size(); ++k) {
        if (std::isfinite(table[k]) && (k == 0 || table[k] > table[k - 1])) continue;
        throw bad_input("ADC: transition {} is {}, expected finite ones that rise", k, table[k]);
    }
    const std::size_t codes = std::size_t{1} << options.bits;
    if (options.codes.empty()) {
        if (table.size() == codes - 1) return;
        throw bad_input("ADC: a table of {} transitions, expected {} for {} bits", table.size(),
                        codes - 1, options.bits);
    }
    const std::vector<std::int32_t>& own = options.codes[t];
    if (table.empty() || own.size() != table.size() + 1) {
        throw bad_input("ADC: a table of {} transitions with {} codes, expected one more",
                        table.size(), own.size());
    }
    for (const std::int32_t code : own) {
        if (code >= 0 && code < static_cast<std::int32_t>(codes)) continue;
        throw bad_input("ADC: code {} in a table of {} bits", code, options.bits);
    }
}

// What `per_array` of `count` things, counted round and round, array `array` has, in order.
std::vector<std::size_t> things_of(std::size_t count, Index per_array, Index array) {
    std::vector<std::size_t> all;
    const std::size_t first = static_cast<std::size_t>(array * per_array);
    const std::size_t number = per_array > 0 ? static_cast<std::size_t>(per_array) : count;
    for (std::size_t k = 0; k < std::min(number, count); ++k) all.push_back((first + k) % count);
    return all;
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
    if (!options.codes.empty() && options.codes.size() != options.tables.size()) {
        throw bad_input("ADC: codes of {} tables, expected {}", options.codes.size(),
                        options.tables.size());
    }
    for (std::size_t t = 0; t < options.tables.size(); ++t) check_table(options, t);
    for (const double offset : options.offsets) {
        if (!std::isfinite(offset)) throw bad_input("ADC: an offset of {}", offset);
    }
}

Converter::Converter(const AdcOptions& options, const AdcLimits& limits, Index array)
    : kind_(options.kind) {
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
    for (const std::size_t t : things_of(options.tables.size(), options.tables_per_array, array)) {
        std::vector<double> table = options.tables[t];
        for (double& transition : table) transition = limits.low + transition * width;
        tables_.emplace_back(table);
        if (options.codes.empty()) continue;
        codes_.emplace_back(options.codes[t].begin(), options.codes[t].end());
    }
    for (const std::size_t k :
         things_of(options.offsets.size(), options.offsets_per_array, array)) {
        offsets_.push_back(static_cast<float>(options.offsets[k] * width));
    }
}

void Converter::add_offsets(std::span<float> tile, Index first_column) const {
    const auto count = static_cast<Index>(offsets_.size());
    std::array<float, static_cast<std::size_t>(kPanelWidth)> own;
    for (std::size_t j = 0; j < own.size(); ++j) {
        own[j] = offsets_[static_cast<std::size_t>((first_column + static_cast<Index>(j)) % count)];
    }
    for (std::size_t row = 0; row < tile.size(); row += own.size()) {
        for (std::size_t j = 0; j < own.size(); ++j) tile[row + j] += own[j];
    }
}

void Converter::convert_part(std::size_t table, std::span<float> part) const {
    tables_[table].convert(std::span<const float>(part), part);
    if (codes_.empty()) return;
    const std::vector<float>& codes = codes_[table];
    for (float& code : part) code = codes[static_cast<std::size_t>(code)];
}

void Converter::convert(std::span<float> tile, Index first_column) const {
    if (kind_ == AdcKind::none) return;
    if (kind_ == AdcKind::ideal) {
        convert_ideal(tile.data(), tile.size(),
                      {static_cast<float>(-low_ / lsb_), static_cast<float>(1 / lsb_),
                       static_cast<float>(code_max_)});
        return;
    }
    if (!offsets_.empty()) add_offsets(tile, first_column);
    if (tables_.size() == 1) {
        convert_part(0, tile);
        return;
    }
    const Index rows = static_cast<Index>(tile.size()) / kPanelWidth;
    for (Index column = 0; column < kPanelWidth;) {
        const Index group = (first_column + column) / columns_per_table_;
        const Index end =
            std::min<Index>(kPanelWidth, (group + 1) * columns_per_table_ - first_column);
        for (Index r = 0; r < rows; ++r) {
            convert_part(static_cast<std::size_t>(group) % tables_.size(),
                         tile.subspan(static_cast<std::size_t>(r * kPanelWidth + column),
                                      static_cast<std::size_t>(end - column)));
        }
        column = end;
    }
}

}  // namespace mho::behavioral
