// SPDX-License-Identifier: Apache-2.0
#include "flows/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/random.h"

namespace mho::flows {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kMoment1 = 0.9;  // Adam's beta_1, beta_2 and epsilon as published
constexpr double kMoment2 = 0.999;
constexpr double kEpsilon = 1e-8;
// Second id of the training streams.
constexpr std::uint32_t kInitialStream = 0;
constexpr std::uint32_t kOrderStream = 1;

void check_network(const Mlp& mlp, Index inputs) {
    if (mlp.layers.empty()) throw bad_input("network without layers");
    for (const MlpLayer& layer : mlp.layers) {
        if (layer.weights.cols() != inputs || layer.weights.rows() != layer.bias.size() ||
            layer.bias.size() == 0) {
            throw bad_input("network layer of {} x {} weights and {} biases: expected {} inputs",
                            layer.weights.rows(), layer.weights.cols(), layer.bias.size(), inputs);
        }
        inputs = layer.weights.rows();
    }
}

void check_labels(const Mlp& mlp, Index images, std::span<const std::uint8_t> labels) {
    if (images == 0 || static_cast<std::size_t>(images) != labels.size()) {
        throw bad_input("{} labels for {} images", labels.size(), images);
    }
    const auto classes = mlp.layers.back().bias.size();
    for (const std::uint8_t label : labels) {
        if (label >= classes) {
            throw bad_input("label {} for a network of {} classes", int{label}, classes);
        }
    }
}

// Output of every layer, after ReLU for all but the last.
std::vector<MatrixXd> forward(const Mlp& mlp, const MatrixXd& images) {
    std::vector<MatrixXd> outputs;
    for (const MlpLayer& layer : mlp.layers) {
        const MatrixXd& input = outputs.empty() ? images : outputs.back();
        MatrixXd output = (layer.weights * input).colwise() + layer.bias;
        if (outputs.size() + 1 < mlp.layers.size()) output = output.cwiseMax(0.0);
        outputs.push_back(std::move(output));
    }
    return outputs;
}

// Replaces logits by the loss's derivative with respect to them; returns the mean loss.
double softmax_loss(MatrixXd& logits, std::span<const std::uint8_t> labels) {
    double loss = 0;
    const auto count = static_cast<double>(logits.cols());
    for (Index i = 0; i < logits.cols(); ++i) {
        const Index label = labels[static_cast<std::size_t>(i)];
        auto column = logits.col(i);
        const VectorXd shifted = column.array() - column.maxCoeff();
        const VectorXd e = shifted.array().exp();
        const double sum = e.sum();
        loss += std::log(sum) - shifted[label];
        column = e / (sum * count);
        column[label] -= 1.0 / count;
    }
    return loss / count;
}

Mlp zeros_like(const Mlp& mlp) {
    Mlp zeros = mlp;
    for (MlpLayer& layer : zeros.layers) {
        layer.weights.setZero();
        layer.bias.setZero();
    }
    return zeros;
}

class Adam {
  public:
    Adam(const Mlp& mlp, double weight_decay)
        : first_(zeros_like(mlp)), second_(zeros_like(mlp)), weight_decay_(weight_decay) {}

    void step(Mlp& mlp, const Mlp& gradient, double rate) {
        ++steps_;
        const double scale =
            std::sqrt(1 - std::pow(kMoment2, steps_)) / (1 - std::pow(kMoment1, steps_));
        const auto move = [rate, scale](auto& value, const auto& slope, auto& m, auto& v) {
            m = kMoment1 * m + (1 - kMoment1) * slope;
            v = kMoment2 * v + (1 - kMoment2) * slope.cwiseAbs2();
            value.array() -= rate * scale * m.array() / (v.array().sqrt() + kEpsilon);
        };
        for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
            mlp.layers[i].weights *= 1 - rate * weight_decay_;
            move(mlp.layers[i].weights, gradient.layers[i].weights, first_.layers[i].weights,
                 second_.layers[i].weights);
            move(mlp.layers[i].bias, gradient.layers[i].bias, first_.layers[i].bias,
                 second_.layers[i].bias);
        }
    }

  private:
    Mlp first_;
    Mlp second_;
    double weight_decay_;
    int steps_ = 0;
};

void check_options(const TrainOptions& options) {
    if (options.epochs <= 0) throw bad_input("training epochs {}: expected > 0", options.epochs);
    if (options.batch <= 0) throw bad_input("training batch {}: expected > 0", options.batch);
    if (!(options.learning_rate > 0) || !std::isfinite(options.learning_rate)) {
        throw bad_input("learning rate {}: expected > 0", options.learning_rate);
    }
    if (!(options.weight_decay >= 0) || !std::isfinite(options.weight_decay)) {
        throw bad_input("weight decay {}: expected >= 0", options.weight_decay);
    }
}

std::vector<Index> shuffled(Index count, std::uint64_t seed, std::uint32_t epoch) {
    std::vector<Index> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), Index{0});
    RandomStream random(seed, RandomPurpose::training, epoch, kOrderStream);
    for (std::size_t i = order.size() - 1; i > 0; --i) {
        std::swap(order[i], order[random.below(static_cast<std::uint32_t>(i + 1))]);
    }
    return order;
}

}  // namespace

Mlp make_mlp(std::span<const int> sizes, std::uint64_t seed) {
    if (sizes.size() < 2)
        throw bad_input("network of {} sizes: expected two or more", sizes.size());
    for (const int size : sizes) {
        if (size <= 0) throw bad_input("network layer size {}: expected > 0", size);
    }
    Mlp mlp;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
        RandomStream random(seed, RandomPurpose::training, static_cast<std::uint32_t>(i),
                            kInitialStream);
        MlpLayer layer{MatrixXd(sizes[i + 1], sizes[i]), VectorXd::Zero(sizes[i + 1])};
        const double deviation = std::sqrt(2.0 / sizes[i]);
        for (double& weight : layer.weights.reshaped()) weight = deviation * random.normal();
        mlp.layers.push_back(std::move(layer));
    }
    return mlp;
}

MatrixXd mlp_logits(const Mlp& mlp, const MatrixXd& images) {
    check_network(mlp, images.rows());
    return forward(mlp, images).back();
}

LossAndGradient mlp_loss(const Mlp& mlp, const MatrixXd& images,
                         std::span<const std::uint8_t> labels) {
    check_network(mlp, images.rows());
    check_labels(mlp, images.cols(), labels);
    const std::vector<MatrixXd> outputs = forward(mlp, images);
    LossAndGradient result{0, zeros_like(mlp)};
    MatrixXd delta = outputs.back();
    result.loss = softmax_loss(delta, labels);
    for (std::size_t i = mlp.layers.size(); i-- > 0;) {
        const MatrixXd& input = i == 0 ? images : outputs[i - 1];
        result.gradient.layers[i].weights = delta * input.transpose();
        result.gradient.layers[i].bias = delta.rowwise().sum();
        if (i > 0) {
            const MatrixXd back = mlp.layers[i].weights.transpose() * delta;
            delta = (outputs[i - 1].array() > 0).select(back, 0.0);
        }
    }
    return result;
}

Mlp train_mlp(Mlp start, const MatrixXd& images, std::span<const std::uint8_t> labels,
              const TrainOptions& options) {
    check_options(options);
    check_network(start, images.rows());
    check_labels(start, images.cols(), labels);
    Adam adam(start, options.weight_decay);
    const Index batch = std::min<Index>(options.batch, images.cols());
    const Index batches = images.cols() / batch;  // a remainder joins the last batch
    std::vector<std::uint8_t> batch_labels;
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
        const std::vector<Index> order =
            shuffled(images.cols(), options.seed, static_cast<std::uint32_t>(epoch));
        double loss = 0;
        for (Index b = 0; b < batches; ++b) {
            if (interrupted()) throw Error(ErrorKind::interrupted, "training interrupted");
            const auto first = static_cast<std::size_t>(b * batch);
            const std::size_t last =
                b + 1 == batches ? order.size() : first + static_cast<std::size_t>(batch);
            const std::vector<Index> chosen(order.begin() + static_cast<std::ptrdiff_t>(first),
                                            order.begin() + static_cast<std::ptrdiff_t>(last));
            batch_labels.clear();
            for (const Index i : chosen)
                batch_labels.push_back(labels[static_cast<std::size_t>(i)]);
            const LossAndGradient step = mlp_loss(start, images(Eigen::all, chosen), batch_labels);
            if (!std::isfinite(step.loss)) {
                throw bad_input("training diverged in epoch {}: loss {}; lower the learning rate",
                                epoch + 1, step.loss);
            }
            loss += step.loss / static_cast<double>(batches);
            const double progress =
                (epoch + static_cast<double>(b) / static_cast<double>(batches)) / options.epochs;
            adam.step(start, step.gradient,
                      options.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * progress)));
        }
        if (options.progress) {
            options.progress(static_cast<std::size_t>(epoch + 1),
                             static_cast<std::size_t>(options.epochs),
                             fmt::format("loss {:.4f}", loss));
        }
    }
    return start;
}

double mlp_accuracy(const Mlp& mlp, const MatrixXd& images, std::span<const std::uint8_t> labels) {
    const MatrixXd logits = mlp_logits(mlp, images);
    check_labels(mlp, images.cols(), labels);
    Index right = 0;
    for (Index i = 0; i < logits.cols(); ++i) {
        Index best = 0;
        logits.col(i).maxCoeff(&best);
        right += best == labels[static_cast<std::size_t>(i)] ? 1 : 0;
    }
    return static_cast<double>(right) / static_cast<double>(logits.cols());
}

MatrixXd pixel_matrix(std::span<const std::uint8_t> pixels, std::size_t pixels_per_image) {
    if (pixels_per_image == 0 || pixels.size() % pixels_per_image != 0) {
        throw bad_input("{} pixels are not whole images of {}", pixels.size(), pixels_per_image);
    }
    MatrixXd matrix(static_cast<Index>(pixels_per_image),
                    static_cast<Index>(pixels.size() / pixels_per_image));
    std::transform(pixels.begin(), pixels.end(), matrix.reshaped().begin(),
                   [](std::uint8_t pixel) { return pixel / 255.0; });
    return matrix;
}

}  // namespace mho::flows
