// SPDX-License-Identifier: Apache-2.0
// Labelled images, ready for a network's input.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flows/network.h"
#include "flows/preprocessing.h"

namespace mho::flows {

struct Dataset {
    std::string format;  // "idx", "cifar10", "npy", "npz", "pictures"
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

struct DataOptions {
    std::size_t limit = 0;  // first images only; 0: all
    // How pixels become values; otherwise IDX and single-channel images as "unit", colour as
    // "imagenet" (flows/preprocessing.h), and real numbers of NPY files as they are.
    std::optional<Preprocessing> preprocessing;
    Shape input;  // the network's, for the size of pictures; may be empty
    std::size_t threads = 0;
};

// The data set in `folder`; recognised are, in this order:
// - IDX pairs (MNIST and its relatives), gzip-compressed or not: the test set
//   t10k-images-idx3-ubyte[.gz] with its labels, or else the one pair *images*idx3*, *labels*idx1*;
// - CIFAR-10 in its binary version: test_batch.bin, or else data_batch_*.bin;
// - NumPy files: images.npy and labels.npy, or the one .npz with such arrays
//   (flows/dataset_npy.h);
// - JPEG and PNG files with a list of labels (flows/dataset_pictures.h).
// Throws bad_input naming folder or file.
Dataset load_dataset(const std::filesystem::path& folder, const DataOptions& options);
Dataset load_dataset(const std::filesystem::path& folder, std::size_t limit = 0);

}  // namespace mho::flows
