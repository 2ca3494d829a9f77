// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "support/temporary_folder.h"

namespace mho::test {

struct ProgramResult {
    int exit_code = -1;  // 128 + signal when killed
    std::string out;
    std::string err;
};

// Runs a shell command line and captures both streams.
inline ProgramResult run_shell(const std::string& command) {
    const TemporaryFolder folder;
    const std::string line = "( " + command + " ) >'" + (folder / "out").string() + "' 2>'" +
                             (folder / "err").string() + "' </dev/null";
    const int status = std::system(line.c_str());
    ProgramResult result;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.out = mho::read_file(folder / "out");
    result.err = mho::read_file(folder / "err");
    return result;
}

// The program under test with these arguments.
inline ProgramResult run_mho(const std::string& arguments) {
    return run_shell("'" + std::string(MHO_BINARY_DIR) + "/mho' " + arguments);
}

inline long count_lines(const std::string& text) {
    long lines = 0;
    for (const char c : text) lines += c == '\n' ? 1 : 0;
    return lines;
}

}  // namespace mho::test
