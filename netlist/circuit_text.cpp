// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"
#include "netlist/deck_format.h"
#include "netlist/expression.h"

namespace mho::netlist {
namespace {

std::string waveform_text(std::monostate) {
    return {};
}

std::string waveform_text(const Pulse& pulse) {
    return fmt::format(" pulse({} {} {} {} {} {} {})", pulse.initial, pulse.pulsed,
                       pulse.delay_second, pulse.rise_second, pulse.fall_second, pulse.width_second,
                       pulse.period_second > 0 ? pulse.period_second : kNeverSecond);
}

std::string waveform_text(const Pwl& pwl) {
    std::string text = " pwl(";
    for (std::size_t k = 0; k < pwl.points.size(); ++k) {
        text +=
            fmt::format("{}{} {}", k == 0 ? "" : " ", pwl.points[k].first, pwl.points[k].second);
    }
    return text + ")";
}

std::string waveform_text(const Sine& sine) {
    return fmt::format(" sin({} {} {} {})", sine.offset, sine.amplitude, sine.frequency_hertz,
                       sine.delay_second);
}

std::string stimulus_text(const Stimulus& stimulus) {
    std::string text = "dc " + stimulus.dc.text();
    if (stimulus.ac != 0) text += fmt::format(" ac {}", stimulus.ac);
    return text +
           std::visit([](const auto& shape) { return waveform_text(shape); }, stimulus.waveform);
}

// What stands behind the nets of a device.
struct BodyText {
    const Circuit& circuit;
    const DeviceCall* call = nullptr;  // of a transistor

    std::string operator()(const Resistor& resistor) const { return resistor.ohm.text(); }
    std::string operator()(const Capacitor& capacitor) const { return capacitor.farad.text(); }
    std::string operator()(const VoltageSource& source) const {
        return stimulus_text(source.stimulus);
    }
    std::string operator()(const CurrentSource& source) const {
        return stimulus_text(source.stimulus);
    }
    std::string operator()(const Mosfet& mosfet) const {
        return mosfet_text(mosfet, call != nullptr ? *call
                                                   : DeviceCall{.device = mosfet.model,
                                                                .model = mosfet.model,
                                                                .threshold_shift = "delvto"});
    }
    std::string operator()(const BehaviouralSource& source) const {
        std::vector<std::string> names;
        for (const ParameterValue& parameter : circuit.parameters()) {
            names.push_back(parameter.name);
        }
        return (source.kind == BehaviouralSource::Kind::voltage ? "v=" : "i=") +
               with_braced_parameters(source.expression, names);
    }
    std::string operator()(const CodeModel& code) const { return code.model; }
    std::string operator()(const CompiledModel& compiled) const {
        return compiled.model + parameters_text(compiled.parameters);
    }
    std::string operator()(const Instance& instance) const {
        return instance.definition->name() + parameters_text(instance.parameters);
    }

    static std::string parameters_text(std::span<const ParameterValue> parameters) {
        std::string text;
        for (const ParameterValue& parameter : parameters) {
            text += " " + parameter.name + "=" + parameter.value.text();
        }
        return text;
    }
};

// " a b", and " [a b] c null" of a code model.
std::string pins_text(const Circuit& circuit, const Device& device) {
    std::string text;
    const auto* code = std::get_if<CodeModel>(&device.body);
    if (code == nullptr) {
        for (const NetId pin : device.pins) text.append(" ").append(circuit.net_name(pin));
        return text;
    }
    auto pin = device.pins.begin();
    for (const int port : code->ports) {
        if (port == CodeModel::kOpen) {
            text += " null";
            continue;
        }
        const int nets = port == CodeModel::kSingle ? 1 : port;
        for (int k = 0; k < nets; ++k) {
            text.append(k == 0 && port != CodeModel::kSingle ? " [" : " ");
            text.append(circuit.net_name(*pin++));
        }
        if (port != CodeModel::kSingle) text += "]";
    }
    return text;
}

// How the device is written; null for all but the transistors that the technology names.
const DeviceCall* call_of(const Device& device, std::span<const DeviceCall> calls) {
    const auto* mosfet = std::get_if<Mosfet>(&device.body);
    if (mosfet == nullptr) return nullptr;
    const auto call = std::find_if(calls.begin(), calls.end(), [&](const DeviceCall& candidate) {
        return candidate.device == mosfet->model;
    });
    return call == calls.end() ? nullptr : &*call;
}

// A wrapped transistor is an instance: "m1" becomes "xm1".
std::string element_name(const Circuit& circuit, const Device& device, const DeviceCall* call) {
    if (call == nullptr || !call->wrapped) return device.name;
    std::string name = "x" + device.name;
    if (circuit.has_device(name)) {
        throw bad_input("circuit '{}': '{}' stands for the wrapped device '{}' and is taken",
                        circuit.name(), name, device.name);
    }
    return name;
}

void collect(const Circuit& circuit, std::unordered_set<const Circuit*>& seen,
             std::unordered_map<std::string, const Circuit*>& by_name,
             std::vector<const Circuit*>& ordered) {
    for (const Device& device : circuit.devices()) {
        const auto* instance = std::get_if<Instance>(&device.body);
        if (instance == nullptr) continue;
        const Circuit* definition = instance->definition.get();
        if (!seen.insert(definition).second) continue;
        collect(*definition, seen, by_name, ordered);
        const auto [known, is_new] = by_name.emplace(definition->name(), definition);
        if (is_new) {
            ordered.push_back(definition);
        } else if (!(*known->second == *definition)) {
            throw bad_input(
                "circuit '{}', device '{}': there are two different subcircuits "
                "named '{}'",
                circuit.name(), device.name, definition->name());
        }
    }
}

}  // namespace

void append_line(std::string& text, std::string_view line) {
    std::string_view start;  // of the next line
    while (start.size() + line.size() > kLineWidth) {
        const std::size_t room = kLineWidth - start.size();
        std::size_t cut = line.rfind(' ', room);
        if (cut == 0 || cut == std::string_view::npos) {
            const std::size_t comma = line.rfind(',', room - 1);
            cut = comma == std::string_view::npos ? line.find_first_of(" ,", room) : comma;
            if (cut == std::string_view::npos) break;
            if (line[cut] == ',') ++cut;
        }
        text.append(start).append(line.substr(0, cut)).append("\n");
        line.remove_prefix(cut);
        start = line.starts_with(' ') ? "+ " : "+";
        while (line.starts_with(' ')) line.remove_prefix(1);
    }
    if (line.empty() && !start.empty()) return;
    text.append(start).append(line).append("\n");
}

std::vector<const Circuit*> definitions_of(const Circuit& top) {
    std::unordered_set<const Circuit*> seen;
    std::unordered_map<std::string, const Circuit*> by_name;
    std::vector<const Circuit*> ordered;
    collect(top, seen, by_name, ordered);
    return ordered;
}

void append_devices(std::string& text, const Circuit& circuit, std::span<const DeviceCall> calls) {
    std::size_t section = 0;
    const auto devices = circuit.devices();
    const auto sections = circuit.sections();
    const auto append_section = [&](std::size_t device) {
        if (section < sections.size() && sections[section].first_device == device) {
            text += fmt::format("{}{}\n", kSectionStart, sections[section++].title);
        }
    };
    for (std::size_t k = 0; k < devices.size(); ++k) {
        append_section(k);
        const Device& device = devices[k];
        const DeviceCall* call = call_of(device, calls);
        std::string line = element_name(circuit, device, call);
        line.append(pins_text(circuit, device))
            .append(" ")
            .append(std::visit(BodyText{circuit, call}, device.body));
        append_line(text, line);
    }
    append_section(devices.size());
}

void append_definition(std::string& text, const Circuit& definition,
                       std::span<const DeviceCall> calls) {
    if (!definition.description().empty()) {
        text += fmt::format("* {}: {}\n", definition.name(), definition.description());
    }
    std::string head = ".subckt " + definition.name();
    for (const NetId port : definition.ports()) head += " " + definition.net_name(port);
    for (const ParameterValue& parameter : definition.parameters()) {
        head += " " + parameter.name + "=" + parameter.value.text();
    }
    append_line(text, head);
    append_devices(text, definition, calls);
    text += fmt::format(".ends {}\n\n", definition.name());
}

}  // namespace mho::netlist
