// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "behavioral/card.h"
#include "netlist/benches.h"
#include "spice/pool.h"

namespace mho::calibrate {

// Hash of all that decides what is measured: the spec and the technology's files, wherever their
// folders are.
std::string design_hash(const netlist::Design& design);

behavioral::Provenance provenance(const netlist::Design& design,
                                  const spice::SimulatorInfo& simulator, std::uint64_t seed,
                                  std::size_t runs);

}  // namespace mho::calibrate
