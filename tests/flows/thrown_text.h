// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"

namespace mho::test {

// The message of the mho::Error that `work` throws, prefixed by its exit code ("2: ..."); any other
// exception passes, and none gives "nothing thrown".
template <typename Work>
std::string thrown_text(Work work) {
    try {
        work();
    } catch (const Error& error) {
        return std::to_string(error.exit_code()) + ": " + error.what();
    }
    return "nothing thrown";
}

}  // namespace mho::test
