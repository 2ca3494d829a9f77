// SPDX-License-Identifier: Apache-2.0
#include "flows/executor.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "flows/digital_node.h"
#include "flows/digital_ops.h"

namespace mho::flows {
namespace {

// One run: buffers of all tensors for the batch, freed after their last use.
class Execution {
  public:
    Execution(const Network& network, const ProductHook& hook, const GroupsTogether& together)
        : network_(network),
          hook_(hook),
          together_(together),
          tensors_(network.tensors.size()),
          last_use_(network.tensors.size(), 0) {
        for (std::size_t n = 0; n < network.nodes.size(); ++n) {
            for (const int input : network.nodes[n].inputs) last_use_[index(input)] = n;
        }
        last_use_[index(network.output)] = network.nodes.size();
    }

    // Scores of `count` images, the first of which is number `first` of the batch.
    std::vector<float> run(std::span<const float> pixels, std::size_t first, std::size_t count) {
        first_ = first;
        count_ = count;
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
        const std::size_t vectors = count_ * static_cast<std::size_t>(product.positions);
        const int most = together_ ? std::max(1, together_(n)) : 1;
        for (int group = 0; group < product.groups; group += most) {
            const int together = std::min(most, product.groups - group);
            const auto groups = static_cast<std::size_t>(together);
            columns_.resize(vectors * groups * static_cast<std::size_t>(product.inputs));
            results_.resize(vectors * groups * static_cast<std::size_t>(product.outputs));
            gather(node, product, group, together);
            hook_({n, group, vectors, product, columns_, results_, first_, together});
            scatter(node, product, group, together);
        }
    }

    void run_gemm(std::size_t n, const ProductShape& product) {
        const Node& node = network_.nodes[n];
        std::vector<float>& out = tensors_[index(node.output)];
        const std::size_t vectors = count_ * static_cast<std::size_t>(product.positions);
        hook_({n, 0, vectors, product, tensors_[index(node.inputs[0])], out, first_});
        const std::vector<float>& bias = bias_of(node);
        for (auto row = out.begin(); row != out.end(); row += product.outputs) {
            std::transform(bias.begin(), bias.end(), row, row, std::plus<>());
        }
    }

    // Channels of neighbouring groups follow each other, so their columns stand side by side.
    void gather(const Node& node, const ProductShape& product, int group, int together) {
        const Conv& conv = std::get<Conv>(node.op);
        Shape part = shape(node.inputs[0]);
        part[0] /= conv.groups;
        const std::size_t group_size = element_count(part);
        part[0] *= together;
        const std::size_t in_size = element_count(part);
        const std::size_t out_size = static_cast<std::size_t>(product.positions) *
                                     static_cast<std::size_t>(product.inputs * together);
        for (std::size_t i = 0; i < count_; ++i) {
            const auto in = image(node.inputs[0], i)
                                .subspan(group_size * static_cast<std::size_t>(group), in_size);
            im2col(in, part, conv.window, std::span(columns_).subspan(i * out_size, out_size));
        }
    }

    // From positions x channels to channels x positions, plus bias.
    void scatter(const Node& node, const ProductShape& product, int group, int together) {
        const auto positions = static_cast<std::size_t>(product.positions);
        const auto outputs = static_cast<std::size_t>(product.outputs * together);
        const std::size_t first = static_cast<std::size_t>(group * product.outputs);
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
        std::vector<std::span<const float>> inputs(node.inputs.size());
        for (std::size_t i = 0; i < count_; ++i) {
            for (std::size_t k = 0; k < inputs.size(); ++k) inputs[k] = image(node.inputs[k], i);
            run_digital_node(network_, node, inputs, image(node.output, i));
        }
    }

    const Network& network_;
    const ProductHook& hook_;
    const GroupsTogether& together_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::vector<std::vector<float>> tensors_;
    std::vector<std::size_t> last_use_;
    std::vector<float> columns_;  // X of a convolution
    std::vector<float> results_;  // Y of a convolution
};

// Values that one image needs at once at most: every tensor that is alive while a node works, and
// the X and Y of its product.
std::size_t largest_footprint(const Network& network, const GroupsTogether& together) {
    std::vector<std::size_t> last_use(network.tensors.size(), 0);
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        for (const int input : network.nodes[n].inputs) {
            last_use[static_cast<std::size_t>(input)] = n;
        }
    }
    std::size_t alive = element_count(network.input_shape()), largest = alive;
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        const Node& node = network.nodes[n];
        const ProductShape product = product_shape(network, node);
        alive += element_count(network.tensor(node.output).shape);
        const int groups =
            together && has_product(node) ? std::clamp(together(n), 1, product.groups) : 1;
        const std::int64_t columns = std::int64_t{product.positions} * groups *
                                     (std::int64_t{product.inputs} + product.outputs);
        largest = std::max(largest, alive + static_cast<std::size_t>(columns));
        const std::set<int> inputs(node.inputs.begin(), node.inputs.end());
        for (const int input : inputs) {
            if (last_use[static_cast<std::size_t>(input)] != n) continue;
            alive -= element_count(network.tensor(input).shape);
        }
    }
    return largest;
}

// Keeps the memory of a run near 128 MiB, however large the network.
std::size_t images_at_once(const Network& network, const GroupsTogether& together) {
    constexpr std::size_t kValues = std::size_t{1} << 25;
    return std::max<std::size_t>(1, kValues / largest_footprint(network, together));
}

}  // namespace

std::vector<float> run_batch(const Network& network, std::span<const float> pixels,
                             std::size_t count, const ProductHook& hook,
                             const GroupsTogether& together) {
    const std::size_t image = element_count(network.input_shape());
    if (pixels.size() != count * image) {
        throw bad_input("{} input values for {} images of {}", pixels.size(), count,
                        describe(network.input_shape()));
    }
    const std::size_t step = images_at_once(network, together);
    Execution execution(network, hook, together);
    if (count <= step) return execution.run(pixels, 0, count);
    std::vector<float> scores;
    for (std::size_t first = 0; first < count; first += step) {
        const std::size_t part = std::min(step, count - first);
        const auto more = execution.run(pixels.subspan(first * image, part * image), first, part);
        scores.insert(scores.end(), more.begin(), more.end());
    }
    return scores;
}

}  // namespace mho::flows
