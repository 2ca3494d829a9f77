// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "behavioral/card.h"

namespace mho::behavioral {

// Throws one-line bad_input "<where>: <key path> is ..., expected ..." unless every number of the
// card is usable: finite, in its range, transitions complete and rising, access resistance and
// read-out slope of one sign over their ranges. All models below may rely on it.
void check_card(const ModelCard& card, std::string_view where);

// Throws bad_input for a card of a converter alone (ModelCard::converter_only), naming `what` needs
// more.
void require_array(const ModelCard& card, std::string_view what);

// The same, also for a card of an array alone (ModelCard::array_only).
void require_column(const ModelCard& card, std::string_view what);

// As check_card, for a converter alone.
void check_adc(const AdcModel& adc, std::string_view where);

}  // namespace mho::behavioral
