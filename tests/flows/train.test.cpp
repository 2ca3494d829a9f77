// SPDX-License-Identifier: Apache-2.0
#include "flows/train.h"

#include <array>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "base/random.h"

using namespace mho::flows;
using Catch::Matchers::ContainsSubstring;

namespace {

struct Points {
    Eigen::MatrixXd inputs;
    std::vector<std::uint8_t> labels;
};

// Two rings, one inside the other: not linearly separable, separable with a hidden layer.
Points rings(int count, std::uint64_t seed) {
    Points points{Eigen::MatrixXd(2, count), {}};
    mho::RandomStream random(seed, mho::RandomPurpose::test);
    for (int i = 0; i < count; ++i) {
        const int label = i % 2;
        const double radius = (label == 0 ? 0.4 : 1.0) + 0.08 * random.normal();
        const double angle = random.uniform(0, 6.283185307);
        points.inputs(0, i) = radius * std::cos(angle);
        points.inputs(1, i) = radius * std::sin(angle);
        points.labels.push_back(static_cast<std::uint8_t>(label));
    }
    return points;
}

double loss_at(const Mlp& mlp, const Points& points) {
    return mlp_loss(mlp, points.inputs, points.labels).loss;
}

}  // namespace

TEST_CASE("gradients agree with central differences") {
    const std::array<int, 4> sizes{2, 5, 4, 2};
    Mlp mlp = make_mlp(sizes, 3);
    for (MlpLayer& layer : mlp.layers) layer.bias.setConstant(0.05);
    const Points points = rings(17, 1);
    const Mlp gradient = mlp_loss(mlp, points.inputs, points.labels).gradient;
    constexpr double kStep = 1e-6;
    const auto slope = [&](double& parameter) {
        const double value = parameter;
        parameter = value + kStep;
        const double above = loss_at(mlp, points);
        parameter = value - kStep;
        const double below = loss_at(mlp, points);
        parameter = value;
        return (above - below) / (2 * kStep);
    };
    double largest = 0;
    for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
        MlpLayer& layer = mlp.layers[i];
        for (Eigen::Index k = 0; k < layer.weights.size(); ++k) {
            const double found = gradient.layers[i].weights.data()[k];
            CHECK(found == Catch::Approx(slope(layer.weights.data()[k])).margin(1e-8));
            largest = std::max(largest, std::abs(found));
        }
        for (Eigen::Index k = 0; k < layer.bias.size(); ++k) {
            CHECK(gradient.layers[i].bias[k] == Catch::Approx(slope(layer.bias[k])).margin(1e-8));
        }
    }
    CHECK(largest > 1e-3);
}

TEST_CASE("the loss of a network that knows nothing is the logarithm of the classes") {
    const std::array<int, 2> sizes{3, 10};
    Mlp mlp = make_mlp(sizes, 1);
    mlp.layers[0].weights.setZero();
    const Eigen::MatrixXd images = Eigen::MatrixXd::Ones(3, 4);
    const std::array<std::uint8_t, 4> labels{0, 3, 9, 1};
    CHECK(mlp_loss(mlp, images, labels).loss == Catch::Approx(std::log(10.0)));
    // Equal logits: the first class counts as the answer.
    CHECK(mlp_accuracy(mlp, images, labels) == Catch::Approx(0.25));
}

TEST_CASE("initial weights have the variance of He's rule") {
    const std::array<int, 3> sizes{200, 300, 10};
    const Mlp mlp = make_mlp(sizes, 9);
    CHECK(mlp.layers[0].weights.squaredNorm() / (200 * 300) == Catch::Approx(0.01).epsilon(0.03));
    CHECK(mlp.layers[0].weights.mean() == Catch::Approx(0).margin(2e-3));
    CHECK(mlp.layers[0].bias.isZero());
    CHECK(make_mlp(sizes, 9).layers[1].weights == mlp.layers[1].weights);
    CHECK(make_mlp(sizes, 10).layers[1].weights != mlp.layers[1].weights);
}

TEST_CASE("training learns what one layer cannot, the same bits each time") {
    const Points points = rings(400, 1);
    const Points fresh = rings(400, 2);
    TrainOptions options;
    options.epochs = 40;
    options.batch = 30;
    options.learning_rate = 0.02;
    std::size_t last_epoch = 0;
    options.progress = [&](std::size_t done, std::size_t total, const std::string& remark) {
        CHECK(total == 40);
        CHECK(remark.find("loss") != std::string::npos);
        last_epoch = done;
    };
    const std::array<int, 3> deep{2, 12, 2};
    const Mlp mlp = train_mlp(make_mlp(deep, 1), points.inputs, points.labels, options);
    CHECK(last_epoch == 40);
    CHECK(mlp_accuracy(mlp, fresh.inputs, fresh.labels) > 0.98);

    const std::array<int, 2> flat{2, 2};
    const Mlp line = train_mlp(make_mlp(flat, 1), points.inputs, points.labels, options);
    CHECK(mlp_accuracy(line, fresh.inputs, fresh.labels) < 0.7);

    const Mlp again = train_mlp(make_mlp(deep, 1), points.inputs, points.labels, options);
    CHECK(again.layers[0].weights == mlp.layers[0].weights);
    options.seed = 2;
    const Mlp other = train_mlp(make_mlp(deep, 1), points.inputs, points.labels, options);
    CHECK(other.layers[0].weights != mlp.layers[0].weights);
}

TEST_CASE("the trainer refuses what does not fit, in one line each") {
    const std::array<int, 3> sizes{2, 4, 2};
    const Mlp mlp = make_mlp(sizes, 1);
    Points points = rings(10, 1);
    const auto train = [&](const TrainOptions& options) {
        return train_mlp(mlp, points.inputs, points.labels, options);
    };
    TrainOptions options;
    options.epochs = 0;
    CHECK_THROWS_WITH(train(options), ContainsSubstring("epochs 0"));
    options = {};
    options.batch = -3;
    CHECK_THROWS_WITH(train(options), ContainsSubstring("batch -3"));
    options = {};
    options.learning_rate = std::nan("");
    CHECK_THROWS_WITH(train(options), ContainsSubstring("learning rate"));
    options = {};
    options.weight_decay = -1;
    CHECK_THROWS_WITH(train(options), ContainsSubstring("weight decay"));
    options = {};
    options.learning_rate = 1e300;
    options.epochs = 3;
    options.batch = 2;
    CHECK_THROWS_WITH(train(options), ContainsSubstring("diverged"));

    points.labels[4] = 2;
    CHECK_THROWS_WITH(train({}), ContainsSubstring("label 2"));
    points.labels.pop_back();
    CHECK_THROWS_WITH(train({}), ContainsSubstring("9 labels for 10 images"));
    CHECK_THROWS_WITH(mlp_logits(mlp, Eigen::MatrixXd::Ones(3, 1)), ContainsSubstring("3 inputs"));
    CHECK_THROWS_WITH(mlp_logits({}, points.inputs), ContainsSubstring("without layers"));
    const std::array<int, 1> one{5};
    CHECK_THROWS_WITH(make_mlp(one, 1), ContainsSubstring("1 sizes"));
    const std::array<int, 2> empty{5, 0};
    CHECK_THROWS_WITH(make_mlp(empty, 1), ContainsSubstring("size 0"));
}

TEST_CASE("pixels become one column per image, 255 is one") {
    const std::array<std::uint8_t, 6> pixels{0, 255, 51, 102, 153, 204};
    const Eigen::MatrixXd matrix = pixel_matrix(pixels, 3);
    REQUIRE(matrix.rows() == 3);
    REQUIRE(matrix.cols() == 2);
    CHECK(matrix(1, 0) == 1.0);
    CHECK(matrix(0, 1) == Catch::Approx(0.4));
    CHECK_THROWS_AS(pixel_matrix(pixels, 4), mho::Error);
    CHECK_THROWS_AS(pixel_matrix(pixels, 0), mho::Error);
}
