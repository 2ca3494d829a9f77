// SPDX-License-Identifier: Apache-2.0
// How a technology's transistors are written in decks. Circuits name transistors by their role
// ("nch"); a process design kit has names of its own, and often wraps its models in subcircuits.
#pragma once

#include <string>

#include "netlist/device.h"

namespace mho::netlist {

// One role. With the defaults of everything behind `model` it is an m element,
// "m1 d g s b model w= l= nf= m= delvto=". Wrapped, it is "xm1 d g s b model ..." of a `.subckt` in
// the technology's models.
struct DeviceCall {
    std::string device;    // in circuits
    std::string model;     // .model or .subckt in the library
    bool wrapped = false;  // the rest is only for these
    double unit_m = 1;     // of its width and length: 1e-6 where sizes are given in micrometres
    // Names of its parameters; an empty one does not exist, and transistors that need it are
    // refused. The width is that of all fingers together.
    std::string width = "w", length = "l", fingers = "nf", multiplier = "m";
    std::string threshold_shift = {};
    bool operator==(const DeviceCall&) const = default;
};

// What stands behind the pins of a transistor: model and sizes. Throws bad_input naming role and
// parameter for a size that a wrapped device cannot be given.
std::string mosfet_text(const Mosfet& mosfet, const DeviceCall& call);

}  // namespace mho::netlist
