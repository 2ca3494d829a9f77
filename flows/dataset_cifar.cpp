// SPDX-License-Identifier: Apache-2.0
#include "flows/dataset_cifar.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "base/error.h"
#include "base/file.h"

namespace mho::flows {
namespace {

constexpr std::size_t kImage = 3 * 32 * 32;
constexpr std::size_t kRecord = 1 + kImage;

void read_batch(const std::filesystem::path& path, std::size_t limit, RawImages& images) {
    const std::string bytes = read_file(path);
    if (bytes.empty() || bytes.size() % kRecord != 0) {
        throw bad_input("{}: cut off: {} bytes are no whole number of CIFAR-10 records of {}",
                        path.string(), bytes.size(), kRecord);
    }
    for (std::size_t at = 0; at < bytes.size(); at += kRecord) {
        const int label = static_cast<unsigned char>(bytes[at]);
        if (label > 9) {
            throw bad_input("{}: label {} of record {} is no CIFAR-10 class (0 to 9)",
                            path.string(), label, at / kRecord);
        }
        if (limit > 0 && images.labels.size() == limit) continue;
        images.labels.push_back(label);
        const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at + 1);
        images.pixels.insert(images.pixels.end(), first, first + kImage);
    }
}

}  // namespace

std::vector<std::filesystem::path> find_cifar_batches(const std::filesystem::path& folder) {
    std::error_code code;
    if (std::filesystem::is_regular_file(folder / "test_batch.bin", code)) {
        return {folder / "test_batch.bin"};
    }
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("data_batch_") && name.ends_with(".bin")) found.push_back(entry);
    }
    std::sort(found.begin(), found.end());
    return found;
}

RawImages read_cifar(const std::vector<std::filesystem::path>& batches, std::size_t limit) {
    RawImages images{"cifar10", batches.at(0).parent_path(), 3, 32, 32, {}, {}};
    for (const std::filesystem::path& batch : batches) {
        if (limit > 0 && images.labels.size() == limit) break;
        read_batch(batch, limit, images);
    }
    return images;
}

}  // namespace mho::flows
