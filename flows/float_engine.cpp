// SPDX-License-Identifier: Apache-2.0
#include "flows/float_engine.h"

#include <Eigen/Core>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "base/error.h"
#include "base/parallel.h"
#include "flows/float_network.h"

namespace mho::flows {
namespace {

void check_finite(const Network& network, std::span<const float> scores, std::size_t first_image) {
    const auto bad = std::find_if_not(scores.begin(), scores.end(),
                                      [](float score) { return std::isfinite(score); });
    if (bad == scores.end()) return;
    const auto classes = element_count(network.output_shape());
    throw bad_input("network '{}': a score of image {} is {}", network.name,
                    first_image + static_cast<std::size_t>(bad - scores.begin()) / classes, *bad);
}

}  // namespace

std::size_t chunk_count(std::size_t images) {
    return (images + kChunkImages - 1) / kChunkImages;
}

Chunk chunk_at(std::size_t chunk, std::size_t images) {
    const std::size_t first = chunk * kChunkImages;
    return {first, std::min(kChunkImages, images - first)};
}

namespace {

// Groups side by side, each with its own columns.
void multiply_groups(const Product& product, const float* weights) {
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Columns = Eigen::OuterStride<>;
    const Eigen::Index inputs = product.shape.inputs, outputs = product.shape.outputs;
    const Eigen::Index groups = product.together;
    const auto vectors = static_cast<Eigen::Index>(product.vectors);
    for (Eigen::Index g = 0; g < groups; ++g) {
        const Eigen::Map<const Matrix, 0, Columns> x(product.inputs.data() + g * inputs, vectors,
                                                     inputs, Columns(groups * inputs));
        const Eigen::Map<const Matrix> w(weights + g * inputs * outputs, outputs, inputs);
        Eigen::Map<Matrix, 0, Columns> y(product.outputs.data() + g * outputs, vectors, outputs,
                                         Columns(groups * outputs));
        y.noalias() = x.lazyProduct(w.transpose());
    }
}

}  // namespace

void float_product(const Network& network, const Product& product) {
    const auto inputs = static_cast<std::size_t>(product.shape.inputs);
    const auto outputs = static_cast<std::size_t>(product.shape.outputs);
    const float* const group = weights_of(network.nodes[product.node]).data() +
                               static_cast<std::size_t>(product.group) * inputs * outputs;
    if (product.together > 1) {
        multiply_groups(product, group);
        return;
    }
    multiply_matrices({product.vectors, inputs, outputs}, product.inputs.data(), group,
                      product.outputs.data());
}

void check_data_fits(const Network& network, const Dataset& data) {
    const Shape& input = network.input_shape();
    const bool fits = input == Shape{data.channels, data.height, data.width} ||
                      input == Shape{static_cast<int>(data.image_size())};
    if (!fits) {
        throw bad_input("{}: images of {}x{}x{} do not fit the network's input of {}",
                        data.path.string(), data.channels, data.height, data.width,
                        describe(input));
    }
    const int classes = network.output_shape()[0];
    const int largest = *std::max_element(data.labels.begin(), data.labels.end());
    if (largest >= classes) {
        throw bad_input("{}: label {} lies beyond the network's {} classes", data.path.string(),
                        largest, classes);
    }
}

FloatRun run_float(const Network& network, const Dataset& data, const FloatOptions& options) {
    const FloatNetwork compiled(network);
    const std::size_t images = options.images == 0 ? data.size() : options.images;
    const std::size_t classes = element_count(network.output_shape());
    const std::size_t step = compiled.batch();
    std::vector<char> ready((images + step - 1) / step, 0);
    FloatRun run{std::vector<float>(images * classes), 0};
    std::atomic<bool> stopped = false;
    std::mutex report_mutex;
    std::size_t done = 0, correct = 0;
    parallel_for(ready.size(), options.threads, [&](std::size_t b) {
        if (stopped || (options.stop && options.stop())) {
            stopped = true;
            return;
        }
        const std::size_t first = b * step;
        const std::size_t count = std::min(step, images - first);
        const std::vector<float> part = compiled.run(data.images(first, count), count);
        check_finite(network, part, first);
        std::copy(part.begin(), part.end(),
                  run.scores.begin() + static_cast<std::ptrdiff_t>(first * classes));
        ready[b] = 1;
        if (!options.on_batch) return;
        const std::vector<int> best = arg_max_rows(part, classes);
        const std::lock_guard lock(report_mutex);
        done += count;
        for (std::size_t i = 0; i < count; ++i) correct += best[i] == data.labels[first + i];
        options.on_batch(done, correct);
    });
    const auto whole =
        static_cast<std::size_t>(std::find(ready.begin(), ready.end(), 0) - ready.begin());
    run.images = std::min(images, whole * step);
    run.scores.resize(run.images * classes);
    return run;
}

std::vector<float> float_scores(const Network& network, const Dataset& data, std::size_t images,
                                std::size_t threads, const std::function<void()>& before_chunk) {
    FloatOptions options;
    options.images = images;
    options.threads = threads;
    options.stop = [&] {
        if (before_chunk) before_chunk();
        return false;
    };
    return run_float(network, data, options).scores;
}

std::vector<int> arg_max_rows(std::span<const float> scores, std::size_t classes) {
    std::vector<int> best(scores.size() / classes);
    for (std::size_t i = 0; i < best.size(); ++i) {
        const auto row = scores.subspan(i * classes, classes);
        best[i] = static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
    }
    return best;
}

}  // namespace mho::flows
