// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "netlist/deck_format.h"

namespace mho::netlist {
namespace {

constexpr std::string_view kBlank = " \t";

// Where the comment behind a card starts, or the end of the line.
std::size_t comment_start(std::string_view line) {
    char quote = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == ';' || (c == '$' && (at == 0 || line[at - 1] == ' ' ||
                                             line[at - 1] == '\t' || line[at - 1] == ','))) {
            return at;
        }
    }
    return line.size();
}

std::string_view without_blanks_behind(std::string_view text) {
    return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

std::string without_tabs(std::string_view text) {
    std::string result(text);
    std::replace(result.begin(), result.end(), '\t', ' ');
    return result;
}

bool is_end(std::string_view card) {
    return card.size() == 4 && card[0] == '.' && (card[1] | 0x20) == 'e' &&
           (card[2] | 0x20) == 'n' && (card[3] | 0x20) == 'd';
}

class Splitter {
  public:
    Splitter(std::string_view text, std::string_view where) : where_(where) {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            std::string_view line = text.substr(0, end);
            if (line.ends_with('\r')) line.remove_suffix(1);
            physical_.push_back(line);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        }
    }

    DeckSource split() {
        if (physical_.empty()) fail({}, "the deck is empty, expected a title and '.end'");
        for (std::size_t i = 0; i < physical_.size(); ++i) check_characters(i);
        DeckSource source{where_, without_tabs(physical_.front()), {}};
        for (next_ = 1; next_ < physical_.size();) {
            if (add_line(source.lines)) return source;
        }
        fail({physical_.size(), 1}, "the deck ends here, expected '.end'");
    }

  private:
    [[noreturn]] void fail(Place place, std::string_view message) const {
        throw error_at(where_, place, message);
    }

    void check_characters(std::size_t i) const {
        const std::string_view line = physical_[i];
        const auto bad = std::find_if(line.begin(), line.end(), [](char c) {
            return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 127;
        });
        if (bad == line.end()) return;
        fail({i + 1, static_cast<std::size_t>(bad - line.begin()) + 1},
             fmt::format("found control character {:#04x}, expected text",
                         static_cast<unsigned>(static_cast<unsigned char>(*bad))));
    }

    // True when it was ".end".
    bool add_line(std::vector<SourceLine>& lines) {
        const std::string_view line = physical_[next_];
        const std::size_t start = line.find_first_not_of(kBlank);
        if (line.starts_with(kLibraryStart)) {
            lines.push_back(library());
            return false;
        }
        if (start == std::string_view::npos || line[start] == '*' || comment_start(line) == start) {
            lines.push_back(no_card(line, start));
            ++next_;
            return false;
        }
        if (line[start] == '+') {
            fail({next_ + 1, start + 1}, "found a continuation '+', expected a card before it");
        }
        std::vector<SourceLine> comments;
        SourceLine card = joined_card(comments);
        if (is_end(card.text)) return true;
        lines.push_back(std::move(card));
        for (SourceLine& comment : comments) lines.push_back(std::move(comment));
        return false;
    }

    SourceLine no_card(std::string_view line, std::size_t start) const {
        SourceLine result;
        result.pieces = {{0, {next_ + 1, 1}}};
        if (start == std::string_view::npos) return result;
        result.kind = SourceLine::Kind::comment;
        line.remove_prefix(start + 1);
        if (line.starts_with(' ')) line.remove_prefix(1);
        result.text = without_tabs(line);
        return result;
    }

    void append_piece(SourceLine& card, std::size_t from) {
        const std::string_view line = physical_[next_];
        const std::string_view text = line.substr(0, comment_start(line));
        const std::size_t start = std::min(text.find_first_not_of(kBlank, from), text.size());
        // write_deck breaks a word behind a comma only where no blank follows.
        const bool glued = start == from && card.text.ends_with(',');
        if (!card.text.empty() && !glued) card.text += ' ';
        card.pieces.push_back({card.text.size(), {next_ + 1, start + 1}});
        card.text += without_blanks_behind(text.substr(start));
        card.raw.append(line).append("\n");
    }

    // Takes the lines of the card; comments among them come behind it.
    SourceLine joined_card(std::vector<SourceLine>& comments) {
        SourceLine card;
        card.kind = SourceLine::Kind::card;
        append_piece(card, 0);
        std::size_t behind = ++next_;
        std::vector<SourceLine> between;
        for (; next_ < physical_.size(); ++next_) {
            const std::string_view line = physical_[next_];
            const std::size_t start = line.find_first_not_of(kBlank);
            if (start != std::string_view::npos && line[start] == '+') {
                append_piece(card, start + 1);
                behind = next_ + 1;
                for (SourceLine& comment : between) comments.push_back(std::move(comment));
                between.clear();
            } else if (start == std::string_view::npos || line[start] == '*' ||
                       comment_start(line) == start) {
                if (line.starts_with(kLibraryStart)) break;
                between.push_back(no_card(line, start));
            } else {
                break;
            }
        }
        next_ = behind;
        return card;
    }

    SourceLine library() {
        SourceLine result;
        result.kind = SourceLine::Kind::library;
        result.pieces = {{0, {next_ + 1, 1}}};
        result.text = physical_[next_].substr(kLibraryStart.size());
        for (++next_; next_ < physical_.size(); ++next_) {
            if (physical_[next_] == kLibraryEnd) {
                ++next_;
                return result;
            }
            result.raw.append(physical_[next_]).append("\n");
        }
        fail(result.place(), fmt::format("found no line '{}' for this one", kLibraryEnd));
    }

    std::string where_;
    std::vector<std::string_view> physical_;
    std::size_t next_ = 0;
};

}  // namespace

Error error_at(std::string_view where, Place place, std::string_view message) {
    return bad_input("{}:{}:{}: {}", where, place.line, place.column, message);
}

Place SourceLine::place(std::size_t offset) const {
    std::size_t k = pieces.size() - 1;
    while (k > 0 && pieces[k].offset > offset) --k;
    const Piece& piece = pieces[k];
    return {piece.place.line, piece.place.column + (offset - std::min(offset, piece.offset))};
}

DeckSource split_deck(std::string_view text, std::string_view where) {
    return Splitter(text, where).split();
}

}  // namespace mho::netlist
