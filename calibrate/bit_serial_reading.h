// SPDX-License-Identifier: Apache-2.0
// What a transient of netlist::bit_serial_macro_bench says.
#pragma once

#include <vector>

#include "calibrate/sar_conversion.h"
#include "netlist/benches.h"
#include "spice/job.h"

namespace mho::calibrate {

struct BitSerialReading {
    std::vector<double> counters;   // of the bitlines, clock periods after the reference's trip
    std::vector<double> held_volt;  // of the bitlines, after sampling
    double reference_counter = 0;   // from the counter's nominal start
    double reference_held_volt = 0;
    std::vector<SupplyEnergy> blocks;  // by name of the block, from the first bit to the ramp's end
    double multiply_second = 0;        // that span
};

// A column that does not trip has the counter of the ramp's end. Throws Error(simulator) when the
// reference column does not trip.
BitSerialReading read_bit_serial_macro(const spice::Waveforms& waves, const netlist::Design& design,
                                       int rows, int columns);

// Over any span of such a transient, or of netlist::bit_serial_steps_bench: by block, and of one.
std::vector<SupplyEnergy> block_joules(const spice::Waveforms& waves, const netlist::Design& design,
                                       double from_second, double to_second);
double block_joule(const spice::Waveforms& waves, const netlist::Design& design,
                   std::string_view name, double from_second, double to_second);

// Voltages that all columns hold after sampling, the reference among them, added up.
double held_volts(const spice::Waveforms& waves, const netlist::Design& design, int rows,
                  int columns);

// The energy of a block among them, 0 when it is not there.
double block_joule(const std::vector<SupplyEnergy>& blocks, std::string_view name);

}  // namespace mho::calibrate
