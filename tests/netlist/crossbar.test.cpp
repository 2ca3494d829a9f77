// SPDX-License-Identifier: Apache-2.0
#include "netlist/crossbar.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <limits>
#include <map>

#include "base/file.h"
#include "netlist/cell_1t1r.h"
#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/circuit_stats.h"
#include "netlist/toml_entries.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

// Every cell with a conductance of its own, so that it is known by it.
Eigen::MatrixXd distinct_states(Eigen::Index rows, Eigen::Index columns) {
    Eigen::MatrixXd states(rows, columns);
    for (Eigen::Index i = 0; i < rows; ++i) {
        for (Eigen::Index j = 0; j < columns; ++j) {
            states(i, j) = 1e-6 * static_cast<double>(1 + i * columns + j);
        }
    }
    return states;
}

constexpr CrossbarWires kWires{.row = {1.5, 0.2e-15}, .column = {0.9, 0.12e-15}};

Definition array(const Eigen::MatrixXd& states, const CrossbarWires& wires = kWires) {
    return crossbar(cell_1t1r(CellSpec{}), states, wires);
}

// Sum of the wire resistances on the way from a net to every net it reaches without cells. The
// wires are trees, so there is one way; a second one fails the test.
std::map<NetId, double> wire_ohm_from(const Circuit& circuit, NetId start) {
    std::map<NetId, double> reached{{start, 0.0}};
    std::vector<std::pair<NetId, std::string>> open{{start, ""}};
    while (!open.empty()) {
        const auto [net, came_by] = open.back();
        open.pop_back();
        for (const Device& device : circuit.devices()) {
            const auto* wire = std::get_if<Resistor>(&device.body);
            if (wire == nullptr || device.name == came_by) continue;
            if (device.pins[0] != net && device.pins[1] != net) continue;
            const NetId other = device.pins[0] == net ? device.pins[1] : device.pins[0];
            REQUIRE(reached.emplace(other, reached[net] + wire->ohm.number()).second);
            open.emplace_back(other, device.name);
        }
    }
    return reached;
}

double farad_on(const Circuit& circuit, NetId net) {
    double sum = 0;
    for (const Device& device : circuit.devices()) {
        const auto* load = std::get_if<Capacitor>(&device.body);
        if (load == nullptr || device.pins[0] != net) continue;
        CHECK(device.pins[1] == kGround);
        sum += load->farad.number();
    }
    return sum;
}

// The instance whose resistance is 1/g.
const Device& cell_of(const Circuit& circuit, double g_siemens) {
    for (const Device& device : circuit.devices()) {
        const auto* cell = std::get_if<Instance>(&device.body);
        if (cell == nullptr) continue;
        REQUIRE(cell->parameters.size() == 1);
        CHECK(cell->parameters[0].name == "r");
        if (cell->parameters[0].value.number() == 1 / g_siemens) return device;
    }
    FAIL("no cell of " << g_siemens << " S");
    return circuit.devices()[0];
}

}  // namespace

TEST_CASE("a crossbar has one cell, two wire segments and two wire loads at each crossing") {
    const auto [rows, columns] = GENERATE(std::pair{1, 1}, std::pair{1, 4}, std::pair{5, 1},
                                          std::pair{3, 2}, std::pair{8, 4}, std::pair{64, 64});
    const Definition bar = array(distinct_states(rows, columns));
    const CircuitStats stats = count(*bar);
    const auto crossings = static_cast<std::size_t>(rows * columns);
    CHECK(stats.instances_by_definition.at("cell_1t1r") == crossings);
    CHECK(stats.mosfets_by_model.at("nch_io") == crossings);
    CHECK(stats.resistors == 3 * crossings);  // two segments and the cell's own
    CHECK(stats.capacitors == 2 * crossings);
    CHECK(bar->ports().size() == static_cast<std::size_t>(rows + columns + 1));
    CHECK(check(*bar).empty());
}

TEST_CASE("the ports of a crossbar are its rows, its columns and the wordlines") {
    const Definition bar = array(distinct_states(2, 3));
    CHECK(port_names(*bar) ==
          std::vector<std::string>{"row_0", "row_1", "col_0", "col_1", "col_2", "wl"});
}

TEST_CASE("every cell sits where its state stands, rows driven at column 0, columns sensed last") {
    constexpr int kRows = 4;
    constexpr int kColumns = 3;
    const Eigen::MatrixXd states = distinct_states(kRows, kColumns);
    const Definition bar = array(states);
    for (int i = 0; i < kRows; ++i) {
        const auto row = wire_ohm_from(*bar, bar->find_net(fmt::format("row_{}", i)));
        CHECK(row.size() == kColumns + 1);
        for (int j = 0; j < kColumns; ++j) {
            const auto column = wire_ohm_from(*bar, bar->find_net(fmt::format("col_{}", j)));
            CHECK(column.size() == kRows + 1);
            const Device& cell = cell_of(*bar, states(i, j));
            REQUIRE(cell.pins.size() == 3);
            REQUIRE(row.contains(cell.pins[0]));
            REQUIRE(column.contains(cell.pins[1]));
            CHECK_THAT(row.at(cell.pins[0]), WithinRel((j + 1) * kWires.row.ohm, 1e-12));
            CHECK_THAT(column.at(cell.pins[1]), WithinRel((kRows - i) * kWires.column.ohm, 1e-12));
            CHECK(cell.pins[2] == bar->find_net("wl"));
            CHECK(farad_on(*bar, cell.pins[0]) == kWires.row.farad);
            CHECK(farad_on(*bar, cell.pins[1]) == kWires.column.farad);
        }
    }
}

TEST_CASE("segments add up to the resistance and capacitance of the whole wire") {
    const Technology technology = read_technology("generic40");
    const CellLayout& cell = technology.cell("1t1r");
    constexpr int kRows = 6;
    constexpr int kColumns = 5;
    const CrossbarWires wires{.row = wire_segment(technology, "m5", cell.pitch_x_m),
                              .column = wire_segment(technology, "m4", cell.pitch_y_m)};
    const Definition bar = array(distinct_states(kRows, kColumns), wires);
    double row_ohm = 0, column_ohm = 0, row_farad = 0, column_farad = 0;
    for (const Device& device : bar->devices()) {
        if (const auto* wire = std::get_if<Resistor>(&device.body)) {
            (device.name.starts_with("rrow") ? row_ohm : column_ohm) += wire->ohm.number();
        } else if (const auto* load = std::get_if<Capacitor>(&device.body)) {
            (device.name.starts_with("crow") ? row_farad : column_farad) += load->farad.number();
        }
    }
    const double row_um = 1e6 * kColumns * cell.pitch_x_m;
    const double column_um = 1e6 * kRows * cell.pitch_y_m;
    const MetalLayer& m5 = technology.metal("m5");
    const MetalLayer& m4 = technology.metal("m4");
    CHECK_THAT(row_ohm, WithinRel(kRows * row_um * m5.ohm_per_um, 1e-9));
    CHECK_THAT(row_farad, WithinRel(kRows * row_um * m5.farad_per_um, 1e-9));
    CHECK_THAT(column_ohm, WithinRel(kColumns * column_um * m4.ohm_per_um, 1e-9));
    CHECK_THAT(column_farad, WithinRel(kColumns * column_um * m4.farad_per_um, 1e-9));
}

TEST_CASE("the wire resistances of the shipped technology are sheet resistance over width") {
    const Technology technology = read_technology("generic40");
    const std::string file = (technology.folder / "tech.toml").string();
    const TomlEntries entries = read_toml(mho::read_file(file), file);
    REQUIRE(technology.metals.size() == 7);
    for (const MetalLayer& metal : technology.metals) {
        const TomlEntry* sheet = entries.find("metal." + metal.name, "sheet_ohm");
        REQUIRE(sheet != nullptr);
        INFO(metal.name);
        // The table rounds to two decimals.
        CHECK_THAT(metal.ohm_per_um,
                   WithinRel(std::get<double>(sheet->data) / (1e6 * metal.width_m), 0.015));
    }
}

TEST_CASE("a wire without resistance is one net and a wire without capacitance has no load") {
    const Eigen::MatrixXd states = distinct_states(3, 2);
    const auto resistors = [](const Definition& bar) { return count(*bar).resistors; };
    SECTION("neither") {
        const Definition bar = array(states, {});
        CHECK(resistors(bar) == 6);  // of the cells
        CHECK(count(*bar).capacitors == 0);
        for (int i = 0; i < 3; ++i) {
            for (int j = 0; j < 2; ++j) {
                CHECK(pins(*bar, fmt::format("xcell_{}_{}", i, j)) ==
                      std::vector{fmt::format("row_{}", i), fmt::format("col_{}", j),
                                  std::string("wl")});
            }
        }
        CHECK(check(*bar).empty());
    }
    SECTION("only the rows are ideal") {
        const Definition bar = array(states, {.row = {0, 1e-15}, .column = {2, 0}});
        CHECK(resistors(bar) == 12);
        CHECK(count(*bar).capacitors == 6);
        for (int i = 0; i < 3; ++i) {
            const NetId row = bar->find_net(fmt::format("row_{}", i));
            CHECK_THAT(farad_on(*bar, row), WithinRel(2e-15, 1e-12));
        }
        CHECK(check(*bar).empty());
    }
    SECTION("only the columns are ideal") {
        const Definition bar = array(states, {.row = {2, 0}, .column = {0, 1e-15}});
        CHECK(resistors(bar) == 12);
        for (int j = 0; j < 2; ++j) {
            const NetId column = bar->find_net(fmt::format("col_{}", j));
            CHECK_THAT(farad_on(*bar, column), WithinRel(3e-15, 1e-12));
        }
        CHECK(check(*bar).empty());
    }
}

TEST_CASE("a state that is no positive conductance is refused with the name of its cell") {
    const double bad = GENERATE(0.0, -1e-6, std::numeric_limits<double>::quiet_NaN(),
                                std::numeric_limits<double>::infinity());
    Eigen::MatrixXd states = distinct_states(3, 3);
    states(2, 1) = bad;
    CHECK_THAT(bad_input_line([&] { (void)array(states); }),
               ContainsSubstring("xcell_2_1") && ContainsSubstring("'r'"));
}
