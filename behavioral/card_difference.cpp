// SPDX-License-Identifier: Apache-2.0
#include "behavioral/card_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <map>
#include <type_traits>
#include <utility>

#include "behavioral/card_fields.h"

namespace mho::behavioral {
namespace {

constexpr double kOther = std::numeric_limits<double>::infinity();

double relative_difference(double a, double b) {
    const double size = std::max(std::abs(a), std::abs(b));
    return size > 0 ? std::abs(b - a) / size : 0;
}

// First line in which two texts differ.
std::pair<std::string, std::string> differing_line(const std::string& a, const std::string& b) {
    const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto line = [](const std::string& text, std::size_t position) {
        const std::size_t before =
            position == 0 ? std::string::npos : text.rfind('\n', position - 1);
        const std::size_t start = before == std::string::npos ? 0 : before + 1;
        return text.substr(start, text.find('\n', start) - start);
    };
    return {line(a, static_cast<std::size_t>(at.first - a.begin())),
            line(b, static_cast<std::size_t>(at.second - b.begin()))};
}

// A card flattened to path -> value, in the order of the file.
struct Entry {
    std::string path;
    std::vector<double> numbers;  // empty for a text
    bool list = false;
    std::string text;
};

class Flattener {
  public:
    explicit Flattener(std::vector<Entry>& out, std::string path = {})
        : out_(out), path_(std::move(path)) {}

    template <typename Value>
    void operator()(const char* key, const Value& value) {
        add(path_.empty() ? key : fmt::format("{}.{}", path_, key), value);
    }
    template <typename Value>
    void optional(const char* key, const Value& value, bool is_there) {
        if (is_there) (*this)(key, value);
    }
    static bool any(std::initializer_list<const char*>, bool are_there) { return are_there; }

  private:
    void add(const std::string& path, ArrayTopology value) {
        add(path, std::string(kTopologyNames.at(static_cast<std::size_t>(value))));
    }
    void add(const std::string& path, const std::string& text) {
        out_.push_back({path, {}, false, text});
    }
    void add(const std::string& path, const std::vector<double>& values) {
        out_.push_back({path, values, true, {}});
    }
    void add(const std::string& path, const std::vector<std::string>& texts) {
        std::string all;
        for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
        add(path, all);
    }
    template <typename Value>
    void add(const std::string& path, const std::vector<Value>& values) {
        if constexpr (std::is_same_v<Value, ReadoutDynamics> ||
                      std::is_same_v<Value, MixedDynamics>) {
            for (std::size_t k = 0; k < values.size(); ++k) {
                add(fmt::format("{}[{}]", path, k), values[k]);
            }
        } else {
            for (const Value& value : values) {
                add(fmt::format("{}.{}", path, value.quantity), value);
            }
        }
    }
    template <typename Value>
    void add(const std::string& path, const Value& value) {
        if constexpr (std::is_arithmetic_v<Value>) {
            out_.push_back({path, {static_cast<double>(value)}, false, fmt::format("{}", value)});
        } else {
            Flattener inner(out_, path);
            describe(inner, value);
        }
    }

    std::vector<Entry>& out_;
    std::string path_;
};

std::vector<Entry> flatten(const ModelCard& card) {
    std::vector<Entry> entries;
    Flattener flattener(entries);
    describe(flattener, card);
    return entries;
}

std::string text_of(const Entry& entry) {
    return entry.list ? fmt::format("{} values", entry.numbers.size()) : entry.text;
}

CardDifference compare(const Entry& a, const Entry& b) {
    if (a.numbers.size() != b.numbers.size() || a.list != b.list) {
        return {a.path, text_of(a), text_of(b), kOther};
    }
    if (a.numbers.empty()) {
        if (a.text == b.text) return {a.path, a.text, b.text, 0};
        auto [first, second] = differing_line(a.text, b.text);
        return {a.path, std::move(first), std::move(second), kOther};
    }
    std::size_t worst = 0;
    double relative = -1;
    for (std::size_t i = 0; i < a.numbers.size(); ++i) {
        const double here = relative_difference(a.numbers[i], b.numbers[i]);
        if (here > relative) {
            relative = here;
            worst = i;
        }
    }
    if (!a.list) {
        // Integers beyond 2^53 may be equal as double.
        const bool same = a.text == b.text;
        return {a.path, a.text, b.text,
                same ? 0 : std::max(relative, std::numeric_limits<double>::min())};
    }
    return {fmt::format("{}[{}]", a.path, worst), fmt::format("{}", a.numbers[worst]),
            fmt::format("{}", b.numbers[worst]), relative};
}

}  // namespace

std::vector<CardDifference> card_differences(const ModelCard& first, const ModelCard& second,
                                             double relative) {
    const std::vector<Entry> a = flatten(first);
    const std::vector<Entry> b = flatten(second);
    std::map<std::string, const Entry*> in_second;
    for (const Entry& entry : b) in_second.emplace(entry.path, &entry);

    std::vector<CardDifference> differences;
    for (const Entry& entry : a) {
        const auto other = in_second.find(entry.path);
        if (other == in_second.end()) {
            differences.push_back({entry.path, text_of(entry), "-", kOther});
            continue;
        }
        CardDifference difference = compare(entry, *other->second);
        if (difference.relative > relative) differences.push_back(std::move(difference));
        in_second.erase(other);
    }
    for (const Entry& entry : b) {
        if (in_second.contains(entry.path)) {
            differences.push_back({entry.path, "-", text_of(entry), kOther});
        }
    }
    return differences;
}

}  // namespace mho::behavioral
