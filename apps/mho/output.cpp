// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/file.h"

namespace mho::apps {
namespace fs = std::filesystem;
namespace {

void require_access(const fs::path& output, const fs::path& place) {
    if (::access(place.c_str(), W_OK) != 0) {
        throw system_error("{}: cannot be written: {}", output.string(), std::strerror(errno));
    }
}

[[noreturn]] void throw_output_failure(int failure) {
    throw system_error("standard output: cannot be written: {}",
                       failure != 0 ? std::strerror(failure) : "an earlier write failed");
}

}  // namespace

bool is_standard_output(const fs::path& output) {
    return output == "-" || output == "/dev/stdout";
}

void check_output(const fs::path& output, std::span<const fs::path> inputs) {
    if (is_standard_output(output)) return;
    std::error_code ignored;
    const fs::file_status status = fs::status(output, ignored);
    if (fs::is_directory(status)) {
        throw bad_input("{}: is a directory, expected a file name", output.string());
    }
    if (fs::exists(status) && !fs::is_regular_file(status)) {  // a device is written directly
        require_access(output, output);
        return;
    }
    // The file is replaced, so its folder has to be writable.
    const fs::path folder = output.has_parent_path() ? output.parent_path() : ".";
    require_access(output, folder / ".");
    for (const fs::path& input : inputs) {
        if (fs::equivalent(output, input, ignored)) {
            throw bad_input("{}: is an input and would be overwritten", output.string());
        }
    }
}

void write_output(const fs::path& output, std::string_view content) {
    if (is_standard_output(output)) {
        errno = 0;
        const bool done = std::fwrite(content.data(), 1, content.size(), stdout) == content.size();
        if (!done || std::fflush(stdout) != 0) throw_output_failure(errno);
        return;
    }
    write_file(output, content);
}

void tell(const fs::path& output, const std::string& text) {
    std::fputs(text.c_str(), is_standard_output(output) ? stderr : stdout);
}

void tell_written(const fs::path& output) {
    if (!is_standard_output(output)) tell(output, fmt::format("wrote {}\n", output.string()));
}

void finish_standard_output() {
    errno = 0;
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw_output_failure(errno);
}

}  // namespace mho::apps
