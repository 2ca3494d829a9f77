// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlist/cell.h"

namespace mho::netlist {

// The user's .subckt of a spec. Its file is a deck: the first line is a title; .end may be missing;
// docs/formats/deck.md says what is read. Throws bad_input "file:line:column: ..." for what is not,
// and naming file and key when ports or state parameter are not the subcircuit's.
Cell cell_subckt(const UserCellSpec& spec);

}  // namespace mho::netlist
