// SPDX-License-Identifier: Apache-2.0
// The devices a circuit is made of, as plain values in SI units. Built through Circuit, which
// checks them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "netlist/value.h"

namespace mho::netlist {

class Circuit;

// A net of one circuit: an index into its nets. 0 is always ground, the net named "0".
struct NetId {
    std::uint32_t index = 0;
    auto operator<=>(const NetId&) const = default;
};
inline constexpr NetId kGround{0};

// SPICE pulse: initial and pulsed value (volt or ampere), times in seconds; period 0 means once.
struct Pulse {
    double initial = 0, pulsed = 0;
    double delay_second = 0, rise_second = 0, fall_second = 0, width_second = 0;
    double period_second = 0;
    bool operator==(const Pulse&) const = default;
};

// Piecewise linear: (second, value) with strictly increasing, non-negative times; the last value
// holds.
struct Pwl {
    std::vector<std::pair<double, double>> points;
    bool operator==(const Pwl&) const = default;
};

struct Sine {
    double offset = 0, amplitude = 0, frequency_hertz = 0, delay_second = 0;
    bool operator==(const Sine&) const = default;
};

using Waveform = std::variant<std::monostate, Pulse, Pwl, Sine>;

// What an independent source delivers (volt or ampere). `ac` is the small-signal magnitude; the
// input source of a noise analysis needs 1 here.
struct Stimulus {
    Value dc = 0.0;
    double ac = 0;
    Waveform waveform = {};
    bool operator==(const Stimulus&) const = default;
};

struct MosPins {
    NetId drain, gate, source, bulk;
};

struct MosSize {
    Value width_m;   // of all fingers together
    Value length_m;  // drawn
    int fingers = 1;
    int multiplier = 1;                // identical transistors in parallel
    Value threshold_shift_volt = 0.0;  // BSIM4 delvto, for mismatch
    bool operator==(const MosSize&) const = default;
};

struct ParameterValue {
    std::string name;
    Value value;
    bool operator==(const ParameterValue&) const = default;
};

// pins: plus, minus
struct Resistor {
    Value ohm;
    bool operator==(const Resistor&) const = default;
};
// pins: plus, minus
struct Capacitor {
    Value farad;
    bool operator==(const Capacitor&) const = default;
};
// pins: plus, minus
struct VoltageSource {
    Stimulus stimulus;
    bool operator==(const VoltageSource&) const = default;
};
// pins: plus, minus; a positive current flows from plus through the source to minus
struct CurrentSource {
    Stimulus stimulus;
    bool operator==(const CurrentSource&) const = default;
};
// pins: drain, gate, source, bulk
struct Mosfet {
    std::string model;
    MosSize size;
    bool operator==(const Mosfet&) const = default;
};
// pins: plus, minus; `sensed` are the nets its expression reads
struct BehaviouralSource {
    enum class Kind { voltage, current };
    Kind kind = Kind::voltage;
    std::string expression;
    std::vector<NetId> sensed;
    bool operator==(const BehaviouralSource& other) const {
        return kind == other.kind && expression == other.expression;
    }
};
// An XSPICE code model, an ngspice A device: digital gates and the bridges to them. Its ports in
// the model's order; `ports` says what each takes, and pins holds their nets one after the other.
struct CodeModel {
    static constexpr int kOpen = -1;   // null: a port left open
    static constexpr int kSingle = 0;  // one net; n >= 1: a vector of n nets, [a b c]
    std::string model;                 // of a .model card in one of the deck's libraries
    std::vector<int> ports;
    bool operator==(const CodeModel&) const = default;
};
// A model compiled from Verilog-A (OSDI), an ngspice N device; pins: those of its module, in order.
struct CompiledModel {
    std::string model;                       // of a .model card in one of the deck's libraries
    std::vector<ParameterValue> parameters;  // of the instance
    bool operator==(const CompiledModel&) const = default;
};
// pins: in the order of the definition's ports
struct Instance {
    std::shared_ptr<const Circuit> definition;     // never null
    std::vector<ParameterValue> parameters;        // those that differ from the defaults
    bool operator==(const Instance& other) const;  // definitions by content
};

struct Device {
    using Body = std::variant<Resistor, Capacitor, VoltageSource, CurrentSource, Mosfet,
                              BehaviouralSource, CodeModel, CompiledModel, Instance>;
    std::string name;  // starts with the letter of its kind: r c v i m b a n x
    std::vector<NetId> pins;
    Body body;
};

}  // namespace mho::netlist
