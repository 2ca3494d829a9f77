// SPDX-License-Identifier: Apache-2.0
// Where the files live that ship with mho: technologies, networks, data sets.
#pragma once

#include <filesystem>

namespace mho {

// The path of `relative` (for example "tech/generic40") in the first data folder that has it:
// $MHO_DATA, then <prefix>/share/mho beside the running program's bin folder, then the source tree
// this was built from, then the configured install prefix. An empty path when none has it.
std::filesystem::path find_data(const std::filesystem::path& relative);

}  // namespace mho
