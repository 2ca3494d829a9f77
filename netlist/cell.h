// SPDX-License-Identifier: Apache-2.0
// Cells of every kind as one value: a circuit, what its ports are tied to, and how a state becomes
// its parameters. docs/circuits.md draws them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "netlist/circuit.h"
#include "netlist/deck.h"
#include "netlist/spec.h"
#include "netlist/technology.h"

namespace mho::netlist {

// Of topology c; the cells of other topologies are positive.
enum class CellSign { positive, negative };

struct CellPort {
    enum class Role {
        row,     // row wire, or source line where inputs drive gates
        column,  // bitline
        select,  // gate that an input drives, or that is on in topology a
        bias,    // held at `volt` in all cells
        ground,
    };
    Role role = Role::row;
    double volt = 0;
    bool operator==(const CellPort&) const = default;
};

struct Cell {
    Definition definition;
    std::vector<CellPort> ports;  // of the definition, in its order
    // The parameters of an instance whose state is g_siemens: its conductance at a small voltage,
    // or, of SONOS, current over voltage in read.
    std::function<std::vector<ParameterValue>(double g_siemens, CellSign sign)> state;
    std::vector<Library> libraries = {};  // models that a user's file brings

    bool has(CellPort::Role role) const;
    // The net that a port of the role select or bias has in arrays and benches: its name.
    const std::string& port_name(std::size_t port) const;
};

// The cell of a spec. Two-terminal cells have an ideal select gate `wl` in topologies b and c: they
// conduct above half of wordline_volt. Throws bad_input naming file and place where a user's
// .subckt cannot be read or does not suit.
Cell make_cell(const Spec& spec);

// Throws bad_input unless select gates and control gates stay within what the technology's devices
// take, sizes within its limits, and both ends of the states can be stored. Models that a user's
// file brings are the user's to judge.
void require_in_range(const Technology& technology, const Cell& cell, const Spec& spec);

}  // namespace mho::netlist
