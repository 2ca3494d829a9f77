// SPDX-License-Identifier: Apache-2.0
#include "flows/preprocessing.h"

#include <toml++/toml.h>
#include <cmath>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"

namespace mho::flows {
namespace {

constexpr int kMaxInputSide = 1 << 14;

Error bad_key(const std::string& where, const toml::node& node, std::string_view key,
              std::string_view expected) {
    return bad_input("{}:{}: {}: {} expected", where, node.source().begin.line, key, expected);
}

float number(const std::string& where, const toml::node& node, std::string_view key) {
    const std::optional<double> value = node.value<double>();
    if (!value || !std::isfinite(static_cast<float>(*value))) {
        throw bad_key(where, node, key, "a finite number");
    }
    return static_cast<float>(*value);
}

std::vector<float> numbers(const std::string& where, const toml::node& node, std::string_view key) {
    const toml::array* const list = node.as_array();
    if (!list) return {number(where, node, key)};
    if (list->empty()) throw bad_key(where, node, key, "at least one number");
    std::vector<float> values;
    for (const toml::node& each : *list) values.push_back(number(where, each, key));
    return values;
}

int side(const std::string& where, const toml::node& node, std::string_view key) {
    const std::optional<std::int64_t> value = node.value_exact<std::int64_t>();
    if (!value || *value < 1 || *value > kMaxInputSide) {
        throw bad_key(where, node, key, "a whole number of pixels from 1 to 16384");
    }
    return static_cast<int>(*value);
}

void read_key(const std::string& where, const std::string& key, const toml::node& node,
              Preprocessing& how) {
    if (key == "divisor") {
        how.divisor = number(where, node, key);
        if (how.divisor <= 0) throw bad_key(where, node, key, "a positive number");
    } else if (key == "mean") {
        how.mean = numbers(where, node, key);
    } else if (key == "std") {
        how.std = numbers(where, node, key);
        for (const float value : how.std) {
            if (value <= 0) throw bad_key(where, node, key, "positive numbers");
        }
    } else if (key == "order") {
        const std::string order = node.value<std::string>().value_or("");
        if (order != "rgb" && order != "bgr") throw bad_key(where, node, key, "\"rgb\" or \"bgr\"");
        how.bgr = order == "bgr";
    } else if (key == "resize") {
        how.resize = side(where, node, key);
    } else if (key == "crop") {
        how.crop = side(where, node, key);
    } else {
        const std::vector<std::string> keys{"divisor", "mean", "std", "order", "resize", "crop"};
        throw bad_input("{}:{}: unknown key '{}'{}", where, node.source().begin.line, key,
                        did_you_mean(key, keys));
    }
}

float of_channel(const std::vector<float>& values, int channel) {
    return values[values.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
}

}  // namespace

Preprocessing named_preprocessing(const std::string& name) {
    Preprocessing how;
    if (name == "unit") return how;
    if (name == "imagenet") {
        how.mean = {0.485f, 0.456f, 0.406f};
        how.std = {0.229f, 0.224f, 0.225f};
    } else if (name == "none") {
        how.divisor = 1;
    } else if (name == "signed") {
        how.divisor = 127.5f;
        how.mean = {1};
    } else if (name == "caffe") {
        how.divisor = 1;
        how.mean = {104, 117, 123};
        how.bgr = true;
    } else {
        const std::vector<std::string> names{"unit", "imagenet", "none", "signed", "caffe"};
        throw bad_input(
            "normalisation '{}' is not known{}; there are unit, imagenet, none, signed, caffe "
            "and files NAME.toml",
            name, did_you_mean(name, names));
    }
    return how;
}

Preprocessing read_preprocessing(const std::filesystem::path& path) {
    const std::string where = path.string();
    const std::string text = read_file(path);
    Preprocessing how;
    try {
        for (const auto& [key, node] : toml::parse(text, where)) {
            read_key(where, std::string(key.str()), node, how);
        }
    } catch (const toml::parse_error& error) {
        throw bad_input("{}:{}: {}", where, error.source().begin.line, error.description());
    }
    return how;
}

std::optional<Preprocessing> find_preprocessing(const std::string& asked,
                                                const std::filesystem::path& model) {
    if (asked.ends_with(".toml")) return read_preprocessing(asked);
    if (!asked.empty()) return named_preprocessing(asked);
    std::filesystem::path beside = model;
    beside.replace_extension(".toml");
    std::error_code code;
    if (std::filesystem::is_regular_file(beside, code)) return read_preprocessing(beside);
    return std::nullopt;
}

float normalised(const Preprocessing& how, int channel, float p) {
    return (p / how.divisor - of_channel(how.mean, channel)) / of_channel(how.std, channel);
}

std::vector<std::array<float, 256>> lookup_tables(const Preprocessing& how, int channels) {
    for (const std::vector<float>* values : {&how.mean, &how.std}) {
        if (values->size() != 1 && values->size() != static_cast<std::size_t>(channels)) {
            throw bad_input("normalisation: {} values of {}, but the images have {} channel{}",
                            values->size(), values == &how.mean ? "mean" : "std", channels,
                            channels == 1 ? "" : "s");
        }
    }
    std::vector<std::array<float, 256>> tables(static_cast<std::size_t>(channels));
    for (int c = 0; c < channels; ++c) {
        for (int p = 0; p < 256; ++p) {
            tables[static_cast<std::size_t>(c)][static_cast<std::size_t>(p)] =
                normalised(how, c, static_cast<float>(p));
        }
    }
    return tables;
}

}  // namespace mho::flows
