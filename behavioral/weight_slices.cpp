// SPDX-License-Identifier: Apache-2.0
#include "behavioral/weight_slices.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

int value_bits(const WeightCoding& coding) {
    return coding.sign == WeightSign::differential ? coding.bits - 1 : coding.bits;
}

int bits_per_slice(const WeightCoding& coding) {
    return coding.slice_bits > 0 ? std::min(coding.slice_bits, value_bits(coding))
                                 : value_bits(coding);
}

}  // namespace

void check_coding(const WeightCoding& coding) {
    if (coding.bits < 2 || coding.bits > 16) {
        throw bad_input("weights of {} bits, expected 2 to 16 with the sign", coding.bits);
    }
    if (coding.slice_bits < 0 || coding.slice_bits > 16) {
        throw bad_input("weight slices of {} bits, expected 1 to 16, or 0 for one slice",
                        coding.slice_bits);
    }
}

int weight_max(const WeightCoding& coding) {
    return (1 << (coding.bits - 1)) - 1;
}

int weight_slices(const WeightCoding& coding) {
    const int per_slice = bits_per_slice(coding);
    return (value_bits(coding) + per_slice - 1) / per_slice;
}

double weight_offset(const WeightCoding& coding) {
    return coding.sign == WeightSign::offset ? std::ldexp(1.0, coding.bits - 1) : 0.0;
}

double level_max(const WeightCoding& coding, int slice) {
    const int per_slice = bits_per_slice(coding);
    const int bits = std::min(per_slice, value_bits(coding) - slice * per_slice);
    return std::ldexp(1.0, bits) - 1;
}

std::vector<CellSlice> slice_weights(const MatrixXd& weights, const WeightCoding& coding) {
    check_coding(coding);
    const double largest = weight_max(coding);
    for (Index j = 0; j < weights.cols(); ++j) {
        for (Index i = 0; i < weights.rows(); ++i) {
            const double w = weights(i, j);
            if (!(std::abs(w) <= largest) || w != std::round(w)) {
                throw bad_input("weight {} of output {} is {}, expected an integer of -{} to {}", i,
                                j, w, largest, largest);
            }
        }
    }
    const int per_slice = bits_per_slice(coding);
    const auto digit = [&](double level, int slice) {
        return static_cast<double>(static_cast<int>(level) >> (slice * per_slice) &
                                   ((1 << per_slice) - 1));
    };
    std::vector<CellSlice> slices;
    for (int s = 0; s < weight_slices(coding); ++s) {
        CellSlice cells;
        if (coding.sign == WeightSign::offset) {
            cells.positive =
                weights.unaryExpr([&](double w) { return digit(w + weight_offset(coding), s); });
        } else {
            cells.positive =
                weights.unaryExpr([&](double w) { return digit(std::max(w, 0.0), s); });
            cells.negative =
                weights.unaryExpr([&](double w) { return digit(std::max(-w, 0.0), s); });
        }
        slices.push_back(std::move(cells));
    }
    return slices;
}

}  // namespace mho::behavioral
