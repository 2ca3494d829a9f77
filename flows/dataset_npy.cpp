// SPDX-License-Identifier: Apache-2.0
#include "flows/dataset_npy.h"

#include <algorithm>
#include <cmath>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "flows/npz.h"

namespace mho::flows {
namespace {

namespace fs = std::filesystem;

constexpr double kMaxClass = 1 << 20;

// The array called NAME, NAME_test or test_NAME; the test set goes first.
const NpyArray* find_array(const std::vector<NamedArray>& arrays, const std::string& name) {
    for (const std::string& wanted : {name + "_test", "test_" + name, name}) {
        for (const NamedArray& each : arrays) {
            if (each.name == wanted) return &each.array;
        }
    }
    return nullptr;
}

NpyPair pair_of_archive(const fs::path& path) {
    const std::vector<NamedArray> arrays = read_npz(path);
    for (const auto& [images, labels] : {std::pair("images", "labels"), std::pair("x", "y")}) {
        const NpyArray* const found = find_array(arrays, images);
        const NpyArray* const classes = find_array(arrays, labels);
        if (found && classes) return {"npz", *found, *classes};
    }
    std::string names;
    for (const NamedArray& each : arrays) names += (names.empty() ? "" : ", ") + each.name;
    throw bad_input("{}: has no arrays images and labels, or x and y (it has {})", path.string(),
                    names.empty() ? "none" : names);
}

int extent(std::size_t value, const fs::path& folder) {
    if (value < 1 || value > 65535 * 64) {
        throw bad_input("{}: image array with an extent of {}", folder.string(), value);
    }
    return static_cast<int>(value);
}

}  // namespace

std::optional<NpyPair> find_npy_pair(const fs::path& folder) {
    std::error_code code;
    const fs::path images = folder / "images.npy", labels = folder / "labels.npy";
    const bool has_images = fs::is_regular_file(images, code);
    const bool has_labels = fs::is_regular_file(labels, code);
    if (has_images != has_labels) {
        throw bad_input("{}: {} without {}", folder.string(),
                        has_images ? "images.npy" : "labels.npy",
                        has_images ? "labels.npy" : "images.npy");
    }
    if (has_images) return NpyPair{"npy", read_npy(images), read_npy(labels)};
    std::vector<fs::path> archives;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        if (entry.path().extension() == ".npz") archives.push_back(entry.path());
    }
    if (archives.empty()) return std::nullopt;
    std::sort(archives.begin(), archives.end());
    if (archives.size() > 1) {
        throw bad_input("{}: several NPZ archives ({}, {}, ...)", folder.string(),
                        archives[0].filename().string(), archives[1].filename().string());
    }
    return pair_of_archive(archives[0]);
}

ImageLayout image_layout(const NpyPair& pair, const fs::path& folder) {
    const std::vector<std::size_t>& shape = pair.images.shape;
    if (shape.size() < 2 || shape.size() > 4) {
        throw bad_input("{}: image array of {} dimensions, 2 to 4 expected", folder.string(),
                        shape.size());
    }
    if (pair.images.values.empty()) throw bad_input("{}: holds no image", folder.string());
    const NpyArray& labels = pair.labels;
    if (labels.values.size() != shape[0]) {
        throw bad_input("{}: {} images, but {} labels", folder.string(), shape[0],
                        labels.values.size());
    }
    for (std::size_t i = 0; i < labels.values.size(); ++i) {
        const double label = labels.values[i];
        if (!(label >= 0 && label <= kMaxClass && label == std::floor(label))) {
            throw bad_input("{}: label {} of image {} is no class from 0 on", folder.string(),
                            label, i);
        }
    }
    for (const double value : pair.images.values) {
        if (!std::isfinite(static_cast<float>(value))) {
            throw bad_input("{}: an image holds a value that is not finite", folder.string());
        }
    }
    const auto at = [&](std::size_t axis) { return extent(shape[axis], folder); };
    if (shape.size() == 2) return {1, 1, at(1), false};
    if (shape.size() == 3) return {1, at(1), at(2), false};
    const bool first = shape[1] == 1 || shape[1] == 3;
    const bool last = shape[3] == 1 || shape[3] == 3;
    if (!first && last) return {at(3), at(1), at(2), true};
    return {at(1), at(2), at(3), false};
}

}  // namespace mho::flows
