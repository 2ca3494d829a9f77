// SPDX-License-Identifier: Apache-2.0
// A circuit as a value: named nets, devices and instances of other circuits. Circuits are built
// once, by adding, and every addition is checked at once: a wrong name, a duplicate, a net of
// another circuit or an impossible value is an Error(bad_input) that names circuit and device.
// What can only be judged on the whole (floating nets, loops) is checked in circuit_check.h.
//
//     Circuit divider("divider", {"in", "out"});
//     divider.resistor("rtop", divider.net("in"), divider.net("out"), 10e3);
//     divider.resistor("rbottom", divider.net("out"), kGround, 10e3);
//     Circuit top("bench");
//     top.voltage_source("vin", top.net("in"), kGround, {.dc = 1.0});
//     top.instance("x1", share(std::move(divider)), {top.net("in"), top.net("out")});
//
// Names match [a-z][a-z0-9_]*; a device's starts with the letter of its kind (r c v i m b a n x).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netlist/device.h"
#include "netlist/name_table.h"

namespace mho::netlist {

using Definition = std::shared_ptr<const Circuit>;

// What one port of a code model is tied to: a net, a vector of nets, or nothing.
class CodePort {
  public:
    CodePort() = default;                                           // open
    CodePort(NetId net) : kind_(CodeModel::kSingle), nets_{net} {}  // NOLINT
    static CodePort vector(std::vector<NetId> nets) {
        CodePort port;
        port.kind_ = static_cast<int>(nets.size());
        port.nets_ = std::move(nets);
        return port;
    }
    int kind() const { return kind_; }
    const std::vector<NetId>& nets() const { return nets_; }

  private:
    int kind_ = CodeModel::kOpen;
    std::vector<NetId> nets_;
};

// One net of the enclosing circuit, tied to a port by the port's name.
struct Connection {
    std::string_view port;
    NetId net;
};

// Where a group of devices starts; decks print the title above it.
struct Section {
    std::size_t first_device = 0;
    std::string title;
    bool operator==(const Section&) const = default;
};

class Circuit {
  public:
    // A circuit with ports is a subcircuit; its parameters have defaults, which instances override.
    explicit Circuit(std::string name, const std::vector<std::string>& ports = {},
                     std::vector<ParameterValue> parameters = {});

    // The net of this name, made on first use. "0" is ground; "gnd" is refused (ngspice aliases
    // it).
    NetId net(std::string_view name);
    // net("name_3") and net("name_3_7"), the convention for wires and grids.
    NetId net(std::string_view name, int index);
    NetId net(std::string_view name, int row, int column);
    // The existing net of this name; throws when there is none.
    NetId find_net(std::string_view name) const;

    // Value > 0, or a parameter whose default and every override is > 0.
    void resistor(std::string name, NetId plus, NetId minus, Value ohm);
    void capacitor(std::string name, NetId plus, NetId minus, Value farad);
    void voltage_source(std::string name, NetId plus, NetId minus, Stimulus stimulus);
    // A positive current leaves the circuit at `plus` and returns at `minus`.
    void current_source(std::string name, NetId plus, NetId minus, Stimulus stimulus);
    void mosfet(std::string name, const MosPins& pins, std::string model, MosSize size);
    // An ngspice B source. The expression is lower case and may read nets of this circuit that
    // exist already, v(a) or v(a,b), currents of its voltage sources, i(vx), its parameters, time
    // and numbers.
    void behavioural_voltage(std::string name, NetId plus, NetId minus, std::string expression);
    void behavioural_current(std::string name, NetId plus, NetId minus, std::string expression);
    // An XSPICE A device; its ports in the order of the code model, empty vectors are refused.
    void code_model(std::string name, const std::vector<CodePort>& ports, std::string model);
    // A model compiled from Verilog-A (OSDI); its pins in the order of the module's, at least one.
    void compiled_model(std::string name, std::vector<NetId> nets, std::string model,
                        std::vector<ParameterValue> parameters = {});
    // `nets` in the order of the definition's ports, one for each.
    void instance(std::string name, Definition definition, std::vector<NetId> nets,
                  std::vector<ParameterValue> parameters = {});
    // The same with ports by name, in any order, each exactly once.
    void instance(std::string name, Definition definition,
                  std::initializer_list<Connection> connections,
                  std::vector<ParameterValue> parameters = {});

    // Devices added from here on stand below this title in decks.
    void section(std::string title);
    // One line about the whole circuit, printed with it.
    void describe(std::string description);

    const std::string& name() const { return name_; }
    const std::string& description() const { return description_; }
    std::span<const NetId> ports() const { return ports_; }
    std::span<const ParameterValue> parameters() const { return parameters_; }
    std::span<const Device> devices() const { return devices_; }
    std::span<const Section> sections() const { return sections_; }
    std::size_t net_count() const { return nets_.size(); }  // ground included
    const std::string& net_name(NetId net) const { return nets_.at(net.index); }
    bool is_port(NetId net) const;
    bool has_device(std::string_view name) const;
    // True when the parameter sizes a device and so has to be positive.
    bool needs_positive(std::string_view parameter) const;

    // Same name, ports, parameters, devices and sections in the same order, and nets of the same
    // names, in whatever order these were first used.
    bool operator==(const Circuit& other) const;

  private:
    [[noreturn]] void fail(std::string_view device, std::string_view message) const;
    void add(std::string name, char kind, std::vector<NetId> pins, Device::Body body);
    void check_name(std::string_view name, char kind) const;
    void check_value(std::string_view device, std::string_view what, const Value& value,
                     bool positive);
    void check_stimulus(std::string_view device, const Stimulus& stimulus);
    void check_overrides(std::string_view device, const Circuit& definition,
                         std::span<const ParameterValue> overrides);
    void behavioural(std::string name, std::vector<NetId> pins, BehaviouralSource source);
    std::size_t parameter_index(std::string_view name) const;  // parameters_.size(): none

    std::string name_;
    std::string description_;
    std::vector<NetId> ports_;
    std::vector<ParameterValue> parameters_;
    std::vector<bool> positive_parameters_;
    std::vector<std::string> nets_;
    std::vector<Device> devices_;
    std::vector<Section> sections_;
    NameTable<std::uint32_t> net_index_;
    NameTable<std::size_t> device_index_;
};

// The circuit as a definition for instances.
Definition share(Circuit circuit);

}  // namespace mho::netlist
