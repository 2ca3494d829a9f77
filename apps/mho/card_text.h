// SPDX-License-Identifier: Apache-2.0
// Cards as text for people.
#pragma once

#include <span>
#include <string>

#include "behavioral/card.h"
#include "behavioral/card_difference.h"

namespace mho::apps {

// One page: what was calibrated, the models' figures, validity, held-out errors, provenance.
std::string card_text(const behavioral::ModelCard& card);

// A table of key, value in either card and relative difference.
std::string differences_text(std::span<const behavioral::CardDifference> differences);

}  // namespace mho::apps
