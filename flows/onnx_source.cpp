// SPDX-License-Identifier: Apache-2.0
#include "flows/onnx_source.h"

#include <limits>

#include "base/error.h"
#include "flows/onnx_tensor.h"

namespace mho::flows {

Attributes::Attributes(const onnx::NodeProto& node) {
    for (const auto& attribute : node.attribute()) unread_[attribute.name()] = &attribute;
}

std::int64_t Attributes::integer(const std::string& name, std::int64_t otherwise) {
    const auto* found = take(name, onnx::AttributeProto::INT);
    return found ? found->i() : otherwise;
}

float Attributes::real(const std::string& name, float otherwise) {
    const auto* found = take(name, onnx::AttributeProto::FLOAT);
    return found ? found->f() : otherwise;
}

std::string Attributes::text(const std::string& name, const std::string& otherwise) {
    const auto* found = take(name, onnx::AttributeProto::STRING);
    return found ? found->s() : otherwise;
}

std::vector<std::int64_t> Attributes::integers(const std::string& name) {
    const auto* found = take(name, onnx::AttributeProto::INTS);
    if (!found) return {};
    return {found->ints().begin(), found->ints().end()};
}

const onnx::TensorProto* Attributes::tensor(const std::string& name) {
    const auto* found = take(name, onnx::AttributeProto::TENSOR);
    return found ? &found->t() : nullptr;
}

void Attributes::require(const std::string& name, std::int64_t only) {
    const std::int64_t value = integer(name, only);
    if (value != only) {
        throw bad_input("attribute {} = {} is not supported ({} is)", name, value, only);
    }
}

void Attributes::finish() const {
    if (!unread_.empty()) {
        throw bad_input("attribute '{}' is not supported", unread_.begin()->first);
    }
}

const onnx::AttributeProto* Attributes::take(const std::string& name, int type) {
    const auto at = unread_.find(name);
    if (at == unread_.end()) return nullptr;
    const onnx::AttributeProto* found = at->second;
    unread_.erase(at);
    if (found->type() != type) {
        throw bad_input("attribute '{}' has type {}, {} expected", name, found->type(), type);
    }
    return found;
}

bool OnnxSource::is_constant(int index) const {
    return index < node.input_size() && constants.count(node.input(index)) > 0;
}

const onnx::TensorProto* OnnxSource::constant(int index) const {
    if (index >= node.input_size() || node.input(index).empty()) return nullptr;
    const auto at = constants.find(node.input(index));
    if (at == constants.end()) {
        throw bad_input("weights '{}' are not in the file (computed weights are not supported)",
                        node.input(index));
    }
    return at->second;
}

const onnx::TensorProto& OnnxSource::required_constant(int index) const {
    const onnx::TensorProto* found = constant(index);
    if (!found) throw bad_input("input {} is missing", index + 1);
    return *found;
}

float OnnxSource::number(int index, const std::string& attribute, float otherwise) {
    if (attributes.has(attribute)) return attributes.real(attribute, otherwise);
    const onnx::TensorProto* found = constant(index);
    if (!found) return otherwise;
    const std::vector<float> values = float_values(*found);
    if (values.size() != 1) {
        throw bad_input("constant '{}' has {} values, 1 expected", found->name(), values.size());
    }
    return values[0];
}

std::vector<std::int64_t> OnnxSource::numbers(int index, const std::string& attribute) {
    if (attributes.has(attribute)) return attributes.integers(attribute);
    const onnx::TensorProto* found = constant(index);
    return found ? integer_values(*found) : std::vector<std::int64_t>{};
}

int axis_without_batch(std::int64_t axis, std::size_t rank) {
    const auto whole = static_cast<std::int64_t>(rank);
    const std::int64_t counted = axis < 0 ? axis + whole : axis;
    if (counted < 0 || counted >= whole) {
        throw bad_input("axis {} is none of a tensor of {} dimensions", axis, whole);
    }
    if (counted == 0) throw bad_input("works along the batch (axis {})", axis);
    return static_cast<int>(counted - 1);
}

int to_int(std::int64_t value) {
    if (value > std::numeric_limits<int>::max()) {
        throw bad_input("dimension {} is too large", value);
    }
    return static_cast<int>(value);
}

}  // namespace mho::flows
