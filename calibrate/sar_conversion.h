// SPDX-License-Identifier: Apache-2.0
// A conversion as the SAR converter sees it: the decision of every trial, and how far the
// comparator's inputs were apart when it was asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "calibrate/supply_energy.h"
#include "netlist/bench_converter.h"
#include "netlist/benches.h"
#include "spice/job.h"

namespace mho::calibrate {

struct SarTrial {
    std::uint32_t code = 0;  // on the switches
    double margin_volt = 0;  // between the comparator's inputs as its clock rises; above its
                             // offset the bit is taken
    bool taken = false;
};

struct SupplyEnergy {
    std::string source;  // "vdd_switches"
    double joule = 0;    // delivered over the conversion; what flows back does not count
};

struct SarConversion {
    std::uint32_t code = 0;
    std::vector<SarTrial> trials;  // from the highest bit down
    std::vector<SupplyEnergy> supplies;

    double joule() const;  // of all supplies
};

// Waves of netlist::sar_bench. Throws Error(simulator) when a bit ends between its levels.
SarConversion sar_conversion(const spice::Waveforms& waves, const netlist::Design& design);

// The same in a column or macro whose converter's nets end with `suffix`; without supplies, which
// converters share.
SarConversion sar_conversion(const spice::Waveforms& waves, const netlist::Design& design,
                             const netlist::SarTiming& timing, const std::string& suffix);

// Energy of the supplies and references of all SARs of a bench over `span`.
std::vector<SupplyEnergy> sar_supplies(const spice::Waveforms& waves, const netlist::Design& design,
                                       Span span);

}  // namespace mho::calibrate
