// SPDX-License-Identifier: Apache-2.0
// Makes the embedded data set and its network: mho-make-digits FOLDER [SHEET.pgm]
#include <fmt/format.h>

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

// The recipe of data/digits, also told in its README.md.
constexpr std::uint64_t kTestSeed = 20;
constexpr std::uint64_t kTrainSeed = 10;
constexpr std::uint32_t kTestImages = 1000;
constexpr std::uint32_t kTrainImages = 30000;
constexpr int kHidden = 48;

// The first 400 test images as a portable grey map, dark ink on white, to look at.
std::string contact_sheet(const flows::DigitSet& set) {
    constexpr std::size_t kColumns = 25;
    constexpr std::size_t kRows = 16;
    const auto side = static_cast<std::size_t>(set.size);
    std::string sheet = fmt::format("P5\n{} {}\n255\n", kColumns * side, kRows * side);
    for (std::size_t y = 0; y < kRows * side; ++y) {
        for (std::size_t x = 0; x < kColumns * side; ++x) {
            const std::size_t image = y / side * kColumns + x / side;
            const std::uint8_t ink = set.pixels[(image * side + y % side) * side + x % side];
            sheet.push_back(static_cast<char>(255 - ink));
        }
    }
    return sheet;
}

void make(const fs::path& folder, const fs::path& sheet) {
    const flows::DigitSet test = flows::make_digits(kTestSeed, kTestImages);
    const flows::DigitSet train = flows::make_digits(kTrainSeed, kTrainImages);
    const auto area = static_cast<std::size_t>(test.size) * static_cast<std::size_t>(test.size);
    if (!sheet.empty()) mho::write_file(sheet, contact_sheet(test));

    const std::array<int, 3> sizes{test.size * test.size, kHidden, 10};
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
    const std::string onnx = flows::mlp_to_onnx(mlp, {test.size, test.size});
    const std::string images = flows::gzip(flows::idx_images(test.pixels, test.size, test.size));
    mho::write_file(folder / "t10k-images-idx3-ubyte.gz", images);
    mho::write_file(folder / "t10k-labels-idx1-ubyte.gz",
                    flows::gzip(flows::idx_labels(test.labels)));
    mho::write_file(folder / "mlp_digits.onnx", onnx);
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
    if (argc < 2 || argc > 3) {
        std::fputs("usage: mho-make-digits FOLDER [SHEET.pgm]\n", stderr);
        return 2;
    }
    try {
        make(argv[1], argc > 2 ? argv[2] : "");
    } catch (const mho::Error& error) {
        std::fprintf(stderr, "mho-make-digits: %s\n", error.what());
        return error.exit_code();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mho-make-digits: %s\n", error.what());
        return 4;
    }
    return 0;
}
