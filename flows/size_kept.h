// SPDX-License-Identifier: Apache-2.0
// Finished passes of a sizing study in a file, so that the next run need not repeat them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "flows/size_study.h"

namespace mho::flows {

class KeptPasses {
  public:
    // What `file` holds, if it is there; an empty path keeps nothing. Throws bad_input when the
    // file is not one of these.
    explicit KeptPasses(std::filesystem::path file);

    // `key` names everything that the pass depends on.
    std::optional<SizeTrial> find(const std::string& key) const;

    // Rewrites the file, whole or not at all.
    void keep(const std::string& key, const SizeTrial& trial);

  private:
    std::filesystem::path file_;
    std::map<std::string, SizeTrial> passes_;
};

}  // namespace mho::flows
