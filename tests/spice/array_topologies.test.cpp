// SPDX-License-Identifier: Apache-2.0
// Arrays of ohmic cells in every topology, in ngspice: closed forms of ladders, the drops that are
// published for uniform arrays, and the reference solvers of the behavioural layer.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "behavioral/array_nodes.h"
#include "behavioral/gated_nodes.h"
#include "spice/array_runs.h"

using namespace mho::netlist;
using namespace mho::spice::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::MatrixXd;

namespace {

constexpr double kCell = 1e-5;  // siemens, of uniform arrays

// The current of a uniform ladder of `n` cells, r = wire resistance times cell conductance, by that
// without wires.
double ladder_ratio(int n, double r) {
    const double t = 2 * std::asinh(std::sqrt(r) / 2);
    return (1 - std::cosh((n - 0.5) * t) / std::cosh((n + 0.5) * t)) / (n * r);
}

mho::behavioral::ArrayModel model_of(const Spec& spec) {
    mho::behavioral::ArrayModel model;
    const bool gated = spec.array.shape.topology != Topology::a;
    model.rows = spec.array.rows;
    model.columns = spec.array.columns;
    model.row_segment_ohm = gated ? spec.array.given.source_ohm : spec.array.given.row_ohm;
    model.column_segment_ohm = spec.array.given.column_ohm;
    model.driver_ohm = spec.array.terminals.driver_ohm;
    model.sense_ohm = spec.array.terminals.sense_ohm;
    return model;
}

template <typename Solutions>
MatrixXd stacked(const Solutions& solutions) {
    MatrixXd currents(static_cast<Eigen::Index>(solutions.size()),
                      solutions.front().column_ampere.size());
    Eigen::Index k = 0;
    for (const auto& solution : solutions) currents.row(k++) = solution.column_ampere;
    return currents;
}

// Every second column, from `first`.
MatrixXd every_second(const MatrixXd& all, Eigen::Index first) {
    return all(Eigen::all, Eigen::seq(first, Eigen::last, 2));
}

}  // namespace

TEST_CASE("a uniform bitline carries what the exact ladder formula says, in topologies a and b") {
    const auto [n, r, published] = GENERATE(table<int, double, double>({{1, 1e-3, 0},
                                                                        {128, 1e-5, 0.94817},
                                                                        {128, 1e-4, 0.66627},
                                                                        {576, 1e-5, 0.52022},
                                                                        {1152, 1e-4, 0.08637}}));
    const Topology topology = GENERATE(Topology::a, Topology::b);
    if (topology == Topology::a && (n > 1024 || n % 2 != 0)) return;
    CAPTURE(n, r);
    Spec spec = ideal_spec(topology, n, 1, {.column_ohm = r / kCell});
    const MatrixXd states = MatrixXd::Constant(n, 1, kCell);
    const double on = topology == Topology::a ? kReadVolt : 1;
    const double found = array_currents(spec, states, MatrixXd::Constant(n, 1, on))(0, 0);
    const double ratio = found / (n * kCell * kReadVolt);
    CHECK_THAT(ratio, WithinRel(ladder_ratio(n, r), 1e-6));
    if (published > 0) CHECK_THAT(ratio, WithinAbs(published, 5e-6));
}

TEST_CASE("the worst column of a uniform array of topology a loses what is published") {
    const auto [r, published] =
        GENERATE(table<double, double>({{1e-5, 0.99122}, {1e-4, 0.91846}, {1e-3, 0.52407}}));
    const Spec spec =
        ideal_spec(Topology::a, 32, 32, {.row_ohm = r / kCell, .column_ohm = r / kCell});
    const MatrixXd current = array_currents(spec, MatrixXd::Constant(32, 32, kCell),
                                            MatrixXd::Constant(32, 1, kReadVolt));
    CHECK_THAT(current.minCoeff() / (32 * kCell * kReadVolt), WithinAbs(published, 5e-6));
    CHECK(current(0, 31) == current.minCoeff());  // farthest from the drivers
}

TEST_CASE("arrays of topology a are solved as by the reference solver") {
    Spec spec = ideal_spec(Topology::a, 8, 5, {.row_ohm = 30, .column_ohm = 50});
    spec.array.terminals =
        GENERATE(ArrayTerminals{}, ArrayTerminals{200, 0}, ArrayTerminals{200, 300});
    const MatrixXd states = random_states(spec, 1);
    const MatrixXd volts = random_matrix(8, 4, -kReadVolt, kReadVolt, 2);
    const MatrixXd expected =
        stacked(mho::behavioral::solve_nodes(states, model_of(spec), volts.transpose()));
    CHECK(relative_error(array_currents(spec, states, volts), expected) < 1e-8);
}

TEST_CASE("arrays of topologies b and c are solved as by the reference solver") {
    const Topology topology = GENERATE(Topology::b, Topology::c);
    Spec spec = ideal_spec(topology, 7, 4, {.column_ohm = 50, .source_ohm = 20});
    spec.array.terminals = GENERATE(ArrayTerminals{}, ArrayTerminals{200, 300});
    const MatrixXd states = random_states(spec, 3);
    const MatrixXd gates = random_gates(7, 5, 4);
    const MatrixXd batch = gates.transpose();
    const auto solved =
        topology == Topology::b
            ? mho::behavioral::solve_gated(states, model_of(spec), batch, kReadVolt)
            : mho::behavioral::solve_interleaved(every_second(states, 0), every_second(states, 1),
                                                 model_of(spec), batch, kReadVolt);
    CHECK(relative_error(array_currents(spec, states, gates), stacked(solved)) < 1e-6);
}

TEST_CASE("positive and negative cells of topology c cancel where they stand") {
    Spec spec = ideal_spec(Topology::c, 16, 2, {.column_ohm = 500});
    MatrixXd states = random_states(spec, 7);
    const MatrixXd on = MatrixXd::Ones(16, 1);
    const double one_cell = spec.cell.g_max_siemens * kReadVolt;
    // Equal pairs: no current anywhere, whatever the wires.
    states(Eigen::all, Eigen::seq(1, Eigen::last, 2)) = every_second(states, 0);
    CHECK(array_currents(spec, states, on).cwiseAbs().maxCoeff() < 1e-9 * one_cell);
    // Pairs that nearly cancel: the far end of the bitline stays near the common mode, where that
    // of a bitline of one sign moves.
    MatrixXd nearly = states;
    nearly.col(0) *= 1.1;
    const auto far_end_volt = [&](const std::string& bitline) {
        Deck deck = any_array_bench(load_design(spec), nearly, on);
        deck.saved = {voltage_vector("xarray", "w_0_" + bitline)};
        return std::abs(run_deck(deck).columns.front().front() - spec.readout.common_mode_volt);
    };
    const double interleaved = far_end_volt("0");
    spec.array.shape = {.topology = Topology::b, .scheme = ColumnScheme::differential};
    CHECK(far_end_volt("0_n") > 0.2 * kReadVolt);
    CHECK(interleaved < 0.15 * far_end_volt("0_n"));
}

TEST_CASE(
    "interleaved cells lose as much as two bitlines of one sign to thin wires, in first order") {
    // With r_ik the wire that rows i and k share, both lose V sum r_ik (p_i p_k - n_i n_k).
    constexpr double kWire = 0.05;
    Spec spec = ideal_spec(Topology::c, 16, 2, {.column_ohm = kWire});
    const MatrixXd states = random_states(spec, 17);
    const MatrixXd on = MatrixXd::Ones(16, 1);
    const double ideal = kReadVolt * (states.col(0) - states.col(1)).sum();
    double loss = 0;
    for (Eigen::Index i = 0; i < 16; ++i) {
        for (Eigen::Index k = 0; k < 16; ++k) {
            loss += kReadVolt * kWire * static_cast<double>(16 - std::max(i, k)) *
                    (states(i, 0) * states(k, 0) - states(i, 1) * states(k, 1));
        }
    }
    CHECK(std::abs(loss) > 1e-5 * std::abs(ideal));
    const double interleaved = array_currents(spec, states, on)(0, 0);
    spec.array.shape = {.topology = Topology::b, .scheme = ColumnScheme::differential};
    const MatrixXd apart = array_currents(spec, states, on);
    CHECK_THAT(ideal - interleaved, WithinRel(loss, 0.01));
    CHECK_THAT(ideal - (apart(0, 0) - apart(0, 1)), WithinRel(loss, 0.01));
}

TEST_CASE("bitlines sensed at both ends split the current as the closed form says") {
    constexpr int kRows = 63;
    constexpr double kWire = 40;
    Spec spec = ideal_spec(Topology::b, kRows, 2, {.column_ohm = kWire});
    spec.array.shape.sense = LineEnds::both;
    const MatrixXd current =
        array_currents(spec, MatrixXd::Constant(kRows, 2, kCell), MatrixXd::Ones(kRows, 1));
    REQUIRE(current.cols() == 4);
    const double t = 2 * std::asinh(std::sqrt(kWire * kCell) / 2);
    const double end = kReadVolt / kWire *
                       (1 - std::cosh((kRows - 1) / 2.0 * t) / std::cosh((kRows + 1) / 2.0 * t));
    for (Eigen::Index j = 0; j < 4; ++j) CHECK_THAT(current(0, j), WithinRel(end, 1e-6));
    CHECK(2 * end > kRows * kCell * kReadVolt * ladder_ratio(kRows, kWire * kCell));
}

TEST_CASE("rows and source lines driven at both ends drop what the closed form says") {
    constexpr int kColumns = 9;
    constexpr double kWire = 2000;
    const double t = 2 * std::asinh(std::sqrt(kWire * kCell) / 2);
    const auto share = [&](int k, int n) {  // of the drive, at node k = 1 .. n of n
        return std::cosh((k - (n + 1) / 2.0) * t) / std::cosh((n + 1) / 2.0 * t);
    };
    SECTION("rows of topology a") {
        Spec spec = ideal_spec(Topology::a, 2, kColumns, {.row_ohm = kWire});
        spec.array.shape.drive = LineEnds::both;
        const MatrixXd current = array_currents(spec, MatrixXd::Constant(2, kColumns, kCell),
                                                MatrixXd::Constant(2, 1, kReadVolt));
        for (int j = 0; j < kColumns; ++j) {
            CHECK_THAT(current(0, j),
                       WithinRel(2 * kCell * kReadVolt * share(j + 1, kColumns), 1e-6));
        }
    }
    SECTION("source lines of topology b") {
        Spec spec = ideal_spec(Topology::b, kColumns, 1, {.source_ohm = kWire});
        spec.array.shape.drive = LineEnds::both;
        const MatrixXd current = array_currents(spec, MatrixXd::Constant(kColumns, 1, kCell),
                                                MatrixXd::Ones(kColumns, 1));
        double sum = 0;
        for (int i = 1; i <= kColumns; ++i) sum += kCell * kReadVolt * share(i, kColumns);
        CHECK_THAT(current(0, 0), WithinRel(sum, 1e-6));
    }
    SECTION("with a resistance at each end") {
        // One cell between two driven ends: both resistances in parallel.
        Spec spec = ideal_spec(Topology::a, 2, 1, {.row_ohm = kWire});
        spec.array.shape.drive = LineEnds::both;
        spec.array.terminals.driver_ohm = 500;
        const MatrixXd current = array_currents(spec, MatrixXd::Constant(2, 1, kCell),
                                                MatrixXd::Constant(2, 1, kReadVolt));
        CHECK_THAT(current(0, 0), WithinRel(2 * kReadVolt / (1 / kCell + 2500 / 2.0), 1e-9));
    }
}

TEST_CASE(
    "an array turned about, with drivers and read-outs in each other's place, transfers alike") {
    Spec spec = ideal_spec(Topology::a, 6, 4, {.row_ohm = 30, .column_ohm = 70});
    spec.array.terminals = {.driver_ohm = 200, .sense_ohm = 500};
    const MatrixXd states = random_states(spec, 8);
    Spec turned = ideal_spec(Topology::a, 4, 6, {.row_ohm = 70, .column_ohm = 30});
    turned.array.terminals = {.driver_ohm = 500, .sense_ohm = 200};
    // Both count cells from the driven end of a row and from the sensed end of a column.
    const MatrixXd turned_states = states.transpose().reverse();
    const MatrixXd transfer = array_currents(spec, states, kReadVolt * MatrixXd::Identity(6, 6));
    const MatrixXd back =
        array_currents(turned, turned_states, kReadVolt * MatrixXd::Identity(4, 4));
    const MatrixXd expected = back.transpose().reverse();
    CHECK(relative_error(transfer, expected) < 1e-9);
}
