// SPDX-License-Identifier: Apache-2.0
// Labelled images in NumPy files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "flows/npy.h"

namespace mho::flows {

struct NpyPair {
    std::string format;  // "npy", "npz"
    NpyArray images;
    NpyArray labels;
};

// images.npy and labels.npy of the folder, or the one .npz file with two arrays called images and
// labels, x and y, or such names behind test_ or before _test. Nothing when it has neither. Throws
// bad_input naming the file when it has no or several such pairs, or cannot be read.
std::optional<NpyPair> find_npy_pair(const std::filesystem::path& folder);

// The layout of an image array: images x height x width, images x channels x height x width,
// images x height x width x channels (1 or 3), or images x values. Throws bad_input naming the
// folder for any other, for labels that are not one whole number from 0 on per image, and for
// values that are not finite.
struct ImageLayout {
    int channels = 1;
    int height = 1;
    int width = 1;
    bool channels_last = false;
};
ImageLayout image_layout(const NpyPair& pair, const std::filesystem::path& folder);

}  // namespace mho::flows
