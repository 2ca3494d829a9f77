// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flows/report_data.h"

namespace mho::flows {

// The accuracy that the analog array costs, float minus analog, and its standard error: of the
// mean over trials, and of the images drawn. The latter uses that at most the share of images on
// which analog and float disagree can change the difference; without that share, both accuracies
// count as independent.
struct AccuracyLoss {
    double loss = 0;   // fraction
    double error = 0;  // one standard error
    bool measurable() const { return loss > 2 * error; }
};
std::optional<AccuracyLoss> accuracy_loss(const InferenceResult& result);

// The layer with the lowest signal-to-error ratio; nothing when no layer tells it.
const LayerResult* weakest_layer(const InferenceResult& result);

struct Advice {
    std::string headline;  // text
    std::string detail;    // text: what follows from which number
};

// What a designer should look at first. Every number is one of the result's or computed from them.
std::vector<Advice> advise(const InferenceResult& result);

}  // namespace mho::flows
