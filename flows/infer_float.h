// SPDX-License-Identifier: Apache-2.0
// A network on a data set, in digital single precision alone.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "flows/infer.h"
#include "flows/inference_report.h"

namespace mho::flows {

struct FloatInference {
    std::string mho_version;
    ModelInfo model;
    DataInfo data;
    std::size_t samples = 0;   // fewer than asked for after an early stop
    bool interrupted = false;  // stopped early: numbers are of the first `samples` images
    double accuracy = 0;       // part of the samples that are classified right
    std::size_t classes = 0;
    std::vector<float> scores;  // samples x classes
};

// Takes model, data, limit, normalize, threads, progress and stop of the options. The same bits for
// any number of threads. Throws as infer does.
FloatInference infer_float(const InferOptions& options);

}  // namespace mho::flows
