// SPDX-License-Identifier: Apache-2.0
// The members of every part of a card with their keys, named once for reading and writing:
// describe(fields, value) calls fields(key, member) for each, in the order of the file. Keys that
// a file may lack go to fields.optional(key, member, is_there): writers look at `is_there`, readers
// at the file, and leave the member as it is where the file has none. fields.any(keys, are_there)
// says the same of keys that come together.
#pragma once

#include <array>
#include <string_view>
#include <type_traits>

#include "behavioral/card.h"

namespace mho::behavioral {

template <typename Value, typename Part>
concept SameValue = std::is_same_v<std::remove_const_t<Value>, Part>;

// How files spell topologies, in their order.
inline constexpr std::array<std::string_view, 3> kTopologyNames{"a", "b", "c"};

template <typename Fields, SameValue<CellTable> Value>
void describe(Fields& f, Value& v) {
    f("state_siemens", v.state_siemens);
    f("volt", v.volt);
    f("ampere", v.ampere);
}

template <typename Fields, SameValue<CellLaw> Value>
void describe(Fields& f, Value& v) {
    f.optional("kind", v.kind, !v.kind.empty());
    f.optional("table", v.table, !v.table.empty());
    if (v.table.empty()) {
        f("access_ohm", v.access_ohm);
        f("access_per_volt", v.access_per_volt);
        f("access_per_volt_squared", v.access_per_volt_squared);
        f.optional("access_standard_error", v.access_standard_error,
                   !v.access_standard_error.empty());
    }
    f.optional("source_weight", v.source_weight, v.source_weight != 1);
    f("g_min_siemens", v.g_min_siemens);
    f("g_max_siemens", v.g_max_siemens);
    f("v_max_volt", v.v_max_volt);
}

template <typename Fields, SameValue<ArrayModel> Value>
void describe(Fields& f, Value& v) {
    f.optional("topology", v.topology, v.topology != ArrayTopology::a);
    f("rows", v.rows);
    f("columns", v.columns);
    f("row_segment_ohm", v.row_segment_ohm);
    f("column_segment_ohm", v.column_segment_ohm);
    f("driver_ohm", v.driver_ohm);
    f("sense_ohm", v.sense_ohm);
}

template <typename Fields, SameValue<DriverModel> Value>
void describe(Fields& f, Value& v) {
    f("bits", v.bits);
    f("amplitude_volt", v.amplitude_volt);
    f("common_mode_volt", v.common_mode_volt);
    f("resistance_per_volt", v.resistance_per_volt);
}

template <typename Fields, SameValue<ReadoutModel> Value>
void describe(Fields& f, Value& v) {
    f("input_offset_volt", v.input_offset_volt);
    f("transimpedance_ohm", v.transimpedance_ohm);
    f("offset_volt", v.offset_volt);
    f("quadratic_per_ampere", v.quadratic_per_ampere);
    f("cubic_per_ampere_squared", v.cubic_per_ampere_squared);
    f("current_max_ampere", v.current_max_ampere);
    f("noise_volt_rms", v.noise_volt_rms);
}

template <typename Fields, SameValue<AdcMismatch> Value>
void describe(Fields& f, Value& v) {
    f("draws", v.draws);
    f("offset_volt_rms", v.offset_volt_rms);
    f("gain_rms", v.gain_rms);
    f("bit_volt_rms", v.bit_volt_rms);
    f("bend_volt_rms", v.bend_volt_rms);
    f.optional("shapes", v.shapes, !v.shapes.empty());
}

template <typename Fields, SameValue<AdcModel> Value>
void describe(Fields& f, Value& v) {
    f("bits", v.bits);
    f("ideal_low_volt", v.ideal_low_volt);
    f("ideal_high_volt", v.ideal_high_volt);
    f("transition_volt", v.transition_volt);
    f.optional("noise_volt_rms", v.noise_volt_rms, v.noise_volt_rms > 0);
    f.optional("regeneration_second", v.regeneration_second, v.regeneration_second > 0);
    f.optional("unresolved_volt", v.unresolved_volt, v.unresolved_volt > 0);
    f.optional("mismatch", v.mismatch, v.mismatch.draws > 0);
}

template <typename Fields, SameValue<ConverterModel> Value>
void describe(Fields& f, Value& v) {
    f("kind", v.kind);
    f("code_joule", v.code_joule);
    f("first_second", v.first_second);
    f("second_per_code", v.second_per_code);
    f("conversion_second", v.conversion_second);
    f.optional("logic_joule", v.logic_joule, v.logic_joule > 0);
}

template <typename Fields, SameValue<EnergyModel> Value>
void describe(Fields& f, Value& v) {
    f("row_switch_joule", v.row_switch_joule);
    f("row_farad", v.row_farad);
    f("readout_static_watt", v.readout_static_watt);
    f("readout_sourced_volt", v.readout_sourced_volt);
    f("readout_sunk_volt", v.readout_sunk_volt);
    f("comparator_joule", v.comparator_joule);
    f("comparator_joule_per_code", v.comparator_joule_per_code);
    f.optional("comparator_joule_per_square_code", v.comparator_joule_per_square_code,
               v.comparator_joule_per_square_code != 0);
    f("ramp_joule", v.ramp_joule);
    f("ramp_shared_by", v.ramp_shared_by);
}

template <typename Fields, SameValue<IntegratorModel> Value>
void describe(Fields& f, Value& v) {
    f("bits", v.bits);
    f("input_offset_volt", v.input_offset_volt);
    f("start_volt", v.start_volt);
    f("bit_ampere", v.bit_ampere);
    f("bit_volt", v.bit_volt);
    f("memory_ohm", v.memory_ohm);
    f("sum_offset_volt", v.sum_offset_volt);
    f("sum_keep", v.sum_keep);
    f("sum_take", v.sum_take);
    f("held_offset_volt", v.held_offset_volt);
    f("held_gain", v.held_gain);
    f("noise_volt_rms", v.noise_volt_rms);
    f("current_max_ampere", v.current_max_ampere);
}

template <typename Fields, SameValue<BitSerialEnergy> Value>
void describe(Fields& f, Value& v) {
    f("gate_joule", v.gate_joule);
    f("cell_volt_second", v.cell_volt_second);
    f("cell_swing_joule", v.cell_swing_joule);
    f("integrator_joule", v.integrator_joule);
    f("integrator_volt_second", v.integrator_volt_second);
    f("accumulator_joule", v.accumulator_joule);
    f("hold_joule", v.hold_joule);
    f("hold_joule_per_volt", v.hold_joule_per_volt);
    f("comparator_joule", v.comparator_joule);
    f("comparator_joule_per_code", v.comparator_joule_per_code);
    f("comparator_joule_per_square_code", v.comparator_joule_per_square_code);
    f("ramp_joule", v.ramp_joule);
}

template <typename Fields, SameValue<RampSharing> Value>
void describe(Fields& f, Value& v) {
    f("others", v.others);
    f("others_volt", v.others_volt);
    f("reference_count", v.reference_count);
    f("volt", v.volt);
    f("count", v.count);
}

template <typename Fields, SameValue<BitSerialModel> Value>
void describe(Fields& f, Value& v) {
    f("integrator", v.integrator);
    f("adc", v.adc);
    f("sharing", v.sharing);
    f("energy", v.energy);
    f("multiply_second", v.multiply_second);
}

template <typename Fields, SameValue<ReadoutDynamics> Value>
void describe(Fields& f, Value& v) {
    f("ampere", v.ampere);
    f("denominator", v.denominator);
    f("input_ohm", v.input_ohm);
    f("transfer_ohm", v.transfer_ohm);
}

template <typename Fields, SameValue<MixedDynamics> Value>
void describe(Fields& f, Value& v) {
    f("weight", v.weight);
    f("at_currents", v.at_currents);
}

template <typename Fields, SameValue<TimingModel> Value>
void describe(Fields& f, Value& v) {
    f("edge_second", v.edge_second);
    f("column_farad", v.column_farad);
    f("sourcing", v.sourcing);
    f("resting", v.resting);
    f("sinking", v.sinking);
    f.optional("between", v.between, !v.between.empty());
    f.optional("mixed", v.mixed, !v.mixed.empty());
    f("settle_second", v.settle_second);
    f("conversion_second", v.conversion_second);
}

template <typename Fields, SameValue<ProgrammingModel> Value>
void describe(Fields& f, Value& v) {
    f("c0", v.c0);
    f("c1", v.c1);
    f("c2", v.c2);
    f("c3", v.c3);
    f("source", v.source);
}

template <typename Fields, SameValue<ConditionTable> Value>
void describe(Fields& f, Value& v) {
    f("quantity", v.quantity);
    f("values", v.values);
}

template <typename Fields, SameValue<ConditionModel> Value>
void describe(Fields& f, Value& v) {
    f("corners", v.corners);
    f("temperature_celsius", v.temperature_celsius);
    f("supply", v.supply);
    f("tables", v.tables);
}

template <typename Fields, SameValue<MismatchModel> Value>
void describe(Fields& f, Value& v) {
    f("readout_offset_volt", v.readout_offset_volt);
    f("readout_gain_relative", v.readout_gain_relative);
    f("driver_relative", v.driver_relative);
    f("draws", v.draws);
}

template <typename Fields, SameValue<ValidityRange> Value>
void describe(Fields& f, Value& v) {
    f("quantity", v.quantity);
    f("unit", v.unit);
    f("low", v.low);
    f("high", v.high);
}

template <typename Fields, SameValue<QuantityError> Value>
void describe(Fields& f, Value& v) {
    f("quantity", v.quantity);
    f("unit", v.unit);
    f("rms", v.rms);
    f("worst", v.worst);
    f("tolerance", v.tolerance);
    f.optional("rms_tolerance", v.rms_tolerance, v.rms_tolerance > 0);
    f("samples", v.samples);
    f("held_out", v.held_out);
}

template <typename Fields, SameValue<HeldOutPoints> Value>
void describe(Fields& f, Value& v) {
    f("quantity", v.quantity);
    f("unit", v.unit);
    f("spice", v.spice);
    f("model", v.model);
}

template <typename Fields, SameValue<Provenance> Value>
void describe(Fields& f, Value& v) {
    f("mho_version", v.mho_version);
    f("ngspice_version", v.ngspice_version);
    f("spec_name", v.spec_name);
    f("spec_hash", v.spec_hash);
    f("spec_toml", v.spec_toml);
    f("technology", v.technology);
    f("temperature_celsius", v.temperature_celsius);
    f("seed", v.seed);
    f("spice_runs", v.spice_runs);
}

template <typename Fields, SameValue<ModelCard> Value>
void describe_array(Fields& f, Value& v) {
    f("cell", v.cell);
    f("array", v.array);
    f("driver", v.driver);
    // All of them or none.
    const bool whole = f.any({"readout", "adc", "energy", "timing"}, !v.array_only);
    if (whole) {
        f("readout", v.readout);
        f("adc", v.adc);
        f("energy", v.energy);
        f("timing", v.timing);
        f.optional("converter", v.converter, !v.converter.kind.empty());
    }
    if constexpr (!std::is_const_v<Value>) v.array_only = !whole;
    f.optional("bit_serial", v.bit_serial, v.bit_serial.integrator.bits > 0);
    f("programming", v.programming);
    f.optional("conditions", v.conditions, !v.conditions.tables.empty());
    f.optional("mismatch", v.mismatch, v.mismatch.draws > 0);
}

template <typename Fields, SameValue<ModelCard> Value>
void describe(Fields& f, Value& v) {
    const bool alone = !f.any({"cell", "array", "driver"}, !v.converter_only);
    if constexpr (!std::is_const_v<Value>) v.converter_only = alone;
    if (alone) {
        f("converter", v.converter);
        f("adc", v.adc);
    } else {
        describe_array(f, v);
    }
    f("validity", v.validity);
    f("errors", v.errors);
    f("held_out", v.held_out);
    f("provenance", v.provenance);
}

}  // namespace mho::behavioral
