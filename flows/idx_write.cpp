// SPDX-License-Identifier: Apache-2.0
#include "flows/idx_write.h"

#include <zlib.h>

#include <cstddef>
#include <limits>

#include "base/error.h"
#include "flows/dataset_idx.h"

namespace mho::flows {
namespace {

constexpr int kGzipWindow = 15 + 16;  // largest window, gzip wrapper
constexpr int kUnknownSystem = 255;

void append_big_endian(std::string& bytes, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<char>(value >> shift & 0xff));
    }
}

void append(std::string& bytes, std::span<const std::uint8_t> values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size());
}

}  // namespace

std::string idx_images(std::span<const std::uint8_t> pixels, int height, int width) {
    if (height <= 0 || width <= 0) {
        throw bad_input("IDX images of {} x {} pixels: expected positive sizes", height, width);
    }
    const std::size_t area = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    if (pixels.size() % area != 0 ||
        pixels.size() / area > std::numeric_limits<std::uint32_t>::max()) {
        throw bad_input("IDX images: {} pixels are not whole images of {} x {}", pixels.size(),
                        height, width);
    }
    std::string bytes;
    append_big_endian(bytes, kIdxImageMagic);
    append_big_endian(bytes, static_cast<std::uint32_t>(pixels.size() / area));
    append_big_endian(bytes, static_cast<std::uint32_t>(height));
    append_big_endian(bytes, static_cast<std::uint32_t>(width));
    append(bytes, pixels);
    return bytes;
}

std::string idx_labels(std::span<const std::uint8_t> labels) {
    std::string bytes;
    append_big_endian(bytes, kIdxLabelMagic);
    append_big_endian(bytes, static_cast<std::uint32_t>(labels.size()));
    append(bytes, labels);
    return bytes;
}

std::string gzip(std::string_view content) {
    if (content.size() > std::numeric_limits<uInt>::max() / 2) {
        throw bad_input("gzip: {} bytes are too many for one piece", content.size());
    }
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        throw system_error("zlib cannot start: not enough memory");
    }
    gz_header header{};
    header.os = kUnknownSystem;
    deflateSetHeader(&stream, &header);
    std::string packed(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
    // zlib's interface is not const-correct; it does not write to its input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int state = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (state != Z_STREAM_END) throw system_error("zlib: compression failed (code {})", state);
    return packed;
}

}  // namespace mho::flows
