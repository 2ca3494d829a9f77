// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mho {

// The known name closest to `typed` by edit distance (insertions, deletions, substitutions and
// swaps of neighbours), or an empty string when none is close enough to be a likely slip.
std::string nearest_name(std::string_view typed, std::span<const std::string> known);

// " (did you mean 'rows'?)", or an empty string when nothing is close.
std::string did_you_mean(std::string_view typed, std::span<const std::string> known);

}  // namespace mho
