// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlist/circuit.h"

namespace mho::netlist {

// Joins one of several columns to a converter: a transmission gate each. Ports: in_0 .. in_<k-1>
// sel_0 .. sel_<k-1> out vdd; in_j is joined to `out` while sel_j is high. The gates let load_farad
// settle to 1/4 of 2^-10 within settle_second. columns >= 1.
Definition column_multiplexer(int columns, double load_farad, double settle_second);

}  // namespace mho::netlist
