// SPDX-License-Identifier: Apache-2.0
// The binary version of CIFAR-10: records of one label byte (0 .. 9) and 3072 bytes of a 32 x 32
// picture, the red plane, then green and blue (Krizhevsky, www.cs.toronto.edu/~kriz/cifar.html).
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "flows/raw_images.h"

namespace mho::flows {

// test_batch.bin of the folder, or else its data_batch_*.bin in order; empty when it has neither.
std::vector<std::filesystem::path> find_cifar_batches(const std::filesystem::path& folder);

// The first `limit` images (0: all). Throws bad_input naming the file when it holds no whole number
// of records or another label.
RawImages read_cifar(const std::vector<std::filesystem::path>& batches, std::size_t limit);

}  // namespace mho::flows
