// SPDX-License-Identifier: Apache-2.0
#include "flows/dataset.h"

#include <system_error>

#include "base/error.h"
#include "flows/dataset_idx.h"

namespace mho::flows {

Dataset load_dataset(const std::filesystem::path& folder, std::size_t limit) {
    std::error_code code;
    if (!std::filesystem::exists(folder, code)) {
        throw bad_input("{}: no such data folder", folder.string());
    }
    if (!std::filesystem::is_directory(folder, code)) {
        throw bad_input("{}: not a folder; expected one with a data set", folder.string());
    }
    if (const auto pair = find_idx_pair(folder)) return read_idx_pair(*pair, limit);
    throw bad_input(
        "{}: no data set found; expected t10k-images-idx3-ubyte and "
        "t10k-labels-idx1-ubyte, plain or .gz",
        folder.string());
}

}  // namespace mho::flows
