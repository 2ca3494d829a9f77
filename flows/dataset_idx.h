// SPDX-License-Identifier: Apache-2.0
// IDX files, the format of MNIST: a big-endian magic number (2051: unsigned bytes in three
// dimensions, 2049: in one), the sizes as 32-bit big-endian integers, then the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "flows/raw_images.h"

namespace mho::flows {

inline constexpr std::uint32_t kIdxImageMagic = 0x00000803;  // unsigned bytes, three dimensions
inline constexpr std::uint32_t kIdxLabelMagic = 0x00000801;  // unsigned bytes, one dimension

struct IdxPair {
    std::filesystem::path images;
    std::filesystem::path labels;
};

// The IDX pair that `folder` holds (see load_dataset), or nothing. Throws bad_input when an image
// file lacks its label file or the choice is not clear.
std::optional<IdxPair> find_idx_pair(const std::filesystem::path& folder);

// Reads the first `limit` images (0: all); gzip or plain. Throws bad_input naming the file when it
// is cut off (with bytes found and expected), corrupt, of another kind, empty, or when the two
// files disagree about the number of images.
RawImages read_idx_pair(const IdxPair& pair, std::size_t limit);

}  // namespace mho::flows
