// SPDX-License-Identifier: Apache-2.0
#include "flows/float_network.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "flows/digital_node.h"

// From the OpenMP run-time that oneDNN is linked with; its header is not there for every compiler.
extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int count);
}

namespace mho::flows {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

// mho runs one batch per thread: the library stays in the calling one while this lives.
class OneThread {
  public:
    OneThread() { omp_set_num_threads(1); }
    ~OneThread() { omp_set_num_threads(before_); }
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

  private:
    int before_ = omp_get_max_threads();
};

const dnnl::engine& cpu() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

template <typename Work>
auto guarded(Work work) {
    try {
        const OneThread single;
        return work();
    } catch (const dnnl::error& error) {
        throw system_error("oneDNN: {}", error.what());
    }
}

// Row-major, the batch first.
memory::desc plain(std::size_t batch, const Shape& shape) {
    memory::dims dims{static_cast<memory::dim>(batch)};
    dims.insert(dims.end(), shape.begin(), shape.end());
    memory::dims strides(dims.size(), 1);
    for (std::size_t i = dims.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * dims[i];
    return {dims, memory::data_type::f32, strides};
}

memory::desc any_layout(memory::dims dims) {
    return {std::move(dims), memory::data_type::f32, memory::format_tag::any};
}

memory::desc as_dims(const std::vector<float>& values) {
    return {
        {static_cast<memory::dim>(values.size())}, memory::data_type::f32, memory::format_tag::a};
}

memory::dims pair_of(const std::array<int, 2>& values, int less = 0) {
    return {values[0] - less, values[1] - less};
}

memory::dims dims_of(std::size_t batch, const Shape& shape) {
    return plain(batch, shape).dims();
}

// An activation function that can be computed along with a product.
struct Fused {
    dnnl::algorithm algorithm;
    float a;
    float b;
};

std::optional<Fused> as_fused(const Operator& op) {
    if (std::holds_alternative<Relu>(op)) return Fused{dnnl::algorithm::eltwise_relu, 0, 0};
    const auto* unary = std::get_if<Unary>(&op);
    if (unary && unary->kind == UnaryKind::clip) {
        return Fused{dnnl::algorithm::eltwise_clip, unary->a, unary->b};
    }
    if (unary && unary->kind == UnaryKind::leaky_relu) {
        return Fused{dnnl::algorithm::eltwise_relu, unary->a, 0};
    }
    return std::nullopt;
}

dnnl::primitive_attr attributes_for(const std::optional<Fused>& fused) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (!fused) return attributes;
    dnnl::post_ops after;
#if DNNL_VERSION_MAJOR >= 3
    after.append_eltwise(fused->algorithm, fused->a, fused->b);
#else
    after.append_eltwise(1.0f, fused->algorithm, fused->a, fused->b);
#endif
    attributes.set_post_ops(after);
    return attributes;
}

#if DNNL_VERSION_MAJOR >= 3
template <typename Primitive, typename... Args>
auto describe_primitive(const dnnl::primitive_attr& attributes, const Args&... args) {
    return typename Primitive::primitive_desc(cpu(), dnnl::prop_kind::forward_inference, args...,
                                              attributes);
}
#else
template <typename Primitive, typename... Args>
auto describe_primitive(const dnnl::primitive_attr& attributes, const Args&... args) {
    return typename Primitive::primitive_desc(
        typename Primitive::desc(dnnl::prop_kind::forward_inference, args...), attributes, cpu());
}
#endif

auto describe_conv(const Conv& conv, const memory::dims& in, const memory::dims& out,
                   const dnnl::primitive_attr& attributes) {
    const Window& w = conv.window;
    memory::dims weights{conv.channels_out, conv.channels_in / conv.groups, w.kernel[0],
                         w.kernel[1]};
    if (conv.groups > 1) {
        weights[0] /= conv.groups;
        weights.insert(weights.begin(), conv.groups);
    }
    return describe_primitive<dnnl::convolution_forward>(
        attributes, dnnl::algorithm::convolution_direct, any_layout(in), any_layout(weights),
        as_dims(conv.bias), any_layout(out), pair_of(w.stride), pair_of(w.dilation, 1),
        pair_of(w.pad_begin), pair_of(w.pad_end));
}

auto describe_pool(dnnl::algorithm algorithm, const Window& w, const memory::desc& in,
                   const memory::dims& out) {
#if DNNL_VERSION_MAJOR >= 3
    return describe_primitive<dnnl::pooling_forward>(
        attributes_for({}), algorithm, in, any_layout(out), pair_of(w.stride), pair_of(w.kernel),
        memory::dims{0, 0}, pair_of(w.pad_begin), pair_of(w.pad_end));
#else
    return describe_primitive<dnnl::pooling_forward>(
        attributes_for({}), algorithm, in, any_layout(out), pair_of(w.stride), pair_of(w.kernel),
        pair_of(w.pad_begin), pair_of(w.pad_end));
#endif
}

// Padded places of a blocked layout stay as they are, so they are left out where one would become
// something else than 0.
bool keeps_zero(const Operator& op) {
    if (const auto* unary = std::get_if<Unary>(&op)) {
        if (unary->kind == UnaryKind::clip) return unary->a <= 0 && unary->b >= 0;
        return unary->kind != UnaryKind::sigmoid && unary->kind != UnaryKind::hard_sigmoid;
    }
    return std::holds_alternative<Relu>(op);
}

std::size_t floats_in(const memory::desc& layout) {
    return layout.get_size() / sizeof(float);
}

struct FreeAligned {
    void operator()(float* at) const { ::operator delete[](at, std::align_val_t{64}); }
};
using Buffer = std::unique_ptr<float[], FreeAligned>;

Buffer make_buffer(std::size_t floats) {
    void* const at =
        ::operator new[](std::max<std::size_t>(floats, 1) * sizeof(float), std::align_val_t{64});
    std::memset(at, 0, floats * sizeof(float));
    return Buffer(static_cast<float*>(at));
}

// A tensor of the batch in one layout; values that hold the same numbers share a place.
struct Value {
    memory::desc layout;
    std::size_t place = 0;
};

struct Place {
    std::size_t floats = 0;
    std::size_t last_step = 0;
    std::size_t buffer = 0;
};

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// What one thread works in.
struct Workspace {
    std::vector<Buffer> buffers;
    Buffer scratchpad;
    std::vector<float*> places;
    std::vector<Arguments> arguments;  // of each step that is a primitive
};

// One primitive of the library, or work of our own.
struct Step {
    dnnl::primitive primitive;
    std::vector<std::pair<int, std::size_t>> values;  // argument and index of a Value
    std::vector<std::pair<int, memory>> constants;
    memory::desc scratchpad;
    std::function<void(Workspace&)> own;
    std::vector<std::size_t> places;  // that it reads or writes
};

}  // namespace

class FloatNetwork::Plan {
  public:
    explicit Plan(const Network& network)
        : network_(network),
          batch_(choose_batch(network)),
          current_(network.tensors.size(), kNone) {
        count_readers();
        current_[at(network.input)] = add_value(plain(batch_, network.input_shape()));
        input_ = place_of(network.input);
        for (std::size_t n = 0; n < network.nodes.size(); n += done_) {
            done_ = 1;
            add_node(n);
        }
        output_ = values_[plain_value(network.output)].place;
        for (const std::size_t place : {input_, output_}) places_[place].last_step = kNone;
        assign_buffers();
    }

    std::size_t batch() const { return batch_; }

    std::vector<float> run(std::span<const float> pixels, std::size_t count) {
        const std::size_t image = element_count(network_.input_shape());
        const std::size_t classes = element_count(network_.output_shape());
        if (pixels.size() != count * image) {
            throw bad_input("{} input values for {} images of {}", pixels.size(), count,
                            describe(network_.input_shape()));
        }
        std::vector<float> scores(count * classes);
        std::unique_ptr<Workspace> space = take_workspace();
        for (std::size_t first = 0; first < count; first += batch_) {
            const std::size_t part = std::min(batch_, count - first);
            float* const in = space->places[input_];
            std::copy_n(pixels.data() + first * image, part * image, in);
            std::fill(in + part * image, in + batch_ * image, 0.0f);
            execute(*space);
            std::copy_n(space->places[output_], part * classes, scores.data() + first * classes);
        }
        const std::lock_guard lock(mutex_);
        spaces_.push_back(std::move(space));
        return scores;
    }

  private:
    static std::size_t at(int tensor) { return static_cast<std::size_t>(tensor); }

    // Large tensors leave the caches with few images, small ones need many to be worth a call.
    static std::size_t choose_batch(const Network& network) {
        constexpr std::size_t kValues = std::size_t{1} << 20;
        std::size_t largest = 1;
        for (const Tensor& tensor : network.tensors) {
            largest = std::max(largest, element_count(tensor.shape));
        }
        return std::bit_floor(std::clamp<std::size_t>(kValues / largest, 1, 64));
    }

    void count_readers() {
        readers_.assign(network_.tensors.size(), 0);
        ++readers_[at(network_.output)];
        for (const Node& node : network_.nodes) {
            for (const int input : node.inputs) ++readers_[at(input)];
        }
    }

    std::size_t add_value(const memory::desc& layout, std::size_t place = kNone) {
        if (place == kNone) {
            place = places_.size();
            places_.push_back({floats_in(layout), 0, 0});
        }
        values_.push_back({layout, place});
        return values_.size() - 1;
    }

    const Shape& shape(int tensor) const { return network_.tensor(tensor).shape; }
    const memory::desc& layout(std::size_t value) const { return values_[value].layout; }
    std::size_t place_of(int tensor) const { return values_[current_[at(tensor)]].place; }

    void add_step(Step step) {
        for (const auto& [argument, value] : step.values) {
            step.places.push_back(values_[value].place);
        }
        for (const std::size_t place : step.places) places_[place].last_step = steps_.size();
        scratchpad_ = std::max(scratchpad_, floats_in(step.scratchpad));
        steps_.push_back(std::move(step));
    }

    template <typename Description>
    Step step_for(const Description& description, const dnnl::primitive& primitive) {
        Step step;
        step.primitive = primitive;
        step.scratchpad = description.scratchpad_desc();
        return step;
    }

    // The value in another layout.
    std::size_t in_layout(std::size_t value, const memory::desc& wanted) {
        if (layout(value) == wanted) return value;
        const std::size_t made = add_value(wanted);
        const dnnl::reorder::primitive_desc description(cpu(), layout(value), cpu(), wanted,
                                                        attributes_for({}));
        Step step = step_for(description, dnnl::reorder(description));
        step.values = {{DNNL_ARG_FROM, value}, {DNNL_ARG_TO, made}};
        add_step(std::move(step));
        return made;
    }

    // The current value of a tensor in row-major order.
    std::size_t plain_value(int tensor) {
        std::size_t& value = current_[at(tensor)];
        value = in_layout(value, plain(batch_, shape(tensor)));
        return value;
    }

    // Weights or bias in the layout that a primitive wants.
    memory constant(const memory::desc& from, const memory::desc& to,
                    const std::vector<float>& values) {
        memory source(from, cpu(), const_cast<float*>(values.data()));
        constants_.push_back(make_buffer(floats_in(to)));
        memory target(to, cpu(), constants_.back().get());
        dnnl::stream stream(cpu());
        dnnl::reorder(source, target).execute(stream, source, target);
        stream.wait();
        return target;
    }

    // An activation function that alone reads what node n makes; it is then done with it.
    std::optional<Fused> fuse_next(std::size_t n) {
        const Node& node = network_.nodes[n];
        if (n + 1 == network_.nodes.size() || readers_[at(node.output)] != 1) return std::nullopt;
        const Node& next = network_.nodes[n + 1];
        const std::optional<Fused> fused = as_fused(next.op);
        if (!fused || next.inputs[0] != node.output) return std::nullopt;
        done_ = 2;
        return fused;
    }

    template <typename Description>
    void add_product(const Description& description, const dnnl::primitive& primitive,
                     std::size_t input, const Node& node, const memory::desc& weights_layout) {
        Step step = step_for(description, primitive);
        const std::size_t made = add_value(description.dst_desc());
        step.values = {{DNNL_ARG_SRC, in_layout(input, description.src_desc())},
                       {DNNL_ARG_DST, made}};
        step.constants = {{DNNL_ARG_WEIGHTS,
                           constant(weights_layout, description.weights_desc(), weights_of(node))},
                          {DNNL_ARG_BIAS, constant(as_dims(bias_of(node)), as_dims(bias_of(node)),
                                                   bias_of(node))}};
        add_step(std::move(step));
        current_[at(node.output)] = made;
    }

    void add_conv(std::size_t n, const Conv& conv) {
        const Node& node = network_.nodes[n];
        const auto description =
            describe_conv(conv, dims_of(batch_, shape(node.inputs[0])),
                          dims_of(batch_, shape(node.output)), attributes_for(fuse_next(n)));
        const memory::dims dims = description.weights_desc().dims();
        const memory::desc rows(
            dims, memory::data_type::f32,
            conv.groups > 1 ? memory::format_tag::abcde : memory::format_tag::abcd);
        add_product(description, dnnl::convolution_forward(description),
                    current_[at(node.inputs[0])], node, rows);
    }

    // As a product of a matrix with one row per image and position.
    void add_gemm(std::size_t n, const Gemm& gemm) {
        const Node& node = network_.nodes[n];
        const auto rows =
            static_cast<memory::dim>(batch_) * product_shape(network_, node).positions;
        const memory::desc in({rows, gemm.inputs}, memory::data_type::f32, memory::format_tag::ab);
        const memory::desc out({rows, gemm.outputs}, memory::data_type::f32,
                               memory::format_tag::ab);
        const memory::dims size{gemm.outputs, gemm.inputs};
        const auto description = describe_primitive<dnnl::inner_product_forward>(
            attributes_for(fuse_next(n)), in, any_layout(size), as_dims(gemm.bias), out);
        const std::size_t flat = add_value(in, values_[plain_value(node.inputs[0])].place);
        add_product(description, dnnl::inner_product_forward(description), flat, node,
                    {size, memory::data_type::f32, memory::format_tag::ab});
        const std::size_t made = current_[at(node.output)];
        current_[at(node.output)] =
            add_value(plain(batch_, shape(node.output)), values_[made].place);
    }

    void add_pool(const Node& node, dnnl::algorithm algorithm, const Window& window) {
        const std::size_t input = current_[at(node.inputs[0])];
        const auto description =
            describe_pool(algorithm, window, layout(input), dims_of(batch_, shape(node.output)));
        Step step = step_for(description, dnnl::pooling_forward(description));
        const std::size_t made = add_value(description.dst_desc());
        step.values = {{DNNL_ARG_SRC, input}, {DNNL_ARG_DST, made}};
        add_step(std::move(step));
        current_[at(node.output)] = made;
    }

    void add_concat(const Node& node, const Concat& concat) {
        std::vector<memory::desc> layouts;
        Step step;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const std::size_t input = current_[at(node.inputs[i])];
            layouts.push_back(layout(input));
            step.values.emplace_back(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i), input);
        }
#if DNNL_VERSION_MAJOR >= 3
        const dnnl::concat::primitive_desc description(cpu(), concat.axis + 1, layouts,
                                                       attributes_for({}));
#else
        const dnnl::concat::primitive_desc description(concat.axis + 1, layouts, cpu(),
                                                       attributes_for({}));
#endif
        step.primitive = dnnl::concat(description);
        step.scratchpad = description.scratchpad_desc();
        const std::size_t made = add_value(description.dst_desc());
        step.values.emplace_back(DNNL_ARG_DST, made);
        add_step(std::move(step));
        current_[at(node.output)] = made;
    }

    // Element by element in whatever layout the first input has.
    void add_elementwise(const Node& node) {
        const std::size_t first = current_[at(node.inputs[0])];
        std::vector<std::size_t> from;
        for (const int input : node.inputs) {
            from.push_back(values_[in_layout(current_[at(input)], layout(first))].place);
        }
        const std::size_t made = add_value(layout(first));
        const std::size_t to = values_[made].place;
        const std::size_t floats = places_[to].floats;
        Step step;
        step.places = from;
        step.places.push_back(to);
        // The node as if its tensors were flat.
        auto flat = std::make_shared<Network>();
        flat->tensors.assign(from.size() + 1, {"", {static_cast<int>(floats)}});
        flat->nodes = {{node.name, node.op, {}, static_cast<int>(from.size())}};
        for (std::size_t i = 0; i < from.size(); ++i) {
            flat->nodes[0].inputs.push_back(static_cast<int>(i));
        }
        step.own = [flat, from, to, floats](Workspace& space) {
            std::vector<std::span<const float>> inputs;
            for (const std::size_t place : from) inputs.emplace_back(space.places[place], floats);
            run_digital_node(*flat, flat->nodes[0], inputs, {space.places[to], floats});
        };
        add_step(std::move(step));
        current_[at(node.output)] = made;
    }

    // By our own kernels on row-major tensors, image by image.
    void add_plain(const Node& node) {
        Step step;
        std::vector<std::pair<std::size_t, std::size_t>> from;  // place and size of an image
        for (const int input : node.inputs) {
            from.emplace_back(values_[plain_value(input)].place, element_count(shape(input)));
            step.places.push_back(from.back().first);
        }
        const std::size_t made = add_value(plain(batch_, shape(node.output)));
        const std::size_t to = values_[made].place;
        step.places.push_back(to);
        step.own = [this, &node, from, to](Workspace& space) {
            const std::size_t size = element_count(shape(node.output));
            std::vector<std::span<const float>> inputs(from.size());
            for (std::size_t i = 0; i < batch_; ++i) {
                for (std::size_t k = 0; k < from.size(); ++k) {
                    const auto [place, values] = from[k];
                    inputs[k] = {space.places[place] + i * values, values};
                }
                run_digital_node(network_, node, inputs, {space.places[to] + i * size, size});
            }
        };
        add_step(std::move(step));
        current_[at(node.output)] = made;
    }

    // The same numbers under another shape.
    void add_reshape(const Node& node) {
        const std::size_t place = values_[plain_value(node.inputs[0])].place;
        current_[at(node.output)] = add_value(plain(batch_, shape(node.output)), place);
    }

    bool poolable(const Window& window) const {
        for (std::size_t axis = 0; axis < 2; ++axis) {
            const int pad = std::max(window.pad_begin[axis], window.pad_end[axis]);
            if (pad >= window.kernel[axis]) return false;  // windows that see padding only
        }
        return true;
    }

    void add_node(std::size_t n) {
        const Node& node = network_.nodes[n];
        const bool same_shapes =
            std::all_of(node.inputs.begin(), node.inputs.end(),
                        [&](int input) { return shape(input) == shape(node.output); });
        if (const auto* conv = std::get_if<Conv>(&node.op)) {
            add_conv(n, *conv);
        } else if (const auto* gemm = std::get_if<Gemm>(&node.op)) {
            add_gemm(n, *gemm);
        } else if (const auto* largest = std::get_if<MaxPool>(&node.op);
                   largest && poolable(largest->window)) {
            add_pool(node, dnnl::algorithm::pooling_max, largest->window);
        } else if (const auto* average = std::get_if<AveragePool>(&node.op);
                   average && poolable(average->window)) {
            add_pool(node,
                     average->count_padding ? dnnl::algorithm::pooling_avg_include_padding
                                            : dnnl::algorithm::pooling_avg_exclude_padding,
                     average->window);
        } else if (std::holds_alternative<GlobalAveragePool>(node.op)) {
            Window whole;
            whole.kernel = {shape(node.inputs[0])[1], shape(node.inputs[0])[2]};
            add_pool(node, dnnl::algorithm::pooling_avg_exclude_padding, whole);
        } else if (const auto* concat = std::get_if<Concat>(&node.op);
                   concat && concat->axis == 0 && shape(node.output).size() == 3) {
            add_concat(node, *concat);
        } else if (keeps_zero(node.op) || (std::holds_alternative<Add>(node.op) && same_shapes)) {
            add_elementwise(node);
        } else if (std::holds_alternative<Identity>(node.op)) {
            current_[at(node.output)] = current_[at(node.inputs[0])];
        } else if (std::holds_alternative<Flatten>(node.op) ||
                   std::holds_alternative<Reshape>(node.op)) {
            add_reshape(node);
        } else {
            add_plain(node);
        }
        if (done_ == 2) {
            current_[at(network_.nodes[n + 1].output)] = current_[at(node.output)];
        }
    }

    // Places whose lives do not meet share a buffer.
    void assign_buffers() {
        std::vector<std::size_t> free;
        std::vector<bool> alive(places_.size(), false);
        const auto start = [&](std::size_t p) {
            if (alive[p]) return;
            alive[p] = true;
            const auto fits = [&](std::size_t a, std::size_t b) {
                return buffers_[a] < buffers_[b];
            };
            auto best = std::max_element(free.begin(), free.end(), fits);
            for (auto each = free.begin(); each != free.end(); ++each) {
                if (buffers_[*each] >= places_[p].floats && fits(*each, *best)) best = each;
            }
            if (best == free.end()) {
                places_[p].buffer = buffers_.size();
                buffers_.push_back(0);
            } else {
                places_[p].buffer = *best;
                free.erase(best);
            }
            std::size_t& floats = buffers_[places_[p].buffer];
            floats = std::max(floats, places_[p].floats);
        };
        start(input_);
        for (std::size_t s = 0; s < steps_.size(); ++s) {
            for (const std::size_t p : steps_[s].places) start(p);
            std::vector<std::size_t> ended = steps_[s].places;
            std::sort(ended.begin(), ended.end());
            ended.erase(std::unique(ended.begin(), ended.end()), ended.end());
            for (const std::size_t p : ended) {
                if (places_[p].last_step == s) free.push_back(places_[p].buffer);
            }
        }
        start(output_);
    }

    std::unique_ptr<Workspace> take_workspace() {
        {
            const std::lock_guard lock(mutex_);
            if (!spaces_.empty()) {
                std::unique_ptr<Workspace> space = std::move(spaces_.back());
                spaces_.pop_back();
                return space;
            }
        }
        auto space = std::make_unique<Workspace>();
        for (const std::size_t floats : buffers_) space->buffers.push_back(make_buffer(floats));
        space->scratchpad = make_buffer(scratchpad_);
        for (const Place& place : places_) {
            space->places.push_back(space->buffers[place.buffer].get());
        }
        for (const Step& step : steps_) {
            Arguments arguments;
            for (const auto& [argument, value] : step.values) {
                arguments.emplace(
                    argument, memory(layout(value), cpu(), space->places[values_[value].place]));
            }
            for (const auto& [argument, constant] : step.constants) {
                arguments.emplace(argument, constant);
            }
            if (!step.own) {
                arguments.emplace(DNNL_ARG_SCRATCHPAD,
                                  memory(step.scratchpad, cpu(), space->scratchpad.get()));
            }
            space->arguments.push_back(std::move(arguments));
        }
        return space;
    }

    void execute(Workspace& space) const {
        dnnl::stream stream(cpu());
        for (std::size_t s = 0; s < steps_.size(); ++s) {
            if (steps_[s].own) {
                steps_[s].own(space);
            } else {
                steps_[s].primitive.execute(stream, space.arguments[s]);
            }
        }
        stream.wait();
    }

    const Network& network_;
    std::size_t batch_;
    std::vector<int> readers_;          // of each tensor
    std::vector<std::size_t> current_;  // value that holds each tensor
    std::vector<Value> values_;
    std::vector<Place> places_;
    std::vector<Step> steps_;
    std::vector<Buffer> constants_;
    std::vector<std::size_t> buffers_;  // sizes
    std::size_t scratchpad_ = 0;
    std::size_t input_ = 0;
    std::size_t output_ = 0;
    std::size_t done_ = 1;  // nodes that the last add_node covered
    std::mutex mutex_;
    std::vector<std::unique_ptr<Workspace>> spaces_;  // not at work
};

FloatNetwork::FloatNetwork(const Network& network)
    : plan_(guarded([&] { return std::make_unique<Plan>(network); })) {}

FloatNetwork::~FloatNetwork() = default;
FloatNetwork::FloatNetwork(FloatNetwork&&) noexcept = default;
FloatNetwork& FloatNetwork::operator=(FloatNetwork&&) noexcept = default;

std::size_t FloatNetwork::batch() const {
    return plan_->batch();
}

std::vector<float> FloatNetwork::run(std::span<const float> pixels, std::size_t count) const {
    return guarded([&] { return plan_->run(pixels, count); });
}

void multiply_matrices(const MatrixProduct& size, const float* x, const float* w, float* y) {
    const auto rows = static_cast<dnnl_dim_t>(size.rows);
    const auto inputs = static_cast<dnnl_dim_t>(size.inputs);
    const auto outputs = static_cast<dnnl_dim_t>(size.outputs);
    guarded([&] {
        const dnnl::status status = dnnl::sgemm('N', 'T', rows, outputs, inputs, 1.0f, x, inputs, w,
                                                inputs, 0.0f, y, outputs);
        if (status != dnnl::status::success) throw system_error("oneDNN: matrix product failed");
    });
}

}  // namespace mho::flows
