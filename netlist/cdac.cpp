// SPDX-License-Identifier: Apache-2.0
// The capacitive DAC of netlist/sar_adc.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "netlist/gates.h"
#include "netlist/sar_adc.h"

namespace mho::netlist {

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

double cdac_bridge_farad(const AdcSpec& spec) {
    const double units = std::ldexp(1.0, cdac_low_bits(spec));
    return spec.sar.unit_farad * units / (units - 1);
}

double cdac_total_farad(const AdcSpec& spec) {
    return std::ldexp(spec.sar.unit_farad, spec.bits - cdac_low_bits(spec));
}

double cdac_unit_switch_width(const AdcSpec& spec) {
    const double time_constant =
        0.5 / spec.sar.bit_clock_hertz / (std::numbers::ln2 * (spec.bits + 2));
    return std::max(kMinGateWidth, kWorstSwitchOhmM * spec.sar.unit_farad / time_constant);
}

Definition cdac_switch(const AdcSpec& spec, int units) {
    const bool samples = spec.sar.sampling == SarSampling::bottom_plate;
    const std::string name = fmt::format("cdac_switch_{}", units);
    Circuit c(name, samples ? std::vector<std::string>{"bit", "sample", "out", "vin", "v_low",
                                                       "v_high", "vdd"}
                            : std::vector<std::string>{"bit", "out", "v_low", "v_high", "vdd"});
    c.describe(fmt::format("bottom-plate switch of {} unit capacitors", units));
    const Gates gates(c);
    const double width = units * cdac_unit_switch_width(spec);
    // A driver has two gates of the switch to move, at a fan-out of about three.
    const double driver = width / 4;
    c.section("drivers");
    gates.inverter("ib", "bit", "bitb", driver / (samples ? 3 : 1));
    if (samples) {
        gates.inverter("is", "sample", "trackb", driver);
        gates.inverter("it", "trackb", "track", driver);
        gates.nor("gl", "track", "bit", "low", driver);
        gates.nor("gh", "track", "bitb", "high", driver);
        gates.inverter("il", "low", "lowb", driver);
        gates.inverter("ih", "high", "highb", driver);
        c.section("switches");
        gates.transmission_gate("sl", "v_low", "out", "low", "lowb", width);
        gates.transmission_gate("sh", "v_high", "out", "high", "highb", width);
        gates.transmission_gate("st", "vin", "out", "track", "trackb", width);
        return share(std::move(c));
    }
    gates.inverter("ih", "bitb", "high", driver);
    c.section("switches");
    gates.transmission_gate("sl", "v_low", "out", "bitb", "high", width);
    gates.transmission_gate("sh", "v_high", "out", "high", "bitb", width);
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

void add_branch(Circuit& c, const AdcSpec& spec, const CdacBranch& branch) {
    const bool is_end = branch.bit == CdacBranch::kTermination;
    const std::string id = is_end ? "end" : std::to_string(branch.bit);
    const bool samples = spec.sar.sampling == SarSampling::bottom_plate;
    const NetId top = c.net(branch.low ? "low_top" : "top");
    const double farad = branch.units * spec.sar.unit_farad;
    if (is_end && !samples) {
        // Inverted switches: code D leaves 2^N - D units high, with this one.
        c.capacitor("c" + id, top, c.net("v_high"), farad);
        return;
    }
    const NetId bottom = c.net("bottom_" + id);
    const Definition definition = cdac_switch(spec, branch.units);
    if (samples) {
        c.instance("x" + id, definition,
                   {{"bit", is_end ? kGround : c.net("bit", branch.bit)},
                    {"sample", c.net("sample")},
                    {"out", bottom},
                    {"vin", c.net("vin")},
                    {"v_low", c.net("v_low")},
                    {"v_high", c.net("v_high")},
                    {"vdd", c.net("vdd")}});
    } else {
        c.instance("x" + id, definition,
                   {{"bit", c.net("bit", branch.bit)},
                    {"out", bottom},
                    {"v_low", c.net("v_high")},
                    {"v_high", c.net("v_low")},
                    {"vdd", c.net("vdd")}});
    }
    c.capacitor("c" + id, top, bottom, farad);
}

}  // namespace

Definition cdac(const AdcSpec& spec) {
    Circuit c("cdac", cdac_ports(spec));
    const bool is_split = cdac_low_bits(spec) > 0;
    c.describe(
        fmt::format("{} capacitive DAC of {} bits", is_split ? "split" : "binary", spec.bits));
    bool below = false;
    c.section(is_split ? "high array" : "array");
    for (const CdacBranch& branch : cdac_branches(spec)) {
        if (branch.low && !std::exchange(below, true)) {
            c.section("bridge");
            c.capacitor("cbridge", c.net("top"), c.net("low_top"), cdac_bridge_farad(spec));
            c.section("low array");
        }
        add_branch(c, spec, branch);
    }
    return share(std::move(c));
}

}  // namespace mho::netlist
