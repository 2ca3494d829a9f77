// SPDX-License-Identifier: Apache-2.0
// Makes an embedded data set and its network: mho-make-digits 16|8 FOLDER [SHEET.pgm]
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "flows/digits.h"
#include "flows/idx_write.h"
#include "flows/onnx_write.h"
#include "flows/train.h"

namespace {

namespace fs = std::filesystem;
namespace flows = mho::flows;

// The recipes of data/digits and data/digits8, also told in their README.md.
struct Recipe {
    flows::DigitStyle style = {};
    int hidden = 48;
    std::uint32_t test_images = 1000;
    int weight_levels = 0;  // each way from 0, of each layer's largest weight; 0: not rounded
    std::string network;
};
const Recipe kDigits{.network = "mlp_digits.onnx"};
// So few pixels want a steady hand, a thick pen and a good scanner.
const Recipe kDigits8{.style = {.size = 8,
                                .rotation_radian = 0.12,
                                .shear = 0.15,
                                .log_scale = 0.08,
                                .shift = 0.03,
                                .control_point = 0.025,
                                .elastic = 0.018,
                                .pen_radius_low = 0.08,
                                .pen_radius_high = 0.11,
                                .noise = 0.05},
                      .hidden = 16,
                      .test_images = 200,
                      .weight_levels = 15,
                      .network = "mlp_digits8.onnx"};
constexpr std::uint64_t kTestSeed = 20;
constexpr std::uint64_t kTrainSeed = 10;
constexpr std::uint32_t kTrainImages = 30000;

void round_weights(flows::Mlp& mlp, int levels) {
    for (flows::MlpLayer& layer : mlp.layers) {
        const double step = layer.weights.cwiseAbs().maxCoeff() / levels;
        layer.weights = (layer.weights / step).array().round() * step;
    }
}

// The first 400 test images as a portable grey map, dark ink on white, to look at.
std::string contact_sheet(const flows::DigitSet& set) {
    constexpr std::size_t columns = 25;
    const std::size_t rows = std::min<std::size_t>(16, set.count() / columns);
    const auto side = static_cast<std::size_t>(set.size);
    std::string sheet = fmt::format("P5\n{} {}\n255\n", columns * side, rows * side);
    for (std::size_t y = 0; y < rows * side; ++y) {
        for (std::size_t x = 0; x < columns * side; ++x) {
            const std::size_t image = y / side * columns + x / side;
            const std::uint8_t ink = set.pixels[(image * side + y % side) * side + x % side];
            sheet.push_back(static_cast<char>(255 - ink));
        }
    }
    return sheet;
}

void make(const Recipe& recipe, const fs::path& folder, const fs::path& sheet) {
    const flows::DigitSet test = flows::make_digits(kTestSeed, recipe.test_images, recipe.style);
    const flows::DigitSet train = flows::make_digits(kTrainSeed, kTrainImages, recipe.style);
    const auto area = static_cast<std::size_t>(test.size) * static_cast<std::size_t>(test.size);
    if (!sheet.empty()) mho::write_file(sheet, contact_sheet(test));

    const std::array<int, 3> sizes{test.size * test.size, recipe.hidden, 10};
    const Eigen::MatrixXd train_images = flows::pixel_matrix(train.pixels, area);
    const Eigen::MatrixXd test_images = flows::pixel_matrix(test.pixels, area);
    flows::TrainOptions options;
    flows::Mlp mlp;
    {
        mho::ProgressBar bar("training");
        options.progress = bar.callback();
        mlp = flows::train_mlp(flows::make_mlp(sizes, options.seed), train_images, train.labels,
                               options);
    }
    if (recipe.weight_levels > 0) round_weights(mlp, recipe.weight_levels);
    const std::string onnx = flows::mlp_to_onnx(mlp, {test.size, test.size});
    const std::string images = flows::gzip(flows::idx_images(test.pixels, test.size, test.size));
    mho::write_file(folder / "t10k-images-idx3-ubyte.gz", images);
    mho::write_file(folder / "t10k-labels-idx1-ubyte.gz",
                    flows::gzip(flows::idx_labels(test.labels)));
    mho::write_file(folder / recipe.network, onnx);
    fmt::print(
        "training accuracy {:.2f} %, test accuracy {:.2f} % of {} images; "
        "images {} bytes, network {} bytes\n",
        100 * flows::mlp_accuracy(mlp, train_images, train.labels),
        100 * flows::mlp_accuracy(mlp, test_images, test.labels), test.count(), images.size(),
        onnx.size());
}

}  // namespace

int main(int argc, char** argv) {
    mho::catch_interrupts();
    const std::string size = argc < 2 ? "" : argv[1];
    if (argc < 3 || argc > 4 || (size != "16" && size != "8")) {
        std::fputs("usage: mho-make-digits 16|8 FOLDER [SHEET.pgm]\n", stderr);
        return 2;
    }
    try {
        make(size == "8" ? kDigits8 : kDigits, argv[2], argc > 3 ? argv[3] : "");
    } catch (const mho::Error& error) {
        std::fprintf(stderr, "mho-make-digits: %s\n", error.what());
        return error.exit_code();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mho-make-digits: %s\n", error.what());
        return 4;
    }
    return 0;
}
