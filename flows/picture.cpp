// SPDX-License-Identifier: Apache-2.0
#include "flows/picture.h"

#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/file.h"

namespace mho::flows {
namespace {

constexpr int kMaxSide = 1 << 14;

void check_size(const std::filesystem::path& path, std::int64_t height, std::int64_t width) {
    if (height < 1 || width < 1 || height > kMaxSide || width > kMaxSide) {
        throw bad_input("{}: picture of {} x {} pixels; at most {} a side are supported",
                        path.string(), width, height, kMaxSide);
    }
}

Picture blank(int channels, int height, int width) {
    Picture picture{channels, height, width, {}};
    picture.pixels.resize(static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) *
                          static_cast<std::size_t>(width));
    return picture;
}

struct DestroyDecoder {
    void operator()(void* decoder) const { tjDestroy(decoder); }
};

Picture read_jpeg(const std::string& bytes, const std::filesystem::path& path, int channels) {
    const std::unique_ptr<void, DestroyDecoder> decoder(tjInitDecompress());
    if (!decoder) throw system_error("JPEG decoder: {}", tjGetErrorStr());
    const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
    const auto size = static_cast<unsigned long>(bytes.size());
    const auto failed = [&] {
        return bad_input("{}: corrupt or cut off JPEG ({})", path.string(),
                         tjGetErrorStr2(decoder.get()));
    };
    int width = 0, height = 0, sampling = 0, space = 0;
    if (tjDecompressHeader3(decoder.get(), data, size, &width, &height, &sampling, &space) != 0) {
        throw failed();
    }
    check_size(path, height, width);
    const bool four = space == TJCS_CMYK || space == TJCS_YCCK;
    Picture picture = blank(four ? 4 : channels, height, width);
    const int format = four ? TJPF_CMYK : channels == 1 ? TJPF_GRAY : TJPF_RGB;
    if (tjDecompress2(decoder.get(), data, size, picture.pixels.data(), width, 0, height, format,
                      TJFLAG_ACCURATEDCT) != 0) {
        throw failed();
    }
    if (!four) return picture;
    // Adobe's four inks are stored inverted: colour = ink * key / 255.
    Picture mixed = blank(channels, height, width);
    const std::size_t count = mixed.pixels.size() / static_cast<std::size_t>(channels);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* const inks = picture.pixels.data() + 4 * i;
        int rgb[3];
        for (int c = 0; c < 3; ++c) rgb[c] = (inks[c] * inks[3] + 127) / 255;
        if (channels == 1) {
            // ITU-R BT.601 luma, as JPEG defines it.
            const double grey = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
            mixed.pixels[i] = static_cast<std::uint8_t>(std::lround(grey));
        } else {
            for (std::size_t c = 0; c < 3; ++c) {
                mixed.pixels[3 * i + c] = static_cast<std::uint8_t>(rgb[c]);
            }
        }
    }
    return mixed;
}

Picture read_png(const std::string& bytes, const std::filesystem::path& path, int channels) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    const auto failed = [&] {
        const std::string text = image.message;
        png_image_free(&image);
        return bad_input("{}: corrupt or cut off PNG ({})", path.string(), text);
    };
    if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) throw failed();
    if (image.width > kMaxSide || image.height > kMaxSide) {
        png_image_free(&image);
        check_size(path, image.height, image.width);
    }
    image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    Picture picture =
        blank(channels, static_cast<int>(image.height), static_cast<int>(image.width));
    const png_color black{0, 0, 0};
    if (png_image_finish_read(&image, &black, picture.pixels.data(), 0, nullptr) == 0) {
        throw failed();
    }
    return picture;
}

// The pixels that one output pixel is a weighted sum of, along one axis.
struct Taps {
    int first = 0;
    std::vector<std::int32_t> weights;  // sum 2^kBits
};

constexpr int kBits = 22;

std::vector<Taps> taps_along(int from, int to) {
    const double scale = static_cast<double>(from) / to;
    const double reach = std::max(scale, 1.0);
    std::vector<Taps> all;
    for (int i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * scale;
        const int first = std::max(static_cast<int>(centre - reach + 0.5), 0);
        const int end = std::min(static_cast<int>(centre + reach + 0.5), from);
        std::vector<double> weights;
        double sum = 0;
        for (int x = first; x < end; ++x) {
            weights.push_back(std::max(1 - std::abs((x - centre + 0.5) / reach), 0.0));
            sum += weights.back();
        }
        Taps taps{first, {}};
        for (const double w : weights) {
            taps.weights.push_back(static_cast<std::int32_t>(w / sum * (1 << kBits) + 0.5));
        }
        all.push_back(std::move(taps));
    }
    return all;
}

// Weighted sum of bytes that lie `stride` apart.
std::uint8_t weighted(const Taps& taps, const std::uint8_t* from, std::size_t stride) {
    std::int64_t sum = std::int64_t{1} << (kBits - 1);
    for (const std::int32_t weight : taps.weights) {
        sum += std::int64_t{weight} * *from;
        from += stride;
    }
    return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> kBits, 0, 255));
}

Picture resized_rows(const Picture& in, int width) {
    if (width == in.width) return in;
    Picture out = blank(in.channels, in.height, width);
    const std::vector<Taps> taps = taps_along(in.width, width);
    const auto channels = static_cast<std::size_t>(in.channels);
    const std::size_t row = channels * static_cast<std::size_t>(in.width);
    std::uint8_t* to = out.pixels.data();
    for (std::size_t y = 0; y < static_cast<std::size_t>(in.height); ++y) {
        for (const Taps& each : taps) {
            const std::uint8_t* const from =
                in.pixels.data() + y * row + channels * static_cast<std::size_t>(each.first);
            for (std::size_t c = 0; c < channels; ++c) *to++ = weighted(each, from + c, channels);
        }
    }
    return out;
}

Picture resized_columns(const Picture& in, int height) {
    if (height == in.height) return in;
    Picture out = blank(in.channels, height, in.width);
    const std::size_t row =
        static_cast<std::size_t>(in.channels) * static_cast<std::size_t>(in.width);
    std::uint8_t* to = out.pixels.data();
    for (const Taps& each : taps_along(in.height, height)) {
        const std::uint8_t* const from =
            in.pixels.data() + row * static_cast<std::size_t>(each.first);
        for (std::size_t x = 0; x < row; ++x) *to++ = weighted(each, from + x, row);
    }
    return out;
}

Picture cropped(const Picture& in, int height, int width) {
    if (in.height < height || in.width < width) {
        throw bad_input("picture of {} x {} pixels is smaller than the crop of {} x {}", in.width,
                        in.height, width, height);
    }
    // A half pixel goes to the even side, as torchvision rounds.
    const int top = static_cast<int>(std::nearbyint((in.height - height) / 2.0));
    const int left = static_cast<int>(std::nearbyint((in.width - width) / 2.0));
    Picture out = blank(in.channels, height, width);
    const auto row = static_cast<std::size_t>(width * in.channels);
    for (int y = 0; y < height; ++y) {
        const std::size_t from =
            (static_cast<std::size_t>(top + y) * static_cast<std::size_t>(in.width) +
             static_cast<std::size_t>(left)) *
            static_cast<std::size_t>(in.channels);
        std::copy_n(in.pixels.data() + from, row,
                    out.pixels.data() + static_cast<std::size_t>(y) * row);
    }
    return out;
}

}  // namespace

Picture read_picture(const std::filesystem::path& path, int channels) {
    const std::string bytes = read_file(path);
    if (bytes.starts_with("\xff\xd8")) return read_jpeg(bytes, path, channels);
    if (bytes.starts_with("\x89PNG")) return read_png(bytes, path, channels);
    throw bad_input("{}: neither a JPEG nor a PNG file ({} bytes)", path.string(), bytes.size());
}

Picture resized(const Picture& picture, int height, int width) {
    return resized_columns(resized_rows(picture, width), height);
}

Picture fitted(const Picture& picture, const PictureSize& size) {
    int shorter = size.shorter;
    if (shorter == 0) {
        if (picture.height == size.height && picture.width == size.width) return picture;
        shorter = (std::min(size.height, size.width) * 8 + 3) / 7;
    }
    const auto scaled = [&](int longer, int by) {
        return static_cast<int>(std::int64_t{shorter} * longer / by);
    };
    const bool upright = picture.height > picture.width;
    const int height = upright ? scaled(picture.height, picture.width) : shorter;
    const int width = upright ? shorter : scaled(picture.width, picture.height);
    if (std::max(height, width) > 4 * kMaxSide) {
        throw bad_input("picture of {} x {} pixels is too long to resize", picture.width,
                        picture.height);
    }
    return cropped(resized(picture, height, width), size.height, size.width);
}

}  // namespace mho::flows
