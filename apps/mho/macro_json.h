// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "calibrate/macro_equivalence.h"

namespace mho::apps {

// A comparison as JSON: the summary, then codes and energy of every multiply.
std::string macro_to_json(const calibrate::MacroEquivalence& equivalence,
                          const calibrate::MacroSummary& summary,
                          const behavioral::Provenance& card);

}  // namespace mho::apps
