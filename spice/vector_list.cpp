// SPDX-License-Identifier: Apache-2.0
#include "spice/vector_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "spice/request.h"
#include "spice/text.h"

namespace mho::spice {

std::vector<std::string> split_vectors(std::string_view list) {
    std::vector<std::string> vectors(1);
    int depth = 0;
    for (const char c : list) {
        if (c == '(') ++depth;
        if (c == ')') --depth;
        const bool separates = depth <= 0 && (c == ' ' || c == '\t' || c == ',' || c == '\r');
        if (!separates) {
            vectors.back() += c;
        } else if (!vectors.back().empty()) {
            vectors.emplace_back();
        }
    }
    if (vectors.back().empty()) vectors.pop_back();
    return vectors;
}

bool is_vector(const std::string& text) {
    try {
        (void)parse_vector(text);
        return true;
    } catch (const Error&) {
        return false;
    }
}

std::string whole_vector(const std::string& text) {
    const std::size_t open = text.find('(');
    if (open == std::string::npos || open < 2) return text;
    constexpr std::array<std::string_view, 5> kParts{"m", "p", "r", "i", "db"};
    const bool known =
        (text.front() == 'v' || text.front() == 'i') &&
        std::find(kParts.begin(), kParts.end(), text.substr(1, open - 1)) != kParts.end();
    return known ? fmt::format("{}{}", text.front(), text.substr(open)) : text;
}

std::vector<std::string> vectors_in(const std::string& expression) {
    std::vector<std::string> found;
    std::size_t at = 0;
    while (at < expression.size()) {
        const bool device = expression[at] == '@';
        std::size_t end = at;
        while (end < expression.size() && is_letter(expression[end])) ++end;
        const bool call = end > at && end < expression.size() && expression[end] == '(';
        const std::size_t close = expression.find(device ? ']' : ')', end);
        const std::size_t start = std::exchange(at, std::max(end, at + 1));
        if (close == std::string::npos || !(device || call)) continue;
        const std::string vector = whole_vector(expression.substr(start, close + 1 - start));
        if (!is_vector(vector)) continue;
        found.push_back(vector);
        at = close + 1;
    }
    return found;
}

}  // namespace mho::spice
