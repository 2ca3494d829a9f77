// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "behavioral/card.h"
#include "flows/network_in_spice.h"

namespace mho::apps {

// What the comparison of a network is to reach: the same class for every image, and logits to 1 %
// of their range (rms).
bool classes_agree(const flows::NetworkInSpiceSummary& summary);

// For people, a few lines.
std::string network_text(const flows::NetworkInSpice& both,
                         const flows::NetworkInSpiceSummary& summary);

// The summary as JSON, then labels, classes and logits of every image.
std::string network_to_json(const flows::NetworkInSpice& both,
                            const flows::NetworkInSpiceSummary& summary,
                            const behavioral::Provenance& card);

}  // namespace mho::apps
