// SPDX-License-Identifier: Apache-2.0
// A network whose every multiply is a transient of the whole macro in ngspice, layer by layer,
// beside the same network on the macro's card. Nothing is fitted, and nothing is noisy: what
// differs is what the card's models miss.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "calibrate/calibrate.h"
#include "flows/infer.h"

namespace mho::flows {

// What came out of both, image by image.
struct NetworkInSpice {
    std::vector<int> labels;
    std::vector<int> float_classes, spice_classes, card_classes;
    Eigen::MatrixXf spice_logits, card_logits;  // images x classes
    std::size_t codes = 0;                      // conversions of columns that carry weights
    std::size_t equal_codes = 0;  // where the card's tile converts the same inputs alike
    std::int32_t worst_code = 0;  // largest difference of two codes
    calibrate::RunCount runs;
};

struct NetworkInSpiceSummary {
    std::size_t images = 0;
    std::size_t same_class = 0;
    std::size_t correct_float = 0, correct_spice = 0, correct_card = 0;
    // Of the range of SPICE's logits, from the least to the largest of all images and classes.
    double rms_logit_error = 0, worst_logit_error = 0;
};
NetworkInSpiceSummary summarize(const NetworkInSpice& both);

// options: model, data, limit, normalize, seed, activation_percentile and programming_error as in
// flows::infer; one instance, whose programmed states are the same on both sides. `spice` says how
// runs are done; they go through its cache, so interrupted work resumes. The ranges of activations
// are those of the whole data set, so a larger limit repeats no run. The card's later layers see
// the card's own activations. Throws as flows::infer and calibrate::MacroInSpice do.
NetworkInSpice run_network_in_spice(const behavioral::ModelCard& card, const InferOptions& options,
                                    const calibrate::CalibrateOptions& spice);

}  // namespace mho::flows
