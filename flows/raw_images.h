// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mho::flows {

// Labelled images as their files hold them: bytes, red first.
struct RawImages {
    std::string format;
    std::filesystem::path path;
    int channels = 0;
    int height = 0;
    int width = 0;
    std::vector<std::uint8_t> pixels;  // images x channels x height x width
    std::vector<int> labels;

    std::size_t plane() const {
        return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    }
};

}  // namespace mho::flows
