// SPDX-License-Identifier: Apache-2.0
#include "behavioral/input_slices.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

int value_bits(const InputCoding& coding) {
    return coding.sign == InputSign::magnitude ? coding.bits - 1 : coding.bits;
}

int bits_per_slice(const InputCoding& coding) {
    return coding.slice_bits > 0 ? std::min(coding.slice_bits, value_bits(coding))
                                 : value_bits(coding);
}

float code_min(const InputCoding& coding) {
    if (coding.sign == InputSign::none) return 0;
    const float top = std::ldexp(1.0f, coding.bits - 1);
    return coding.sign == InputSign::magnitude ? 1 - top : -top;
}

struct Range {
    float step, low, high;
};

// Adding and taking away 1.5 * 2^23 rounds to the nearest integer, ties to even.
MHO_SIMD_CLONES bool quantise(const float* x, Index count, const Range& range, float* codes) {
    constexpr float kRound = 0x1.8p23f;
    constexpr float kLargest = std::numeric_limits<float>::max();
    const Range r = range;
    int strange = 0;
    for (Index i = 0; i < count; ++i) {
        float code = x[i] / r.step;
        strange |= static_cast<int>(!(std::abs(x[i]) <= kLargest));
        code = code < r.high ? code : r.high;
        code = code > r.low ? code : r.low;
        codes[i] = code + kRound - kRound;
    }
    return strange == 0;
}

MHO_SIMD_CLONES bool scale(const float* x, Index count, float step, float* codes) {
    constexpr float kLargest = std::numeric_limits<float>::max();
    int strange = 0;
    for (Index i = 0; i < count; ++i) {
        codes[i] = x[i] / step;
        strange |= static_cast<int>(!(std::abs(codes[i]) <= kLargest));
    }
    return strange == 0;
}

MHO_SIMD_CLONES void slice_magnitudes(const float* codes, Index count, int shift, std::int32_t mask,
                                      float* out) {
    for (Index i = 0; i < count; ++i) {
        const auto code = static_cast<std::int32_t>(codes[i]);
        const std::int32_t negative = code >> 31;
        const std::int32_t magnitude = (code ^ negative) - negative;
        const std::int32_t part = magnitude >> shift & mask;
        out[i] = static_cast<float>((part ^ negative) - negative);
    }
}

MHO_SIMD_CLONES void slice_bits(const float* codes, Index count, int shift, std::int32_t mask,
                                float* out) {
    for (Index i = 0; i < count; ++i) {
        out[i] = static_cast<float>(static_cast<std::int32_t>(codes[i]) >> shift & mask);
    }
}

}  // namespace

void check_coding(const InputCoding& coding) {
    const int least = coding.sign == InputSign::none ? 1 : 2;
    if (coding.bits != 0 && (coding.bits < least || coding.bits > 16)) {
        throw bad_input("inputs of {} bits, expected {} to 16, or 0 for no DAC", coding.bits,
                        least);
    }
    if (coding.slice_bits < 0 || coding.slice_bits > 16) {
        throw bad_input("input slices of {} bits, expected 1 to 16, or 0 for one slice",
                        coding.slice_bits);
    }
    if (coding.bits == 0 && coding.slice_bits != 0) {
        throw bad_input("input slices of {} bits without a DAC, expected 0", coding.slice_bits);
    }
    if (coding.sign == InputSign::twos_complement && coding.slice_bits != 1) {
        throw bad_input("input slices of {} bits, expected 1 with two's complement",
                        coding.slice_bits);
    }
    if (!(coding.step > 0) || !std::isfinite(coding.step)) {
        throw bad_input("input step {}, expected more than 0", coding.step);
    }
}

int input_slices(const InputCoding& coding) {
    if (coding.bits == 0) return 1;
    const int per_slice = bits_per_slice(coding);
    return (value_bits(coding) + per_slice - 1) / per_slice;
}

double input_code_max(const InputCoding& coding) {
    if (coding.bits == 0) return HUGE_VAL;
    return std::ldexp(1.0, coding.sign == InputSign::none ? coding.bits : coding.bits - 1) - 1;
}

double slice_code_max(const InputCoding& coding) {
    return coding.bits == 0 ? HUGE_VAL : std::ldexp(1.0, bits_per_slice(coding)) - 1;
}

bool has_negative_codes(const InputCoding& coding) {
    return coding.bits == 0 || coding.sign == InputSign::magnitude ||
           (coding.sign == InputSign::twos_complement && coding.sum == SliceSum::analog);
}

double slice_weight(const InputCoding& coding, int slice) {
    if (coding.bits == 0) return 1;
    const double weight = std::ldexp(1.0, slice * bits_per_slice(coding));
    const bool negative =
        coding.sign == InputSign::twos_complement && slice == input_slices(coding) - 1;
    return negative ? -weight : weight;
}

bool input_codes(const float* x, Index count, const InputCoding& coding, float* codes) {
    const auto step = static_cast<float>(coding.step);
    if (coding.bits == 0) return scale(x, count, step, codes);
    const float top = coding.sign == InputSign::none ? std::ldexp(1.0f, coding.bits)
                                                     : std::ldexp(1.0f, coding.bits - 1);
    return quantise(x, count, {step, code_min(coding), top - 1}, codes);
}

void input_slice(const float* codes, Index count, const InputCoding& coding, int slice,
                 float* out) {
    if (input_slices(coding) == 1) {
        std::copy(codes, codes + count, out);
        return;
    }
    const int per_slice = bits_per_slice(coding), shift = slice * per_slice;
    const std::int32_t mask = (1 << per_slice) - 1;
    if (coding.sign == InputSign::magnitude) {
        slice_magnitudes(codes, count, shift, mask, out);
    } else {
        slice_bits(codes, count, shift, mask, out);
    }
}

}  // namespace mho::behavioral
