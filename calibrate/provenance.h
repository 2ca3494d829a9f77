// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "netlist/benches.h"

namespace mho::calibrate {

// Hash of all that decides what is measured: the spec and the technology's files, wherever their
// folders are.
std::string design_hash(const netlist::Design& design);

}  // namespace mho::calibrate
