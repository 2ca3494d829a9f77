// SPDX-License-Identifier: Apache-2.0
// A hierarchical circuit as one flat list of devices on one flat list of nets. Refers to the
// circuit it was made of, which has to live longer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "netlist/circuit.h"

namespace mho::netlist {

enum class GraphDepth {
    top_level,  // instances are devices
    flattened,  // every device at every depth
};

class FlatCircuit {
  public:
    struct Device {
        const netlist::Device* device = nullptr;
        std::uint32_t owner = 0;  // index into owners()
        std::uint32_t first_pin = 0;
        std::uint32_t pin_count = 0;    // as many as device->pins
        std::uint32_t sense_count = 0;  // nets that an expression reads; they follow the pins
    };
    // The top circuit (index 0) and every instance below it.
    struct Owner {
        const Circuit* circuit = nullptr;
        const netlist::Device* instance = nullptr;  // null for the top
        std::uint32_t parent = 0;
    };

    // With `expand` false instances stay as devices and only the top level is listed.
    explicit FlatCircuit(const Circuit& top, bool expand = true);

    std::span<const Device> devices() const { return devices_; }
    std::span<const Owner> owners() const { return owners_; }
    std::size_t net_count() const { return nets_.size(); }  // net 0 is ground
    std::span<const std::uint32_t> pins(const Device& device) const {
        return {pins_.data() + device.first_pin, device.pin_count};
    }
    std::span<const std::uint32_t> senses(const Device& device) const {
        return {pins_.data() + device.first_pin + device.pin_count, device.sense_count};
    }
    // "x1.x2.n" and "x1.x2.r1": instances from the top down, as ngspice names nets.
    std::string net_path(std::uint32_t net) const;
    std::string device_path(const Device& device) const;

  private:
    struct Net {
        std::uint32_t owner = 0;
        NetId id;
    };
    void add_owner(const Circuit& circuit, std::uint32_t index,
                   std::span<const std::uint32_t> port_nets, bool expand);
    std::string prefix(std::uint32_t owner) const;

    std::vector<Device> devices_;
    std::vector<Owner> owners_;
    std::vector<Net> nets_;
    std::vector<std::uint32_t> pins_;
};

}  // namespace mho::netlist
