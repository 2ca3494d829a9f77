// SPDX-License-Identifier: Apache-2.0
#include "calibrate/bit_serial_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/error.h"
#include "calibrate/conversion.h"
#include "calibrate/supply_energy.h"
#include "netlist/array_shape.h"
#include "netlist/bench_bit_serial.h"
#include "netlist/ramp_adc.h"
#include "spice/waveforms.h"

namespace mho::calibrate {
namespace {

void add_block(std::vector<SupplyEnergy>& blocks, const std::string& name, double joule) {
    const auto same = [&](const SupplyEnergy& one) { return one.source == name; };
    const auto found = std::find_if(blocks.begin(), blocks.end(), same);
    if (found == blocks.end()) {
        blocks.push_back({name, joule});
    } else {
        found->joule += joule;
    }
}

double held_by(const std::string& suffix, const spice::Waveforms& waves,
               const netlist::BitSerialTiming& phases) {
    return spice::value_at(waves.columns.front(), waves[fmt::format("v(hold{})", suffix)],
                           phases.sample_stop() + netlist::kHeldSecond);
}

}  // namespace

double held_volts(const spice::Waveforms& waves, const netlist::Design& design, int rows,
                  int columns) {
    const netlist::BitSerialTiming phases = netlist::bit_serial_timing(design.spec);
    double sum = held_by(netlist::kReferenceSuffix, waves, phases);
    for (const auto& line : array_lines(design.spec.array.shape, rows, columns).bitlines) {
        sum += held_by("_" + line, waves, phases);
    }
    return sum;
}

std::vector<SupplyEnergy> block_joules(const spice::Waveforms& waves, const netlist::Design& design,
                                       double from_second, double to_second) {
    std::vector<SupplyEnergy> blocks;
    // Sources are named v...; supply_joule adds that letter.
    for (const netlist::MacroSupply& supply : bit_serial_supplies(design)) {
        add_block(
            blocks, supply.block,
            supply_joule(waves, supply.source.substr(1), supply.volt, {from_second, to_second}));
    }
    return blocks;
}

double block_joule(const spice::Waveforms& waves, const netlist::Design& design,
                   std::string_view name, double from_second, double to_second) {
    double sum = 0;
    for (const netlist::MacroSupply& supply : bit_serial_supplies(design)) {
        if (supply.block != name) continue;
        sum += supply_joule(waves, supply.source.substr(1), supply.volt, {from_second, to_second});
    }
    return sum;
}

double block_joule(const std::vector<SupplyEnergy>& blocks, std::string_view name) {
    for (const SupplyEnergy& block : blocks) {
        if (block.source == name) return block.joule;
    }
    return 0;
}

BitSerialReading read_bit_serial_macro(const spice::Waveforms& waves, const netlist::Design& design,
                                       int rows, int columns) {
    const netlist::Spec& spec = design.spec;
    const netlist::BitSerialTiming phases = netlist::bit_serial_timing(spec);
    netlist::ColumnTiming timing;
    timing.ramp_second = phases.ramp_second;
    const auto counter = [&](const std::string& suffix) {
        return counter_at_trip(waves, design, timing, fmt::format("v(trip{})", suffix));
    };
    const auto start = counter(netlist::kReferenceSuffix);
    if (!start) throw simulator_error("{}: the reference column does not trip", spec.name);
    BitSerialReading reading;
    reading.reference_counter = *start;
    reading.reference_held_volt = held_by(netlist::kReferenceSuffix, waves, phases);
    const double end = std::ldexp(1.0, spec.adc.bits);
    for (const std::string& line : array_lines(spec.array.shape, rows, columns).bitlines) {
        reading.counters.push_back(counter("_" + line).value_or(end + *start) - *start);
        reading.held_volt.push_back(held_by("_" + line, waves, phases));
    }
    const double converted = phases.ramp_second + netlist::counter_delay_second(spec.adc) +
                             netlist::ramp_second(spec.adc);
    reading.multiply_second = converted - phases.start_second;
    reading.blocks = block_joules(waves, design, phases.start_second, converted);
    return reading;
}

}  // namespace mho::calibrate
