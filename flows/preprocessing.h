// SPDX-License-Identifier: Apache-2.0
// How pictures become a network's input: size, order of the channels, normalisation.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mho::flows {

// x = (p / divisor - mean) / std for pixel values p (0 .. 255 in files of bytes).
struct Preprocessing {
    float divisor = 255;
    std::vector<float> mean{0};  // one for all channels, or one per channel, in `order`
    std::vector<float> std{1};
    bool bgr = false;  // blue first; otherwise red first
    int resize = 0;    // shorter side of pictures before the crop; 0: see flows/picture.h
    int crop = 0;      // side of the square in the middle; 0: the network's input
};

// unit: p / 255. imagenet: p / 255 less (0.485, 0.456, 0.406) over (0.229, 0.224, 0.225), as the
// torchvision networks take it. none: p. signed: p / 127.5 - 1. caffe: blue first, p less
// (104, 117, 123). Throws bad_input listing the names for any other.
Preprocessing named_preprocessing(const std::string& name);

// Reads a TOML file with the keys of Preprocessing; `order` is "rgb" or "bgr", and mean and std
// may be single numbers. Throws bad_input naming file, line and key.
Preprocessing read_preprocessing(const std::filesystem::path& path);

// What `asked` says, the name of a preprocessing or a .toml file; when it is empty the file beside
// the network (NET.toml for NET.onnx); nothing when there is none.
std::optional<Preprocessing> find_preprocessing(const std::string& asked,
                                                const std::filesystem::path& model);

// x for each byte, per channel of the output (in `order`). Throws bad_input when mean or std have
// neither one value nor one per channel.
std::vector<std::array<float, 256>> lookup_tables(const Preprocessing& how, int channels);

// x for a value of output channel `channel`; the same checks and bits.
float normalised(const Preprocessing& how, int channel, float p);

}  // namespace mho::flows
