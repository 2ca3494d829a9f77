// SPDX-License-Identifier: Apache-2.0
#include "flows/executor.h"

#include <algorithm>

#include "base/error.h"
#include "flows/digital_ops.h"

namespace mho::flows {
namespace {

// One run: buffers of all tensors for the batch, freed after their last use.
class Execution {
  public:
    Execution(const Network& network, std::size_t count, const ProductHook& hook)
        : network_(network),
          count_(count),
          hook_(hook),
          tensors_(network.tensors.size()),
          last_use_(network.tensors.size(), 0) {
        for (std::size_t n = 0; n < network.nodes.size(); ++n) {
            for (const int input : network.nodes[n].inputs) last_use_[index(input)] = n;
        }
        last_use_[index(network.output)] = network.nodes.size();
    }

    std::vector<float> run(std::span<const float> pixels) {
        tensors_[index(network_.input)].assign(pixels.begin(), pixels.end());
        for (std::size_t n = 0; n < network_.nodes.size(); ++n) {
            const Node& node = network_.nodes[n];
            auto& out = tensors_[index(node.output)];
            out.resize(count_ * element_count(network_.tensor(node.output).shape));
            if (has_product(node)) {
                run_products(n);
            } else {
                run_digital(node);
            }
            for (const int input : node.inputs) {
                if (last_use_[index(input)] == n) std::vector<float>().swap(tensors_[index(input)]);
            }
        }
        return std::move(tensors_[index(network_.output)]);
    }

  private:
    static std::size_t index(int tensor) { return static_cast<std::size_t>(tensor); }

    const Shape& shape(int tensor) const { return network_.tensor(tensor).shape; }

    std::span<float> image(int tensor, std::size_t i) {
        const std::size_t size = element_count(shape(tensor));
        return std::span(tensors_[index(tensor)]).subspan(i * size, size);
    }

    void run_products(std::size_t n) {
        const Node& node = network_.nodes[n];
        const ProductShape product = product_shape(network_, node);
        if (std::holds_alternative<Gemm>(node.op)) {
            run_gemm(n, product);
            return;
        }
        const auto inputs = static_cast<std::size_t>(product.inputs);
        const auto outputs = static_cast<std::size_t>(product.outputs);
        const std::size_t vectors = count_ * static_cast<std::size_t>(product.positions);
        columns_.resize(vectors * inputs);
        results_.resize(vectors * outputs);
        for (int group = 0; group < product.groups; ++group) {
            gather(node, product, group);
            hook_({n, group, vectors, product, columns_, results_});
            scatter(node, product, group);
        }
    }

    void run_gemm(std::size_t n, const ProductShape& product) {
        const Node& node = network_.nodes[n];
        std::vector<float>& out = tensors_[index(node.output)];
        hook_({n, 0, count_, product, tensors_[index(node.inputs[0])], out});
        const std::vector<float>& bias = bias_of(node);
        for (std::size_t i = 0; i < count_; ++i) {
            const auto row = image(node.output, i);
            std::transform(row.begin(), row.end(), bias.begin(), row.begin(), std::plus<>());
        }
    }

    void gather(const Node& node, const ProductShape& product, int group) {
        const Conv& conv = std::get<Conv>(node.op);
        Shape part = shape(node.inputs[0]);
        part[0] /= conv.groups;
        const std::size_t in_size = element_count(part);
        const std::size_t out_size =
            static_cast<std::size_t>(product.positions) * static_cast<std::size_t>(product.inputs);
        for (std::size_t i = 0; i < count_; ++i) {
            const auto in = image(node.inputs[0], i)
                                .subspan(in_size * static_cast<std::size_t>(group), in_size);
            im2col(in, part, conv.window, std::span(columns_).subspan(i * out_size, out_size));
        }
    }

    // From positions x channels to channels x positions, plus bias.
    void scatter(const Node& node, const ProductShape& product, int group) {
        const auto positions = static_cast<std::size_t>(product.positions);
        const auto outputs = static_cast<std::size_t>(product.outputs);
        const std::size_t first = static_cast<std::size_t>(group) * outputs;
        const std::vector<float>& bias = bias_of(node);
        for (std::size_t i = 0; i < count_; ++i) {
            const auto out = image(node.output, i);
            const float* const from = results_.data() + i * positions * outputs;
            for (std::size_t m = 0; m < outputs; ++m) {
                float* const to = out.data() + (first + m) * positions;
                for (std::size_t p = 0; p < positions; ++p) {
                    to[p] = from[p * outputs + m] + bias[first + m];
                }
            }
        }
    }

    void run_digital(const Node& node) {
        for (std::size_t i = 0; i < count_; ++i) {
            const std::span<const float> in = image(node.inputs[0], i);
            const Shape& in_shape = shape(node.inputs[0]);
            const std::span<float> out = image(node.output, i);
            if (const auto* average = std::get_if<AveragePool>(&node.op)) {
                average_pool(in, in_shape, *average, out);
            } else if (const auto* largest = std::get_if<MaxPool>(&node.op)) {
                max_pool(in, in_shape, *largest, out);
            } else if (std::holds_alternative<GlobalAveragePool>(node.op)) {
                global_average_pool(in, in_shape, out);
            } else if (std::holds_alternative<Relu>(node.op)) {
                relu(in, out);
            } else if (std::holds_alternative<Add>(node.op)) {
                add(in, image(node.inputs[1], i), out);
            } else if (std::holds_alternative<Softmax>(node.op)) {
                softmax(in, out);
            } else {  // Flatten, Identity
                std::copy(in.begin(), in.end(), out.begin());
            }
        }
    }

    const Network& network_;
    std::size_t count_;
    const ProductHook& hook_;
    std::vector<std::vector<float>> tensors_;
    std::vector<std::size_t> last_use_;
    std::vector<float> columns_;  // X of a convolution
    std::vector<float> results_;  // Y of a convolution
};

}  // namespace

std::vector<float> run_batch(const Network& network, std::span<const float> pixels,
                             std::size_t count, const ProductHook& hook) {
    const std::size_t expected = count * element_count(network.input_shape());
    if (pixels.size() != expected) {
        throw bad_input("{} input values for {} images of {}", pixels.size(), count,
                        describe(network.input_shape()));
    }
    return Execution(network, count, hook).run(pixels);
}

}  // namespace mho::flows
