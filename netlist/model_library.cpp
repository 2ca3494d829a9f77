// SPDX-License-Identifier: Apache-2.0
// Copies the text that a `.lib file section` or `.include file` card stands for.
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "netlist/deck.h"
#include "netlist/deck_card.h"

namespace mho::netlist {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepestInclude = 16;  // of nested files; ngspice itself stops at a similar depth

// Words of a card; quoted words may have spaces and lose their quotation marks.
std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < line.size();) {
        const char c = line[at];
        if (c == ' ' || c == '\t' || c == '\r') {
            ++at;
            continue;
        }
        if (c == '$' || c == ';') break;  // a comment to the end of the line
        const bool quoted = c == '\'' || c == '"';
        const std::size_t from = at + (quoted ? 1 : 0);
        std::size_t end = quoted ? line.find(c, from) : line.find_first_of(" \t\r", from);
        end = std::min(end, line.size());
        words.emplace_back(line.substr(from, end - from));
        at = end + (quoted ? 1 : 0);
    }
    return words;
}

std::string expand(const fs::path& file, const std::optional<std::string>& section, int depth);

// The line itself, or the text it stands for.
std::string resolved(const fs::path& file, std::string_view line, int depth) {
    if (line.starts_with('.')) {
        const auto words = words_of(line);
        const std::string card = lower_case(words.front());
        if (card == ".end") return {};
        const bool is_lib = card == ".lib" && words.size() >= 3;
        const bool is_include = (card == ".include" || card == ".inc") && words.size() >= 2;
        if (is_lib || is_include) {
            const fs::path named(words[1]);
            return expand(named.is_absolute() ? named : file.parent_path() / named,
                          is_lib ? std::optional(words[2]) : std::nullopt, depth + 1);
        }
    }
    return std::string(line) + "\n";
}

std::string expand(const fs::path& file, const std::optional<std::string>& section, int depth) {
    if (depth > kDeepestInclude) {
        throw bad_input("{}: model files include each other without end", file.string());
    }
    const std::string content = read_file(file);
    std::string text;
    bool inside = !section;
    bool found = !section;
    for (std::size_t at = 0; at < content.size();) {
        const std::size_t end = std::min(content.find('\n', at), content.size());
        std::string_view line = std::string_view(content).substr(at, end - at);
        at = end + 1;
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (section && line.starts_with('.')) {
            const auto words = words_of(line);
            const std::string card = lower_case(words.front());
            if (card == ".endl" || card == ".endlib") {
                inside = false;
                continue;
            }
            if (card == ".lib" && words.size() == 2) {
                inside = lower_case(words[1]) == lower_case(*section);
                found = found || inside;
                continue;
            }
        }
        if (inside) text += resolved(file, line, depth);
    }
    if (!found) throw bad_input("{}: there is no library section '{}'", file.string(), *section);
    return text;
}

}  // namespace

Deck inline_libraries(Deck deck) {
    for (Library& library : deck.libraries) {
        if (!library.text.empty()) continue;
        library.text =
            expand(library.file,
                   library.section.empty() ? std::nullopt : std::optional(library.section), 0);
        library.file = library.file.filename();
    }
    return deck;
}

}  // namespace mho::netlist
