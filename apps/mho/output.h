// SPDX-License-Identifier: Apache-2.0
// Where the result of a verb goes: a file, or standard output for "-" and /dev/stdout.
#pragma once

#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace mho::apps {

bool is_standard_output(const std::filesystem::path& output);

// To be asked before long work. Throws Error(system) when `output` could not be written anyway,
// Error(bad_input) when it is a directory or one of the `inputs`.
void check_output(const std::filesystem::path& output,
                  std::span<const std::filesystem::path> inputs);

// write_file, or standard output.
void write_output(const std::filesystem::path& output, std::string_view content);

// Prints text for people: on standard output, or on standard error when the result itself goes to
// standard output.
void tell(const std::filesystem::path& output, const std::string& text);

// "wrote FILE", when it is a file.
void tell_written(const std::filesystem::path& output);

// Ends what was printed. Throws Error(system) when standard output could not take all of it.
void finish_standard_output();

}  // namespace mho::apps
