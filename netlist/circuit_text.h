// SPDX-License-Identifier: Apache-2.0
// Circuits as lines of a SPICE netlist. Private to the deck writer.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netlist/circuit.h"
#include "netlist/device_call.h"

namespace mho::netlist {

inline constexpr std::size_t kLineWidth = 100;

// Appends one logical line, broken before a word, or behind a comma inside a longer one, where it
// would pass kLineWidth; what follows stands on lines that start with "+ ", or with "+" alone where
// there is no blank in the logical line.
void append_line(std::string& text, std::string_view line);

// The circuits that `top` instantiates at any depth, each once, used ones before their users; top
// itself is not among them. Throws bad_input when two different circuits have one name.
std::vector<const Circuit*> definitions_of(const Circuit& top);

// The devices of a circuit with its section titles. `calls`: how transistors are written, by their
// model; others are m elements of a .model of that name.
void append_devices(std::string& text, const Circuit& circuit, std::span<const DeviceCall> calls);

// ".subckt ... .ends" of a definition.
void append_definition(std::string& text, const Circuit& definition,
                       std::span<const DeviceCall> calls);

}  // namespace mho::netlist
