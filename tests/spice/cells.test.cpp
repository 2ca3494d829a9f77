// SPDX-License-Identifier: Apache-2.0
// Single cells in ngspice against their laws and published figures.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "netlist/cell.h"
#include "netlist/cell_sonos.h"
#include "spice/array_runs.h"

using namespace mho::netlist;
using namespace mho::spice::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::MatrixXd;
using mho::spice::Waveforms;

namespace {

constexpr double kCellCommonVolt = 0.35;
constexpr int kPoints = 13;

Spec spec_of(CellKind kind, double low, double high) {
    Spec spec;
    spec.name = "cells";
    spec.cell.kind = kind;
    spec.cell.g_min_siemens = low;
    spec.cell.g_max_siemens = high;
    return spec;
}

// The currents of cells of these states follow `law(g, v)` over +-v_max.
void check_law(const Spec& spec, const std::vector<double>& states, double v_max,
               const std::function<double(double, double)>& law) {
    Deck deck = cell_bench(load_design(spec), states, {v_max, kPoints});
    deck.options = {"reltol=1e-9", "abstol=1e-16", "vntol=1e-12", "gmin=1e-18"};
    const Waveforms waves = run_deck(deck);
    REQUIRE(waves.points() == kPoints);
    for (std::size_t k = 0; k < states.size(); ++k) {
        const double scale = std::abs(law(states[k], v_max));
        for (std::size_t p = 0; p < kPoints; ++p) {
            const double v = waves.columns[0][p] - kCellCommonVolt;
            INFO("state " << states[k] << " S at " << v << " V");
            CHECK_THAT(waves.columns[k + 1][p], WithinAbs(law(states[k], v), 1e-7 * scale));
        }
    }
}

// Currents of SONOS cells of these states, all read at once, without wires.
std::vector<double> sonos_currents(Spec spec, const std::vector<double>& states) {
    const auto columns = static_cast<Eigen::Index>(states.size());
    spec.array.rows = 1;
    spec.array.columns = static_cast<int>(columns);
    spec.array.shape.topology = Topology::b;
    spec.array.wires = WireSource::given;
    const MatrixXd all = Eigen::RowVectorXd::Map(states.data(), columns);
    const MatrixXd current = array_currents(spec, all, MatrixXd::Ones(1, 1));
    return {current.data(), current.data() + columns};
}

Spec sonos_cell_spec() {
    return spec_of(CellKind::two_transistor_sonos, 1.6e-12, 16e-6);
}

double shift_of(const Spec& spec, double g_siemens) {
    return make_cell(spec).state(g_siemens, CellSign::positive).front().value.number();
}

}  // namespace

TEST_CASE("an ohmic cell passes its state's current both ways") {
    check_law(spec_of(CellKind::ohmic_resistor, 1e-6, 1e-3), {1e-6, 37e-6, 1e-3}, 0.3,
              [](double g, double v) { return g * v; });
}

TEST_CASE("the HfO2 cell follows the published polynomial of its state") {
    const auto cubic = [](double a, double b, double c, double d, double x) {
        return ((a * x + b) * x + c) * x + d;
    };
    check_law(spec_of(CellKind::polynomial_resistor, 50e-6, 225e-6), {62.5e-6, 110e-6, 225e-6}, 0.3,
              [&](double g, double v) {
                  const double x = std::log10(g);
                  const double a2 = cubic(1.388e-4, 1.541e-3, 5.711e-3, 7.063e-3, x);
                  const double a3 = cubic(0, 8.8710e-5, 6.7919e-4, 1.2968e-3, x);
                  return g * v + a2 * v * v + a3 * v * v * v;
              });
}

TEST_CASE("a polynomial cell follows its own coefficients") {
    Spec spec = spec_of(CellKind::polynomial_resistor, 50e-6, 225e-6);
    spec.cell.polynomial = {1e-5, 0, 0, 0, 2e-4, 1e-5, 0, 0};
    check_law(spec, {60e-6, 200e-6}, 0.3, [](double g, double v) {
        return g * v + 1e-5 * v * v + (2e-4 + 1e-5 * std::log10(g)) * v * v * v;
    });
}

TEST_CASE("a sinh cell follows its law") {
    Spec spec = spec_of(CellKind::sinh_resistor, 1e-6, 40e-6);
    spec.cell.sinh.scale_volt = GENERATE(0.1, 0.5);
    check_law(spec, {1e-6, 40e-6}, 0.3, [&](double g, double v) {
        return g * spec.cell.sinh.scale_volt * std::sinh(v / spec.cell.sinh.scale_volt);
    });
}

TEST_CASE(
    "selector and resistor of a 1S1R cell carry one current, and little of it half selected") {
    Spec spec = spec_of(CellKind::one_selector_one_resistor, 1e-6, 40e-6);
    spec.readout.common_mode_volt = 0.55;
    spec.driver.amplitude_volt = 0.5;
    const SelectorSpec& selector = spec.cell.selector;
    const double scale =
        selector.threshold_ampere / std::sinh(selector.threshold_volt / selector.slope_volt);
    const std::vector<double> states{1e-6, 10e-6, 40e-6};
    Deck deck = cell_bench(load_design(spec), states, {0.5, kPoints});
    deck.options = {"reltol=1e-9", "abstol=1e-16", "vntol=1e-12", "gmin=1e-18"};
    const Waveforms waves = run_deck(deck);
    for (std::size_t k = 0; k < states.size(); ++k) {
        const std::vector<double>& ampere = waves.columns[k + 1];
        for (std::size_t p = 0; p < kPoints; ++p) {
            const double across =
                ampere[p] / states[k] + selector.slope_volt * std::asinh(ampere[p] / scale);
            CHECK_THAT(across, WithinAbs(waves.columns[0][p] - 0.55, 1e-6));
        }
        CHECK(ampere.back() > 1e-8);
        CHECK_THAT(waves.columns[0][9], WithinAbs(0.8, 1e-9));
        CHECK(ampere[9] < 0.02 * ampere.back());
    }
}

TEST_CASE("an ECRAM channel conducts as programmed, and its gate next to nothing") {
    Spec spec = spec_of(CellKind::ecram, 298e-6, 978e-6);
    spec.cell.ecram.gate_ohm = 1e9;
    check_law(spec, {298e-6, 600e-6, 978e-6}, 0.1, [](double g, double v) { return g * v; });
    Deck deck = cell_bench(load_design(spec), std::vector<double>{298e-6}, {0.1, 3});
    deck.saved = {"i(vgate)"};
    CHECK_THAT(run_deck(deck).columns[1].back(), WithinAbs(0, 1e-15));  // gate at the bitline's
}

TEST_CASE("the states of a SONOS cell span seven decades below and about threshold") {
    const Spec spec = sonos_cell_spec();
    std::vector<double> states;
    for (int decade = 0; decade <= 7; ++decade) states.push_back(16e-6 * std::pow(10, -decade));
    const std::vector<double> found = sonos_currents(spec, states);
    for (std::size_t k = 0; k < states.size(); ++k) {
        INFO("state " << states[k]);
        CHECK_THAT(found[k], WithinRel(states[k] * kReadVolt, 0.12));
    }
    // 1.6 uA at most, on/off of 1e7: the 40 nm array's.
    CHECK_THAT(found.front(), WithinRel(1.6e-6, 0.12));
    CHECK(found.front() / found.back() > 0.8e7);
    // Slope of the current over the threshold, deep below it: kT/q ln 10 = 59.6 mV times n, and
    // that of the I/O device is 84 mV (docs/technology.md).
    for (std::size_t k = 3; k + 1 < states.size(); ++k) {
        const double slope = (shift_of(spec, states[k + 1]) - shift_of(spec, states[k])) /
                             std::log10(found[k] / found[k + 1]);
        CHECK(slope > 0.075);
        CHECK(slope < 0.087);
    }
}

TEST_CASE("a negative SONOS cell is programmed for the other side of the common mode") {
    Spec spec = sonos_cell_spec();
    spec.array = {1, 1};
    spec.array.shape.topology = Topology::c;
    spec.array.wires = WireSource::given;
    for (const double g : {1e-9, 1e-7, 16e-6}) {
        MatrixXd states(1, 2);
        states << 1.6e-12, g;
        const double found = array_currents(spec, states, MatrixXd::Ones(1, 1))(0, 0);
        CHECK_THAT(found, WithinRel(-g * kReadVolt, 0.12));
        const auto shift = [&](CellSign sign) {
            return make_cell(spec).state(g, sign).front().value.number();
        };
        // Its source stands lower by the read voltage.
        CHECK_THAT(shift(CellSign::negative) - shift(CellSign::positive),
                   WithinAbs(kReadVolt * 1.267, 0.02));
    }
}

TEST_CASE("the SONOS law and its inverse agree") {
    const SonosSpec spec;
    const SonosRead read = GENERATE(SonosRead{0.45, 0.35, 27}, SonosRead{0.25, 0.35, 85});
    for (const double ampere : {1e-13, 1e-10, 1e-7, 3e-6}) {
        const double shift = sonos_shift_volt(spec, read, ampere);
        CHECK_THAT(sonos_ampere(spec, read, shift), WithinRel(ampere, 1e-9));
    }
}
