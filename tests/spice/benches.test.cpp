// SPDX-License-Identifier: Apache-2.0
// The blocks at dc in ngspice: cell, driver, read-out and array, against circuit laws and an
// independent solver. Conversions: conversions.test.cpp.
#include <fmt/format.h>

#include <Eigen/Dense>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "base/random.h"
#include "spice/bench_runs.h"

using namespace mho::netlist;
using namespace mho::spice::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using mho::spice::Waveforms;

namespace {

constexpr double kCommonVolt = 0.35;
constexpr double kAmplitudeVolt = 0.1;
const std::vector<double> kStates{1e-6, 3e-6, 10e-6, 20e-6, 40e-6};

Design design() {
    Spec spec;
    spec.name = "test";
    return load_design(spec);
}

// Iterated to the end, where the difference of two runs counts.
Deck tightened(Deck deck) {
    deck.options = {"reltol=1e-8", "abstol=1e-15", "vntol=1e-10"};
    return deck;
}

// Current of each state at +v and -v, as the column source takes it.
struct CellCurrents {
    Waveforms waves;
    std::size_t points = 21;

    double at(std::size_t state, std::size_t point) const {
        return waves.columns[state + 1][point];
    }
    double volt(std::size_t point) const { return waves.columns[0][point] - kCommonVolt; }
    // Chord conductance over the whole drive.
    double siemens(std::size_t state) const {
        return (at(state, points - 1) - at(state, 0)) / (volt(points - 1) - volt(0));
    }
    std::vector<double> siemens() const {
        std::vector<double> all;
        for (std::size_t k = 0; k < kStates.size(); ++k) all.push_back(siemens(k));
        return all;
    }
};

CellCurrents cell_currents(double v_max_volt = kAmplitudeVolt) {
    CellCurrents cells;
    cells.waves = run_deck(tightened(cell_bench(design(), kStates, {v_max_volt, 21})));
    REQUIRE(cells.waves.points() == cells.points);
    return cells;
}

// An array of the states above with as many input vectors as columns of `inputs`.
struct Array {
    Eigen::MatrixXi state;  // index into kStates
    Eigen::MatrixXd inputs;

    Eigen::MatrixXd siemens(const std::vector<double>& of_state) const {
        return state.unaryExpr([&](int k) { return of_state[static_cast<std::size_t>(k)]; });
    }
};

Array random_array(Eigen::Index rows, Eigen::Index columns, Eigen::Index vectors) {
    mho::RandomStream random(3, mho::RandomPurpose::test, static_cast<std::uint32_t>(rows));
    Array array{Eigen::MatrixXi(rows, columns), Eigen::MatrixXd(rows, vectors)};
    for (Eigen::Index i = 0; i < rows; ++i) {
        for (Eigen::Index j = 0; j < columns; ++j) {
            array.state(i, j) =
                static_cast<int>(random.below(static_cast<std::uint32_t>(kStates.size())));
        }
        for (Eigen::Index k = 0; k < vectors; ++k) {
            array.inputs(i, k) = random.uniform(-kAmplitudeVolt, kAmplitudeVolt);
        }
    }
    return array;
}

Deck deck_of(const Array& array, double sense_ohm = 0) {
    return array_bench(design(), array.siemens(kStates), array.inputs, sense_ohm);
}

Eigen::MatrixXd currents_of(const Array& array, double sense_ohm = 0) {
    return column_currents(run_deck(deck_of(array, sense_ohm)));
}

// What lies between the cells of an array.
struct Wiring {
    double row_ohm = 0, column_ohm = 0, sense_ohm = 0;
    std::vector<double> driver_ohm;  // of every row
};

// Column currents by dense nodal analysis: rows first, then columns; potentials against the common
// mode. Drivers and the first row segment are one resistor, so are the last column segment and the
// sense resistor.
Eigen::VectorXd nodal_currents(const Eigen::MatrixXd& siemens, const Eigen::VectorXd& volt,
                               const Wiring& wiring) {
    const Eigen::Index rows = siemens.rows();
    const Eigen::Index columns = siemens.cols();
    const Eigen::Index cells = rows * columns;
    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(2 * cells, 2 * cells);
    Eigen::VectorXd source = Eigen::VectorXd::Zero(2 * cells);
    const auto connect = [&a](Eigen::Index p, Eigen::Index q, double g) {
        a(p, p) += g;
        a(q, q) += g;
        a(p, q) -= g;
        a(q, p) -= g;
    };
    const double end = 1 / (wiring.column_ohm + wiring.sense_ohm);
    for (Eigen::Index i = 0; i < rows; ++i) {
        const double head = 1 / (wiring.row_ohm + wiring.driver_ohm[static_cast<std::size_t>(i)]);
        a(i * columns, i * columns) += head;
        source(i * columns) += head * volt(i);
        for (Eigen::Index j = 0; j < columns; ++j) {
            const Eigen::Index u = i * columns + j;
            const Eigen::Index w = cells + u;
            connect(u, w, siemens(i, j));
            if (j > 0) connect(u - 1, u, 1 / wiring.row_ohm);
            if (i > 0) connect(w - columns, w, 1 / wiring.column_ohm);
            if (i + 1 == rows) a(w, w) += end;
        }
    }
    const Eigen::VectorXd solved = a.partialPivLu().solve(source);
    return end * solved.tail(columns);
}

// What the technology and a driver bench at these levels say.
Wiring wiring(const Design& of, const Eigen::VectorXd& levels, double sense_ohm) {
    constexpr int kPoints = 5;
    const CellLayout& cell = of.technology.cell("1t1r");
    Wiring result;
    result.row_ohm = wire_segment(of.technology, of.spec.array.row_layer, cell.pitch_x_m).ohm;
    result.column_ohm = wire_segment(of.technology, of.spec.array.column_layer, cell.pitch_y_m).ohm;
    result.sense_ohm = sense_ohm;
    const std::vector<double> level_volt(levels.begin(), levels.end());
    const Waveforms waves = run_deck(tightened(driver_bench(of, level_volt, {20e-6, kPoints})));
    REQUIRE(waves.points() == kPoints);
    for (std::size_t k = 0; k < level_volt.size(); ++k) {
        const std::vector<double>& row = waves.columns[k + 1];
        result.driver_ohm.push_back((row.front() - row.back()) / 40e-6);
    }
    return result;
}

}  // namespace

TEST_CASE("the current of a cell rises with its state and with its voltage") {
    const CellCurrents cells = cell_currents();
    for (std::size_t p = 0; p < cells.points; ++p) {
        if (std::abs(cells.volt(p)) < 1e-6) continue;
        for (std::size_t k = 1; k < kStates.size(); ++k) {
            CHECK(std::abs(cells.at(k, p)) > std::abs(cells.at(k - 1, p)));
        }
    }
    for (std::size_t k = 0; k < kStates.size(); ++k) {
        for (std::size_t p = 1; p < cells.points; ++p) CHECK(cells.at(k, p) > cells.at(k, p - 1));
    }
}

TEST_CASE("a cell passes the same current both ways and none at rest") {
    const CellCurrents cells = cell_currents();
    for (std::size_t k = 0; k < kStates.size(); ++k) {
        CHECK_THAT(cells.at(k, cells.points / 2), WithinAbs(0, 1e-11));
        for (std::size_t p = 0; p < cells.points / 2; ++p) {
            CHECK_THAT(-cells.at(k, p), WithinRel(cells.at(k, cells.points - 1 - p), 0.01));
        }
    }
}

TEST_CASE("one access resistance explains the cells of every state") {
    const CellCurrents cells = cell_currents();
    // From the state where it counts most; the access device adds about 1.6 kohm to 25 kohm.
    const std::size_t last = kStates.size() - 1;
    const double access_ohm = 1 / cells.siemens(last) - 1 / kStates[last];
    CHECK(access_ohm > 500);
    CHECK(access_ohm < 5e3);
    for (std::size_t k = 0; k < last; ++k) {
        INFO(kStates[k]);
        // Leakage of the junctions, 1 pA of 100 nA, disturbs the smallest state.
        CHECK_THAT(1 / cells.siemens(k) - 1 / kStates[k], WithinRel(access_ohm, 0.01));
        for (std::size_t p = 0; p < cells.points; ++p) {
            const double expected = cells.volt(p) / (1 / kStates[k] + access_ohm);
            CHECK_THAT(cells.at(k, p), WithinAbs(expected, 1e-4 * kStates[k] * kAmplitudeVolt));
        }
    }
}

TEST_CASE("a driver's resistance is positive, falls with its width and barely depends on load") {
    const std::vector<double> levels{-kAmplitudeVolt, 0, kAmplitudeVolt};
    const Waveforms waves = run_deck(driver_bench(design(), levels, {50e-6, 5}));
    Spec half = design().spec;
    half.driver.nmos_width_m /= 2;
    half.driver.pmos_width_m /= 2;
    const Waveforms narrow = run_deck(driver_bench(load_design(half), levels, {50e-6, 5}));
    for (std::size_t k = 0; k < levels.size(); ++k) {
        const std::vector<double>& row = waves.columns[k + 1];
        const double reference = kCommonVolt + levels[k];
        CHECK_THAT(row[2], WithinAbs(reference, 1e-6));
        const double out_ohm = (reference - row[4]) / 50e-6;
        const double in_ohm = (row[0] - reference) / 50e-6;
        CHECK(out_ohm > 0);
        CHECK_THAT(in_ohm, WithinRel(out_ohm, 0.02));
        const double narrow_ohm = (reference - narrow.columns[k + 1][4]) / 50e-6;
        CHECK_THAT(narrow_ohm, WithinRel(2 * out_ohm, 0.02));
        // NMOS in triode: less overdrive at a higher level.
        if (k > 0) CHECK(waves.columns[k][4] - (kCommonVolt + levels[k - 1]) > row[4] - reference);
    }
}

TEST_CASE("the array's column currents are those of a dense nodal solve of measured parts") {
    const auto [rows, columns] = GENERATE(std::pair<Eigen::Index, Eigen::Index>{3, 2},
                                          std::pair<Eigen::Index, Eigen::Index>{8, 4});
    const double sense_ohm = GENERATE(0.0, 500.0);
    const Array array = random_array(rows, columns, 4);
    const Eigen::MatrixXd spice = currents_of(array, sense_ohm);
    REQUIRE(spice.rows() == array.inputs.cols());
    REQUIRE(spice.cols() == columns);
    const Eigen::MatrixXd states = array.siemens(cell_currents().siemens());
    const double scale = kAmplitudeVolt * kStates.back() * static_cast<double>(rows);
    for (Eigen::Index k = 0; k < array.inputs.cols(); ++k) {
        const Eigen::VectorXd volt = array.inputs.col(k);
        const Eigen::VectorXd expected =
            nodal_currents(states, volt, wiring(design(), volt, sense_ohm));
        for (Eigen::Index j = 0; j < columns; ++j) {
            INFO("vector " << k << ", column " << j);
            CHECK_THAT(spice(k, j), WithinAbs(expected(j), 1e-4 * scale));
        }
    }
}

TEST_CASE("the array's wires drop what the nodal solve says, each end where it belongs") {
    // Thin wires, to see them, and a small drive, at which cells are linear.
    constexpr double kSmallVolt = 0.02;
    Spec spec = design().spec;
    spec.array.row_layer = "m1";
    spec.array.column_layer = "m2";
    const Design thin = load_design(spec);
    Array array = random_array(8, 4, 6);
    array.inputs *= kSmallVolt / kAmplitudeVolt;
    array.inputs.rightCols(3) = -array.inputs.leftCols(3);
    const Deck deck = tightened(array_bench(thin, array.siemens(kStates), array.inputs, 0));
    // Half the difference of opposite inputs: leakage and even curvature go.
    const Eigen::MatrixXd both = column_currents(run_deck(deck));
    const Eigen::MatrixXd spice = 0.5 * (both.topRows(3) - both.bottomRows(3));
    const Eigen::MatrixXd states = array.siemens(cell_currents(kSmallVolt).siemens());
    for (Eigen::Index k = 0; k < 3; ++k) {
        const Eigen::VectorXd volt = array.inputs.col(k);
        Wiring all = wiring(thin, volt, 0);
        const Wiring opposite = wiring(thin, -volt, 0);
        for (std::size_t i = 0; i < all.driver_ohm.size(); ++i) {
            all.driver_ohm[i] = 0.5 * (all.driver_ohm[i] + opposite.driver_ohm[i]);
        }
        const Eigen::VectorXd expected = nodal_currents(states, volt, all);
        const double error = (spice.row(k).transpose() - expected).cwiseAbs().maxCoeff();
        const auto change = [&](const Wiring& other) {
            return (nodal_currents(states, volt, other) - expected).cwiseAbs().maxCoeff();
        };
        // A tenth off in any part would be seen.
        Wiring rows = all;
        rows.row_ohm *= 1.1;
        CHECK(error < 0.5 * change(rows));
        Wiring columns = all;
        columns.column_ohm *= 1.1;
        CHECK(error < 0.5 * change(columns));
        Wiring drivers = all;
        for (double& ohm : drivers.driver_ohm) ohm *= 1.1;
        CHECK(error < 0.5 * change(drivers));
    }
}

TEST_CASE("array currents superpose, flip with the inputs and vanish without") {
    Array array = random_array(8, 4, 5);
    // a, b, a + b, -(a + b), nothing
    array.inputs.leftCols(2) *= 0.5;
    array.inputs.col(2) = array.inputs.col(0) + array.inputs.col(1);
    array.inputs.col(3) = -array.inputs.col(2);
    array.inputs.col(4).setZero();
    const Eigen::MatrixXd current = currents_of(array);
    const double scale = 8 * kAmplitudeVolt * kStates.back();
    const double largest = current.row(2).cwiseAbs().maxCoeff();
    CHECK(largest > 0.02 * scale);
    for (Eigen::Index j = 0; j < 4; ++j) {
        CHECK_THAT(current(0, j) + current(1, j), WithinAbs(current(2, j), 2e-3 * largest));
        CHECK_THAT(-current(3, j), WithinAbs(current(2, j), 2e-3 * largest));
        CHECK_THAT(current(4, j), WithinAbs(0, 1e-10));
    }
}

TEST_CASE("rows driven in pairs with opposite signs cancel in cells of one state") {
    Array array = random_array(4, 2, 1);
    array.state.setConstant(3);
    array.inputs << 0.1, -0.1, 0.04, -0.04;
    const Eigen::MatrixXd current = currents_of(array);
    const double one_cell = kAmplitudeVolt * kStates[3];
    CHECK(current.cwiseAbs().maxCoeff() < 5e-3 * one_cell);
    array.state(1, 1) = 0;
    CHECK(currents_of(array)(0, 1) > 0.8 * one_cell);
}

TEST_CASE("what flows into the rows flows out of the columns") {
    const Array array = random_array(8, 4, 3);
    Deck deck = deck_of(array);
    for (int i = 0; i < 8; ++i) deck.saved.push_back(current_vector("", fmt::format("bref_{}", i)));
    const Waveforms waves = run_deck(deck);
    REQUIRE(waves.columns.size() == 1 + 4 + 8);
    for (std::size_t k = 0; k < waves.points(); ++k) {
        double into_columns = 0, into_rows = 0, magnitude = 0;
        for (std::size_t j = 0; j < 4; ++j) into_columns += waves.columns[1 + j][k];
        for (std::size_t i = 0; i < 8; ++i) {
            into_rows -= waves.columns[5 + i][k];
            magnitude += std::abs(waves.columns[5 + i][k]);
        }
        CHECK(magnitude > 1e-6);
        // Junctions of drivers and cells leak picoamperes to the bulk.
        CHECK_THAT(into_rows, WithinAbs(into_columns, 2e-10));
    }
}

TEST_CASE("the array answers the same alone and within a sweep, and with one column") {
    const Array array = random_array(4, 1, 3);
    const Eigen::MatrixXd sweep = currents_of(array);
    for (Eigen::Index k = 0; k < 3; ++k) {
        Array one = array;
        one.inputs = array.inputs.col(k);
        // Iterations end at a relative change of 1e-4, and start elsewhere within a sweep.
        CHECK_THAT(currents_of(one)(0, 0), WithinRel(sweep(k, 0), 5e-4));
    }
}

TEST_CASE("the read-out turns current into voltage by its feedback resistor") {
    const double feedback = GENERATE(5e3, 10e3, 20e3);
    Spec spec = design().spec;
    spec.readout.feedback_ohm = feedback;
    const double reach = 0.25 / feedback;
    const Waveforms waves = run_deck(readout_bench(load_design(spec), {reach, 11}));
    REQUIRE(waves.points() == 11);
    const std::vector<double>& out = waves["v(out)"];
    const std::vector<double>& in = waves["v(in)"];
    CHECK_THAT(out[5], WithinAbs(kCommonVolt, 3e-3));
    CHECK_THAT((out[10] - out[0]) / (2 * reach), WithinRel(-feedback, 0.03));
    for (std::size_t p = 0; p < 11; ++p) {
        CHECK_THAT(in[p], WithinAbs(kCommonVolt, 3e-3));  // virtual ground
        const double line = out[5] - feedback * waves.columns[0][p];
        CHECK_THAT(out[p], WithinAbs(line, 2e-3));
        if (p > 0) CHECK(out[p] < out[p - 1]);
        // About 36 times the reference current, and what the output stage takes over.
        const double supply = -waves["i(vdd_readout)"][p];
        CHECK_THAT(supply - waves.columns[0][p] / 3, WithinRel(36 * spec.readout.bias_ampere, 0.2));
    }
}

TEST_CASE("the read-out's noise is at least that of its feedback resistor") {
    const Waveforms waves = run_deck(readout_noise_bench(design()));
    const double noise = waves["onoise_total"].front();
    constexpr double kBoltzmann = 1.380649e-23;  // SI definition
    // 4kTR in the noise bandwidth pi/2 x 1/(2 pi R C) of feedback resistor and capacitor is kT/C.
    const double feedback = std::sqrt(kBoltzmann * 300.15 / 70e-15);
    CHECK(noise > feedback);
    CHECK(noise < 10 * feedback);
}

TEST_CASE("switching a driver costs the charge of its gates") {
    const Design of = design();
    const Waveforms waves = run_deck(driver_switch_bench(of));
    const std::vector<double>& time = waves["time"];
    const auto charge = [&](const char* source, double from, double to) {
        return -mho::spice::integrate(time, waves[source], from, to);
    };
    const double on = charge("i(ven)", 0.5e-9, 9e-9);
    // Gate capacitance per width of the 2.5 V devices: 1.5 to 2.5 fF/um.
    const double width_um = 1e6 * of.spec.driver.nmos_width_m;
    CHECK(on > 2.5 * 1.0e-15 * width_um);
    CHECK(on < 2.5 * 3.0e-15 * width_um);
    // What goes in comes out, but for what leaks to a row that is off.
    CHECK_THAT(charge("i(ven)", 10e-9, 21e-9), WithinRel(-on, 0.05));
    CHECK(charge("i(venb)", 0.5e-9, 9e-9) < 0);
    CHECK(waves["v(en)"].front() == 0);
    CHECK_THAT(mho::spice::value_at(time, waves["v(en)"], 6e-9), WithinAbs(2.5, 1e-6));
    CHECK_THAT(mho::spice::value_at(time, waves["v(enb)"], 6e-9), WithinAbs(0, 1e-6));
    // Once: on at 1 ns, off at 11 ns.
    CHECK_THAT(mho::spice::value_at(time, waves["v(en)"], 15e-9), WithinAbs(0, 1e-6));
    CHECK_THAT(waves["v(en)"].back(), WithinAbs(0, 1e-6));
    // The other driver's row: 0.1 V on its junctions, gate overlap and wire.
    const double step = charge("i(vstep)", 0.5e-9, 9e-9);
    CHECK(step > 0.1 * 0.5e-15 * width_um);
    CHECK(step < 0.1 * 5e-15 * width_um);
}
