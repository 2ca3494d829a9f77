// SPDX-License-Identifier: Apache-2.0
// Data that developers and CI keep beside the project: real data sets and trained networks.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>

namespace mho::test {

// $MHO_SHARED, or the folder "shared" beside the project's root.
inline std::filesystem::path shared_folder() {
    if (const char* named = std::getenv("MHO_SHARED")) return named;
    return std::filesystem::path(MHO_SOURCE_DIR).parent_path() / "shared";
}

}  // namespace mho::test

// The path of a file below shared/data; without it the test is skipped, and says so.
#define MHO_REQUIRE_SHARED(variable, relative)                                               \
    const std::filesystem::path variable = mho::test::shared_folder() / "data" / (relative); \
    if (!std::filesystem::exists(variable)) SKIP("no shared data here: " << variable.string())
