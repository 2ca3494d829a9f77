// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "netlist/circuit.h"

namespace mho::netlist {

// What a circuit is made of once its hierarchy is expanded.
struct CircuitStats {
    std::size_t nets = 0;  // ground not counted
    std::size_t resistors = 0, capacitors = 0;
    std::size_t voltage_sources = 0, current_sources = 0, behavioural_sources = 0;
    std::size_t code_models = 0, compiled_models = 0;
    std::size_t mosfets = 0;  // parallel ones of one device counted once
    std::size_t instances = 0;
    std::size_t depth = 0;  // levels of hierarchy below the top
    std::map<std::string, std::size_t> instances_by_definition;
    std::map<std::string, std::size_t> mosfets_by_model;

    std::size_t devices() const;  // all but instances
    std::string text() const;     // lines of "name count" for people
};

CircuitStats count(const Circuit& top);

}  // namespace mho::netlist
