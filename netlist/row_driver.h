// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "netlist/circuit.h"
#include "netlist/spec.h"

namespace mho::netlist {

// One branch of the row multiplexer: a transmission gate of I/O devices between a reference level
// and the row. Ports: ref row en enb vddh; closed when en is vddh and enb is ground. Near the
// common mode the NMOS carries the current; the PMOS offsets part of its clock feedthrough.
Definition row_driver(const DriverSpec& spec);

}  // namespace mho::netlist
