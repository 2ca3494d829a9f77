// SPDX-License-Identifier: Apache-2.0
#include "netlist/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mho::netlist {

Value Value::parameter(std::string name) {
    Value value(0.0);
    value.parameter_ = std::move(name);
    return value;
}

std::string Value::text() const {
    return is_parameter() ? "{" + parameter_ + "}" : number_text(number_);
}

std::string number_text(double number) {
    return fmt::format("{}", number);
}

bool is_spice_name(std::string_view name) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_tail = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), is_tail);
}

}  // namespace mho::netlist
