// SPDX-License-Identifier: Apache-2.0
#include "behavioral/card_json.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/nearest.h"
#include "behavioral/card_check.h"
#include "behavioral/card_fields.h"

namespace mho::behavioral {
namespace {

using Json = nlohmann::ordered_json;

class Writer {
  public:
    explicit Writer(Json& out) : out_(out) {}

    template <typename Value>
    void operator()(const char* key, const Value& value) {
        out_[key] = to_json(value);
    }
    template <typename Value>
    void optional(const char* key, const Value& value, bool is_there) {
        if (is_there) (*this)(key, value);
    }
    static bool any(std::initializer_list<const char*>, bool are_there) { return are_there; }

  private:
    static Json to_json(ArrayTopology value) {
        return kTopologyNames.at(static_cast<std::size_t>(value));
    }
    template <typename Value>
    static Json to_json(const Value& value) {
        if constexpr (std::is_class_v<Value> && !std::is_same_v<Value, std::string>) {
            Json object = Json::object();
            Writer writer(object);
            describe(writer, value);
            return object;
        } else {
            return value;
        }
    }
    template <typename Value>
    static Json to_json(const std::vector<Value>& values) {
        Json list = Json::array();
        for (const Value& value : values) list.push_back(to_json(value));
        return list;
    }

    Json& out_;
};

// Reads one object; finish() refuses the keys that nothing asked for.
class Reader {
  public:
    Reader(const Json& object, std::string path, std::string_view where)
        : object_(object), path_(std::move(path)), where_(where) {
        if (!object.is_object()) fail(path_, object, "an object");
    }

    template <typename Value>
    void operator()(const std::string& key, Value& value) {
        known_.push_back(key);
        const auto found = object_.find(key);
        if (found == object_.end()) {
            throw bad_input("{}: {} is missing", where_, path_of(key));
        }
        read(*found, path_of(key), value);
    }
    template <typename Value>
    void optional(const std::string& key, Value& value, bool) {
        if (object_.contains(key)) {
            (*this)(key, value);
        } else {
            known_.push_back(key);
        }
    }
    bool any(std::initializer_list<const char*> keys, bool) const {
        return std::any_of(keys.begin(), keys.end(),
                           [&](const char* key) { return object_.contains(key); });
    }

    void finish() const {
        for (const auto& item : object_.items()) {
            if (std::find(known_.begin(), known_.end(), item.key()) == known_.end()) {
                throw bad_input("{}: unknown key {}{}", where_, path_of(item.key()),
                                did_you_mean(item.key(), known_));
            }
        }
    }

  private:
    std::string path_of(const std::string& key) const {
        return path_.empty() ? key : fmt::format("{}.{}", path_, key);
    }
    [[noreturn]] void fail(const std::string& path, const Json& found,
                           std::string_view expected) const {
        std::string text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
        if (text.size() > 40) text.replace(37, std::string::npos, "...");
        throw bad_input("{}: {} is {}, expected {}", where_, path.empty() ? "the file" : path, text,
                        expected);
    }

    void read(const Json& found, const std::string& path, double& value) const {
        if (!found.is_number()) fail(path, found, "a number");
        value = found.get<double>();
    }
    void read(const Json& found, const std::string& path, int& value) const {
        const bool fits = found.is_number_unsigned()
                              ? found.get<std::uint64_t>() <=
                                    static_cast<std::uint64_t>(std::numeric_limits<int>::max())
                              : found.is_number_integer() &&
                                    found.get<std::int64_t>() >= std::numeric_limits<int>::min();
        if (!fits) fail(path, found, "an integer of 32 bits");
        value = found.get<int>();
    }
    void read(const Json& found, const std::string& path, std::uint64_t& value) const {
        if (!found.is_number_unsigned()) fail(path, found, "an integer >= 0 of 64 bits");
        value = found.get<std::uint64_t>();
    }
    void read(const Json& found, const std::string& path, std::string& value) const {
        if (!found.is_string()) fail(path, found, "a string");
        value = found.get<std::string>();
    }
    void read(const Json& found, const std::string& path, ArrayTopology& value) const {
        const auto name =
            found.is_string()
                ? std::find(kTopologyNames.begin(), kTopologyNames.end(), found.get<std::string>())
                : kTopologyNames.end();
        if (name == kTopologyNames.end()) fail(path, found, "\"a\", \"b\" or \"c\"");
        value = static_cast<ArrayTopology>(name - kTopologyNames.begin());
    }
    template <typename Value>
    void read(const Json& found, const std::string& path, std::vector<Value>& values) const {
        if (!found.is_array()) fail(path, found, "a list");
        values.clear();
        for (std::size_t i = 0; i < found.size(); ++i) {
            read(found[i], fmt::format("{}[{}]", path, i), values.emplace_back());
        }
    }
    template <typename Value>
    void read(const Json& found, const std::string& path, Value& value) const {
        Reader reader(found, path, where_);
        describe(reader, value);
        reader.finish();
    }

    const Json& object_;
    std::string path_;
    std::string_view where_;
    std::vector<std::string> known_;
};

// Objects one key per line, lists of numbers wrapped at the page's width.
void print(const Json& value, std::size_t indent, std::string& out) {
    constexpr std::size_t kWidth = 100;
    const bool list = value.is_array();
    if (value.empty() || !value.is_structured()) {
        out += value.dump();
        return;
    }
    const bool numbers = list && std::all_of(value.begin(), value.end(),
                                             [](const Json& item) { return item.is_number(); });
    const std::string line = fmt::format("\n{:{}}", "", indent + 2);
    out += list ? "[" : "{";
    std::size_t column = kWidth;
    bool first = true;
    for (const auto& item : value.items()) {
        if (!first) out += ",";
        first = false;
        if (numbers) {
            const std::string text = item.value().dump();
            column += text.size() + 2;
            if (column >= kWidth) {
                out += line;
                column = indent + 2 + text.size() + 1;
            } else {
                out += " ";
            }
            out += text;
            continue;
        }
        out += line;
        if (!list) out += Json(item.key()).dump() + ": ";
        print(item.value(), indent + 2, out);
    }
    out += fmt::format("\n{:{}}{}", "", indent, list ? "]" : "}");
}

// Keys that occur twice in one object would hide each other, so the parse stops at the second.
Json parse(std::string_view text, std::string_view where) {
    std::vector<std::set<std::string>> open;
    const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
        if (event == Json::parse_event_t::object_start) open.emplace_back();
        if (event == Json::parse_event_t::object_end) open.pop_back();
        if (event == Json::parse_event_t::key &&
            !open.back().insert(parsed.get<std::string>()).second) {
            throw bad_input("{}: key '{}' occurs twice in one object", where,
                            parsed.get<std::string>());
        }
        return true;
    };
    try {
        return Json::parse(text, watch);
    } catch (const nlohmann::json::exception& error) {
        // "[json.exception.parse_error.101] parse error at line 3, ...": the part for readers.
        std::string_view message = error.what();
        const std::size_t bracket = message.find("] ");
        if (bracket != std::string_view::npos) message.remove_prefix(bracket + 2);
        throw bad_input("{}: not JSON: {}", where, message);
    }
}

}  // namespace

std::string card_to_json(const ModelCard& card) {
    check_card(card, "card");
    Json root = Json::object();
    root["schema"] = kCardSchema;
    Writer writer(root);
    describe(writer, card);
    std::string text;
    try {
        print(root, 0, text);
    } catch (const nlohmann::json::exception&) {
        throw bad_input("card: a text in it is not valid UTF-8");
    }
    return text + "\n";
}

ModelCard card_from_json(std::string_view text, std::string_view where) {
    const Json root = parse(text, where);
    Reader reader(root, "", where);
    const auto schema = root.find("schema");
    if (schema == root.end() || !schema->is_string()) {
        throw bad_input("{}: schema is missing, expected \"{}\"", where, kCardSchema);
    }
    std::string found;
    reader("schema", found);
    if (found != kCardSchema) {
        throw bad_input("{}: schema is \"{}\", expected \"{}\"", where, found, kCardSchema);
    }
    ModelCard card;
    describe(reader, card);
    reader.finish();
    check_card(card, where);
    return card;
}

std::string adc_to_json(const AdcModel& adc) {
    check_adc(adc, "adc");
    Json root = Json::object();
    Writer writer(root);
    describe(writer, adc);
    std::string text;
    print(root, 0, text);
    return text + "\n";
}

AdcModel adc_from_json(std::string_view text, std::string_view where) {
    const Json root = parse(text, where);
    Reader reader(root, "", where);
    AdcModel adc;
    describe(reader, adc);
    reader.finish();
    check_adc(adc, where);
    return adc;
}

}  // namespace mho::behavioral
