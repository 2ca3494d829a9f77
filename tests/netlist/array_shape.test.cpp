// SPDX-License-Identifier: Apache-2.0
#include "netlist/array_shape.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "netlist/circuit_lookup.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;
using Eigen::MatrixXd;
using mho::test::bad_input_line;
using Names = std::vector<std::string>;

TEST_CASE("bitlines and cells of a row are what the scheme and the topology make of the columns") {
    using enum ColumnScheme;
    CHECK(bitlines({Topology::a, plain}, 5) == 5);
    CHECK(bitlines({Topology::b, differential}, 5) == 10);
    CHECK(bitlines({Topology::b, offset}, 5) == 6);
    CHECK(bitlines({Topology::c, plain}, 5) == 5);
    CHECK(bitlines({Topology::c, differential}, 5) == 5);
    CHECK(cell_columns({Topology::a, differential}, 5) == 10);
    CHECK(cell_columns({Topology::c, plain}, 5) == 10);
    CHECK(cell_columns({Topology::c, differential}, 5) == 10);
}

TEST_CASE("lines are named from edge to edge") {
    ArrayShape shape;
    CHECK(array_lines(shape, 2, 3).rows == Names{"0", "1"});
    CHECK(array_lines(shape, 2, 3).bitlines == Names{"0", "1", "2"});
    shape.scheme = ColumnScheme::differential;
    shape.dummy_rows = 1;
    shape.dummy_columns = 2;
    CHECK(array_lines(shape, 3, 8).rows == Names{"top0", "0", "bottom0"});
    CHECK(array_lines(shape, 3, 8).bitlines ==
          Names{"left0", "left1", "0_p", "0_n", "1_p", "1_n", "right0", "right1"});
    shape = {.scheme = ColumnScheme::offset};
    CHECK(array_lines(shape, 1, 3).bitlines == Names{"0", "1", "ref"});
    shape = {.topology = Topology::c, .dummy_columns = 1};
    CHECK(array_lines(shape, 1, 8).bitlines == Names{"left0", "0", "1", "right0"});
}

TEST_CASE("states that make no array of the shape are refused") {
    const auto refused = [](const ArrayShape& shape, int rows, int cells) {
        CHECK_THAT(bad_input_line([&] { (void)array_lines(shape, rows, cells); }),
                   ContainsSubstring("do not make an array of this shape"));
    };
    refused({}, 0, 1);
    refused({}, 1, 0);
    refused({.dummy_rows = 1}, 2, 4);
    refused({.dummy_columns = 2}, 2, 4);
    refused({.scheme = ColumnScheme::differential}, 2, 3);
    refused({.scheme = ColumnScheme::offset}, 2, 1);  // a unit column alone
    refused({.topology = Topology::c}, 2, 3);
}

TEST_CASE("dummies stand around the states, in pairs of cells in topology c") {
    const MatrixXd states = MatrixXd::Constant(2, 2, 5.0);
    MatrixXd expected = MatrixXd::Ones(4, 2 + 2);
    expected.block(1, 1, 2, 2).setConstant(5);
    ArrayShape shape{.dummy_rows = 1, .dummy_columns = 1};
    CHECK(with_dummies(states, shape, 1.0) == expected);
    expected = MatrixXd::Ones(4, 2 + 4);
    expected.block(1, 2, 2, 2).setConstant(5);
    shape.topology = Topology::c;
    CHECK(with_dummies(states, shape, 1.0) == expected);
    CHECK(with_dummies(states, {}, 1.0) == states);
}

TEST_CASE("positions are two numbers with a comma, and nothing else") {
    CHECK(parse_position("3,14") == CellPosition{3, 14});
    CHECK(parse_position("0,0") == CellPosition{0, 0});
    for (const char* text : {"", ",", "3", "3,", ",3", "-1,2", "1,-2", "1,2,3", "1, 2", "1.5,2",
                             "a,b", "99999999999,0"}) {
        INFO(text);
        CHECK_FALSE(parse_position(text).has_value());
    }
}

TEST_CASE("stuck cells have their own states") {
    MatrixXd expected = MatrixXd::Constant(2, 3, 5.0);
    expected(0, 2) = 9;
    expected(1, 0) = 1;
    const MatrixXd states = MatrixXd::Constant(2, 3, 5.0);
    CHECK(with_stuck(states, {{"0,2"}, {"1,0"}}, 9, 1) == expected);
    CHECK(with_stuck(states, {}, 9, 1) == states);
    CHECK_THAT(bad_input_line([&] {
                   (void)with_stuck(states, {{"2,0"}, {}}, 9, 1);
               }),
               ContainsSubstring("\"2,0\"") && ContainsSubstring("2 x 3"));
    CHECK_THAT(bad_input_line([&] {
                   (void)with_stuck(states, {{}, {"x"}}, 9, 1);
               }),
               ContainsSubstring("\"x\""));
}
