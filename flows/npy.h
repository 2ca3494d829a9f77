// SPDX-License-Identifier: Apache-2.0
// NumPy array files (.npy): format versions 1.0 and 2.0 as in the NumPy manual, "NPY format".
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mho::flows {

// An array of any of the supported element types, widened to double (exact for all of them but
// 64-bit integers beyond 2^53, which are refused).
struct NpyArray {
    std::vector<std::size_t> shape;    // empty for a scalar
    std::vector<double> values;        // row-major
    std::string element_type = "<f8";  // in the file, as NumPy writes it
};

// Reads little-endian f4, f8, i8, or u1, u2, b1 (truth values, as 0 and 1), in C or Fortran order.
// Throws bad_input naming the file when it is missing, not NPY or of another element type, or has
// another number of bytes than its header says.
NpyArray read_npy(const std::filesystem::path& path);

// The same from the file's bytes; `path` is for messages.
NpyArray parse_npy(std::string_view bytes, const std::filesystem::path& path);

// The bytes of an NPY file, format version 1.0, in C order and of the array's element type: <f8,
// <f4 or <u2, in which the values must fit. `array.values` must be as many as its shape says.
std::string npy_bytes(const NpyArray& array);

}  // namespace mho::flows
