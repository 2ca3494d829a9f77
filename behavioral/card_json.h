// SPDX-License-Identifier: Apache-2.0
// Cards as JSON (docs/formats/card.md, data/schemas/card.schema.json).
#pragma once

#include <string>
#include <string_view>

#include "behavioral/card.h"

namespace mho::behavioral {

// The value of the key "schema". Readers take this one and no other.
inline constexpr std::string_view kCardSchema = "mho.card/1";

// Indented text with a final line break; numbers are shortest decimals that read back bit for bit.
// Throws bad_input when the card fails check_card or a text in it is not UTF-8.
std::string card_to_json(const ModelCard& card);

// The card in `text`. Throws bad_input, one line "<where>: <key path>: what is wrong", for broken
// JSON, another schema, a missing, repeated or unknown key, a wrong type, and for anything that
// check_card refuses. `where` is the file's name.
ModelCard card_from_json(std::string_view text, std::string_view where);

// The converter alone, as a card has it under "adc"; the same rules hold.
std::string adc_to_json(const AdcModel& adc);
AdcModel adc_from_json(std::string_view text, std::string_view where);

}  // namespace mho::behavioral
