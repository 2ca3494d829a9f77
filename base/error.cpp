// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <algorithm>

namespace mho {
namespace {

std::string one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
}

}  // namespace

Error::Error(ErrorKind kind, std::string_view message)
    : std::runtime_error(one_line(message)), kind_(kind) {}

}  // namespace mho
