// SPDX-License-Identifier: Apache-2.0
#include "netlist/device_call.h"

#include <fmt/format.h>

#include "base/error.h"

namespace mho::netlist {
namespace {

// A length in the unit of the call. The division is left to the simulator: the number stays the one
// that was asked for, to the last bit, and a parameter can stand in its place.
std::string in_unit(const Value& length_m, double unit_m) {
    if (unit_m == 1) return length_m.text();
    const std::string text =
        length_m.is_parameter() ? length_m.parameter_name() : fmt::format("{}", length_m.number());
    return fmt::format("{{{}/{}}}", text, unit_m);
}

void append(std::string& text, const DeviceCall& call, const std::string& parameter,
            std::string_view what, const std::string& value) {
    if (parameter.empty()) {
        throw bad_input("device '{}': subcircuit '{}' has no parameter for {} = {}", call.device,
                        call.model, what, value);
    }
    text.append(" ").append(parameter).append("=").append(value);
}

}  // namespace

std::string mosfet_text(const Mosfet& mosfet, const DeviceCall& call) {
    const MosSize& size = mosfet.size;
    std::string text = call.model;
    append(text, call, call.width, "the width", in_unit(size.width_m, call.unit_m));
    append(text, call, call.length, "the length", in_unit(size.length_m, call.unit_m));
    if (size.fingers != 1) {
        append(text, call, call.fingers, "fingers", std::to_string(size.fingers));
    }
    if (size.multiplier != 1) {
        append(text, call, call.multiplier, "parallel transistors",
               std::to_string(size.multiplier));
    }
    if (size.threshold_shift_volt != Value(0.0)) {
        append(text, call, call.threshold_shift, "a threshold shift",
               size.threshold_shift_volt.text());
    }
    return text;
}

}  // namespace mho::netlist
