// SPDX-License-Identifier: Apache-2.0
// Core transistors of a block, written as schematics are read: drain, gate, source by net name,
// bulk at the rail.
#pragma once

#include <string>

#include "netlist/circuit.h"

namespace mho::netlist {

class Mos {
  public:
    struct Size {
        double width_m = 0;
        double length_m = 0;
        int multiplier = 1;
    };

    explicit Mos(Circuit& circuit) : circuit_(circuit) {}  // refers to the circuit

    // Bulk at ground.
    void n(const std::string& name, const char* drain, const char* gate, const char* source,
           Size size) const {
        add(name, {circuit_.net(drain), circuit_.net(gate), circuit_.net(source), kGround}, "nch",
            size);
    }
    // Bulk at the net "vdd".
    void p(const std::string& name, const char* drain, const char* gate, const char* source,
           Size size) const {
        add(name,
            {circuit_.net(drain), circuit_.net(gate), circuit_.net(source), circuit_.net("vdd")},
            "pch", size);
    }

  private:
    void add(const std::string& name, const MosPins& pins, const char* model, Size size) const {
        circuit_.mosfet(
            name, pins, model,
            {.width_m = size.width_m, .length_m = size.length_m, .multiplier = size.multiplier});
    }

    Circuit& circuit_;
};

}  // namespace mho::netlist
