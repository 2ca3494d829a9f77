// SPDX-License-Identifier: Apache-2.0
// Whole files in and out. Writers never leave a half-written file: they write a temporary beside
// the target, force it to disk and rename it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace mho {

// The whole file as bytes. Throws bad_input naming the path when it is missing, a directory or
// unreadable.
std::string read_file(const std::filesystem::path& path);

// Replaces `path` by `content` in one step. Throws Error(system) naming the path (disk full, no
// such directory, no permission) and removes the temporary; an older file at `path` then stays.
// A device such as /dev/stdout or /dev/full is written directly.
void write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace mho
