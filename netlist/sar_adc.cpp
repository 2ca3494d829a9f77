// SPDX-License-Identifier: Apache-2.0
#include "netlist/sar_adc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "netlist/bootstrap_switch.h"
#include "netlist/gates.h"
#include "netlist/level_switch.h"

namespace mho::netlist {
namespace {

constexpr int kLateInverters = 6;  // the bottom plates follow the top plate by so many delays

void add_bit_ports(std::vector<std::string>& ports, int bits) {
    for (int bit = bits - 1; bit >= 0; --bit) ports.push_back(fmt::format("bit_{}", bit));
}

void add_cdac(Circuit& c, const AdcSpec& spec, double vdd_volt, const char* sample) {
    const Definition definition = cdac(spec, vdd_volt);
    std::vector<NetId> nets;
    for (const NetId port : definition->ports()) {
        const std::string& name = definition->net_name(port);
        nets.push_back(c.net(name == "sample" ? sample : name));
    }
    c.instance("xcdac", definition, std::move(nets));
}

void add_sampling_switch(Circuit& c, const AdcSpec& spec, const std::string& name,
                         const std::string& in, const std::string& out, double width) {
    if (spec.sar.sampling == SarSampling::bottom_plate) {
        Gates(c).transmission_gate(name, in, out, "track", "trackb", width);
        return;
    }
    c.instance("x" + name, bootstrap_switch(width),
               {{"in", c.net(in)},
                {"out", c.net(out)},
                {"track", c.net("track")},
                {"trackb", c.net("trackb")},
                {"vdd", c.net("vdd")}});
}

// One capacitor on the comparator's other input, its switches held as those of the array in the
// middle of its range are.
void add_held_branch(Circuit& c, const AdcSpec& spec, double vdd_volt, int units,
                     const std::string& top, const std::string& name, bool bit) {
    if (units == 0) return;
    const Definition definition = cdac_switch(spec, units, vdd_volt);
    std::vector<NetId> nets;
    for (const NetId port : definition->ports()) {
        const std::string& port_name = definition->net_name(port);
        nets.push_back(port_name == "bit"      ? (bit ? c.net("vdd") : kGround)
                       : port_name == "track"  ? kGround
                       : port_name == "trackb" ? c.net("vdd")
                       : port_name == "vin"    ? c.net("v_cm")
                       : port_name == "out"    ? c.net(name)
                                               : c.net(port_name));
    }
    c.instance("x" + name, definition, std::move(nets));
    c.capacitor("c" + name, c.net(top), c.net(name), units * spec.sar.unit_farad);
}

// The array once more with the code 2^(N-1), all bits below the highest in one.
void add_held_array(Circuit& c, const AdcSpec& spec, double vdd_volt) {
    const int low_bits = cdac_low_bits(spec);
    const int half = 1 << (spec.bits - 1 - low_bits);
    add_held_branch(c, spec, vdd_volt, half, "held", "held_high", true);
    add_held_branch(c, spec, vdd_volt, low_bits > 0 ? half - 1 : half, "held", "held_rest", false);
    if (low_bits == 0) return;
    c.capacitor("cheld_bridge", c.net("held"), c.net("held_low_top"),
                cdac_bridge_farad(spec, vdd_volt));
    add_held_branch(c, spec, vdd_volt, 1 << low_bits, "held_low_top", "held_low", false);
}

}  // namespace

double sar_sampling_width(const AdcSpec& spec, double farad, double vdd_volt) {
    const double second = spec.sar.sample_cycles / spec.sar.bit_clock_hertz;
    const double time_constant = second / (std::numbers::ln2 * (spec.bits + 3));
    // The plate is pushed off the middle of the range while its other side follows the input.
    constexpr double kPushed = 3;
    const double ohm_m =
        spec.sar.sampling == SarSampling::top_plate
            ? kBootstrapOhmM
            : kPushed * level_switch_ohm_m(0.5 * (spec.low_volt + spec.high_volt), vdd_volt);
    return std::max(kMinGateWidth, ohm_m * farad / time_constant);
}

double sar_conversion_second(const AdcSpec& spec) {
    return (spec.sar.sample_cycles + spec.bits) / spec.sar.bit_clock_hertz;
}

StrongArmSize sar_comparator(const AdcSpec& spec, double vdd_volt) {
    const double common = 0.5 * (spec.low_volt + spec.high_volt);
    return {.pair = common < 0.5 * vdd_volt ? InputPair::p : InputPair::n,
            .input_width_m = spec.sar.comparator_width_m};
}

Definition sar_analog(const AdcSpec& spec, double vdd_volt) {
    const bool bottom = spec.sar.sampling == SarSampling::bottom_plate;
    std::vector<std::string> ports{"vin", "v_low", "v_high", "v_cm", "sample", "clk"};
    add_bit_ports(ports, spec.bits);
    for (const char* port : {"decision", "top", "vdd", "vdd_comparator"}) ports.emplace_back(port);
    Circuit c("sar_analog", ports);
    c.describe(
        fmt::format("sampling, capacitive DAC and comparator of a {}-bit SAR, {}-plate "
                    "sampling",
                    spec.bits, bottom ? "bottom" : "top"));
    const Gates gates(c);
    const double low_farad = std::ldexp(spec.sar.unit_farad, cdac_low_bits(spec));
    const double width = sar_sampling_width(spec, cdac_total_farad(spec), vdd_volt);
    c.section("sampling switch on the top plate");
    gates.inverter("is", "sample", "trackb", width / 4);
    gates.inverter("it", "trackb", "track", width / 4);
    const char* sampled = bottom ? "v_cm" : "vin";
    const bool is_split = cdac_low_bits(spec) > 0;
    const double low_width = sar_sampling_width(spec, low_farad, vdd_volt);
    add_sampling_switch(c, spec, "ss", sampled, "top", width);
    if (is_split) add_sampling_switch(c, spec, "sl", sampled, "low_top", low_width);
    c.section("the same array at rest on the comparator's other input: charges on both cancel");
    add_sampling_switch(c, spec, "sr", "v_cm", "held", width);
    if (is_split) add_sampling_switch(c, spec, "srl", "v_cm", "held_low_top", low_width);
    add_held_array(c, spec, vdd_volt);
    if (bottom) {
        c.section("the bottom plates let go of the input after the top plate");
        gates.chain("id", "track", "late", kLateInverters, kMinGateWidth * spec.bits / 2);
    }
    c.section("capacitive DAC");
    add_cdac(c, spec, vdd_volt, "late");
    c.section("comparator");
    c.instance("xcomparator", strongarm(sar_comparator(spec, vdd_volt)),
               {{"inp", c.net(bottom ? "held" : "top")},
                {"inn", c.net(bottom ? "top" : "held")},
                {"clk", c.net("clk")},
                {"q", c.net("decision")},
                {"vdd", c.net("vdd_comparator")}});
    return share(std::move(c));
}

// Flip-flops: `sampling` = sample; turn_<k>, one hot, is high while bit k is tried; taken_<k> holds
// what was decided. A bit is high while it is tried and afterwards if it was taken; the highest one
// also while sampling.
Definition sar_logic(int bits) {
    std::vector<std::string> ports{"clk", "track", "decision", "sample"};
    add_bit_ports(ports, bits);
    Circuit c("sar_logic", ports);
    c.describe(fmt::format("successive approximation of {} bits in XSPICE gates", bits));
    const auto pair = [&c](const std::string& a, const std::string& b) {
        return CodePort::vector({c.net(a), c.net(b)});
    };
    const auto flop = [&c](const std::string& name, const std::string& d, const std::string& q,
                           CodePort reset) {
        c.code_model(name, {c.net(d), c.net("d_clk"), {}, reset, c.net(q), {}}, "sar_flop");
    };
    c.section("inputs");
    c.code_model("ain",
                 {CodePort::vector({c.net("clk"), c.net("track"), c.net("decision")}),
                  CodePort::vector({c.net("d_clk"), c.net("d_track"), c.net("d_decision")})},
                 "sar_input");
    c.section("sequence");
    c.code_model("anot", {c.net("d_track"), c.net("stop")}, "sar_not");
    c.code_model("asampling", {c.net("d_track"), c.net("d_clk"), {}, {}, c.net("d_sample"), {}},
                 "sar_flop_sample");
    c.code_model("astart", {pair("d_sample", "stop"), c.net("start")}, "sar_and");
    for (int bit = bits - 1; bit >= 0; --bit) {
        flop(fmt::format("aturn_{}", bit),
             bit == bits - 1 ? "start" : fmt::format("turn_{}", bit + 1),
             fmt::format("turn_{}", bit), {});
    }
    std::vector<NetId> outputs{c.net("d_sample")};
    std::vector<NetId> volts{c.net("sample")};
    for (int bit = bits - 1; bit >= 0; --bit) {
        const auto net = [bit](const char* name) { return fmt::format("{}_{}", name, bit); };
        c.section(fmt::format("bit {}", bit));
        c.code_model(net("anot"), {c.net(net("turn")), c.net(net("other"))}, "sar_not");
        c.code_model(net("atake"), {pair(net("turn"), "d_decision"), c.net(net("take"))},
                     "sar_and");
        c.code_model(net("akeep"), {pair(net("other"), net("taken")), c.net(net("keep"))},
                     "sar_and");
        c.code_model(net("anext"), {pair(net("take"), net("keep")), c.net(net("next"))}, "sar_or");
        flop(net("ataken"), net("next"), net("taken"), c.net("d_sample"));
        std::vector<NetId> high{c.net(net("turn")), c.net(net("taken"))};
        if (bit == bits - 1) high.push_back(c.net("d_sample"));
        c.code_model(net("abit"), {CodePort::vector(std::move(high)), c.net(net("d_bit"))},
                     "sar_or");
        outputs.push_back(c.net(net("d_bit")));
        volts.push_back(c.net(net("bit")));
    }
    c.section("outputs");
    c.code_model("aout", {CodePort::vector(std::move(outputs)), CodePort::vector(std::move(volts))},
                 "sar_output");
    return share(std::move(c));
}

Library sar_logic_models(double vdd_volt, bool tracking) {
    const std::string delays = "rise_delay=10p fall_delay=10p";
    return {"sar_logic.lib", "",
            fmt::format("* gates without load: 10 ps, flip-flops 20 ps, edges of 20 ps\n"
                        ".model sar_input adc_bridge(in_low={0} in_high={1} {3})\n"
                        ".model sar_output dac_bridge(out_low=0 out_high={2} out_undef={0} "
                        "t_rise=20p t_fall=20p)\n"
                        ".model sar_flop d_dff(clk_delay=20p set_delay=20p reset_delay=20p ic=0 "
                        "{3})\n"
                        ".model sar_flop_sample d_dff(clk_delay=20p set_delay=20p reset_delay=20p "
                        "ic={4} {3})\n"
                        ".model sar_not d_inverter({3})\n"
                        ".model sar_and d_and({3})\n"
                        ".model sar_or d_or({3})\n",
                        0.4 * vdd_volt, 0.6 * vdd_volt, vdd_volt, delays, tracking ? 1 : 0)};
}

}  // namespace mho::netlist
