// SPDX-License-Identifier: Apache-2.0
// A trained network as an immutable graph of operators: no hardware idea inside. Readers (such as
// flows/onnx_read.h) check it completely; what executes it may rely on every statement below.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mho::flows {

// Shape of a tensor for one image, batch dimension left out: {channels, height, width}, {features}
// or any other. Every extent is positive.
using Shape = std::vector<int>;

// Calls the one of several lambdas that takes the alternative of a variant: std::visit(Overloaded{
// [](const Conv&) {...}, [](const auto&) {...}}, op).
template <typename... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

std::size_t element_count(const Shape& shape);
std::string describe(const Shape& shape);  // "6x28x28"

// Strides, paddings and kernel of a window that slides over height (index 0) and width (1).
struct Window {
    std::array<int, 2> kernel{1, 1};
    std::array<int, 2> stride{1, 1};
    std::array<int, 2> dilation{1, 1};
    std::array<int, 2> pad_begin{0, 0};  // top, left
    std::array<int, 2> pad_end{0, 0};    // bottom, right
};

// Convolution of groups x (channels_in / groups) channels. The weight matrix of one group has
// matrix_outputs(conv) rows of matrix_inputs(conv) values, ordered channel, kernel row, column.
struct Conv {
    Window window;
    int groups = 1;
    int channels_in = 0;
    int channels_out = 0;
    std::vector<float> weights;  // channels_out x (channels_in / groups) x kernel, row-major
    std::vector<float> bias;     // channels_out values
};

// y = W x + b, for each vector along the last axis (a flat tensor is one vector).
struct Gemm {
    int inputs = 0;
    int outputs = 0;
    std::vector<float> weights;  // outputs x inputs, row-major
    std::vector<float> bias;     // outputs values
};

struct Relu {};
struct Identity {};  // also Dropout, which does nothing at inference
struct Flatten {};   // also Reshape to one dimension
struct Softmax {};   // over a flat tensor
struct Add {};       // of two tensors; extents of 1 are repeated (NumPy's broadcasting)
struct Mul {};       // the same
struct GlobalAveragePool {};

// A function of each value on its own, as ONNX defines it; `a` and `b` are its parameters.
enum class UnaryKind {
    clip,          // min(max(x, a), b)
    leaky_relu,    // x < 0 ? a x : x
    sigmoid,       // 1 / (1 + exp(-x))
    tanh,          //
    hard_sigmoid,  // min(max(a x + b, 0), 1)
    hard_swish,    // x min(max(x / 6 + 1/2, 0), 1)
    floor,         //
    round          // to the nearest integer, ties to even
};
struct Unary {
    UnaryKind kind = UnaryKind::clip;
    float a = 0;
    float b = 0;
};

// y = scale x + shift; both have `shape`, which is repeated to the input's (NumPy's broadcasting).
// Stands for BatchNormalization and for arithmetic with constants.
struct ScaleShift {
    Shape shape;
    std::vector<float> scale;
    std::vector<float> shift;
};

// Axes count from 0 without the batch, as in Shape.
struct Concat {
    int axis = 0;
};
struct Pad {  // with a constant; one count per axis
    std::vector<int> begin;
    std::vector<int> end;
    float value = 0;
};
struct Slice {  // element i of an axis is input element start + i step; one of each per axis
    std::vector<int> start;
    std::vector<int> step;
    Shape shape;  // of the output
};
struct ReduceMean {
    std::vector<int> axes;  // rising
    bool keep_axes = true;  // with extent 1
};
struct Reshape {  // the same values in row-major order
    Shape shape;
};
struct Transpose {
    std::vector<int> order;  // axis i of the output is axis order[i] of the input
};

struct AveragePool {
    Window window;  // dilation 1
    bool count_padding = false;
};

struct MaxPool {
    Window window;  // dilation 1
};

using Operator = std::variant<Conv, Gemm, Relu, AveragePool, MaxPool, GlobalAveragePool, Flatten,
                              Add, Identity, Softmax, Mul, Unary, ScaleShift, Concat, Pad, Slice,
                              ReduceMean, Reshape, Transpose>;

// The ONNX name of the kind of operator.
std::string_view operator_name(const Operator& op);

struct Tensor {
    std::string name;
    Shape shape;
};

struct Node {
    std::string name;
    Operator op;
    std::vector<int> inputs;  // indices of tensors
    int output = 0;
};

// Nodes stand in an order in which every input is there before it is used; each tensor but the
// network's input is the output of exactly one node.
struct Network {
    std::string name;
    std::vector<Tensor> tensors;
    std::vector<Node> nodes;
    int input = 0;
    int output = 0;

    const Shape& input_shape() const { return tensors[static_cast<std::size_t>(input)].shape; }
    const Shape& output_shape() const { return tensors[static_cast<std::size_t>(output)].shape; }
    const Tensor& tensor(int index) const { return tensors[static_cast<std::size_t>(index)]; }
};

// The matrix products inside a Conv or Gemm node: `groups` independent products of an
// outputs x inputs matrix, each with `positions` vectors per image (1 for a Gemm on a flat tensor).
struct ProductShape {
    int inputs = 0;
    int outputs = 0;
    int groups = 1;
    int positions = 1;
};

// Of a node's operator and output shape; groups = 0 when it holds no matrix product.
ProductShape product_shape(const Network& network, const Node& node);

bool has_product(const Node& node);                      // Conv or Gemm
const std::vector<float>& weights_of(const Node& node);  // of a node that has_product
const std::vector<float>& bias_of(const Node& node);

std::int64_t parameter_count(const Network& network);     // weights and biases
std::int64_t macs_per_inference(const Network& network);  // of Conv and Gemm nodes, one image

// The shape that `op` gives for inputs of these shapes. Throws bad_input stating what does not fit
// (without naming file or node: the caller knows them).
Shape output_shape(const Operator& op, const std::vector<Shape>& inputs);

}  // namespace mho::flows
