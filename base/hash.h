// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mho {

// 128-bit XXH3 of the bytes as 32 hexadecimal digits: names content (specs, SPICE jobs), does not
// protect it against forgery.
std::string content_hash(std::string_view bytes);

}  // namespace mho
