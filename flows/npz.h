// SPDX-License-Identifier: Apache-2.0
// NumPy archives (.npz): a zip file of one NPY file per array, as numpy.savez writes it.
#pragma once

#include <span>
#include <string>

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

}  // namespace mho::flows
