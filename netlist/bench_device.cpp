// SPDX-License-Identifier: Apache-2.0
#include "netlist/bench_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace mho::netlist {
namespace {

constexpr double kWidthM = 1e-6;
constexpr int kSupplySteps = 220;  // of the gate sweep, from source to supply

// Steps of the inverter benches in units of C V / I, in which an inverter of usual proportions
// takes about 5 to drive one and 12 to drive four of its size.
constexpr double kStep = 0.5;
constexpr double kEdge = 12;
constexpr double kDelay = 100;
constexpr double kPulse = 600;
constexpr double kFanOutStop = 1300;
constexpr double kRingStop = 1500;  // about ten periods

Deck start_deck(const Technology& technology, const ProcessPoint& point, const std::string& title) {
    require_temperature(technology, point.temperature_celsius);
    Deck deck{.circuit = Circuit("bench")};
    deck.libraries = {model_library(technology, point.corner)};
    deck.osdi_models = technology.osdi_models;
    deck.device_calls = device_calls(technology);
    deck.title = fmt::format("{}, {}, {} C: {}", technology.name, deck.libraries[0].section,
                             point.temperature_celsius, title);
    deck.temperature_celsius = point.temperature_celsius;
    return deck;
}

double supply_volt(const Technology& technology, const DeviceLimits& device) {
    return technology.supply(device.supply).volt;
}

// Positive for n.
double sign(const DeviceLimits& device) {
    return device.is_p ? -1 : 1;
}

Definition inverter_cell(const Technology& technology, const Inverter& inverter, int size) {
    Circuit c(fmt::format("inverter_{}", size), {"a", "y", "vdd"});
    c.mosfet("mp", {c.net("y"), c.net("a"), c.net("vdd"), c.net("vdd")}, inverter.p_model,
             {.width_m = inverter.p_width_m,
              .length_m = technology.device(inverter.p_model).min_length_m,
              .multiplier = size});
    c.mosfet("mn", {c.net("y"), c.net("a"), kGround, kGround}, inverter.n_model,
             {.width_m = inverter.n_width_m,
              .length_m = technology.device(inverter.n_model).min_length_m,
              .multiplier = size});
    require_in_range(technology, c);
    return share(std::move(c));
}

// A deck of inverters with their supply, and what resolves their charges (see start_deck in
// bench_common.cpp).
Deck inverter_deck(const Technology& technology, const ProcessPoint& point,
                   const Inverter& inverter, double gate_second, const std::string& title) {
    if (!(gate_second > 0) || !std::isfinite(gate_second)) {
        throw bad_input("{}: the time scale must be positive, found {}", title, gate_second);
    }
    Deck deck = start_deck(technology, point, title);
    deck.options = {"reltol=1e-5", "chgtol=1e-18"};
    Circuit& c = deck.circuit;
    c.voltage_source("vdd", c.net("vdd"), kGround,
                     {.dc = supply_volt(technology, technology.device(inverter.n_model))});
    return deck;
}

}  // namespace

double bench_width_m(const DeviceLimits& device) {
    return std::clamp(kWidthM, device.min_width_m, device.max_width_m);
}

Deck transfer_bench(const Technology& technology, const ProcessPoint& point,
                    const std::string& model, double drain_volt) {
    const DeviceLimits& device = technology.device(model);
    Deck deck = start_deck(technology, point,
                           fmt::format("transfer of {}, drain at {} V", device.name, drain_volt));
    // Off currents of cold thick-oxide devices are below the usual tolerances.
    deck.options = {"reltol=1e-5", "gmin=1e-18", "abstol=1e-18"};
    Circuit& c = deck.circuit;
    c.voltage_source("vg", c.net("g"), kGround, {.dc = 0.0});
    c.voltage_source("vd", c.net("d"), kGround, {.dc = sign(device) * drain_volt});
    c.mosfet("m1", {c.net("d"), c.net("g"), kGround, kGround}, device.name,
             {.width_m = bench_width_m(device), .length_m = device.min_length_m});
    const double stop = sign(device) * supply_volt(technology, device);
    deck.analysis = DcSweep{"vg", -stop / 4, stop, stop / kSupplySteps};
    deck.saved = {"i(vd)"};
    return deck;
}

Deck gate_charge_bench(const Technology& technology, const ProcessPoint& point,
                       const std::string& model) {
    const DeviceLimits& device = technology.device(model);
    Deck deck = start_deck(technology, point, fmt::format("gate charge of {}", device.name));
    deck.options = {"reltol=1e-5", "gmin=1e-18", "abstol=1e-15"};
    const double middle = sign(device) * supply_volt(technology, device);
    const Pulse step{.initial = middle - kGateStepVolt / 2,
                     .pulsed = middle + kGateStepVolt / 2,
                     .delay_second = 1e-9,
                     .rise_second = 1e-9,
                     .fall_second = 1e-9,
                     .width_second = 1};
    Circuit& c = deck.circuit;
    c.voltage_source("vg", c.net("g"), kGround, {.dc = step.initial, .waveform = step});
    c.mosfet("m1", {kGround, c.net("g"), kGround, kGround}, device.name,
             {.width_m = bench_width_m(device), .length_m = device.min_length_m});
    deck.analysis =
        Transient{.step_second = 10e-12, .stop_second = 3e-9, .max_step_second = 10e-12};
    deck.saved = {"i(vg)"};
    return deck;
}

Deck fan_out_bench(const Technology& technology, const ProcessPoint& point,
                   const Inverter& inverter, int fan_out, double gate_second) {
    constexpr int kStages = 5;
    if (fan_out < 1 || fan_out > 8) {
        throw bad_input("fan-out bench: the fan-out must be 1 to 8, found {}", fan_out);
    }
    Deck deck = inverter_deck(technology, point, inverter, gate_second,
                              fmt::format("fan-out of {}", fan_out));
    const double vdd = supply_volt(technology, technology.device(inverter.n_model));
    Circuit& c = deck.circuit;
    c.voltage_source("vin", c.net("n", 0), kGround,
                     {.dc = 0.0,
                      .waveform = Pulse{.initial = 0,
                                        .pulsed = vdd,
                                        .delay_second = kDelay * gate_second,
                                        .rise_second = kEdge * gate_second,
                                        .fall_second = kEdge * gate_second,
                                        .width_second = kPulse * gate_second}});
    Definition cell;
    for (int stage = 0, size = 1; stage < kStages; ++stage, size *= fan_out) {
        if (stage == 0 || fan_out > 1) cell = inverter_cell(technology, inverter, size);
        c.instance(fmt::format("x{}", stage), cell,
                   {c.net("n", stage), c.net("n", stage + 1), c.net("vdd")});
    }
    deck.analysis = Transient{.step_second = kStep * gate_second,
                              .stop_second = kFanOutStop * gate_second,
                              .max_step_second = kStep * gate_second};
    deck.saved = {"v(n_2)", "v(n_3)"};
    return deck;
}

Deck ring_bench(const Technology& technology, const ProcessPoint& point, const Inverter& inverter,
                double gate_second) {
    Deck deck = inverter_deck(technology, point, inverter, gate_second,
                              fmt::format("ring of {} inverters", kRingStages));
    const double vdd = supply_volt(technology, technology.device(inverter.n_model));
    const Definition cell = inverter_cell(technology, inverter, 1);
    Circuit& c = deck.circuit;
    for (int stage = 0; stage < kRingStages; ++stage) {
        c.instance(fmt::format("x{}", stage), cell,
                   {c.net("n", stage), c.net("n", (stage + 1) % kRingStages), c.net("vdd")});
        deck.initial_volt.emplace_back(fmt::format("n_{}", stage), stage % 2 == 0 ? 0 : vdd);
    }
    deck.initial_volt.emplace_back("vdd", vdd);
    deck.analysis = Transient{.step_second = kStep * gate_second,
                              .stop_second = kRingStop * gate_second,
                              .max_step_second = kStep * gate_second,
                              .use_initial_conditions = true};
    deck.saved = {"v(n_0)"};
    return deck;
}

}  // namespace mho::netlist
