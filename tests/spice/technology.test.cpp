// SPDX-License-Identifier: Apache-2.0
// The shipped technology in ngspice: its core devices lie in windows taken from public figures of
// 45 nm class low-power processes. Sources: ITRS 45 nm LSTP as CACTI tabulates it (Ion 666/333
// uA/um, Ioff 10 pA/um, Vth .502 V), NeuroSim's 45 nm LP (Ion 500/300, Ioff .1 nA/um, Vth .464 V),
// and simulations of public cards (PTM 45 LP, FreePDK45 VTH) for slopes, capacitance and delay.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>

#include "netlist/technology.h"
#include "spice/bench_runs.h"

using namespace mho::netlist;
using namespace mho::spice::test;
using mho::spice::Waveforms;

namespace {

// A transistor of 1 um width and shortest length. Voltages are magnitudes.
struct Transistor {
    std::string model;
    std::string corner = "tt";

    Technology technology = read_technology("generic40");
    bool is_p() const { return technology.device(model).is_p; }
    double supply_volt() const { return technology.supply(technology.device(model).supply).volt; }
    double length_m() const { return technology.device(model).min_length_m; }
    double sign() const { return is_p() ? -1 : 1; }

    Deck deck() const {
        Deck result;
        result.title = model;
        result.libraries = {model_library(technology, corner)};
        result.options = {"reltol=1e-5", "gmin=1e-15", "abstol=1e-15"};
        return result;
    }
    // Drain current over the gate voltage, magnitudes.
    Waveforms transfer(double drain_volt) const {
        Deck result = deck();
        Circuit& c = result.circuit;
        c.voltage_source("vg", c.net("g"), kGround, {.dc = 0.0});
        c.voltage_source("vd", c.net("d"), kGround, {.dc = sign() * drain_volt});
        c.mosfet("m1", {c.net("d"), c.net("g"), kGround, kGround}, model,
                 {.width_m = 1e-6, .length_m = length_m()});
        result.analysis = DcSweep{"vg", 0, sign() * supply_volt(), sign() * supply_volt() / 220};
        result.saved = {"i(vd)"};
        Waveforms waves = run_deck(result);
        for (auto& column : waves.columns) {
            for (double& value : column) value = std::abs(value);
        }
        return waves;
    }
    double on_ampere() const { return transfer(supply_volt()).columns[1].back(); }
    double off_ampere() const { return transfer(supply_volt()).columns[1].front(); }
};

// The gate voltage at this drain current, on the straight line of its logarithm.
double gate_volt_at(const Waveforms& transfer, double ampere) {
    std::vector<double> log_ampere;
    for (const double value : transfer.columns[1]) log_ampere.push_back(std::log(value));
    return mho::spice::value_at(log_ampere, transfer.columns[0], std::log(ampere));
}

double threshold_ampere(const Transistor& device) {
    return 100e-9 * 1e-6 / device.length_m();
}

// Charge into the gate over a small step about `gate_volt`, source and drain held.
double gate_farad(const Transistor& device, double gate_volt) {
    constexpr double kStep = 0.02;
    Deck deck = device.deck();
    Circuit& c = deck.circuit;
    const double middle = device.sign() * gate_volt;
    c.voltage_source("vg", c.net("g"), kGround,
                     {.dc = middle - kStep / 2,
                      .waveform = Pulse{.initial = middle - kStep / 2,
                                        .pulsed = middle + kStep / 2,
                                        .delay_second = 1e-9,
                                        .rise_second = 1e-9,
                                        .fall_second = 1e-9,
                                        .width_second = 1}});
    c.mosfet("m1", {kGround, c.net("g"), kGround, kGround}, device.model,
             {.width_m = 1e-6, .length_m = device.length_m()});
    deck.analysis =
        Transient{.step_second = 10e-12, .stop_second = 3e-9, .max_step_second = 10e-12};
    deck.saved = {"i(vg)"};
    const Waveforms waves = run_deck(deck);
    return -mho::spice::integrate(waves["time"], waves["i(vg)"], 0.5e-9, 2.5e-9) / kStep;
}

// `size` inverters in parallel.
Definition inverter(int size, double n_width_m) {
    Circuit c(fmt::format("inverter_{}", size), {"a", "y", "vdd"});
    c.mosfet("mp", {c.net("y"), c.net("a"), c.net("vdd"), c.net("vdd")}, "pch",
             {.width_m = 2 * n_width_m, .length_m = 40e-9, .multiplier = size});
    c.mosfet("mn", {c.net("y"), c.net("a"), kGround, kGround}, "nch",
             {.width_m = n_width_m, .length_m = 40e-9, .multiplier = size});
    return share(std::move(c));
}

// Delay of an inverter that drives four of its size: the third of a chain in which each is four
// times the one before, mean of both edges.
double fan_out_of_four_second(const std::string& corner, double n_width_m) {
    Deck deck = Transistor{"nch", corner}.deck();
    deck.options = {"reltol=1e-5", "chgtol=1e-18"};
    Circuit& c = deck.circuit;
    c.voltage_source("vdd", c.net("vdd"), kGround, {.dc = 1.1});
    c.voltage_source("vin", c.net("n", 0), kGround,
                     {.waveform = Pulse{0, 1.1, 0.2e-9, 20e-12, 20e-12, 1e-9}});
    int size = 1;
    for (int stage = 0; stage < 5; ++stage, size *= 4) {
        c.instance(fmt::format("x{}", stage), inverter(size, n_width_m),
                   {c.net("n", stage), c.net("n", stage + 1), c.net("vdd")});
    }
    deck.analysis = Transient{.step_second = 1e-12, .stop_second = 2e-9, .max_step_second = 1e-12};
    deck.saved = {"v(n_2)", "v(n_3)"};
    const Waveforms waves = run_deck(deck);
    using mho::spice::Edge;
    const auto at = [&](const char* net, Edge edge, double from) {
        const auto time = mho::spice::crossing_time(waves["time"], waves[net], 0.55, edge, from);
        REQUIRE(time);
        return *time;
    };
    // Two inverters stand before n_2: it follows the input.
    const double up = at("v(n_2)", Edge::rising, 0.1e-9);
    const double down = at("v(n_2)", Edge::falling, up);
    return 0.5 * (at("v(n_3)", Edge::falling, up) - up + at("v(n_3)", Edge::rising, down) - down);
}

#define CHECK_WITHIN(value, low, high) \
    do {                               \
        const double found_ = (value); \
        INFO(#value " = " << found_);  \
        CHECK(found_ >= (low));        \
        CHECK(found_ <= (high));       \
    } while (false)

}  // namespace

TEST_CASE("the core transistors carry and leak what 45 nm low-power figures say") {
    const Transistor n{"nch"};
    const Transistor p{"pch"};
    CHECK_WITHIN(1e6 * n.on_ampere(), 500, 666);
    CHECK_WITHIN(1e6 * p.on_ampere(), 300, 333);
    CHECK_WITHIN(1e9 * n.off_ampere(), 0.01, 0.1);
    CHECK_WITHIN(1e9 * p.off_ampere(), 0.01, 0.1);
}

TEST_CASE("the core transistors' thresholds, slopes and barrier lowering are in their windows") {
    const Transistor device{GENERATE("nch", "pch")};
    const bool is_p = device.is_p();
    INFO(device.model);
    const Waveforms low = device.transfer(0.05);
    const Waveforms high = device.transfer(1.1);
    const double linear = gate_volt_at(low, threshold_ampere(device));
    const double saturated = gate_volt_at(high, threshold_ampere(device));
    CHECK_WITHIN(linear, 0.46, 0.54);
    CHECK_WITHIN(saturated, is_p ? 0.38 : 0.42, is_p ? 0.43 : 0.46);
    CHECK_WITHIN(1e3 * (linear - saturated) / 1.05, 70, 90);
    const double slope = gate_volt_at(high, 1e-2 * threshold_ampere(device)) -
                         gate_volt_at(high, 1e-3 * threshold_ampere(device));
    CHECK_WITHIN(1e3 * slope, 80, 90);
}

TEST_CASE("the gate capacitance of the core transistors is in its window") {
    const Transistor device{GENERATE("nch", "pch")};
    INFO(device.model);
    CHECK_WITHIN(1e15 * gate_farad(device, 1.1), 0.8, 1.0);
}

TEST_CASE("the fan-out-of-four delay is in the window of 45 nm low-power logic") {
    const double width = GENERATE(0.12e-6, 1e-6);
    INFO(width);
    CHECK_WITHIN(1e12 * fan_out_of_four_second("tt", width), 20, 35);
}

TEST_CASE("slow, typical and fast corners are in order for every device") {
    const std::string model = GENERATE("nch", "pch", "nch_io", "pch_io");
    INFO(model);
    const Transistor slow{model, "ss"};
    const Transistor typical{model, "tt"};
    const Transistor fast{model, "ff"};
    CHECK(slow.on_ampere() < 0.97 * typical.on_ampere());
    CHECK(typical.on_ampere() < 0.97 * fast.on_ampere());
    CHECK(slow.off_ampere() < 0.7 * typical.off_ampere());
    CHECK(typical.off_ampere() < 0.7 * fast.off_ampere());
    // Crossed corners: first letter n, second p.
    const Transistor helped{model, slow.is_p() ? "sf" : "fs"};
    const Transistor hurt{model, slow.is_p() ? "fs" : "sf"};
    CHECK(hurt.on_ampere() < typical.on_ampere());
    CHECK(typical.on_ampere() < helped.on_ampere());
}

TEST_CASE("logic is slower at the slow corner and faster at the fast one") {
    const double typical = fan_out_of_four_second("tt", 0.12e-6);
    CHECK(fan_out_of_four_second("ss", 0.12e-6) > 1.1 * typical);
    CHECK(fan_out_of_four_second("ff", 0.12e-6) < 0.9 * typical);
}

TEST_CASE("every device leaks more and turns on earlier when hot") {
    const std::string model = GENERATE("nch", "pch", "nch_io", "pch_io");
    const Transistor device{model};
    const auto off = [&](double celsius) {
        Deck deck = device.deck();
        deck.temperature_celsius = celsius;
        Circuit& c = deck.circuit;
        c.voltage_source("vd", c.net("d"), kGround, {.dc = device.sign() * device.supply_volt()});
        c.mosfet("m1", {c.net("d"), kGround, kGround, kGround}, model,
                 {.width_m = 1e-6, .length_m = device.length_m()});
        deck.saved = {"i(vd)"};
        return std::abs(run_deck(deck)["i(vd)"].front());
    };
    CHECK(off(-20) < 0.2 * off(27));
    CHECK(off(27) < 0.2 * off(85));
    CHECK(off(85) < off(125));
}
