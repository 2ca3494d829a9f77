// SPDX-License-Identifier: Apache-2.0
#include "flows/digital_node.h"

#include <algorithm>

#include "flows/digital_ops.h"
#include "flows/layout_ops.h"

namespace mho::flows {
namespace {

// One node at work on one image.
struct Run {
    const Network& network;
    const Node& node;
    const std::vector<std::span<const float>>& inputs;
    std::span<float> out;

    std::span<const float> in() const { return inputs[0]; }
    const Shape& in_shape(std::size_t i = 0) const { return network.tensor(node.inputs[i]).shape; }
    const Shape& out_shape() const { return network.tensor(node.output).shape; }
    void copy() const { std::copy(in().begin(), in().end(), out.begin()); }

    void operator()(const Conv&) const {}  // these two are the executor's
    void operator()(const Gemm&) const {}
    void operator()(const Identity&) const { copy(); }
    void operator()(const Flatten&) const { copy(); }
    void operator()(const Reshape&) const { copy(); }
    void operator()(const Relu&) const { relu(in(), out); }
    void operator()(const Unary& op) const { apply(op, in(), out); }
    void operator()(const Softmax&) const { softmax(in(), out); }
    void operator()(const AveragePool& op) const { average_pool(in(), in_shape(), op, out); }
    void operator()(const MaxPool& op) const { max_pool(in(), in_shape(), op, out); }
    void operator()(const GlobalAveragePool&) const { global_average_pool(in(), in_shape(), out); }
    void operator()(const ScaleShift& op) const { scale_shift(in(), in_shape(), op, out); }
    void operator()(const Add&) const {
        add({in(), in_shape(0)}, {inputs[1], in_shape(1)}, out_shape(), out);
    }
    void operator()(const Mul&) const {
        multiply({in(), in_shape(0)}, {inputs[1], in_shape(1)}, out_shape(), out);
    }
    void operator()(const Concat& op) const {
        int first = 0;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            concat_part(inputs[i], in_shape(i), op, first, out_shape(), out);
            first += in_shape(i)[static_cast<std::size_t>(op.axis)];
        }
    }
    void operator()(const Pad& op) const { pad(in(), in_shape(), op, out_shape(), out); }
    void operator()(const Slice& op) const { slice(in(), in_shape(), op, out); }
    void operator()(const ReduceMean& op) const { reduce_mean(in(), in_shape(), op, out); }
    void operator()(const Transpose& op) const {
        transpose(in(), in_shape(), op, out_shape(), out);
    }
};

}  // namespace

void run_digital_node(const Network& network, const Node& node,
                      const std::vector<std::span<const float>>& inputs, std::span<float> out) {
    std::visit(Run{network, node, inputs, out}, node.op);
}

}  // namespace mho::flows
