// SPDX-License-Identifier: Apache-2.0
// The lines of an array and the states of its cells, dummies and stuck cells included.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netlist/array_spec.h"

namespace mho::netlist {

// Bitlines of so many columns, without dummies: columns, 2 columns (differential) or columns + 1
// (offset).
int bitlines(const ArrayShape& shape, int columns);

// Cells of a row, without dummies: as many as bitlines, and twice that in topology c, where
// bitline j has the positive cell 2j and the negative cell 2j + 1.
int cell_columns(const ArrayShape& shape, int columns);

// The names of an array's lines, edge to edge: dummies "top0" .. and "bottom0" .., "left0" .. and
// "right0" ..; rows "0" ..; bitlines "0" .., differential ones "0_p" "0_n" .., the unit column
// "ref".
struct ArrayLines {
    std::vector<std::string> rows;
    std::vector<std::string> bitlines;
};
// For `rows` x `cells` states, dummies included. Throws bad_input when the shape has no array of
// that size.
ArrayLines array_lines(const ArrayShape& shape, Eigen::Index rows, Eigen::Index cells);

// `states` with the dummies' around them, all at `dummy_siemens`.
Eigen::MatrixXd with_dummies(const Eigen::MatrixXd& states, const ArrayShape& shape,
                             double dummy_siemens);

struct CellPosition {
    int row = 0, column = 0;
    bool operator==(const CellPosition&) const = default;
};
// "3,14"; nothing for any other text.
std::optional<CellPosition> parse_position(std::string_view text);

// `states` with the stuck cells at on_siemens or off_siemens. Throws bad_input naming a position
// that is none or outside.
Eigen::MatrixXd with_stuck(Eigen::MatrixXd states, const StuckCells& stuck, double on_siemens,
                           double off_siemens);

}  // namespace mho::netlist
