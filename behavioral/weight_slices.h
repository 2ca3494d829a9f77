// SPDX-License-Identifier: Apache-2.0
// Signed integer weights as levels of cells: sign by pairs of cells or by an offset, and bits
// spread over several cells.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace mho::behavioral {

enum class WeightSign {
    differential,  // a positive and a negative cell per weight, one of them at level 0
    offset,        // one cell per weight, at level weight + 2^(bits - 1)
};

struct WeightCoding {
    int bits = 8;        // of the weight with its sign, 2 .. 16
    int slice_bits = 0;  // per cell, from the lowest bits on; 0: all in one cell
    WeightSign sign = WeightSign::differential;
};

// Weights are -weight_max(coding) .. +weight_max(coding), so that zero lies in the middle.
int weight_max(const WeightCoding& coding);  // 2^(bits - 1) - 1
int weight_slices(const WeightCoding& coding);
double weight_offset(const WeightCoding& coding);  // 2^(bits - 1), or 0 with pairs of cells

// Largest level of a cell of slice `slice`; the topmost slice may have fewer bits.
double level_max(const WeightCoding& coding, int slice);

// Cells of one slice, inputs x outputs. A level is the conductance of a cell divided by the step
// between two neighbouring levels, so cells of a finite on/off ratio carry a level that is never 0.
struct CellSlice {
    Eigen::MatrixXd positive;
    Eigen::MatrixXd negative;  // empty with an offset
    // Variance of a cell's level from read to read. Empty: none.
    Eigen::MatrixXd positive_variance = {};
    Eigen::MatrixXd negative_variance = {};
    // Of cells that are not ohmic: input code c gives level c + quadratic c^2 + cubic c^3. Empty,
    // or all that there are cells for: none.
    Eigen::MatrixXd positive_quadratic = {};
    Eigen::MatrixXd positive_cubic = {};
    Eigen::MatrixXd negative_quadratic = {};
    Eigen::MatrixXd negative_cubic = {};

    bool ohmic() const { return positive_quadratic.size() == 0; }
};

// Slice s counts 2^(s slice_bits). Throws bad_input on a coding outside the ranges above and on
// weights that are not integers of its range.
std::vector<CellSlice> slice_weights(const Eigen::MatrixXd& weights, const WeightCoding& coding);

// Throws bad_input when `coding` is outside the ranges above.
void check_coding(const WeightCoding& coding);

}  // namespace mho::behavioral
