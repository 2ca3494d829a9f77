// SPDX-License-Identifier: Apache-2.0
// Labelled images, ready for a network's input.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace mho::flows {

struct Dataset {
    std::string format;  // "idx"
    std::filesystem::path path;
    int channels = 0;
    int height = 0;
    int width = 0;
    std::vector<float> pixels;  // images x channels x height x width, normalised
    std::vector<int> labels;    // one per image, 0 ..

    std::size_t size() const { return labels.size(); }
    std::size_t image_size() const {
        return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
               static_cast<std::size_t>(width);
    }
    // `count` images from `first` on.
    std::span<const float> images(std::size_t first, std::size_t count) const {
        return std::span(pixels).subspan(first * image_size(), count * image_size());
    }
};

// The data set in `folder`, its first `limit` images (0: all). Recognised are IDX pairs (MNIST and
// its relatives), gzip-compressed or not: the test set t10k-images-idx3-ubyte[.gz] with its labels,
// or else the one pair *images*idx3*, *labels*idx1* there is; pixels become p/255. Throws bad_input
// naming folder or file.
Dataset load_dataset(const std::filesystem::path& folder, std::size_t limit = 0);

}  // namespace mho::flows
