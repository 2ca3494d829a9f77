// SPDX-License-Identifier: Apache-2.0
// What the tests of the program share.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <iterator>
#include <string>

#include "support/run_program.h"

namespace mho::test {

inline std::string quoted(const std::filesystem::path& path) {
    return "'" + path.string() + "'";
}

inline std::filesystem::path source_path(const std::string& relative) {
    return std::filesystem::path(MHO_SOURCE_DIR) / relative;
}

inline std::filesystem::path digits_network() {
    return source_path("data/digits/mlp_digits.onnx");
}

// "infer --card CARD --model ONNX --data FOLDER -o OUTPUT" with the shipped network and images.
inline std::string infer_digits(const std::filesystem::path& card,
                                const std::filesystem::path& output) {
    return "infer --card " + quoted(card) + " --model " + quoted(digits_network()) + " --data " +
           quoted(source_path("data/digits")) + " -o " + quoted(output);
}

// A design that ngspice is done with soon.
inline std::string small_spec() {
    return R"(schema = "mho.spec/1"
name = "small"

[array]
rows = 32
columns = 8

[readout]
feedback_ohm = 20e3

[adc]
bits = 5

[calibration]
held_out_columns = 2
energy_tolerance = 0.03  # five bits: the comparator's energy is known to 2.1 % of its mean
)";
}

// One clear line on standard error, nothing on standard output, and this exit code.
inline void check_refused(const ProgramResult& result, const std::string& expected_text,
                          int exit_code = 2) {
    INFO("stderr: " << result.err);
    CHECK(result.exit_code == exit_code);
    CHECK(count_lines(result.err) == 1);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, Catch::Matchers::StartsWith("mho: "));
    CHECK_THAT(result.err, Catch::Matchers::ContainsSubstring(expected_text));
}

// The number of files and folders in `folder`.
inline long count_entries(const std::filesystem::path& folder) {
    const std::filesystem::directory_iterator entries(folder);
    return std::distance(begin(entries), end(entries));
}

}  // namespace mho::test
