// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mho::netlist {

// Looked up by any text, without making a string of it: grids have a million names.
struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const {
        return std::hash<std::string_view>{}(name);
    }
};
template <typename Index>
using NameTable = std::unordered_map<std::string, Index, NameHash, std::equal_to<>>;

}  // namespace mho::netlist
