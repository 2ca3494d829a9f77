// SPDX-License-Identifier: Apache-2.0
// Structure of arrays in topologies B and C, with both-ended lines and dummies. Topology A with one
// end: crossbar.test.cpp.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/circuit_stats.h"
#include "netlist/crossbar.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;
using Eigen::MatrixXd;
using Names = std::vector<std::string>;

namespace {

constexpr CrossbarWires kLineWires{{1.5, 0.2e-15}, {0.9, 0.1e-15}, {0.1, 0.3e-15}};

Cell cell_of(CellKind kind, Topology topology) {
    Spec spec;
    spec.cell.kind = kind;
    spec.array.shape.topology = topology;
    return make_cell(spec);
}

Definition array(const ArrayShape& shape, int rows, int cells,
                 const CrossbarWires& wires = kLineWires) {
    return crossbar(cell_of(CellKind::one_transistor_one_resistor, shape.topology),
                    MatrixXd::Constant(rows, cells, 1e-6), shape, wires);
}

}  // namespace

TEST_CASE("topology b has a gate line for each row and a source line beside each bitline") {
    const Definition bar = array({.topology = Topology::b}, 2, 2);
    CHECK(port_names(*bar) == Names{"row_0", "row_1", "col_0", "col_1", "src_0", "src_1"});
    CHECK(pins(*bar, "xcell_1_0") == Names{"s_1_0", "w_1_0", "u_1_0"});
    CHECK(pins(*bar, "rrow_1_1") == Names{"u_1_0", "u_1_1"});
    CHECK(pins(*bar, "rsrc_0_1") == Names{"src_1", "s_0_1"});  // fed at row 0
    CHECK(pins(*bar, "rsrc_1_1") == Names{"s_0_1", "s_1_1"});
    CHECK(pins(*bar, "rcol_0_1") == Names{"w_0_1", "w_1_1"});
    CHECK(pins(*bar, "rcol_1_1") == Names{"w_1_1", "col_1"});  // sensed at the last row
    CHECK(ohm(*bar, "rsrc_0_0") == 0.1);
    CHECK(farad(*bar, "csrc_0_0") == 0.3e-15);
    CHECK(check(*bar).empty());
}

TEST_CASE("topology c has two cells at each crossing, on source lines of their own") {
    Cell cell = cell_of(CellKind::one_transistor_one_resistor, Topology::c);
    MatrixXd states(1, 4);
    states << 1e-6, 2e-6, 4e-6, 8e-6;
    const Definition bar = crossbar(cell, states, {.topology = Topology::c}, kLineWires);
    CHECK(port_names(*bar) ==
          Names{"row_0", "col_0", "col_1", "srcp_0", "srcp_1", "srcn_0", "srcn_1"});
    CHECK(pins(*bar, "xcellp_0_1") == Names{"sp_0_1", "w_0_1", "u_0_1"});
    CHECK(pins(*bar, "xcelln_0_1") == Names{"sn_0_1", "w_0_1", "u_0_1"});
    const auto r = [&](const char* name) {
        return body<Instance>(*bar, name).parameters.at(0).value.number();
    };
    CHECK(r("xcellp_0_0") == 1 / 1e-6);
    CHECK(r("xcelln_0_0") == 1 / 2e-6);
    CHECK(r("xcellp_0_1") == 1 / 4e-6);
    CHECK(r("xcelln_0_1") == 1 / 8e-6);
    CHECK(check(*bar).empty());
}

TEST_CASE("lines driven and sensed at both ends have a segment and a port more") {
    const Topology topology = GENERATE(Topology::a, Topology::b, Topology::c);
    ArrayShape shape{.topology = topology, .drive = LineEnds::both, .sense = LineEnds::both};
    const int cells = topology == Topology::c ? 4 : 2;
    const Definition bar = array(shape, 3, cells);
    CHECK(pins(*bar, "rrow_1_1_far") == Names{"u_1_1", "row_1_far"});
    CHECK(pins(*bar, "rcol_0_1_far") == Names{"w_0_1", "col_1_far"});
    if (topology == Topology::b) CHECK(pins(*bar, "rsrc_2_1_far") == Names{"s_2_1", "src_1_far"});
    if (topology == Topology::c) {
        CHECK(pins(*bar, "rsrcn_2_1_far") == Names{"sn_2_1", "srcn_1_far"});
    }
    CHECK(check(*bar).empty());
    // A wire without resistance is one net, whatever its ends.
    const Definition ideal = array(shape, 3, cells, {});
    for (const std::string& port : port_names(*ideal)) CHECK_FALSE(port.ends_with("_far"));
}

TEST_CASE("dummies are lines with ports of their own") {
    const ArrayShape shape{.topology = Topology::b, .dummy_rows = 1, .dummy_columns = 1};
    const Definition bar = array(shape, 3, 3);
    CHECK(port_names(*bar) == Names{"row_top0", "row_0", "row_bottom0", "col_left0", "col_0",
                                    "col_right0", "src_left0", "src_0", "src_right0"});
    CHECK(count(*bar).instances_by_definition.at("cell_1t1r") == 9);
}

TEST_CASE("biases of cells are ports of the array, shared by all") {
    const Topology topology = GENERATE(Topology::a, Topology::b);
    const Cell cell = cell_of(CellKind::two_transistor_sonos, topology);
    const Definition bar =
        crossbar(cell, MatrixXd::Constant(2, 1, 1e-6), {.topology = topology}, {});
    const Names names = port_names(*bar);
    CHECK(names.back() == "cg");
    CHECK((std::find(names.begin(), names.end(), "wl") != names.end()) ==
          (topology == Topology::a));
    CHECK(pins(*bar, "xcell_1_0").back() == "cg");
}

TEST_CASE("what makes no array is refused") {
    const Cell two_terminals = cell_of(CellKind::ohmic_resistor, Topology::a);
    const MatrixXd states = MatrixXd::Constant(2, 2, 1e-6);
    CHECK_THAT(bad_input_line([&] {
                   (void)crossbar(two_terminals, states, {.topology = Topology::b}, kLineWires);
               }),
               ContainsSubstring("cell_1r") && ContainsSubstring("no select gate"));
    CHECK_THAT(bad_input_line([&] { (void)array({.dummy_rows = 1}, 2, 2); }),
               ContainsSubstring("do not make an array"));
    MatrixXd bad = states;
    bad(1, 0) = -1e-6;
    CHECK_THAT(bad_input_line([&] { (void)crossbar(two_terminals, bad, {}, kLineWires); }),
               ContainsSubstring("xcell_1_0"));
    bad(1, 0) = 1;  // more than any threshold gives
    CHECK_THAT(bad_input_line([&] {
                   (void)crossbar(cell_of(CellKind::two_transistor_sonos, Topology::b), bad,
                                  {.topology = Topology::b}, kLineWires);
               }),
               ContainsSubstring("no threshold shift"));
}
