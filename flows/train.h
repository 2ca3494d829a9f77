// SPDX-License-Identifier: Apache-2.0
// A small digital trainer: enough to make the networks that ship with mho. Multilayer perceptrons
// with ReLU between layers, softmax cross-entropy, Adam; in double precision, single-threaded, the
// same bits for the same seed.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/progress.h"

namespace mho::flows {

struct MlpLayer {
    Eigen::MatrixXd weights;  // outputs x inputs
    Eigen::VectorXd bias;     // outputs
};

// Layers in order; ReLU follows all but the last, whose outputs are logits.
struct Mlp {
    std::vector<MlpLayer> layers;
};

// sizes = {inputs, hidden ..., classes}. He initialisation (He et al., "Delving Deep into
// Rectifiers", ICCV 2015): weights normal with variance 2 / inputs, biases 0. Throws bad_input for
// fewer than two sizes or a size that is not positive.
Mlp make_mlp(std::span<const int> sizes, std::uint64_t seed);

// Logits, classes x images, for inputs x images. Throws bad_input when shapes do not fit.
Eigen::MatrixXd mlp_logits(const Mlp& mlp, const Eigen::MatrixXd& images);

struct LossAndGradient {
    double loss = 0;  // mean cross-entropy in nat
    Mlp gradient;     // of the loss, shaped like the network
};

// Throws bad_input when shapes do not fit or a label is not a class.
LossAndGradient mlp_loss(const Mlp& mlp, const Eigen::MatrixXd& images,
                         std::span<const std::uint8_t> labels);

struct TrainOptions {
    int epochs = 30;
    int batch = 50;
    double learning_rate = 2e-3;  // falls to zero along half a cosine
    double weight_decay = 1e-2;   // decoupled (Loshchilov & Hutter, ICLR 2019), weights only
    std::uint64_t seed = 1;       // order of the images
    ProgressCallback progress;    // counts epochs; may be empty
};

// Adam (Kingma & Ba, ICLR 2015; its default moments) from `start` on images, inputs x images.
// Throws bad_input for shapes or labels as mlp_loss, an option that is not positive (weight_decay:
// negative), and when the loss is no longer finite; Error(interrupted) after a signal.
Mlp train_mlp(Mlp start, const Eigen::MatrixXd& images, std::span<const std::uint8_t> labels,
              const TrainOptions& options = {});

// Fraction of images whose largest logit is the label's (the first of equals).
double mlp_accuracy(const Mlp& mlp, const Eigen::MatrixXd& images,
                    std::span<const std::uint8_t> labels);

// Bytes p of images x pixels as p/255 in pixels x images: what the trainer takes.
Eigen::MatrixXd pixel_matrix(std::span<const std::uint8_t> pixels, std::size_t pixels_per_image);

}  // namespace mho::flows
