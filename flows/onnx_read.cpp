// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_read.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "flows/onnx_operators.h"

namespace mho::flows {
namespace {

constexpr int kOpsetMin = 9;
constexpr int kOpsetMax = 17;

std::string node_label(const onnx::NodeProto& node, int index) {
    return node.name().empty() ? fmt::format("{}_{}", node.op_type(), index) : node.name();
}

Initializers initializers_of(const onnx::GraphProto& graph) {
    Initializers found;
    for (const auto& tensor : graph.initializer()) found[tensor.name()] = &tensor;
    return found;
}

void check_opset(const onnx::ModelProto& model) {
    for (const auto& opset : model.opset_import()) {
        if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
        if (opset.version() < kOpsetMin || opset.version() > kOpsetMax) {
            throw bad_input("opset {} is not supported ({} to {} are)", opset.version(), kOpsetMin,
                            kOpsetMax);
        }
        return;
    }
    throw bad_input("names no ONNX operator set; it is damaged or not an ONNX file");
}

// The one graph input that is not an initializer (old files list those as inputs as well).
Tensor network_input(const onnx::GraphProto& graph, const Initializers& initializers) {
    const onnx::ValueInfoProto* input = nullptr;
    for (const auto& value : graph.input()) {
        if (initializers.count(value.name()) > 0) continue;
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
    GraphBuilder(const onnx::GraphProto& graph, Network& network)
        : graph_(graph), network_(network), initializers_(initializers_of(graph)) {}

    void build() {
        add_tensor(network_input(graph_, initializers_));
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
        for (const auto& [name, tensor] : initializers_) made.insert(name);
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

    bool try_add(int i) {
        const onnx::NodeProto& node = graph_.node(i);
        const std::string label = node_label(node, i);
        try {
            Node made{label, Identity{}, {}, static_cast<int>(network_.tensors.size())};
            std::vector<Shape> shapes;
            const int activations = activation_inputs(node.op_type());
            for (int k = 0; k < activations; ++k) {
                if (k >= node.input_size()) {
                    throw bad_input("has {} inputs, {} expected", node.input_size(), activations);
                }
                if (initializers_.count(node.input(k)) > 0) {
                    throw bad_input("input '{}' is a constant, an activation expected",
                                    node.input(k));
                }
                const auto at = index_.find(node.input(k));
                if (at == index_.end()) return false;
                made.inputs.push_back(at->second);
                shapes.push_back(network_.tensor(at->second).shape);
            }
            made.op = convert_operator(node, initializers_, shapes);
            Shape shape = output_shape(made.op, shapes);
            if (node.output_size() < 1) throw bad_input("has no output");
            network_.nodes.push_back(std::move(made));
            add_tensor({node.output(0), std::move(shape)});
            return true;
        } catch (const Error& error) {
            throw bad_input("node '{}' ({}): {}", label, node.op_type(), error.what());
        }
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
    Network& network_;
    Initializers initializers_;
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
        check_opset(model);
        if (!model.has_graph() || model.graph().node_size() == 0) {
            throw bad_input("holds no graph; it is damaged or not an ONNX file");
        }
        Network network;
        network.name = model.graph().name().empty() ? path.stem().string() : model.graph().name();
        GraphBuilder(model.graph(), network).build();
        return network;
    } catch (const Error& error) {
        throw bad_input("{}: {}", path.string(), error.what());
    }
}

}  // namespace mho::flows
