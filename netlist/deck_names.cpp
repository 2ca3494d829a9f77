// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "netlist/value.h"

namespace mho::netlist {

std::string net_name_of(std::string_view name) {
    if (name == "0" || name == "gnd") return "0";
    if (is_spice_name(name)) return std::string(name);
    std::string result = "n_";
    for (const char c : name) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            result += c;
        } else {
            result += fmt::format("_{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    return result;
}

std::string net_path_of(std::string_view path) {
    std::string result;
    while (!path.empty()) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        if (!result.empty()) result += '.';
        result += net_name_of(path.substr(0, dot));
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return result;
}

std::string NetNames::add(std::string_view name) {
    std::string result = net_name_of(name);
    const auto [known, is_new] = old_names_.emplace(result, name);
    const bool ground = result == "0";
    return is_new || ground || known->second == name ? result : std::string();
}

}  // namespace mho::netlist
