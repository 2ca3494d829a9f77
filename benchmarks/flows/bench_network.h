// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>

#include "base/data_folder.h"

namespace mho::bench {

inline std::filesystem::path named_or_shipped(const char* variable, const char* shipped) {
    if (const char* named = std::getenv(variable)) return named;
    return mho::find_data(shipped);
}

// The network and data set that benches of networks run: $MHO_BENCH_MODEL and $MHO_BENCH_DATA, or
// the shipped digits.
inline std::filesystem::path model_path() {
    return named_or_shipped("MHO_BENCH_MODEL", "digits/mlp_digits.onnx");
}
inline std::filesystem::path data_path() {
    return named_or_shipped("MHO_BENCH_DATA", "digits");
}

}  // namespace mho::bench
