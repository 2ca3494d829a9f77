// SPDX-License-Identifier: Apache-2.0
// NumPy archives (.npz): a zip file of one NPY file per array, as numpy.savez writes it.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "flows/npy.h"

namespace mho::flows {

struct NamedArray {
    std::string name;  // numpy.load(FILE)[name]
    NpyArray array;
};

// The bytes of an archive: entries NAME.npy in the order given, not compressed, without dates, so
// that equal arrays are equal files. Throws bad_input when there is no array, a name is empty or
// appears twice, Error(system) when there is no memory for it.
std::string npz_bytes(std::span<const NamedArray> arrays);

// The arrays of an archive, in its order. Throws bad_input naming the file, and the entry, when it
// is no zip archive, cut off, or an entry is no NPY file of a supported kind.
std::vector<NamedArray> read_npz(const std::filesystem::path& path);

}  // namespace mho::flows
