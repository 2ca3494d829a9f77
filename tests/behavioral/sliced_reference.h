// SPDX-License-Identifier: Apache-2.0
// The quantised multiply worked number by number in double precision, from the text of the headers.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "behavioral/sliced_multiply.h"

namespace mho::test {

using behavioral::InputSign;
using behavioral::MultiplyOptions;
using behavioral::RowMatrixXf;
using behavioral::SliceSum;

inline Eigen::MatrixXd random_weights(int inputs, int outputs,
                                      const behavioral::WeightCoding& coding) {
    RandomStream random(81, RandomPurpose::test);
    const auto levels = static_cast<std::uint32_t>(2 * behavioral::weight_max(coding) + 1);
    return Eigen::MatrixXd::NullaryExpr(inputs, outputs, [&] {
        return static_cast<double>(random.below(levels)) - behavioral::weight_max(coding);
    });
}

// Over the coding's range and a little beyond it.
inline RowMatrixXf random_samples(int batch, int inputs, const behavioral::InputCoding& coding) {
    RandomStream random(82, RandomPurpose::test);
    const double top = coding.bits == 0 ? 1.0 : 1.05 * input_code_max(coding) * coding.step;
    return RowMatrixXf::NullaryExpr(batch, inputs, [&] {
        return static_cast<float>(
            random.uniform(coding.sign == InputSign::none ? -0.1 * top : -top, top));
    });
}

inline double whole_code(float x, const behavioral::InputCoding& coding) {
    const double code = static_cast<double>(x / static_cast<float>(coding.step));
    if (coding.bits == 0) return code;
    const double top = std::ldexp(1.0, coding.bits - (coding.sign == InputSign::none ? 0 : 1));
    const double low = coding.sign == InputSign::none        ? 0
                       : coding.sign == InputSign::magnitude ? 1 - top
                                                             : -top;
    return std::clamp(std::nearbyint(code), low, top - 1);
}

// Slices of a code with their weights.
struct Digit {
    double code, weight;
};
inline std::vector<Digit> digits(double code, const behavioral::InputCoding& coding) {
    const int bits = coding.bits - (coding.sign == InputSign::magnitude ? 1 : 0);
    if (coding.slice_bits == 0 || coding.slice_bits >= bits) return {{code, 1}};
    std::vector<Digit> out;
    const double radix = std::ldexp(1.0, coding.slice_bits);
    const bool complement = coding.sign == InputSign::twos_complement;
    double rest = complement && code < 0 ? code + std::ldexp(1.0, bits) : std::abs(code);
    const double sign = !complement && code < 0 ? -1 : 1;
    double weight = 1;
    for (int done = 0; done < bits; done += coding.slice_bits) {
        const double digit = std::fmod(rest, radix);
        const bool last = done + coding.slice_bits >= bits;
        out.push_back({sign * digit, complement && last ? -weight : weight});
        rest = (rest - digit) / radix;
        weight *= radix;
    }
    return out;
}

struct Range {
    double low, high;
};

inline Range reference_range(const MultiplyOptions& o, std::size_t slice, double rows) {
    using behavioral::AdcRange;
    if (o.adc.range == AdcRange::limits) {
        const auto& limits = o.adc.limits[o.adc.limits.size() == 1 ? 0 : slice];
        return {limits.low, limits.high};
    }
    const bool whole = o.input.sum == SliceSum::analog || o.input.slice_bits == 0;
    const bool negative = (o.weight.sign == behavioral::WeightSign::differential &&
                           o.subtraction == behavioral::Subtraction::analog) ||
                          o.input.sign == InputSign::magnitude ||
                          (o.input.sign == InputSign::twos_complement && whole);
    if (o.adc.range == AdcRange::granular) {
        const double codes = std::ldexp(1.0, o.adc.bits);
        const double spare = o.adc.exact_zero ? 1 : 0;
        return negative ? Range{-codes / 2 + spare, codes / 2 - 1} : Range{0, codes - 1 - spare};
    }
    const int sign_bit = o.input.sign == InputSign::none ? 0 : 1;
    const double code = whole ? std::ldexp(1.0, o.input.bits - sign_bit) - 1
                              : std::ldexp(1.0, o.input.slice_bits) - 1;
    const double top = rows * code * level_max(o.weight, static_cast<int>(slice));
    return {negative ? -top : 0, top};
}

// One conversion: its analog value, position in codes before rounding, and code.
struct Converted {
    double analog, position, code, value;
};

inline Converted reference_convert(double analog, const MultiplyOptions& o, std::size_t slice,
                                   double rows, Eigen::Index column) {
    using behavioral::AdcKind;
    if (o.adc.kind == AdcKind::none) return {analog, 0, analog, analog};
    const Range range = reference_range(o, slice, rows);
    const double top = std::ldexp(1.0, o.adc.bits) - (o.adc.exact_zero ? 2 : 1);
    const double lsb = (range.high - range.low) / top;
    const double position = (analog - range.low) / lsb;
    double code = std::clamp(std::nearbyint(position), 0.0, top);
    if (o.adc.kind == AdcKind::table) {
        const auto group = static_cast<std::size_t>(column / o.adc.columns_per_table);
        code = 0;
        for (const double t : o.adc.tables[group % o.adc.tables.size()]) {
            code += analog >= range.low + t * (range.high - range.low) ? 1 : 0;
        }
    }
    return {analog, position, code, range.low + lsb * code};
}

// part, weight slice, negative cells, input slice, sample, column
using ConversionKey = std::tuple<Eigen::Index, int, bool, int, Eigen::Index, Eigen::Index>;

struct Reference {
    Eigen::MatrixXd y;
    std::map<ConversionKey, Converted> conversions;
};

class SlicedReference {
  public:
    SlicedReference(const std::vector<behavioral::CellSlice>& cells, const MultiplyOptions& options,
                    const RowMatrixXf& x)
        : cells_(cells), o_(options), x_(x) {}

    Reference all() {
        const Eigen::Index columns = cells_[0].positive.cols();
        Eigen::MatrixXd levels = Eigen::MatrixXd::Zero(x_.rows(), columns);
        const Eigen::Index rows = x_.cols(), most = o_.max_rows > 0 ? o_.max_rows : rows;
        const Eigen::Index parts = (rows + most - 1) / most;
        Eigen::Index first = 0;
        for (Eigen::Index p = 0; p < parts; ++p) {
            const bool equal = o_.split == behavioral::RowSplit::equal;
            const Eigen::Index count =
                equal ? rows / parts + (p < rows % parts ? 1 : 0) : std::min(most, rows - first);
            largest_ = p == 0 ? static_cast<double>(count) : largest_;
            add_part(p, first, count, levels);
            first += count;
        }
        const Eigen::MatrixXd codes = x_.unaryExpr([&](float x) {
                                            return static_cast<float>(whole_code(x, o_.input));
                                        }).cast<double>();
        const double unit = o_.input.step * o_.output_step;
        if (o_.weight.sign == behavioral::WeightSign::offset) {
            if (o_.offset_removal == behavioral::OffsetRemoval::unit_column) {
                const Eigen::VectorXd last = levels.rightCols(1);
                levels = (levels.leftCols(columns - 1).colwise() - last).eval();
            } else {
                levels.colwise() -= weight_offset(o_.weight) * codes.rowwise().sum();
            }
        }
        out_.y = unit * levels;
        return out_;
    }

  private:
    void add_part(Eigen::Index part, Eigen::Index first, Eigen::Index count,
                  Eigen::MatrixXd& levels) {
        for (std::size_t s = 0; s < cells_.size(); ++s) {
            double weight = 1;
            for (std::size_t below = 0; below < s; ++below) {
                weight *= level_max(o_.weight, static_cast<int>(below)) + 1;
            }
            const Eigen::MatrixXd plus = cells_[s].positive.middleRows(first, count);
            if (cells_[s].negative.size() == 0) {
                add_plane({part, s, false, first, weight}, plus, levels);
                continue;
            }
            const Eigen::MatrixXd minus = cells_[s].negative.middleRows(first, count);
            if (o_.subtraction == behavioral::Subtraction::analog) {
                add_plane({part, s, false, first, weight}, plus - minus, levels);
            } else {
                add_plane({part, s, false, first, weight}, plus, levels);
                add_plane({part, s, true, first, -weight}, minus, levels);
            }
        }
    }

    struct Where {
        Eigen::Index part;
        std::size_t slice;
        bool negative;
        Eigen::Index first;
        double weight;
    };

    void add_plane(const Where& at, const Eigen::MatrixXd& g, Eigen::MatrixXd& levels) {
        for (Eigen::Index b = 0; b < x_.rows(); ++b) {
            std::vector<std::vector<Digit>> drive;
            for (Eigen::Index i = 0; i < g.rows(); ++i) {
                drive.push_back(digits(whole_code(x_(b, at.first + i), o_.input), o_.input));
            }
            for (Eigen::Index j = 0; j < g.cols(); ++j) {
                levels(b, j) += at.weight * column(at, b, j, drive, g);
            }
        }
    }

    double column(const Where& at, Eigen::Index b, Eigen::Index j,
                  const std::vector<std::vector<Digit>>& drive, const Eigen::MatrixXd& g) {
        double held = 0, total = 0;
        for (std::size_t k = 0; k < drive[0].size(); ++k) {
            double sum = 0;
            for (std::size_t i = 0; i < drive.size(); ++i) {
                sum += drive[i][k].code * g(static_cast<Eigen::Index>(i), j);
            }
            if (o_.input.sum == SliceSum::analog) {
                held += drive[0][k].weight * sum;
                continue;
            }
            total += drive[0][k].weight * convert(at, static_cast<int>(k), b, j, sum);
        }
        return o_.input.sum == SliceSum::analog ? convert(at, 0, b, j, held) : total;
    }

    double convert(const Where& at, int input_slice, Eigen::Index b, Eigen::Index j, double value) {
        const Converted done = reference_convert(value, o_, at.slice, largest_, j);
        out_.conversions[{at.part, static_cast<int>(at.slice), at.negative, input_slice, b, j}] =
            done;
        return done.value;
    }

    const std::vector<behavioral::CellSlice>& cells_;
    const MultiplyOptions& o_;
    const RowMatrixXf& x_;
    double largest_ = 0;
    Reference out_;
};

}  // namespace mho::test
