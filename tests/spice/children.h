// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace mho::spice::test {

// The processes that this one has started and not yet buried.
inline std::vector<pid_t> children() {
    std::vector<pid_t> pids;
    for (const std::filesystem::directory_entry& task :
         std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream list(task.path() / "children");
        for (pid_t pid = 0; list >> pid;) pids.push_back(pid);
    }
    return pids;
}

}  // namespace mho::spice::test
