// SPDX-License-Identifier: Apache-2.0
// Systems given by what differs from the defaults.
#pragma once

#include <string>
#include <vector>

#include "flows/system_toml.h"

namespace mho::test {

// `changes` as "table.key=value".
inline flows::SystemSpec system_with(const std::vector<std::string>& changes) {
    return flows::parse_system("schema = \"mho.system/1\"\nname = \"test\"\n", "test", changes);
}

}  // namespace mho::test
