// SPDX-License-Identifier: Apache-2.0
#include "netlist/flat_circuit.h"

namespace mho::netlist {

FlatCircuit::FlatCircuit(const Circuit& top, bool expand) {
    nets_.push_back({0, kGround});
    owners_.push_back({&top, nullptr, 0});
    add_owner(top, 0, {}, expand);
}

// `port_nets` are the flat nets of the circuit's ports; empty for the top, whose ports are nets of
// its own.
void FlatCircuit::add_owner(const Circuit& circuit, std::uint32_t index,
                            std::span<const std::uint32_t> port_nets, bool expand) {
    constexpr std::uint32_t kUnset = UINT32_MAX;
    std::vector<std::uint32_t> flat(circuit.net_count(), kUnset);
    flat[kGround.index] = 0;
    for (std::size_t k = 0; k < port_nets.size(); ++k) {
        flat[circuit.ports()[k].index] = port_nets[k];
    }
    for (std::uint32_t k = 0; k < flat.size(); ++k) {
        if (flat[k] != kUnset) continue;
        flat[k] = static_cast<std::uint32_t>(nets_.size());
        nets_.push_back({index, NetId{k}});
    }
    for (const netlist::Device& device : circuit.devices()) {
        const auto* instance = std::get_if<Instance>(&device.body);
        if (instance != nullptr && expand) {
            std::vector<std::uint32_t> outer;
            for (const NetId pin : device.pins) outer.push_back(flat[pin.index]);
            const auto child = static_cast<std::uint32_t>(owners_.size());
            owners_.push_back({instance->definition.get(), &device, index});
            add_owner(*instance->definition, child, outer, true);
            continue;
        }
        Device entry{&device, index, static_cast<std::uint32_t>(pins_.size()),
                     static_cast<std::uint32_t>(device.pins.size()), 0};
        for (const NetId pin : device.pins) pins_.push_back(flat[pin.index]);
        if (const auto* source = std::get_if<BehaviouralSource>(&device.body)) {
            entry.sense_count = static_cast<std::uint32_t>(source->sensed.size());
            for (const NetId net : source->sensed) pins_.push_back(flat[net.index]);
        }
        devices_.push_back(entry);
    }
}

std::string FlatCircuit::prefix(std::uint32_t owner) const {
    std::string path;
    for (; owner != 0; owner = owners_[owner].parent) {
        path = owners_[owner].instance->name + "." + path;
    }
    return path;
}

std::string FlatCircuit::net_path(std::uint32_t net) const {
    const Net& entry = nets_[net];
    return prefix(entry.owner) + owners_[entry.owner].circuit->net_name(entry.id);
}

std::string FlatCircuit::device_path(const Device& device) const {
    return prefix(device.owner) + device.device->name;
}

}  // namespace mho::netlist
