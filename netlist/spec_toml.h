// SPDX-License-Identifier: Apache-2.0
// Specs as TOML files, schema "mho.spec/1": sections and keys are named as the members of
// netlist/spec.h (docs/formats/spec.md). Keys that are not given keep their defaults; unknown ones
// are refused.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "netlist/spec.h"

namespace mho::netlist {

// The spec in a file. Without a `name` it is called as the file is, without extension; a technology
// given as a relative path with a folder in it is taken from the spec's folder, and so is the file
// of a user's cell. Throws bad_input, one line with file, line, key, what was found and what was
// expected.
Spec read_spec(const std::filesystem::path& path);

// The same from text; `where` names it in messages.
Spec parse_spec(std::string_view text, std::string_view where);

// Throws bad_input naming the first value that is out of its range, for specs made in code.
void require_valid(const Spec& spec);

// Every key with its value, but for those of [cell.*], [array.*] and the shape of the array that
// have their defaults; parse_spec gives an equal spec back.
std::string spec_to_toml(const Spec& spec);

}  // namespace mho::netlist
