// SPDX-License-Identifier: Apache-2.0
#include "flows/npy.h"

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"

namespace mho::flows {
namespace {

static_assert(std::endian::native == std::endian::little, "NPY data are read as little-endian");

constexpr std::string_view kMagic = "\x93NUMPY";

struct Header {
    std::string element_type;
    std::vector<std::size_t> shape;
    std::size_t data_offset = 0;
    bool fortran_order = false;
};

// The text after `'key':` in the header's Python dictionary, without leading blanks.
std::string_view value_of(std::string_view dictionary, std::string_view key,
                          const std::filesystem::path& path) {
    const std::size_t at = dictionary.find(fmt::format("'{}'", key));
    const std::size_t colon = dictionary.find(':', at);
    if (at == dictionary.npos || colon == dictionary.npos) {
        throw bad_input("{}: NPY header has no '{}'", path.string(), key);
    }
    const std::size_t start = dictionary.find_first_not_of(' ', colon + 1);
    return start == dictionary.npos ? std::string_view{} : dictionary.substr(start);
}

std::vector<std::size_t> parse_shape(std::string_view text, const std::filesystem::path& path) {
    const std::size_t close = text.find(')');
    if (text.empty() || text.front() != '(' || close == text.npos) {
        throw bad_input("{}: NPY header has no shape in parentheses", path.string());
    }
    std::vector<std::size_t> shape;
    const char* at = text.data() + 1;
    const char* const end = text.data() + close;
    while (at != end) {
        if (*at == ' ' || *at == ',') {
            ++at;
            continue;
        }
        std::size_t extent = 0;
        const auto [next, code] = std::from_chars(at, end, extent);
        if (code != std::errc{}) {
            throw bad_input("{}: NPY shape ({}) is not a list of sizes", path.string(),
                            text.substr(1, close - 1));
        }
        shape.push_back(extent);
        at = next;
    }
    return shape;
}

Header parse_header(std::string_view file, const std::filesystem::path& path) {
    if (file.size() < 10 || file.substr(0, kMagic.size()) != kMagic) {
        throw bad_input("{}: not an NPY file", path.string());
    }
    const int major = file[6];
    if (major != 1 && major != 2) {
        throw bad_input("{}: NPY format version {} is not supported (1.0 and 2.0 are)",
                        path.string(), major);
    }
    const std::size_t prefix = major == 1 ? 10 : 12;
    std::size_t length = 0;
    for (std::size_t i = prefix; i > 8; --i) {
        length = length * 256 + (i - 1 < file.size() ? static_cast<unsigned char>(file[i - 1]) : 0);
    }
    if (file.size() < prefix || file.size() - prefix < length) {
        throw bad_input("{}: NPY header is cut off: {} bytes in file, {} expected", path.string(),
                        file.size(), prefix + length);
    }
    const std::string_view dictionary = file.substr(prefix, length);
    const std::string_view type = value_of(dictionary, "descr", path);
    const std::size_t quote = type.find('\'', 1);
    if (type.empty() || type.front() != '\'' || quote == type.npos) {
        throw bad_input("{}: NPY element type is not a plain one", path.string());
    }
    const std::string_view order = value_of(dictionary, "fortran_order", path);
    if (!order.starts_with("True") && !order.starts_with("False")) {
        throw bad_input("{}: NPY header does not say True or False for 'fortran_order'",
                        path.string());
    }
    return {std::string(type.substr(1, quote - 1)),
            parse_shape(value_of(dictionary, "shape", path), path), prefix + length,
            order.starts_with("True")};
}

std::size_t header_elements(const Header& header, const std::filesystem::path& path) {
    std::size_t count = 1;
    for (const std::size_t extent : header.shape) {
        if (extent != 0 && count > std::numeric_limits<std::uint32_t>::max() / extent) {
            throw bad_input("{}: NPY array is too large", path.string());
        }
        count *= extent;
    }
    return count;
}

template <typename T>
std::vector<double> convert(std::string_view bytes, std::size_t count,
                            const std::filesystem::path& path) {
    if (bytes.size() != count * sizeof(T)) {
        throw bad_input("{}: {} bytes of NPY data, {} expected", path.string(), bytes.size(),
                        count * sizeof(T));
    }
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        T value{};
        std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
        if constexpr (std::is_same_v<T, std::int64_t>) {
            constexpr std::int64_t kExact = std::int64_t{1} << 53;
            if (value > kExact || value < -kExact) {
                throw bad_input("{}: NPY integer {} is beyond 2^53", path.string(), value);
            }
        }
        values[i] = static_cast<double>(value);
    }
    return values;
}

template <typename T>
void append_values(const std::vector<double>& values, std::string& bytes) {
    for (const double value : values) {
        const T narrow = static_cast<T>(value);
        bytes.append(reinterpret_cast<const char*>(&narrow), sizeof(T));
    }
}

// From first index fastest to last index fastest.
std::vector<double> to_c_order(const std::vector<double>& fortran,
                               const std::vector<std::size_t>& shape) {
    std::vector<double> values(fortran.size());
    std::vector<std::size_t> index(shape.size(), 0);
    for (double& value : values) {
        std::size_t from = 0;
        for (std::size_t d = shape.size(); d > 0; --d) from = from * shape[d - 1] + index[d - 1];
        value = fortran[from];
        for (std::size_t d = shape.size(); d > 0 && ++index[d - 1] == shape[d - 1]; --d) {
            index[d - 1] = 0;
        }
    }
    return values;
}

}  // namespace

NpyArray read_npy(const std::filesystem::path& path) {
    return parse_npy(read_file(path), path);
}

NpyArray parse_npy(std::string_view file, const std::filesystem::path& path) {
    const Header header = parse_header(file, path);
    const std::size_t count = header_elements(header, path);
    const std::string_view data = file.substr(header.data_offset);
    NpyArray array{header.shape, {}, header.element_type};
    const std::string& type = header.element_type;
    if (type == "<f4") {
        array.values = convert<float>(data, count, path);
    } else if (type == "<f8") {
        array.values = convert<double>(data, count, path);
    } else if (type == "|u1" || type == "|b1") {
        array.values = convert<std::uint8_t>(data, count, path);
    } else if (type == "<u2") {
        array.values = convert<std::uint16_t>(data, count, path);
    } else if (type == "<i8") {
        array.values = convert<std::int64_t>(data, count, path);
    } else {
        throw bad_input(
            "{}: NPY element type '{}' is not supported (<f4, <f8, |b1, |u1, <u2, <i8 are)",
            path.string(), type);
    }
    if (header.fortran_order) array.values = to_c_order(array.values, array.shape);
    return array;
}

std::string npy_bytes(const NpyArray& array) {
    std::string shape;
    for (const std::size_t extent : array.shape) shape += fmt::format("{}, ", extent);
    if (array.shape.size() > 1) shape.erase(shape.size() - 2);
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                     array.element_type, shape);
    // The data start at a multiple of 64 bytes.
    constexpr std::size_t kPrefix = 10;
    header.append(63 - (kPrefix + header.size()) % 64, ' ');
    header += '\n';
    std::string bytes = std::string(kMagic) + '\x01' + '\0';
    bytes += static_cast<char>(header.size() & 0xff);
    bytes += static_cast<char>(header.size() >> 8);
    bytes += header;
    if (array.element_type == "<f8") {
        append_values<double>(array.values, bytes);
    } else if (array.element_type == "<f4") {
        append_values<float>(array.values, bytes);
    } else if (array.element_type == "<u2") {
        append_values<std::uint16_t>(array.values, bytes);
    } else {
        throw bad_input("NPY element type '{}' is not written", array.element_type);
    }
    return bytes;
}

}  // namespace mho::flows
