// SPDX-License-Identifier: Apache-2.0
// A technology and what was measured of it, as text for people.
#pragma once

#include <span>
#include <string>

#include "calibrate/technology_check.h"
#include "netlist/technology_checks.h"

namespace mho::apps {

// Supplies, models, devices, mismatch, wires, vias, passives and cells, each with its source.
std::string technology_text(const netlist::Technology& technology);

// Every figure of one measurement beside its range, with "pass" or "MISSED" where `judged`, and
// the sources below.
std::string figures_text(const calibrate::TechnologyMeasurement& measured,
                         const netlist::TechnologyChecks& checks, bool judged);

// One line for each device and corner, with what corners change, and one for the inverter.
std::string corners_text(std::span<const calibrate::TechnologyMeasurement> measurements,
                         const netlist::Technology& technology);

// The figures that have a range, and those outside it.
struct Judgement {
    std::size_t ranges = 0;
    std::vector<std::string> missed;  // "nch Ion 700 uA/um, not 500 .. 666"
};
Judgement judge(const calibrate::TechnologyMeasurement& measured,
                const netlist::TechnologyChecks& checks);

}  // namespace mho::apps
