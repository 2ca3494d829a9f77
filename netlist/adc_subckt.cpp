// SPDX-License-Identifier: Apache-2.0
#include "netlist/adc_subckt.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "netlist/bench_common.h"
#include "netlist/deck_read.h"
#include "netlist/value.h"

namespace mho::netlist {
namespace {

using PortRole = UserAdcPort::Role;

constexpr double kEdgeSecond = 20e-12;
constexpr double kLeadSecond = 1e-9;    // at rest before the input is applied
constexpr double kOutputFarad = 1e-15;  // a gate behind each output
constexpr std::string_view kBit = "bit_", kLevel = "level_";

std::optional<int> numbered(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return std::nullopt;
    text.remove_prefix(prefix.size());
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

UserAdcPort port_of(const UserAdcSpec& spec, const std::string& text, bool& is_thermometer) {
    constexpr std::pair<const char*, PortRole> kRoles[] = {
        {"in", PortRole::input},   {"low", PortRole::low},         {"high", PortRole::high},
        {"vdd", PortRole::supply}, {"ibias", PortRole::reference}, {"start", PortRole::start},
        {"clk", PortRole::clock},  {"0", PortRole::ground}};
    for (const auto& [name, role] : kRoles) {
        if (text == name) return {role, 0, 0};
    }
    if (const auto bit = numbered(text, kBit)) return {PortRole::output, *bit, 0};
    if (const auto level = numbered(text, kLevel)) {
        is_thermometer = true;
        return {PortRole::output, *level, 0};
    }
    if (const auto volt = spice_number(text)) return {PortRole::bias, 0, *volt};
    throw bad_input(
        "[adc.subckt] ports: expected in, low, high, vdd, ibias, start, clk, bit_<k>, level_<k>, 0 "
        "or a voltage for a port of '{}', found \"{}\"",
        spec.subckt, text);
}

void require_roles(const AdcSpec& spec, const UserAdc& adc) {
    const auto count = [&](PortRole role) {
        return std::count_if(adc.ports.begin(), adc.ports.end(),
                             [&](const UserAdcPort& port) { return port.role == role; });
    };
    if (count(PortRole::input) != 1 || count(PortRole::low) > 1 || count(PortRole::high) > 1 ||
        count(PortRole::supply) > 1 || count(PortRole::reference) > 1 ||
        count(PortRole::start) > 1 || count(PortRole::clock) > 1) {
        throw bad_input(
            "[adc.subckt] ports: expected one in and at most one low, high, vdd, ibias, start and "
            "clk for the ports of '{}'",
            spec.user.subckt);
    }
    const int first = adc.is_thermometer ? 1 : 0;
    const int expected = adc.is_thermometer ? (1 << spec.bits) - 1 : spec.bits;
    std::vector<int> numbers;
    for (const UserAdcPort& port : adc.ports) {
        if (port.role == PortRole::output) numbers.push_back(port.number);
    }
    std::sort(numbers.begin(), numbers.end());
    bool good = numbers.size() == static_cast<std::size_t>(expected);
    for (std::size_t k = 0; good && k < numbers.size(); ++k) {
        good = numbers[k] == first + static_cast<int>(k);
    }
    if (good) return;
    throw bad_input(
        "[adc.subckt] ports: expected outputs {0}{1} to {0}{2}, once each, for the {3} bits of "
        "'{4}'; or bit_0 to bit_{5}, or level_1 to level_{6}",
        adc.is_thermometer ? kLevel : kBit, first, first + expected - 1, spec.bits,
        spec.user.subckt, spec.bits - 1, (1 << spec.bits) - 1);
}

Stimulus step(double from_volt, double to_volt, double second) {
    return {
        .dc = from_volt,
        .waveform = Pwl{{{0, from_volt}, {second, from_volt}, {second + kEdgeSecond, to_volt}}}};
}

std::string port_net(const UserAdc& adc, std::size_t index) {
    const UserAdcPort& port = adc.ports[index];
    switch (port.role) {
        case PortRole::input:
            return "in";
        case PortRole::low:
            return "v_low";
        case PortRole::high:
            return "v_high";
        case PortRole::supply:
            return "vdd";
        case PortRole::reference:
            return "ibias";
        case PortRole::start:
            return "start";
        case PortRole::clock:
            return "clk";
        case PortRole::output:
            return fmt::format("out_{}", port.number - (adc.is_thermometer ? 1 : 0));
        case PortRole::ground:
            return "0";
        case PortRole::bias:
            break;
    }
    return fmt::format("bias_{}", index);
}

bool has(const UserAdc& adc, PortRole role) {
    return std::any_of(adc.ports.begin(), adc.ports.end(),
                       [&](const UserAdcPort& port) { return port.role == role; });
}

}  // namespace

int UserAdc::outputs() const {
    return static_cast<int>(std::count_if(ports.begin(), ports.end(), [](const UserAdcPort& port) {
        return port.role == PortRole::output;
    }));
}

UserAdc user_adc(const AdcSpec& spec) {
    const std::string where = spec.user.file.string();
    Subcircuit read = read_subcircuit(read_file(spec.user.file), where, spec.user.subckt);
    UserAdc adc{std::move(read.definition), {}, {}, false};
    if (spec.user.ports.size() != adc.definition->ports().size()) {
        throw bad_input("[adc.subckt] ports: '{}' in {} has {} ports, found {} texts",
                        spec.user.subckt, where, adc.definition->ports().size(),
                        spec.user.ports.size());
    }
    for (const std::string& text : spec.user.ports) {
        adc.ports.push_back(port_of(spec.user, text, adc.is_thermometer));
    }
    require_roles(spec, adc);
    for (Library& library : read.libraries) {
        if (!library.text.empty()) {
            library.file = spec.user.file.filename();
        } else if (library.file.is_relative()) {
            library.file = spec.user.file.parent_path() / library.file;
        }
        adc.libraries.push_back(std::move(library));
    }
    return adc;
}

UserAdcTiming user_adc_timing(const AdcSpec& spec) {
    const double start = kLeadSecond + spec.user.sample_second;
    return {kLeadSecond, start, start + spec.user.convert_second};
}

Deck user_adc_bench(const Design& design, double input_volt) {
    const AdcSpec& spec = design.spec.adc;
    const UserAdc adc = user_adc(spec);
    const UserAdcTiming timing = user_adc_timing(spec);
    const double vdd = core_volt(design);
    const double middle = 0.5 * (spec.low_volt + spec.high_volt);
    Deck deck = start_deck(design, fmt::format("conversion of {} V", number_text(input_volt)));
    for (const Library& library : adc.libraries) deck.libraries.push_back(library);
    Circuit& c = deck.circuit;
    c.section("supply, references, input and clocks");
    hold(c, "vdd_adc", "vdd", vdd);
    hold(c, "vref_high", "v_high", spec.high_volt);
    hold(c, "vref_low", "v_low", spec.low_volt);
    c.voltage_source("vin", c.net("in"), kGround, step(middle, input_volt, timing.applied_second));
    c.voltage_source("vstart", c.net("start"), kGround, step(0, vdd, timing.start_second));
    if (has(adc, PortRole::clock)) {
        const double period = 1 / spec.user.clock_hertz;
        c.voltage_source("vclk", c.net("clk"), kGround,
                         {.dc = 0.0,
                          .waveform = Pulse{.initial = 0,
                                            .pulsed = vdd,
                                            .delay_second = timing.start_second + period / 2,
                                            .rise_second = kEdgeSecond,
                                            .fall_second = kEdgeSecond,
                                            .width_second = period / 2 - kEdgeSecond,
                                            .period_second = period}});
    }
    if (has(adc, PortRole::reference)) {
        c.current_source("ibias", c.net("vdd"), c.net("ibias"), {.dc = spec.user.bias_ampere});
    }
    // What no port takes would float.
    constexpr std::pair<PortRole, const char*> kOptional[] = {{PortRole::supply, "vdd"},
                                                              {PortRole::high, "v_high"},
                                                              {PortRole::low, "v_low"},
                                                              {PortRole::start, "start"}};
    for (const auto& [role, net] : kOptional) {
        if (!has(adc, role)) c.resistor(fmt::format("r{}", net), c.net(net), kGround, 1e12);
    }
    for (std::size_t k = 0; k < adc.ports.size(); ++k) {
        if (adc.ports[k].role != PortRole::bias) continue;
        hold(c, fmt::format("vbias_{}", k), port_net(adc, k), adc.ports[k].volt);
    }
    c.section("converter and a gate behind each output");
    std::vector<NetId> nets;
    for (std::size_t k = 0; k < adc.ports.size(); ++k) {
        const std::string net = port_net(adc, k);
        nets.push_back(net == "0" ? kGround : c.net(net));
    }
    c.instance("xadc", adc.definition, std::move(nets));
    for (int k = 0; k < adc.outputs(); ++k) {
        c.capacitor(fmt::format("cout_{}", k), c.net("out", k), kGround, kOutputFarad);
        deck.saved.push_back(fmt::format("v(out_{})", k));
    }
    for (const char* source : {"vdd_adc", "vref_high", "vref_low"}) {
        deck.saved.push_back(current_vector("", source));
    }
    const double stop = timing.read_second + kEdgeSecond;
    deck.analysis =
        Transient{.step_second = stop / 500, .stop_second = stop, .max_step_second = stop / 200};
    return deck;
}

}  // namespace mho::netlist
