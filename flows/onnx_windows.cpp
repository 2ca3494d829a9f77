// SPDX-License-Identifier: Apache-2.0
// Operators with a window that slides: convolution and pooling.
#include <algorithm>
#include <array>
#include <limits>

#include "base/error.h"
#include "flows/onnx_converters.h"
#include "flows/onnx_tensor.h"

namespace mho::flows {
namespace {

constexpr int kMaxWindow = 1 << 15;  // keeps products of window numbers inside int

int bounded(std::int64_t value, std::int64_t low, const char* name) {
    if (value < low || value > kMaxWindow) {
        throw bad_input("attribute {} holds {}, {} to {} expected", name, value, low, kMaxWindow);
    }
    return static_cast<int>(value);
}

std::array<int, 2> pair_of(const std::vector<std::int64_t>& values, std::int64_t low,
                           const char* name) {
    if (values.empty()) return {1, 1};
    if (values.size() != 2) {
        throw bad_input("attribute {} has {} values, 2 expected", name, values.size());
    }
    return {bounded(values[0], low, name), bounded(values[1], low, name)};
}

// SAME_UPPER and SAME_LOWER: output extent = ceil(input / stride), odd padding at end or begin.
void pad_to_same(Window& window, const Shape& in, bool upper) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::int64_t extent = in[axis + 1];
        const std::int64_t steps = (extent + window.stride[axis] - 1) / window.stride[axis];
        const std::int64_t reach =
            std::int64_t{window.dilation[axis]} * (window.kernel[axis] - 1) + 1;
        const std::int64_t total =
            std::max<std::int64_t>(0, (steps - 1) * window.stride[axis] + reach - extent);
        const int small = bounded(total / 2, 0, "auto_pad");
        const int large = bounded(total - total / 2, 0, "auto_pad");
        window.pad_begin[axis] = upper ? small : large;
        window.pad_end[axis] = upper ? large : small;
    }
}

void read_padding(OnnxSource& source, Window& window) {
    const std::vector<std::int64_t> pads = source.attributes.integers("pads");
    const std::string mode = source.attributes.text("auto_pad", "NOTSET");
    if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
        const Shape& in = source.activations[0];
        if (in.size() != 3) {
            throw bad_input("input has shape {}, channels x height x width expected", describe(in));
        }
        pad_to_same(window, in, mode == "SAME_UPPER");
        return;
    }
    if (mode == "VALID") return;
    if (mode != "NOTSET") throw bad_input("attribute auto_pad = {} is not supported", mode);
    if (pads.empty()) return;
    if (pads.size() != 4) throw bad_input("attribute pads has {} values, 4 expected", pads.size());
    window.pad_begin = {bounded(pads[0], 0, "pads"), bounded(pads[1], 0, "pads")};
    window.pad_end = {bounded(pads[2], 0, "pads"), bounded(pads[3], 0, "pads")};
}

// Kernel from the attribute, or `from_weights` where the operator has them.
Window read_window(OnnxSource& source, std::array<int, 2> from_weights) {
    Window window;
    const auto kernel = source.attributes.integers("kernel_shape");
    window.kernel = kernel.empty() ? from_weights : pair_of(kernel, 1, "kernel_shape");
    if (window.kernel[0] == 0) throw bad_input("attribute kernel_shape is missing");
    if (from_weights[0] != 0 && window.kernel != from_weights) {
        throw bad_input("kernel_shape {}x{} differs from the weights' {}x{}", window.kernel[0],
                        window.kernel[1], from_weights[0], from_weights[1]);
    }
    window.stride = pair_of(source.attributes.integers("strides"), 1, "strides");
    window.dilation = pair_of(source.attributes.integers("dilations"), 1, "dilations");
    read_padding(source, window);
    return window;
}

// With ceil_mode a last window that begins inside the padded image counts as well: more padding at
// the end. True when there is any.
bool pad_to_ceiling(Window& window, const Shape& in) {
    bool padded = false;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::int64_t begin = std::int64_t{in[axis + 1]} + window.pad_begin[axis];
        const std::int64_t room = begin + window.pad_end[axis] - window.kernel[axis];
        const std::int64_t stride = window.stride[axis];
        if (room < 0) continue;  // output_shape refuses it
        std::int64_t last = (room + stride - 1) / stride;
        if (last * stride >= begin) --last;  // it would see padding only
        const std::int64_t pad = last * stride + window.kernel[axis] - begin;
        if (pad <= window.pad_end[axis]) continue;
        window.pad_end[axis] = bounded(pad, 0, "ceil_mode");
        padded = true;
    }
    return padded;
}

Window read_pool_window(OnnxSource& source, bool count_padding) {
    const bool ceiling = source.attributes.integer("ceil_mode", 0) != 0;
    Window window = read_window(source, {0, 0});
    if (window.dilation != std::array{1, 1}) throw bad_input("dilated pooling is not supported");
    const Shape& in = source.activations[0];
    if (ceiling && in.size() == 3 && pad_to_ceiling(window, in) && count_padding) {
        throw bad_input("ceil_mode with count_include_pad is not supported");
    }
    return window;
}

}  // namespace

Operator convert_conv(OnnxSource& source) {
    const onnx::TensorProto& tensor = source.required_constant(1);
    const auto shape = tensor_shape(tensor);
    if (shape.size() != 4) {
        throw bad_input("weights '{}' have {} dimensions, 4 expected (2-D convolution)",
                        tensor.name(), shape.size());
    }
    Conv conv;
    conv.window = read_window(
        source, {bounded(shape[2], 1, "kernel_shape"), bounded(shape[3], 1, "kernel_shape")});
    const std::int64_t groups = source.attributes.integer("group", 1);
    conv.channels_out = to_int(shape[0]);
    if (groups < 1 || groups > shape[0] || shape[0] % groups != 0) {
        throw bad_input("group = {} does not divide {} output channels", groups, shape[0]);
    }
    conv.groups = static_cast<int>(groups);
    conv.channels_in = to_int(shape[1] * groups);
    conv.weights = float_values(tensor);
    conv.bias = read_bias(source, conv.channels_out);
    return conv;
}

Operator convert_average_pool(OnnxSource& source) {
    AveragePool pool;
    pool.count_padding = source.attributes.integer("count_include_pad", 0) != 0;
    pool.window = read_pool_window(source, pool.count_padding);
    return pool;
}

Operator convert_max_pool(OnnxSource& source) {
    source.attributes.require("storage_order", 0);
    return MaxPool{read_pool_window(source, false)};
}

}  // namespace mho::flows
