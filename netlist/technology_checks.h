// SPDX-License-Identifier: Apache-2.0
// What a technology's transistors and gates are expected to measure: the [check] tables of its
// tech.toml, described in docs/technology.md. A technology without them is measured all the same.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netlist/technology.h"

namespace mho::netlist {

// Figures of a device stand for 1 um of width and its shortest length; voltages and currents of
// p devices are magnitudes.
enum class Figure {
    vth_linear,     // gate voltage at 100 nA W/L with 50 mV at the drain
    vth_saturated,  // the same with the drain at its supply
    i_on,           // drain current per um, gate and drain at the supply
    i_off,          // the same with the gate at the source
    dibl,           // fall of the threshold between both drain voltages, per volt
    slope,          // gate voltage per decade, from two to three decades below the threshold
    c_gate,         // gate capacitance per um, gate at the supply, drain at the source
    fo4,            // delay of an inverter that drives four of its size, mean of both edges
    ring,           // frequency of a ring of kRingStages such inverters, each driving the next
};

struct FigureKind {
    Figure figure;
    std::string_view key;    // in tech.toml
    std::string_view title;  // for people: "Ion"
    std::string_view unit;   // for people: "uA/um"
    double unit_si;          // the unit in that of the key
};

std::span<const FigureKind> device_figures();
std::span<const FigureKind> gate_figures();
const FigureKind& kind_of(Figure figure);

// A table [check.<subject>] with a range for one figure. Sources are those of tech.toml.
struct FigureRange {
    std::string subject;  // a device, or kInverter
    Figure figure = Figure::i_on;
    double low = 0, high = 0;  // SI units as in the key, 0 <= low <= high
    std::string source;

    bool holds(double value) const { return value >= low && value <= high; }
};

inline constexpr std::string_view kInverter = "inverter";

// Devices and widths of the inverter that delay and ring are measured with; lengths are the
// shortest.
struct Inverter {
    std::string n_model, p_model;
    double n_width_m = 0, p_width_m = 0;
    bool operator==(const Inverter&) const = default;
};

struct TechnologyChecks {
    double temperature_celsius = 27;  // the ranges are for this and the default corner
    std::vector<FigureRange> ranges;
    // By default the first n and p device of the supply "core", the n of its least width and the p
    // twice as wide. None where there is no such pair.
    std::optional<Inverter> inverter;

    const FigureRange* find(std::string_view subject, Figure figure) const;  // null: no range
};

// Reads the [check] tables of the technology's tech.toml. In them every key must be known, so that
// a slip does not pass for a figure without a range. Throws bad_input, one line with file, line
// and key.
TechnologyChecks read_checks(const Technology& technology);

// A corner and a temperature.
struct ProcessPoint {
    std::string corner;
    double temperature_celsius = 27;
};

// Whether the ranges are for this point.
bool ranges_apply(const Technology& technology, const TechnologyChecks& checks,
                  const ProcessPoint& point);

}  // namespace mho::netlist
