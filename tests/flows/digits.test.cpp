// SPDX-License-Identifier: Apache-2.0
#include "flows/digits.h"

#include <algorithm>
#include <array>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "flows/dataset.h"
#include "flows/digits_strokes.h"
#include "flows/onnx_read.h"
#include "flows/train.h"

namespace fs = std::filesystem;
using namespace mho::flows;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr std::uint64_t kShippedSeed = 20;  // data/digits/README.md

fs::path shipped() {
    return fs::path(MHO_SOURCE_DIR) / "data" / "digits";
}

// Share of a noiseless image that is inked, as mean grey.
double ink_fraction(const std::vector<std::uint8_t>& pixels) {
    double sum = 0;
    for (const std::uint8_t pixel : pixels) sum += pixel / 255.0;
    return sum / static_cast<double>(pixels.size());
}

DigitStyle still_style() {
    DigitStyle style;
    style.rotation_radian = style.shear = style.log_scale = style.shift = 0;
    style.control_point = style.elastic = style.noise = 0;
    style.ink_low = 1;
    style.pen_radius_low = style.pen_radius_high = 0.06;
    return style;
}

Mlp mlp_of(const Network& network) {
    Mlp mlp;
    for (const Node& node : network.nodes) {
        const Gemm* gemm = std::get_if<Gemm>(&node.op);
        if (!gemm) continue;
        MlpLayer layer{Eigen::MatrixXd(gemm->outputs, gemm->inputs),
                       Eigen::VectorXd(gemm->outputs)};
        for (int o = 0; o < gemm->outputs; ++o) {
            layer.bias[o] = gemm->bias[static_cast<std::size_t>(o)];
            for (int i = 0; i < gemm->inputs; ++i) {
                layer.weights(o, i) = gemm->weights[static_cast<std::size_t>(o * gemm->inputs + i)];
            }
        }
        mlp.layers.push_back(std::move(layer));
    }
    return mlp;
}

}  // namespace

TEST_CASE("a digit image depends on seed and index alone") {
    const DigitSet many = make_digits(5, 40, {}, 2);
    const DigitSet few = make_digits(5, 7, {}, 1);
    REQUIRE(many.count() == 40);
    REQUIRE(many.pixels.size() == 40 * 256);
    CHECK(std::equal(few.pixels.begin(), few.pixels.end(), many.pixels.begin()));
    CHECK(std::equal(few.labels.begin(), few.labels.end(), many.labels.begin()));
    CHECK(draw_digit(5, 3) == draw_digit(5, 3));
    CHECK(draw_digit(5, 3) != draw_digit(6, 3));
    CHECK(draw_digit(5, 3) != draw_digit(5, 4));
}

TEST_CASE("every ten digits hold each class once, in varying order") {
    std::array<int, 10> first{};
    for (std::uint32_t block = 0; block < 60; ++block) {
        std::array<int, 10> seen{};
        for (std::uint32_t i = 0; i < 10; ++i) {
            const int label = digit_label(11, 10 * block + i);
            REQUIRE(label >= 0);
            REQUIRE(label <= 9);
            ++seen[static_cast<std::size_t>(label)];
        }
        for (const int count : seen) CHECK(count == 1);
        ++first[static_cast<std::size_t>(digit_label(11, 10 * block))];
    }
    CHECK(*std::max_element(first.begin(), first.end()) < 20);  // 60 draws of 10: 6 expected
}

TEST_CASE("an undistorted one is a vertical bar of the pen's width") {
    // The area of a capsule: length * width + circle; the first way to write a 1 is a line from
    // y = 0.04 to 0.96, and anti-aliasing keeps its area.
    const DigitStyle style = still_style();
    const double box = 1 - 2 * style.margin;
    const double radius = 0.06 * box;
    const double area = 0.92 * box * 2 * radius + 3.14159265 * radius * radius;
    int bars = 0;
    for (std::uint32_t index = 0; index < 100; ++index) {
        if (digit_label(1, index) != 1) continue;
        DigitStyle fine = style;
        fine.size = 64;
        const std::vector<std::uint8_t> image = draw_digit(1, index, fine);
        const bool flagless = image[20 * 64 + 22] == 0 && image[58 * 64 + 22] == 0 &&
                              std::all_of(image.begin(), image.begin() + 64 * 64,
                                          [i = 0](std::uint8_t pixel) mutable {
                                              const int column = i++ % 64;
                                              return std::abs(column - 31.5) < 4 || pixel == 0;
                                          });
        if (!flagless) continue;
        ++bars;
        CHECK(ink_fraction(image) == Catch::Approx(area).epsilon(0.02));
    }
    CHECK(bars > 0);
}

TEST_CASE("ink and noise are as asked") {
    DigitStyle style;
    style.noise = 0;
    double with_pen = 0;
    for (std::uint32_t index = 0; index < 200; ++index) {
        const double ink = ink_fraction(draw_digit(2, index, style));
        CHECK(ink > 0.02);
        CHECK(ink < 0.45);
        with_pen += ink / 200;
    }
    style.pen_radius_low *= 1.5;
    style.pen_radius_high *= 1.5;
    double with_thicker_pen = 0;
    for (std::uint32_t index = 0; index < 200; ++index) {
        with_thicker_pen += ink_fraction(draw_digit(2, index, style)) / 200;
    }
    CHECK(with_thicker_pen > 1.2 * with_pen);

    // Corners hold noise alone: a half-normal distribution, of which half is cut at zero.
    double square = 0;
    int inked = 0;
    constexpr int kImages = 2000;
    for (std::uint32_t index = 0; index < kImages; ++index) {
        const double grey = draw_digit(3, index)[0] / 255.0;
        square += grey * grey;
        inked += grey > 0 ? 1 : 0;
    }
    CHECK(std::sqrt(2 * square / kImages) == Catch::Approx(DigitStyle{}.noise).epsilon(0.08));
    CHECK(inked > kImages * 0.42);
    CHECK(inked < kImages * 0.54);
}

TEST_CASE("smooth strokes pass through their control points") {
    const Stroke stroke{true, {{0.1, 0.2}, {0.5, 0.9}, {0.8, 0.3}, {0.9, 0.9}}};
    const std::vector<StrokePoint> line = flatten(stroke, 5);
    REQUIRE(line.size() == 16);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(line[5 * i].x == Catch::Approx(stroke.points[i].x));
        CHECK(line[5 * i].y == Catch::Approx(stroke.points[i].y));
    }
    CHECK(flatten({false, stroke.points}, 5).size() == 4);
}

TEST_CASE("every digit has several ways to be written, inside the unit square") {
    for (int digit = 0; digit < 10; ++digit) {
        const std::vector<Glyph>& glyphs = digit_glyphs(digit);
        CHECK(glyphs.size() >= 2);
        for (const Glyph& glyph : glyphs) {
            REQUIRE_FALSE(glyph.empty());
            for (const Stroke& stroke : glyph) {
                REQUIRE(stroke.points.size() >= 2);
                for (const StrokePoint& point : stroke.points) {
                    CHECK((point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1));
                }
            }
        }
    }
    CHECK_THROWS_WITH(digit_glyphs(10), ContainsSubstring("digit 10"));
    CHECK_THROWS_WITH(digit_glyphs(-1), ContainsSubstring("digit -1"));
}

TEST_CASE("digit images of a senseless size are refused") {
    DigitStyle style;
    style.size = 7;
    CHECK_THROWS_WITH(draw_digit(1, 0, style), ContainsSubstring("7 pixels"));
    style.size = 257;
    CHECK_THROWS_WITH(make_digits(1, 5, style), ContainsSubstring("257 pixels"));
    style.size = 8;
    CHECK(draw_digit(1, 0, style).size() == 64);
}

TEST_CASE("the shipped test images are what the generator draws") {
    const Dataset data = load_dataset(shipped(), 50);
    REQUIRE(data.size() == 50);
    REQUIRE(data.width == 16);
    const DigitSet drawn = make_digits(kShippedSeed, 50);
    std::size_t different = 0;
    for (std::size_t i = 0; i < drawn.pixels.size(); ++i) {
        different += std::lround(data.pixels[i] * 255.0f) == drawn.pixels[i] ? 0 : 1;
    }
    CHECK(different == 0);
    for (std::size_t i = 0; i < 50; ++i) CHECK(data.labels[i] == drawn.labels[i]);
}

TEST_CASE("the shipped network gets the accuracy that its page tells") {
    const Network network = read_onnx(shipped() / "mlp_digits.onnx");
    CHECK(network.input_shape() == Shape{1, 16, 16});
    CHECK(parameter_count(network) == 256 * 48 + 48 + 48 * 10 + 10);
    const Mlp mlp = mlp_of(network);
    REQUIRE(mlp.layers.size() == 2);
    const DigitSet test = make_digits(kShippedSeed, 1000);
    CHECK(mlp_accuracy(mlp, pixel_matrix(test.pixels, 256), test.labels) == Catch::Approx(0.978));
}

TEST_CASE("the shipped small digits are what the generator draws, with weights on 31 levels") {
    const fs::path folder = shipped().parent_path() / "digits8";
    const DigitStyle style{.size = 8,
                           .rotation_radian = 0.12,
                           .shear = 0.15,
                           .log_scale = 0.08,
                           .shift = 0.03,
                           .control_point = 0.025,
                           .elastic = 0.018,
                           .pen_radius_low = 0.08,
                           .pen_radius_high = 0.11,
                           .noise = 0.05};
    const DigitSet test = make_digits(kShippedSeed, 200, style);
    const Dataset data = load_dataset(folder, 200);
    REQUIRE(data.size() == 200);
    std::size_t different = 0;
    for (std::size_t i = 0; i < test.pixels.size(); ++i) {
        different += std::lround(data.pixels[i] * 255.0f) == test.pixels[i] ? 0 : 1;
    }
    CHECK(different == 0);
    const Mlp mlp = mlp_of(read_onnx(folder / "mlp_digits8.onnx"));
    REQUIRE(mlp.layers.size() == 2);
    CHECK(mlp_accuracy(mlp, pixel_matrix(test.pixels, 64), test.labels) == Catch::Approx(0.985));
    for (const MlpLayer& layer : mlp.layers) {
        const Eigen::ArrayXXd levels =
            layer.weights.array() / layer.weights.cwiseAbs().maxCoeff() * 15;
        CHECK((levels - levels.round()).abs().maxCoeff() < 1e-5);
    }
}
