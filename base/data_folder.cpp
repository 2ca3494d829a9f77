// SPDX-License-Identifier: Apache-2.0
#include "base/data_folder.h"

#include <cstdlib>
#include <system_error>
#include <vector>

namespace mho {

std::filesystem::path find_data(const std::filesystem::path& relative) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    std::vector<fs::path> folders;
    if (const char* named = std::getenv("MHO_DATA"); named != nullptr && *named != '\0') {
        folders.emplace_back(named);
    }
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    if (!program.empty()) {
        folders.push_back(program.parent_path().parent_path() / "share" / "mho");
    }
    folders.emplace_back(MHO_SOURCE_DATA_DIR);
    folders.emplace_back(MHO_INSTALL_DATA_DIR);
    for (const fs::path& folder : folders) {
        const fs::path path = folder / relative;
        if (fs::exists(path, ignored)) return fs::absolute(path, ignored);
    }
    return {};
}

}  // namespace mho
