// SPDX-License-Identifier: Apache-2.0
// Measures a technology in ngspice: every transistor at its shortest length, and an inverter of the
// core pair in a chain and in a ring. What each figure is: netlist::Figure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calibrate/calibrate.h"
#include "calibrate/campaign.h"
#include "netlist/technology_checks.h"

namespace mho::calibrate {

struct MeasuredFigure {
    std::string subject;  // a device, or netlist::kInverter
    netlist::Figure figure = netlist::Figure::i_on;
    double value = 0;  // SI units as in the figure's key
};

struct TechnologyMeasurement {
    netlist::ProcessPoint point;
    std::vector<MeasuredFigure> figures;  // devices as the technology lists them, the inverter last

    // Throws bad_input when it was not measured.
    double at(std::string_view subject, netlist::Figure figure) const;
};

// Result i belongs to points[i]. Runs two batches: transistors, then inverters on the time scale
// of these transistors. Without an inverter, transistors only. Throws bad_input for a point that
// the technology does not have, Error(simulator) when a run fails or a figure cannot be had from
// it, naming device and point.
std::vector<TechnologyMeasurement> measure_technology(
    const netlist::Technology& technology, const std::optional<netlist::Inverter>& inverter,
    std::span<const netlist::ProcessPoint> points, Campaign& campaign);

// Mean delay of both edges of the inverter when it drives `fan_out` of its size, second. Takes the
// waveforms of netlist::fan_out_bench.
double fan_out_delay_second(const spice::Waveforms& waves, double supply_volt);

// C V / I of the inverter's n device, second: the time scale of its gates.
double gate_time_second(const TechnologyMeasurement& measured,
                        const netlist::Technology& technology, const netlist::Inverter& inverter);

struct TechnologyCheck {
    std::vector<TechnologyMeasurement> measurements;
    RunCount runs;
};

// The same on workers of its own; the seed of the options does not matter.
TechnologyCheck check_technology(const netlist::Technology& technology,
                                 const std::optional<netlist::Inverter>& inverter,
                                 std::span<const netlist::ProcessPoint> points,
                                 const CalibrateOptions& options);

}  // namespace mho::calibrate
