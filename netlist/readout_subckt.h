// SPDX-License-Identifier: Apache-2.0
// A read-out of the user's, from a SPICE file.
#pragma once

#include <vector>

#include "netlist/circuit.h"
#include "netlist/deck.h"
#include "netlist/spec.h"

namespace mho::netlist {

struct ReadoutPort {
    enum class Role { input, output, common_mode, supply, reference, ground, bias };
    Role role = Role::input;
    double volt = 0;  // of a bias
};

struct UserReadout {
    Definition definition;
    std::vector<ReadoutPort> ports;  // of the definition, in its order
    std::vector<Library> libraries;  // models that the file brings

    bool has(ReadoutPort::Role role) const;
};

// Throws bad_input naming file and place where the .subckt cannot be read, or what of its ports
// does not suit: one in, one out and one vcm, at most one vdd and one ibias.
UserReadout user_readout(const UserReadoutSpec& spec);

}  // namespace mho::netlist
