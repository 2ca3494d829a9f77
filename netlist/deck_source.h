// SPDX-License-Identifier: Apache-2.0
// The text of a deck as logical lines that know where they stand. Private to the deck reader.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace mho::netlist {

struct Place {
    std::size_t line = 1, column = 1;  // of the file; columns count bytes
};

// "deck.cir:12:3: message"
Error error_at(std::string_view where, Place place, std::string_view message);

// One line with the lines that continue it, or one that is no card.
struct SourceLine {
    enum class Kind { blank, comment, card, library };
    struct Piece {
        std::size_t offset = 0;  // in text
        Place place;             // of the byte there
    };
    Kind kind = Kind::blank;
    // A card: joined by single blanks, without comments. A comment: what follows "* ". A library:
    // its heading behind "library".
    std::string text;
    std::string raw;            // a card or library as it stands in the file, with line ends
    std::vector<Piece> pieces;  // at least one; rising offsets

    Place place(std::size_t offset = 0) const;
};

struct DeckSource {
    std::string where;  // the deck in messages
    std::string title;
    std::vector<SourceLine> lines;  // from the second line of the file to the one before .end
};

// Comments are lines that start with "*" or "$" and what follows ";", or "$" behind a blank,
// outside quotation marks. A line that starts with "+" continues the card before it, also across
// comments. What stands between the lines "* ---- library ..." and "* ---- end of library", which
// write_deck puts around models, is one line. Throws bad_input for an empty text, a control
// character, a continuation of nothing, a library without end, and when there is no .end.
DeckSource split_deck(std::string_view text, std::string_view where);

}  // namespace mho::netlist
