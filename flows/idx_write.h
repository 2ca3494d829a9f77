// SPDX-License-Identifier: Apache-2.0
// Writes IDX files, the format of MNIST (flows/dataset_idx.h reads them).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mho::flows {

// The bytes of an IDX file of grey images, images x height x width. Throws bad_input when the
// number of pixels is not a multiple of height * width or a size is not positive.
std::string idx_images(std::span<const std::uint8_t> pixels, int height, int width);

// The bytes of an IDX file of labels.
std::string idx_labels(std::span<const std::uint8_t> labels);

// `content` as a gzip file (RFC 1952) whose header names no time, file or system, so that equal
// content gives equal bytes with the same zlib.
std::string gzip(std::string_view content);

}  // namespace mho::flows
