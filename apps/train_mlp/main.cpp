// SPDX-License-Identifier: Apache-2.0
// Trains a perceptron with one hidden layer on an IDX data set, in floating point:
// mho-train-mlp FOLDER HIDDEN EPOCHS NET.onnx
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "flows/dataset_idx.h"
#include "flows/onnx_write.h"
#include "flows/train.h"

namespace {

namespace fs = std::filesystem;
namespace flows = mho::flows;

int count_of(const std::string& text, const char* what) {
    int count = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, count);
    if (failure != std::errc() || stop != end || count < 1 || count > 100000) {
        throw mho::bad_input("{}: '{}', expected a whole number from 1 to 100000", what, text);
    }
    return count;
}

flows::RawImages read(const fs::path& folder, const std::string& part) {
    return flows::read_idx_pair(
        {folder / (part + "-images-idx3-ubyte.gz"), folder / (part + "-labels-idx1-ubyte.gz")}, 0);
}

std::vector<std::uint8_t> labels_of(const flows::RawImages& set) {
    return {set.labels.begin(), set.labels.end()};
}

double percent_right(const flows::Mlp& mlp, const flows::RawImages& set) {
    return 100 *
           flows::mlp_accuracy(mlp, flows::pixel_matrix(set.pixels, set.plane()), labels_of(set));
}

void train(const fs::path& folder, int hidden, int epochs, const fs::path& network) {
    const flows::RawImages images = read(folder, "train");
    const std::array<int, 3> sizes{images.height * images.width, hidden, 10};
    flows::TrainOptions options;
    options.epochs = epochs;
    flows::Mlp mlp;
    {
        mho::ProgressBar bar("training");
        options.progress = bar.callback();
        mlp = flows::train_mlp(flows::make_mlp(sizes, options.seed),
                               flows::pixel_matrix(images.pixels, images.plane()),
                               labels_of(images), options);
    }
    mho::write_file(network, flows::mlp_to_onnx(mlp, {images.height, images.width}));
    fmt::print("training accuracy {:.2f} %, test accuracy {:.2f} %\n", percent_right(mlp, images),
               percent_right(mlp, read(folder, "t10k")));
}

}  // namespace

int main(int argc, char** argv) {
    mho::catch_interrupts();
    if (argc != 5) {
        std::fputs("usage: mho-train-mlp FOLDER HIDDEN EPOCHS NET.onnx\n", stderr);
        return 2;
    }
    try {
        train(argv[1], count_of(argv[2], "HIDDEN"), count_of(argv[3], "EPOCHS"), argv[4]);
    } catch (const mho::Error& error) {
        std::fprintf(stderr, "mho-train-mlp: %s\n", error.what());
        return error.exit_code();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mho-train-mlp: %s\n", error.what());
        return 4;
    }
    return 0;
}
