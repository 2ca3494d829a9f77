// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_read.h"

#include <onnx/onnx_pb.h>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "flows/network_fold.h"
#include "flows/onnx_fold.h"
#include "flows/onnx_operators.h"

namespace mho::flows {
namespace {

constexpr int kOpsetMin = 9;
constexpr int kOpsetMax = 17;

std::string node_label(const onnx::NodeProto& node, int index) {
    return node.name().empty() ? fmt::format("{}_{}", node.op_type(), index) : node.name();
}

Constants constants_of(const onnx::GraphProto& graph) {
    Constants found;
    for (const auto& tensor : graph.initializer()) found[tensor.name()] = &tensor;
    return found;
}

std::int64_t checked_opset(const onnx::ModelProto& model) {
    for (const auto& opset : model.opset_import()) {
        if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
        if (opset.version() < kOpsetMin || opset.version() > kOpsetMax) {
            throw bad_input("opset {} is not supported ({} to {} are)", opset.version(), kOpsetMin,
                            kOpsetMax);
        }
        return opset.version();
    }
    throw bad_input("names no ONNX operator set; it is damaged or not an ONNX file");
}

// The one graph input that is not an initializer (old files list those as inputs as well).
Tensor network_input(const onnx::GraphProto& graph, const Constants& constants) {
    const onnx::ValueInfoProto* input = nullptr;
    for (const auto& value : graph.input()) {
        if (constants.count(value.name()) > 0) continue;
        if (input) throw bad_input("has several inputs; one is supported");
        input = &value;
    }
    if (!input) throw bad_input("has no input");
    const auto& tensor = input->type().tensor_type();
    if (tensor.elem_type() != onnx::TensorProto::FLOAT) {
        throw bad_input("input '{}' has element type {}, float expected", input->name(),
                        tensor.elem_type());
    }
    Shape shape;
    std::int64_t count = 1;
    for (int d = 1; d < tensor.shape().dim_size(); ++d) {
        const std::int64_t extent = tensor.shape().dim(d).dim_value();
        if (extent < 1 || extent > (std::int64_t{1} << 28) / count) {
            throw bad_input("input '{}' has dimension {} = {}; only the batch may be free",
                            input->name(), d, extent);
        }
        count *= extent;
        shape.push_back(static_cast<int>(extent));
    }
    if (shape.size() != 1 && shape.size() != 3) {
        throw bad_input("input '{}' has {} dimensions, 2 or 4 expected", input->name(),
                        tensor.shape().dim_size());
    }
    return {input->name(), shape};
}

class GraphBuilder {
  public:
    GraphBuilder(const onnx::GraphProto& graph, std::int64_t opset, Network& network)
        : graph_(graph), opset_(opset), network_(network), constants_(constants_of(graph)) {}

    void build() {
        add_tensor(network_input(graph_, constants_));
        network_.input = 0;
        check_names();
        std::vector<int> waiting;
        for (int i = 0; i < graph_.node_size(); ++i) waiting.push_back(i);
        // Nodes may stand in any order; each pass adds those whose inputs are known.
        while (!waiting.empty()) {
            std::vector<int> later;
            for (const int i : waiting) {
                if (!try_add(i)) later.push_back(i);
            }
            if (later.size() == waiting.size()) {
                throw bad_input(
                    "node '{}' ({}) waits for a tensor that is never made (a cycle, or a "
                    "second output of a node)",
                    node_label(graph_.node(later[0]), later[0]), graph_.node(later[0]).op_type());
            }
            waiting = std::move(later);
        }
        set_output();
    }

  private:
    void add_tensor(Tensor tensor) {
        index_[tensor.name] = static_cast<int>(network_.tensors.size());
        network_.tensors.push_back(std::move(tensor));
    }

    // Every tensor is made once, and every one that is used is made somewhere.
    void check_names() const {
        std::set<std::string, std::less<>> made;
        made.insert(network_.tensors[0].name);
        for (const auto& [name, tensor] : constants_) made.insert(name);
        for (const auto& node : graph_.node()) {
            for (const std::string& name : node.output()) {
                if (!name.empty() && !made.insert(name).second) {
                    throw bad_input("tensor '{}' is made twice", name);
                }
            }
        }
        for (int i = 0; i < graph_.node_size(); ++i) {
            const auto& node = graph_.node(i);
            for (const std::string& name : node.input()) {
                if (name.empty() || made.count(name) > 0) continue;
                throw bad_input("node '{}' ({}): tensor or weights '{}' are not in the file",
                                node_label(node, i), node.op_type(), name);
            }
        }
    }

    // False while an input is not known yet.
    bool try_add(int i) {
        const onnx::NodeProto& node = graph_.node(i);
        try {
            if (!can_convert(node.op_type()) && !can_fold(node.op_type())) {
                throw bad_input("operator is not supported{}",
                                did_you_mean(node.op_type(), convertible_operators()));
            }
            std::vector<int> inputs;
            for (const std::string& name : node.input()) {
                if (name.empty() || constants_.count(name) > 0) continue;
                const auto at = index_.find(name);
                if (at == index_.end()) return false;
                inputs.push_back(at->second);
            }
            if (node.output_size() < 1) throw bad_input("has no output");
            add_node(node, node_label(node, i), std::move(inputs));
            return true;
        } catch (const Error& error) {
            throw bad_input("node '{}' ({}): {}", node_label(node, i), node.op_type(),
                            error.what());
        }
    }

    // As a constant, where all that it reads is constant, or as a node of the network.
    void add_node(const onnx::NodeProto& node, const std::string& label, std::vector<int> inputs) {
        std::vector<Shape> shapes;
        for (const int input : inputs) shapes.push_back(network_.tensor(input).shape);
        const OnnxSource source{node, constants_, shapes, opset_, Attributes(node)};
        if (std::optional<onnx::TensorProto> folded = fold_constant(source)) {
            computed_.push_back(std::move(*folded));
            constants_[node.output(0)] = &computed_.back();
            return;
        }
        if (!can_convert(node.op_type())) throw bad_input("is supported for constants only");
        Node made{label, convert_operator(source), std::move(inputs),
                  static_cast<int>(network_.tensors.size())};
        Shape shape = output_shape(made.op, shapes);
        network_.nodes.push_back(std::move(made));
        add_tensor({node.output(0), std::move(shape)});
    }

    void set_output() {
        if (graph_.output_size() != 1) {
            throw bad_input("has {} outputs, 1 expected", graph_.output_size());
        }
        const auto at = index_.find(graph_.output(0).name());
        if (at == index_.end()) {
            throw bad_input("output '{}' is made by no node", graph_.output(0).name());
        }
        network_.output = at->second;
        if (network_.output_shape().size() != 1) {
            throw bad_input("output has shape {}, one score per class expected",
                            describe(network_.output_shape()));
        }
    }

    const onnx::GraphProto& graph_;
    std::int64_t opset_;
    Network& network_;
    Constants constants_;
    std::deque<onnx::TensorProto> computed_;  // constants that nodes make
    std::map<std::string, int, std::less<>> index_;
};

}  // namespace

Network read_onnx(const std::filesystem::path& path) {
    const std::string bytes = read_file(path);
    onnx::ModelProto model;
    if (bytes.empty() || !model.ParseFromString(bytes)) {
        throw bad_input("{}: not an ONNX file, or a damaged or cut one ({} bytes)", path.string(),
                        bytes.size());
    }
    try {
        const std::int64_t opset = checked_opset(model);
        if (!model.has_graph() || model.graph().node_size() == 0) {
            throw bad_input("holds no graph; it is damaged or not an ONNX file");
        }
        Network network;
        network.name = model.graph().name().empty() ? path.stem().string() : model.graph().name();
        GraphBuilder(model.graph(), opset, network).build();
        return fold_scale_shift(std::move(network));
    } catch (const Error& error) {
        throw bad_input("{}: {}", path.string(), error.what());
    }
}

}  // namespace mho::flows
