// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "calibrate/macro_equivalence.h"

namespace mho::apps {

// Which card was compared: its spec, seed and simulator.
nlohmann::ordered_json card_json(const behavioral::Provenance& card);

// A comparison as JSON: the summary, then codes and energy of every multiply.
std::string macro_to_json(const calibrate::MacroEquivalence& equivalence,
                          const calibrate::MacroSummary& summary,
                          const behavioral::Provenance& card);

}  // namespace mho::apps
