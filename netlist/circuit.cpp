// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "base/error.h"
#include "base/nearest.h"
#include "netlist/expression.h"
#include "netlist/word_text.h"

namespace mho::netlist {
namespace {

std::string waveform_problem(const Pulse& pulse) {
    const std::array<double, 5> times{pulse.delay_second, pulse.rise_second, pulse.fall_second,
                                      pulse.width_second, pulse.period_second};
    if (!std::isfinite(pulse.initial) || !std::isfinite(pulse.pulsed)) {
        return "pulse levels must be finite";
    }
    const auto is_bad = [](double time) { return !std::isfinite(time) || time < 0; };
    if (std::any_of(times.begin(), times.end(), is_bad)) {
        return "pulse times must be finite and not negative";
    }
    // ngspice replaces a zero edge by its print step, so that the result depends on that step.
    if (pulse.rise_second == 0 || pulse.fall_second == 0 || pulse.width_second == 0) {
        return "pulse rise, fall and width must be positive";
    }
    if (pulse.period_second > 0 &&
        pulse.period_second < pulse.rise_second + pulse.width_second + pulse.fall_second) {
        return "the pulse does not fit into its period";
    }
    return {};
}

std::string waveform_problem(const Pwl& pwl) {
    if (pwl.points.empty()) return "a pwl waveform needs at least one point";
    double last = -1;
    for (const auto& [time, value] : pwl.points) {
        if (!std::isfinite(time) || !std::isfinite(value)) return "pwl points must be finite";
        if (time < 0 || time <= last) return "pwl times must be increasing and not negative";
        last = time;
    }
    return {};
}

std::string waveform_problem(const Sine& sine) {
    if (!std::isfinite(sine.offset) || !std::isfinite(sine.amplitude)) {
        return "sine offset and amplitude must be finite";
    }
    if (!std::isfinite(sine.frequency_hertz) || sine.frequency_hertz <= 0) {
        return "the sine frequency must be positive";
    }
    if (!std::isfinite(sine.delay_second) || sine.delay_second < 0) {
        return "the sine delay must be finite and not negative";
    }
    return {};
}

std::string waveform_problem(std::monostate) {
    return {};
}

bool is_reserved(std::string_view parameter) {
    constexpr std::array<std::string_view, 8> kReserved{"time", "temper", "temp", "hertz",
                                                        "pi",   "m",      "true", "false"};
    return std::find(kReserved.begin(), kReserved.end(), parameter) != kReserved.end();
}

}  // namespace

bool Instance::operator==(const Instance& other) const {
    return parameters == other.parameters &&
           (definition == other.definition || *definition == *other.definition);
}

Definition share(Circuit circuit) {
    return std::make_shared<const Circuit>(std::move(circuit));
}

Circuit::Circuit(std::string name, const std::vector<std::string>& ports,
                 std::vector<ParameterValue> parameters)
    : name_(std::move(name)), nets_{"0"}, net_index_{{"0", 0}} {
    if (!is_spice_name(name_)) {
        throw bad_input("circuit '{}': a name is a lower case letter, then a-z 0-9 _", name_);
    }
    for (const std::string& port : ports) {
        if (port == "0" || net_index_.contains(port)) {
            fail("", fmt::format("port '{}' appears twice or is ground", port));
        }
        ports_.push_back(net(port));
    }
    for (ParameterValue& parameter : parameters) {
        if (!is_spice_name(parameter.name) || is_reserved(parameter.name)) {
            fail("", fmt::format("'{}' cannot name a parameter", parameter.name));
        }
        if (parameter_index(parameter.name) != parameters_.size()) {
            fail("", fmt::format("parameter '{}' appears twice", parameter.name));
        }
        if (parameter.value.is_parameter() || !std::isfinite(parameter.value.number())) {
            fail("", fmt::format("the default of parameter '{}' must be a finite number",
                                 parameter.name));
        }
        parameters_.push_back(std::move(parameter));
    }
    positive_parameters_.assign(parameters_.size(), false);
}

NetId Circuit::net(std::string_view name) {
    const auto found = net_index_.find(name);
    if (found != net_index_.end()) return NetId{found->second};
    if (name == "gnd") fail("", "net 'gnd' is ground to ngspice; use kGround");
    if (!is_spice_name(name)) {
        fail("", fmt::format("net '{}': a name is a lower case letter, then a-z 0-9 _", name));
    }
    const auto index = static_cast<std::uint32_t>(nets_.size());
    net_index_.emplace(nets_.emplace_back(name), index);
    return NetId{index};
}

NetId Circuit::net(std::string_view name, int index) {
    return net(fmt::format("{}_{}", name, index));
}

NetId Circuit::net(std::string_view name, int row, int column) {
    return net(fmt::format("{}_{}_{}", name, row, column));
}

NetId Circuit::find_net(std::string_view name) const {
    const auto found = net_index_.find(name);
    if (found == net_index_.end()) {
        fail("", fmt::format("no net '{}'{}", name, did_you_mean(name, nets_)));
    }
    return NetId{found->second};
}

void Circuit::resistor(std::string name, NetId plus, NetId minus, Value ohm) {
    check_value(name, "resistance", ohm, true);
    add(std::move(name), 'r', {plus, minus}, Resistor{std::move(ohm)});
}

void Circuit::capacitor(std::string name, NetId plus, NetId minus, Value farad) {
    check_value(name, "capacitance", farad, true);
    add(std::move(name), 'c', {plus, minus}, Capacitor{std::move(farad)});
}

void Circuit::voltage_source(std::string name, NetId plus, NetId minus, Stimulus stimulus) {
    check_stimulus(name, stimulus);
    add(std::move(name), 'v', {plus, minus}, VoltageSource{std::move(stimulus)});
}

void Circuit::current_source(std::string name, NetId plus, NetId minus, Stimulus stimulus) {
    check_stimulus(name, stimulus);
    add(std::move(name), 'i', {plus, minus}, CurrentSource{std::move(stimulus)});
}

void Circuit::mosfet(std::string name, const MosPins& pins, std::string model, MosSize size) {
    if (!is_spice_name(model)) fail(name, fmt::format("'{}' cannot name a model", model));
    check_value(name, "width", size.width_m, true);
    check_value(name, "length", size.length_m, true);
    check_value(name, "threshold shift", size.threshold_shift_volt, false);
    if (size.fingers < 1 || size.multiplier < 1) {
        fail(name, fmt::format("fingers and multiplier must be at least 1, found {} and {}",
                               size.fingers, size.multiplier));
    }
    add(std::move(name), 'm', {pins.drain, pins.gate, pins.source, pins.bulk},
        Mosfet{std::move(model), std::move(size)});
}

void Circuit::behavioural_voltage(std::string name, NetId plus, NetId minus,
                                  std::string expression) {
    behavioural(std::move(name), {plus, minus},
                {BehaviouralSource::Kind::voltage, std::move(expression), {}});
}

void Circuit::behavioural_current(std::string name, NetId plus, NetId minus,
                                  std::string expression) {
    behavioural(std::move(name), {plus, minus},
                {BehaviouralSource::Kind::current, std::move(expression), {}});
}

void Circuit::behavioural(std::string name, std::vector<NetId> pins, BehaviouralSource source) {
    const ExpressionReads reads = scan_expression(source.expression);
    if (!reads.problem.empty()) {
        fail(name, fmt::format("expression '{}': {}", source.expression, reads.problem));
    }
    for (const std::string& net_read : reads.nets) {
        const auto found = net_index_.find(net_read);
        if (found == net_index_.end()) {
            fail(name, fmt::format("expression reads net '{}', which does not exist{}", net_read,
                                   did_you_mean(net_read, nets_)));
        }
        source.sensed.push_back(NetId{found->second});
    }
    for (const std::string& read : reads.sources) {
        const auto found = device_index_.find(read);
        if (found == device_index_.end() ||
            !std::holds_alternative<VoltageSource>(devices_[found->second].body)) {
            fail(name, fmt::format("expression reads the current of '{}', which is no voltage "
                                   "source here",
                                   read));
        }
    }
    for (const std::string& parameter : reads.parameters) {
        check_value(name, "expression", Value::parameter(parameter), false);
    }
    add(std::move(name), 'b', std::move(pins), std::move(source));
}

void Circuit::code_model(std::string name, const std::vector<CodePort>& ports, std::string model) {
    // "null" and "[" mean something else to ngspice; the latter cannot be in a name.
    if (!is_spice_name(model) || model == "null") {
        fail(name, fmt::format("'{}' cannot name a model", model));
    }
    CodeModel body{std::move(model), {}};
    std::vector<NetId> pins;
    for (const CodePort& port : ports) {
        const auto& nets = port.nets();
        if (nets.empty() && port.kind() != CodeModel::kOpen) {
            fail(name, "a vector of nets may not be empty");
        }
        body.ports.push_back(port.kind());
        pins.insert(pins.end(), nets.begin(), nets.end());
    }
    const auto is_null = [&](NetId pin) {
        return pin.index < nets_.size() && nets_[pin.index] == "null";
    };
    if (std::any_of(pins.begin(), pins.end(), is_null)) {
        fail(name, "a net named 'null' is an open port to a code model");
    }
    if (pins.empty()) fail(name, "a code model needs a net");
    add(std::move(name), 'a', std::move(pins), std::move(body));
}

void Circuit::compiled_model(std::string name, std::vector<NetId> nets, std::string model,
                             std::vector<ParameterValue> parameters) {
    if (!is_spice_name(model)) fail(name, fmt::format("'{}' cannot name a model", model));
    if (nets.empty()) fail(name, "a compiled model needs a net");
    for (auto one = parameters.begin(); one != parameters.end(); ++one) {
        if (!is_spice_name(one->name)) {
            fail(name, fmt::format("'{}' cannot name a parameter", one->name));
        }
        const auto same = [&](const ParameterValue& other) { return other.name == one->name; };
        if (std::any_of(parameters.begin(), one, same)) {
            fail(name, fmt::format("parameter '{}' is given twice", one->name));
        }
        check_value(name, fmt::format("parameter '{}'", one->name), one->value, false);
    }
    add(std::move(name), 'n', std::move(nets),
        CompiledModel{std::move(model), std::move(parameters)});
}

void Circuit::instance(std::string name, Definition definition, std::vector<NetId> nets,
                       std::vector<ParameterValue> parameters) {
    if (!definition) fail(name, "an instance needs a definition");
    if (nets.size() != definition->ports_.size()) {
        fail(name, fmt::format("'{}' has {} ports, found {} nets", definition->name_,
                               definition->ports_.size(), nets.size()));
    }
    check_overrides(name, *definition, parameters);
    add(std::move(name), 'x', std::move(nets),
        Instance{std::move(definition), std::move(parameters)});
}

void Circuit::instance(std::string name, Definition definition,
                       std::initializer_list<Connection> connections,
                       std::vector<ParameterValue> parameters) {
    if (!definition) fail(name, "an instance needs a definition");
    const std::size_t port_count = definition->ports_.size();
    std::vector<NetId> nets(port_count);
    std::vector<bool> tied(port_count, false);
    for (const Connection& connection : connections) {
        std::size_t k = 0;
        while (k < port_count && definition->net_name(definition->ports_[k]) != connection.port) {
            ++k;
        }
        if (k == port_count) {
            fail(name, fmt::format("'{}' has no port '{}'", definition->name_, connection.port));
        }
        if (tied[k]) fail(name, fmt::format("port '{}' is connected twice", connection.port));
        tied[k] = true;
        nets[k] = connection.net;
    }
    const auto open = std::find(tied.begin(), tied.end(), false);
    if (open != tied.end()) {
        const NetId port = definition->ports_[static_cast<std::size_t>(open - tied.begin())];
        fail(name, fmt::format("port '{}' of '{}' is not connected", definition->net_name(port),
                               definition->name_));
    }
    instance(std::move(name), std::move(definition), std::move(nets), std::move(parameters));
}

void Circuit::section(std::string title) {
    if (title.empty() || !is_one_line(title)) fail("", "a section title is one line of text");
    if (!sections_.empty() && sections_.back().first_device == devices_.size()) {
        sections_.pop_back();
    }
    sections_.push_back({devices_.size(), std::move(title)});
}

void Circuit::describe(std::string description) {
    if (!is_one_line(description)) fail("", "a description is one line of text");
    description_ = std::move(description);
}

bool Circuit::is_port(NetId net_id) const {
    return std::find(ports_.begin(), ports_.end(), net_id) != ports_.end();
}

bool Circuit::has_device(std::string_view device) const {
    return device_index_.contains(device);
}

bool Circuit::needs_positive(std::string_view parameter) const {
    const std::size_t index = parameter_index(parameter);
    return index < parameters_.size() && positive_parameters_[index];
}

bool Circuit::operator==(const Circuit& other) const {
    const auto same_names = [&](std::span<const NetId> mine, std::span<const NetId> theirs) {
        return std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(),
                          [&](NetId a, NetId b) { return net_name(a) == other.net_name(b); });
    };
    const auto same_device = [&](const Device& a, const Device& b) {
        return a.name == b.name && a.body == b.body && same_names(a.pins, b.pins);
    };
    const auto is_theirs = [&](const std::string& net_name) {
        return other.net_index_.contains(net_name);
    };
    return name_ == other.name_ && description_ == other.description_ &&
           parameters_ == other.parameters_ && sections_ == other.sections_ &&
           nets_.size() == other.nets_.size() && same_names(ports_, other.ports_) &&
           std::all_of(nets_.begin(), nets_.end(), is_theirs) &&
           std::equal(devices_.begin(), devices_.end(), other.devices_.begin(),
                      other.devices_.end(), same_device);
}

void Circuit::fail(std::string_view device, std::string_view message) const {
    if (device.empty()) throw bad_input("circuit '{}': {}", name_, message);
    throw bad_input("circuit '{}', device '{}': {}", name_, device, message);
}

void Circuit::add(std::string name, char kind, std::vector<NetId> pins, Device::Body body) {
    check_name(name, kind);
    for (const NetId pin : pins) {
        if (pin.index >= nets_.size()) {
            fail(name, fmt::format("net {} is not of this circuit", pin.index));
        }
    }
    device_index_.emplace(name, devices_.size());
    devices_.push_back({std::move(name), std::move(pins), std::move(body)});
}

void Circuit::check_name(std::string_view name, char kind) const {
    if (!is_spice_name(name)) {
        fail(name.empty() ? "(no name)" : name, "a name is a lower case letter, then a-z 0-9 _");
    }
    if (name.front() != kind) {
        fail(name, fmt::format("the name must start with '{}', the letter of its kind", kind));
    }
    if (has_device(name)) fail(name, "there is already a device of this name");
}

void Circuit::check_value(std::string_view device, std::string_view what, const Value& value,
                          bool positive) {
    double number = value.number();
    if (value.is_parameter()) {
        const std::size_t index = parameter_index(value.parameter_name());
        if (index == parameters_.size()) {
            fail(device, fmt::format("{} uses '{}', which is no parameter of this circuit", what,
                                     value.parameter_name()));
        }
        number = parameters_[index].value.number();
        if (positive) positive_parameters_[index] = true;
    }
    if (!std::isfinite(number) || (positive && number <= 0)) {
        fail(device, fmt::format("{} must be {}, found {}", what,
                                 positive ? "positive and finite" : "finite", number_text(number)));
    }
}

void Circuit::check_stimulus(std::string_view device, const Stimulus& stimulus) {
    check_value(device, "dc value", stimulus.dc, false);
    check_value(device, "ac magnitude", stimulus.ac, false);
    const std::string problem =
        std::visit([](const auto& shape) { return waveform_problem(shape); }, stimulus.waveform);
    if (!problem.empty()) fail(device, problem);
}

void Circuit::check_overrides(std::string_view device, const Circuit& definition,
                              std::span<const ParameterValue> overrides) {
    for (std::size_t k = 0; k < overrides.size(); ++k) {
        const std::string& parameter = overrides[k].name;
        if (definition.parameter_index(parameter) == definition.parameters_.size()) {
            fail(device, fmt::format("'{}' has no parameter '{}'", definition.name_, parameter));
        }
        const auto same = [&](const ParameterValue& other) { return other.name == parameter; };
        if (std::any_of(overrides.begin(), overrides.begin() + static_cast<std::ptrdiff_t>(k),
                        same)) {
            fail(device, fmt::format("parameter '{}' is given twice", parameter));
        }
        check_value(device, fmt::format("parameter '{}'", parameter), overrides[k].value,
                    definition.needs_positive(parameter));
    }
}

std::size_t Circuit::parameter_index(std::string_view name) const {
    const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                    [&](const ParameterValue& p) { return p.name == name; });
    return static_cast<std::size_t>(found - parameters_.begin());
}

}  // namespace mho::netlist
