// SPDX-License-Identifier: Apache-2.0
// The capacitive DAC of netlist/sar_adc.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "netlist/gates.h"
#include "netlist/level_switch.h"
#include "netlist/sar_adc.h"

namespace mho::netlist {
namespace {

// Capacitance of an open switch of width w on either side, fit through .12 and 1 um of generic40
// at .35 V (ac analysis).
constexpr double kDrainFarad = 0.043e-15, kDrainFaradPerM = 0.70e-9;

// Mismatch slows switches whose overdrive is a few times the spread of their threshold: without
// this margin a capacitor of 8 fF was up to 1 LSB of 8 bits off its level when it was asked for, in
// draws of mismatch (docs/adc.md).
constexpr double kSettlingMargin = 1.5;

}  // namespace

int cdac_low_bits(const AdcSpec& spec) {
    return spec.sar.cdac == CdacKind::split ? spec.bits / 2 : 0;
}

std::vector<CdacBranch> cdac_branches(const AdcSpec& spec) {
    const int low_bits = cdac_low_bits(spec);
    std::vector<CdacBranch> branches;
    for (int bit = spec.bits - 1; bit >= 0; --bit) {
        const bool low = bit < low_bits;
        branches.push_back({bit, 1 << (low ? bit : bit - low_bits), low});
    }
    branches.push_back({CdacBranch::kTermination, 1, low_bits > 0});
    return branches;
}

double cdac_low_parasitic_farad(const AdcSpec& spec, double vdd_volt) {
    if (cdac_low_bits(spec) == 0) return 0;
    const double farad = std::ldexp(spec.sar.unit_farad, cdac_low_bits(spec));
    const double width = std::max(sar_sampling_width(spec, farad, vdd_volt), kMinGateWidth);
    const int drains = spec.sar.sampling == SarSampling::bottom_plate ? 2 : 1;
    return drains * (kDrainFarad + kDrainFaradPerM * width);
}

double cdac_bridge_farad(const AdcSpec& spec, double vdd_volt) {
    const double units = std::ldexp(1.0, cdac_low_bits(spec));
    return (spec.sar.unit_farad * units + cdac_low_parasitic_farad(spec, vdd_volt)) / (units - 1);
}

double cdac_total_farad(const AdcSpec& spec) {
    return std::ldexp(spec.sar.unit_farad, spec.bits - cdac_low_bits(spec));
}

double cdac_unit_switch_ohm(const AdcSpec& spec, double vdd_volt) {
    const double time_constant =
        0.5 / spec.sar.bit_clock_hertz / (std::numbers::ln2 * (spec.bits + 2)) / kSettlingMargin;
    const double worst = std::max(level_switch_ohm_m(spec.low_volt, vdd_volt),
                                  level_switch_ohm_m(spec.high_volt, vdd_volt));
    return std::min(time_constant / spec.sar.unit_farad, worst / kMinGateWidth);
}

namespace {

// Transistor width that loads a driver like the gate of this switch.
double gate_width(const LevelSwitch& size) {
    return size.width_m * size.length_m / kGateLength;
}

// Of the transmission gate to the input; tracks to a sixteenth of an LSB.
double input_switch_width(const AdcSpec& spec, int units) {
    const double second = spec.sar.sample_cycles / spec.sar.bit_clock_hertz;
    const double time_constant = second / (std::numbers::ln2 * (spec.bits + 4));
    return std::max(kMinGateWidth, kWorstSwitchOhmM * units * spec.sar.unit_farad / time_constant);
}

// A driver of this width moves three times its own input.
double driver_width(double load_width) {
    return load_width / 9;
}

struct BranchSwitches {
    LevelSwitch low, high;
};

BranchSwitches branch_switches(const AdcSpec& spec, int units, double vdd_volt) {
    const double ohm = cdac_unit_switch_ohm(spec, vdd_volt) / units;
    return {level_switch(spec.low_volt, spec.high_volt, vdd_volt, ohm),
            level_switch(spec.high_volt, spec.low_volt, vdd_volt, ohm)};
}

void add_sampling_branch(Circuit& c, const BranchSwitches& sizes, double input_width) {
    const Gates gates(c);
    const auto& [low, high] = sizes;
    c.section("drivers: neither level while the input is tracked");
    gates.nor("gl", "track", "bit", "low", driver_width(gate_width(low)));
    if (needs_off(low)) gates.inverter("il", "low", "lowb", driver_width(gate_width(low)));
    gates.nand("gh", "trackb", "bit", "highb", driver_width(gate_width(high)));
    if (needs_on(high)) gates.inverter("ih", "highb", "high", driver_width(gate_width(high)));
    c.section("switches");
    add_level_switch(gates, "sl", "v_low", "out", "low", "lowb", low);
    add_level_switch(gates, "sh", "v_high", "out", "high", "highb", high);
    gates.transmission_gate("st", "vin", "out", "track", "trackb", input_width);
}

void add_inverted_branch(Circuit& c, const BranchSwitches& sizes) {
    const Gates gates(c);
    const auto& [low, high] = sizes;
    c.section("drivers");
    const double load = driver_width(gate_width(low) + gate_width(high));
    const bool loads_first = needs_off(low) || needs_on(high);
    gates.inverter("ib", "bit", "bitb", load / (loads_first ? 1 : 3));
    gates.inverter("it", "bitb", "taken", load);
    c.section("switches");
    add_level_switch(gates, "sl", "v_low", "out", "taken", "bitb", low);
    add_level_switch(gates, "sh", "v_high", "out", "bitb", "taken", high);
}

}  // namespace

Definition cdac_switch(const AdcSpec& spec, int units, double vdd_volt) {
    const bool samples = spec.sar.sampling == SarSampling::bottom_plate;
    const std::string name = fmt::format("cdac_switch_{}", units);
    Circuit c(name, samples ? std::vector<std::string>{"bit", "track", "trackb", "out", "vin",
                                                       "v_low", "v_high", "vdd"}
                            : std::vector<std::string>{"bit", "out", "v_low", "v_high", "vdd"});
    c.describe(fmt::format("bottom-plate switch of {} unit capacitors{}", units,
                           samples ? "" : ", inverted"));
    const BranchSwitches sizes = branch_switches(spec, units, vdd_volt);
    if (samples) {
        add_sampling_branch(c, sizes, input_switch_width(spec, units));
    } else {
        add_inverted_branch(c, sizes);
    }
    return share(std::move(c));
}

namespace {

std::vector<std::string> cdac_ports(const AdcSpec& spec) {
    std::vector<std::string> ports{"top"};
    if (cdac_low_bits(spec) > 0) ports.emplace_back("low_top");
    if (spec.sar.sampling == SarSampling::bottom_plate) {
        ports.emplace_back("vin");
        ports.emplace_back("sample");
    }
    for (int bit = spec.bits - 1; bit >= 0; --bit) ports.push_back(fmt::format("bit_{}", bit));
    for (const char* port : {"v_low", "v_high", "vdd"}) ports.emplace_back(port);
    return ports;
}

void add_branch(Circuit& c, const AdcSpec& spec, const CdacBranch& branch, double vdd_volt) {
    const bool is_end = branch.bit == CdacBranch::kTermination;
    const std::string id = is_end ? "end" : std::to_string(branch.bit);
    const NetId top = c.net(branch.low ? "low_top" : "top");
    const NetId bottom = c.net("bottom_" + id);
    const Definition definition = cdac_switch(spec, branch.units, vdd_volt);
    // Inverted switches: code D leaves 2^N - D units high, with the termination.
    const NetId bit = is_end ? kGround : c.net("bit", branch.bit);
    std::vector<NetId> nets;
    for (const NetId port : definition->ports()) {
        const std::string& name = definition->net_name(port);
        nets.push_back(name == "bit" ? bit : name == "out" ? bottom : c.net(name));
    }
    c.instance("x" + id, definition, std::move(nets));
    c.capacitor("c" + id, top, bottom, branch.units * spec.sar.unit_farad);
}

// Every branch has a transmission gate, a nor and a nand to move.
void add_track_drivers(Circuit& c, const AdcSpec& spec, double vdd_volt) {
    double width = 0;
    for (const CdacBranch& branch : cdac_branches(spec)) {
        const BranchSwitches sizes = branch_switches(spec, branch.units, vdd_volt);
        width += input_switch_width(spec, branch.units) +
                 4 * std::max(kMinGateWidth, driver_width(gate_width(sizes.low))) +
                 4 * std::max(kMinGateWidth, driver_width(gate_width(sizes.high)));
    }
    c.section("both phases of the sampling");
    const Gates gates(c);
    gates.inverter("is", "sample", "trackb", driver_width(width));
    gates.inverter("it", "trackb", "track", driver_width(width));
}

}  // namespace

Definition cdac(const AdcSpec& spec, double vdd_volt) {
    Circuit c("cdac", cdac_ports(spec));
    const bool is_split = cdac_low_bits(spec) > 0;
    c.describe(
        fmt::format("{} capacitive DAC of {} bits", is_split ? "split" : "binary", spec.bits));
    if (spec.sar.sampling == SarSampling::bottom_plate) add_track_drivers(c, spec, vdd_volt);
    bool below = false;
    c.section(is_split ? "high array" : "array");
    for (const CdacBranch& branch : cdac_branches(spec)) {
        if (branch.low && !std::exchange(below, true)) {
            c.section("bridge");
            c.capacitor("cbridge", c.net("top"), c.net("low_top"),
                        cdac_bridge_farad(spec, vdd_volt));
            c.section("low array");
        }
        add_branch(c, spec, branch, vdd_volt);
    }
    return share(std::move(c));
}

}  // namespace mho::netlist
