// SPDX-License-Identifier: Apache-2.0
// A network on a data set, in float and on the calibrated analog hardware.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "behavioral/card.h"
#include "flows/dataset.h"
#include "flows/inference_report.h"
#include "flows/network.h"

namespace mho::flows {

struct InferOptions {
    std::filesystem::path model;  // ONNX file
    std::filesystem::path data;   // folder
    std::size_t limit = 0;        // first images only; 0: all
    std::string normalize;        // as find_preprocessing takes it
    std::uint64_t seed = 1;
    int trials = 1;           // programmed instances, 1 .. 1000
    std::size_t threads = 0;  // 0: one per hardware thread
    double activation_percentile = 100;
    bool programming_error = true;
    bool readout_noise = true;
    bool mismatch = true;                           // of read-outs, where the card knows it
    ProgressCallback progress = {};                 // counts images over all trials
    std::function<bool()> stop = mho::interrupted;  // true ends the run early
};

// What the runs below and infer_float share: the data set, which fits the network; what a report
// says about the network; the error of a run stopped too early.
Dataset load_data_for(const Network& network, const InferOptions& options);
ModelInfo model_info(const Network& network, const std::filesystem::path& path);
Error interrupted_before_any();

// The same bits for any number of threads. Throws bad_input naming file or key for what does not
// fit; Error(interrupted) when stopped before any image went through the tiles. Stopped later, it
// reports what is done: of the first trial the images it reached, or the trials completed.
InferenceReport infer(const behavioral::ModelCard& card, const InferOptions& options);

}  // namespace mho::flows
