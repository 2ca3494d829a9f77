// SPDX-License-Identifier: Apache-2.0
// What tests of generated circuits ask: a device by name, its pins by net name, and the one line of
// a bad_input error.
#pragma once

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "netlist/circuit.h"

namespace mho::test {

inline const netlist::Device& device(const netlist::Circuit& circuit, std::string_view name) {
    const auto devices = circuit.devices();
    const auto found = std::find_if(devices.begin(), devices.end(),
                                    [&](const auto& candidate) { return candidate.name == name; });
    INFO("device " << name << " of " << circuit.name());
    REQUIRE(found != devices.end());
    return *found;
}

inline std::vector<std::string> pins(const netlist::Circuit& circuit, std::string_view name) {
    std::vector<std::string> names;
    for (const netlist::NetId pin : device(circuit, name).pins) {
        names.push_back(circuit.net_name(pin));
    }
    return names;
}

inline std::vector<std::string> port_names(const netlist::Circuit& circuit) {
    std::vector<std::string> names;
    for (const netlist::NetId port : circuit.ports()) names.push_back(circuit.net_name(port));
    return names;
}

template <typename Body>
const Body& body(const netlist::Circuit& circuit, std::string_view name) {
    const netlist::Device& found = device(circuit, name);
    REQUIRE(std::holds_alternative<Body>(found.body));
    return std::get<Body>(found.body);
}

inline double ohm(const netlist::Circuit& circuit, std::string_view name) {
    return body<netlist::Resistor>(circuit, name).ohm.number();
}

inline double farad(const netlist::Circuit& circuit, std::string_view name) {
    return body<netlist::Capacitor>(circuit, name).farad.number();
}

inline double dc(const netlist::Circuit& circuit, std::string_view name) {
    const netlist::Device& found = device(circuit, name);
    if (const auto* source = std::get_if<netlist::CurrentSource>(&found.body)) {
        return source->stimulus.dc.number();
    }
    return body<netlist::VoltageSource>(circuit, name).stimulus.dc.number();
}

// The text of the bad_input error that `action` throws; it must be one line.
template <typename Action>
std::string bad_input_line(Action&& action) {
    try {
        action();
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::bad_input);
        const std::string text = error.what();
        CHECK_FALSE(text.empty());
        CHECK(text.find('\n') == std::string::npos);
        return text;
    }
    FAIL("no error where one was expected");
    return {};
}

}  // namespace mho::test
