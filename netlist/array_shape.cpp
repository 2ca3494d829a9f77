// SPDX-License-Identifier: Apache-2.0
#include "netlist/array_shape.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"

namespace mho::netlist {
namespace {

bool take_index(std::string_view text, int& index) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    return error == std::errc() && end == text.data() + text.size() && index >= 0;
}

// Names of `count` lines, `name(k)` each, between the dummies of both edges.
template <typename Name>
std::vector<std::string> between_dummies(int count, int dummies, std::string_view before,
                                         std::string_view behind, Name name) {
    std::vector<std::string> names;
    for (int k = 0; k < dummies; ++k) names.push_back(fmt::format("{}{}", before, k));
    for (int k = 0; k < count; ++k) names.push_back(name(k));
    for (int k = 0; k < dummies; ++k) names.push_back(fmt::format("{}{}", behind, k));
    return names;
}

std::string bitline_name(ColumnScheme scheme, int count, int k) {
    if (scheme == ColumnScheme::differential) {
        return fmt::format("{}_{}", k / 2, k % 2 == 0 ? 'p' : 'n');
    }
    return scheme == ColumnScheme::offset && k + 1 == count ? "ref" : std::to_string(k);
}

// Topology c has two cells on a bitline, which then are the columns' signs.
ColumnScheme bitline_scheme(const ArrayShape& shape) {
    return shape.topology == Topology::c ? ColumnScheme::plain : shape.scheme;
}

}  // namespace

int bitlines(const ArrayShape& shape, int columns) {
    switch (bitline_scheme(shape)) {
        case ColumnScheme::differential:
            return 2 * columns;
        case ColumnScheme::offset:
            return columns + 1;
        case ColumnScheme::plain:
            break;
    }
    return columns;
}

int cell_columns(const ArrayShape& shape, int columns) {
    return shape.topology == Topology::c ? 2 * columns : bitlines(shape, columns);
}

ArrayLines array_lines(const ArrayShape& shape, Eigen::Index rows, Eigen::Index cells) {
    const int per_bitline = shape.topology == Topology::c ? 2 : 1;
    const int row_count = static_cast<int>(rows) - 2 * shape.dummy_rows;
    const int count = static_cast<int>(cells) / per_bitline - 2 * shape.dummy_columns;
    const ColumnScheme scheme = bitline_scheme(shape);
    const int least = scheme == ColumnScheme::plain ? 1 : 2;
    const bool is_even = scheme != ColumnScheme::differential || count % 2 == 0;
    if (row_count < 1 || count < least || !is_even || cells % per_bitline != 0) {
        throw bad_input("array: {} x {} cells do not make an array of this shape", rows, cells);
    }
    return {between_dummies(row_count, shape.dummy_rows, "top", "bottom",
                            [](int k) { return std::to_string(k); }),
            between_dummies(count, shape.dummy_columns, "left", "right",
                            [&](int k) { return bitline_name(scheme, count, k); })};
}

Eigen::MatrixXd with_dummies(const Eigen::MatrixXd& states, const ArrayShape& shape,
                             double dummy_siemens) {
    const Eigen::Index rows = shape.dummy_rows;
    const Eigen::Index cells = shape.dummy_columns * (shape.topology == Topology::c ? 2 : 1);
    Eigen::MatrixXd all = Eigen::MatrixXd::Constant(states.rows() + 2 * rows,
                                                    states.cols() + 2 * cells, dummy_siemens);
    all.block(rows, cells, states.rows(), states.cols()) = states;
    return all;
}

std::optional<CellPosition> parse_position(std::string_view text) {
    const std::size_t comma = text.find(',');
    CellPosition position;
    if (comma == std::string_view::npos || !take_index(text.substr(0, comma), position.row) ||
        !take_index(text.substr(comma + 1), position.column)) {
        return std::nullopt;
    }
    return position;
}

Eigen::MatrixXd with_stuck(Eigen::MatrixXd states, const StuckCells& stuck, double on_siemens,
                           double off_siemens) {
    const auto set = [&states](const std::vector<std::string>& texts, double siemens) {
        for (const std::string& text : texts) {
            const auto position = parse_position(text);
            if (!position || position->row >= states.rows() || position->column >= states.cols()) {
                throw bad_input("array: no cell at the stuck position \"{}\" of {} x {} cells",
                                text, states.rows(), states.cols());
            }
            states(position->row, position->column) = siemens;
        }
    };
    set(stuck.on, on_siemens);
    set(stuck.off, off_siemens);
    return states;
}

}  // namespace mho::netlist
