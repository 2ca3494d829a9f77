// SPDX-License-Identifier: Apache-2.0
// From real inputs to drive codes, and from codes to slices of a few bits that drive the array one
// after the other.
#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace mho::behavioral {

using RowMatrixXf = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

enum class InputSign {
    none,            // codes 0 .. 2^bits - 1
    magnitude,       // +-(2^(bits - 1) - 1), slices of the magnitude driven with the sign
    twos_complement  // -2^(bits - 1) .. 2^(bits - 1) - 1, one bit per slice, the last one negative
};

// How the slices of an input come together.
enum class SliceSum {
    digital,  // each slice is converted, then shifted and added
    analog,   // capacitors share charge after each slice, lowest first; one conversion at the end
};

struct InputCoding {
    int bits = 8;        // of the DAC, 1 .. 16; 0: inputs drive the array as they are, in one slice
    int slice_bits = 0;  // 0: all at once
    InputSign sign = InputSign::none;
    SliceSum sum = SliceSum::digital;
    double step = 1;  // of the input per code, > 0
};

// Throws bad_input when `coding` is outside the ranges above.
void check_coding(const InputCoding& coding);

int input_slices(const InputCoding& coding);
double input_code_max(const InputCoding& coding);           // HUGE_VAL without a DAC
double slice_code_max(const InputCoding& coding);           // largest |code| of a slice
bool has_negative_codes(const InputCoding& coding);         // among what drives the array at once
double slice_weight(const InputCoding& coding, int slice);  // of a slice's code in the input's

// codes[i] = x[i] / step to the nearest integer, ties to even, limited to the coding's range;
// without a DAC x[i] / step. Returns whether all x were finite.
bool input_codes(const float* x, Eigen::Index count, const InputCoding& coding, float* codes);

// The codes of one slice of `codes`, which are integers of the coding's range (the codes
// themselves when there is one slice).
void input_slice(const float* codes, Eigen::Index count, const InputCoding& coding, int slice,
                 float* out);

}  // namespace mho::behavioral
