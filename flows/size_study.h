// SPDX-License-Identifier: Apache-2.0
// How large an array may be: a network's accuracy on a described system over a grid of sizes,
// converters and conditions, and the size to build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "flows/infer.h"
#include "flows/inference_report.h"
#include "flows/size_axis.h"
#include "flows/system_spec.h"

namespace mho::flows {

struct SizeOptions {
    InferOptions infer;  // as infer_system takes it; trials: 2 or more where instances differ
    std::filesystem::path system;
    std::vector<std::string> changes;  // of the system, at every point
    std::vector<SizeAxis> axes;        // at least one; the first counts most
    double tolerance = 0.01;           // of accuracy that may be lost against the float network
    double confidence = 0.95;          // that no more is lost, 0.5 .. 0.9999
    // Where finished passes are kept and found again; empty: nowhere.
    std::filesystem::path kept;
};

// One instance on the data set, against the float network image by image.
struct SizeTrial {
    std::size_t right = 0;
    std::size_t lost = 0;    // images that the float network alone has right
    std::size_t gained = 0;  // images that the system alone has right
};

struct SizePoint {
    std::vector<double> at;  // one value per axis
    std::vector<std::string> changes;
    std::vector<SizeTrial> trials;
    double accuracy = 0;   // mean over trials
    double deviation = 0;  // between trials, n - 1
    double loss = 0;       // float less system
    double loss_most = 0;  // with the confidence asked for, no more
    bool holds = false;    // loss_most <= tolerance
};

struct SizeStudy {
    std::string mho_version;
    ModelInfo model;
    DataInfo data;
    SystemSpec system;
    std::uint64_t seed = 0;
    std::size_t samples = 0;
    std::size_t float_right = 0;
    double tolerance = 0;
    double confidence = 0;
    std::vector<SizeAxis> axes;
    std::vector<SizePoint> points;           // in the order of a grid, the last axis fastest
    std::size_t computed = 0;                // passes of this run; others were found
    bool interrupted = false;                // points: those finished
    std::optional<std::size_t> recommended;  // point: the chosen size at its worst conditions
    std::string reason;                      // for the recommendation, or why there is none
    int most_inputs = 0;                     // of a layer: more rows are never used
};

// The same bits for any number of threads, and whether passes were computed or found. Throws as
// infer_system does, bad_input for axes that do not fit the system, and Error(interrupted) when
// stopped before a point was finished.
SizeStudy study_size(const SizeOptions& options);

// Fills accuracy .. holds of a point.
//
// loss_most adds to the loss two margins, as if independent. Images: the paired differences of one
// instance are 1, 0 or -1, so their variance is (lost + gained) / n less the mean squared (the mean
// over trials; no more than that counts); a normal quantile, and at least -ln(1 - confidence) / n,
// which is exact where no image differs. Instances: Student's quantile for trials - 1 degrees of
// freedom times deviation / sqrt(trials).
void judge(SizePoint& point, std::size_t samples, double tolerance, double confidence);

// Fills recommended and reason from judged points. Values of the axes that a designer chooses make
// a size; the others are conditions. Of the sizes that hold under all conditions the one best on
// the first axis, then the second and so on. If none does: of those that hold under the most
// conditions. Without axes of a designer, the furthest condition that holds.
void recommend(SizeStudy& study);

std::string size_to_json(const SizeStudy& study);  // mho.size/1 (docs/formats/size.md)
std::string size_text(const SizeStudy& study);     // a table, and the recommendation
// Loss against the first axis, a line for each value of the second (six at most), at the
// recommended values of others. Throws as plot_svg does.
std::string size_svg(const SizeStudy& study);

}  // namespace mho::flows
