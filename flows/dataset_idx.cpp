// SPDX-License-Identifier: Apache-2.0
#include "flows/dataset_idx.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"

namespace mho::flows {
namespace {

struct CloseGz {
    void operator()(gzFile_s* file) const { gzclose(file); }
};
using GzFile = std::unique_ptr<gzFile_s, CloseGz>;

// zlib reads plain files through the same call. Bytes are gathered until `wanted` or the end.
std::vector<unsigned char> read_bytes(gzFile_s* file, std::size_t wanted,
                                      const std::filesystem::path& path) {
    constexpr std::size_t kReadStep = std::size_t{1} << 20;
    std::vector<unsigned char> bytes;
    while (bytes.size() < wanted) {
        const std::size_t have = bytes.size();
        const std::size_t step = std::min(kReadStep, wanted - have);
        bytes.resize(have + step);
        const int got = gzread(file, bytes.data() + have, static_cast<unsigned>(step));
        if (got < 0) {
            int code = 0;
            const char* text = gzerror(file, &code);
            throw bad_input("{}: corrupt gzip data after {} bytes ({})", path.string(), have, text);
        }
        bytes.resize(have + static_cast<std::size_t>(got));
        if (static_cast<std::size_t>(got) < step) break;
    }
    return bytes;
}

std::uint32_t big_endian(const unsigned char* bytes) {
    return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
           static_cast<std::uint32_t>(bytes[2]) << 8 | static_cast<std::uint32_t>(bytes[3]);
}

struct IdxFile {
    std::vector<std::uint32_t> sizes;
    std::vector<unsigned char> bytes;  // items of the first `limit` entries
};

IdxFile read_idx(const std::filesystem::path& path, std::uint32_t magic, std::size_t limit) {
    const GzFile file(gzopen(path.c_str(), "rb"));
    if (!file) throw bad_input("{}: cannot be opened", path.string());
    const std::size_t dimensions = magic & 0xff;
    const std::size_t header_size = 4 + 4 * dimensions;
    const auto header = read_bytes(file.get(), header_size, path);
    if (header.size() >= 4 && big_endian(header.data()) != magic) {
        throw bad_input("{}: magic number {}, {} expected for IDX {}", path.string(),
                        big_endian(header.data()), magic,
                        magic == kIdxImageMagic ? "images" : "labels");
    }
    if (header.size() < header_size) {
        throw bad_input("{}: cut off in its header: {} bytes found, {} expected", path.string(),
                        header.size(), header_size);
    }
    IdxFile idx;
    std::size_t item = 1;
    for (std::size_t d = 0; d < dimensions; ++d) {
        idx.sizes.push_back(big_endian(header.data() + 4 + 4 * d));
        if (idx.sizes[d] == 0) throw bad_input("{}: holds no data (a size of 0)", path.string());
        if (d > 0 && idx.sizes[d] > 65535) {
            throw bad_input("{}: image side of {} pixels is not sensible", path.string(),
                            idx.sizes[d]);
        }
        if (d > 0) item *= idx.sizes[d];
    }
    const std::size_t entries =
        limit == 0 ? idx.sizes[0] : std::min<std::size_t>(limit, idx.sizes[0]);
    // The stored file must be whole even if only its head is used.
    idx.bytes = read_bytes(file.get(), entries * item, path);
    std::size_t found = header_size + idx.bytes.size();
    for (std::size_t left = (idx.sizes[0] - entries) * item; left > 0;) {
        const auto skipped = read_bytes(file.get(), std::min<std::size_t>(left, 1 << 20), path);
        found += skipped.size();
        left -= skipped.size();
        if (skipped.empty()) break;
    }
    const std::size_t expected = header_size + idx.sizes[0] * item;
    if (found < expected) {
        throw bad_input("{}: cut off: {} bytes found, {} expected for {} entries", path.string(),
                        found, expected, idx.sizes[0]);
    }
    if (!read_bytes(file.get(), 1, path).empty()) {
        throw bad_input("{}: more than the {} bytes expected for {} entries", path.string(),
                        expected, idx.sizes[0]);
    }
    return idx;
}

bool contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

std::vector<std::filesystem::path> matching(const std::filesystem::path& folder, const char* kind,
                                            const char* rank) {
    std::vector<std::filesystem::path> found;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        if (entry.is_regular_file(code) && contains(name, kind) && contains(name, rank)) {
            found.push_back(entry.path());
        }
    }
    if (code) throw bad_input("{}: cannot be read: {}", folder.string(), code.message());
    std::sort(found.begin(), found.end());
    return found;
}

// Leaves the test set's file when there is one among several; a plain file goes before its .gz.
std::vector<std::filesystem::path> prefer_test_set(std::vector<std::filesystem::path> files) {
    const auto is_test = [](const std::filesystem::path& path) {
        return path.filename().string().rfind("t10k-", 0) == 0;
    };
    if (std::any_of(files.begin(), files.end(), is_test)) {
        std::erase_if(files, [&](const auto& path) { return !is_test(path); });
    }
    if (files.size() == 2 && files[1] == files[0].string() + ".gz") files.pop_back();
    return files;
}

}  // namespace

std::optional<IdxPair> find_idx_pair(const std::filesystem::path& folder) {
    const auto images = prefer_test_set(matching(folder, "images", "idx3"));
    const auto labels = prefer_test_set(matching(folder, "labels", "idx1"));
    if (images.empty() && labels.empty()) return std::nullopt;
    if (images.empty() || labels.empty()) {
        throw bad_input(
            "{}: IDX {} without {}", folder.string(), images.empty() ? "labels" : "images",
            images.empty() ? "an image file (*images*idx3*)" : "a label file (*labels*idx1*)");
    }
    if (images.size() > 1 || labels.size() > 1) {
        throw bad_input("{}: several IDX files ({}, {}, ...) and none named t10k-*",
                        folder.string(),
                        (images.size() > 1 ? images : labels)[0].filename().string(),
                        (images.size() > 1 ? images : labels)[1].filename().string());
    }
    return IdxPair{images[0], labels[0]};
}

RawImages read_idx_pair(const IdxPair& pair, std::size_t limit) {
    IdxFile images = read_idx(pair.images, kIdxImageMagic, limit);
    const IdxFile labels = read_idx(pair.labels, kIdxLabelMagic, limit);
    if (images.sizes[0] != labels.sizes[0]) {
        throw bad_input("{}: {} images, but {} labels in {}", pair.images.string(), images.sizes[0],
                        labels.sizes[0], pair.labels.filename().string());
    }
    return {"idx",
            pair.images.parent_path(),
            1,
            static_cast<int>(images.sizes[1]),
            static_cast<int>(images.sizes[2]),
            std::move(images.bytes),
            {labels.bytes.begin(), labels.bytes.end()}};
}

}  // namespace mho::flows
