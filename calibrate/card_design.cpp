// SPDX-License-Identifier: Apache-2.0
#include "calibrate/card_design.h"

#include "base/error.h"
#include "calibrate/provenance.h"
#include "netlist/bench_bit_serial.h"
#include "netlist/spec_toml.h"

namespace mho::calibrate {

netlist::Design start_design(const netlist::Spec& spec, const spice::Pool& pool) {
    netlist::Design design = netlist::load_design(spec);
    design.klu = pool.simulator().klu;
    return design;
}

CardScope card_scope(const netlist::Spec& spec) {
    using netlist::CellKind;
    if (spec.calibration.scope == netlist::CalibrationScope::converter) return CardScope::converter;
    const CellKind kind = spec.cell.kind;
    const bool has_column = kind == CellKind::one_transistor_one_resistor ||
                            kind == CellKind::ohmic_resistor || kind == CellKind::user_subcircuit;
    if (has_column && netlist::has_plain_array(spec)) return CardScope::column;
    return netlist::is_bit_serial_macro(spec) ? CardScope::bit_serial : CardScope::array;
}

namespace {

void require_converter_keys(const netlist::Spec& spec) {
    const netlist::CalibrationSpec& how = spec.calibration;
    if (!how.corners.empty() || !how.temperatures.empty() || how.supply_spread != 0 ||
        how.mismatch_draws != 0) {
        throw bad_input(
            "{}: [calibration] corners, temperatures, supply_spread and mismatch_draws are not for "
            "a converter alone, whose draws are adc_draws",
            spec.name);
    }
    if (how.adc_draws != 0 && spec.adc.kind == netlist::AdcKind::user_subcircuit) {
        throw bad_input("{}: [calibration] adc_draws: expected none with [adc] kind \"subckt\"",
                        spec.name);
    }
}

// Conditions and mismatch are measured on the blocks of a column whose cells have the access law.
void require_one_condition(const netlist::Spec& spec) {
    const netlist::CalibrationSpec& how = spec.calibration;
    const bool has_more = !how.corners.empty() || !how.temperatures.empty() ||
                          how.supply_spread != 0 || how.mismatch_draws != 0;
    if (!has_more || netlist::has_transistor_drivers(spec)) return;
    throw bad_input(
        "{}: [calibration] corners, temperatures, supply_spread and mismatch_draws are for "
        "\"1t1r\" "
        "cells in plain arrays of topology \"a\"",
        spec.name);
}

// The bootstrapped switch of top-plate sampling has no operating point that tracks, and other
// conditions of a SAR are not measured.
void require_sar_column(const netlist::Spec& spec) {
    if (spec.adc.sar.sampling != netlist::SarSampling::bottom_plate) {
        throw bad_input(
            "{}: [adc] sampling: a card of a column needs \"bottom_plate\", found \"top_plate\"",
            spec.name);
    }
    const netlist::CalibrationSpec& how = spec.calibration;
    if (!how.corners.empty() || !how.temperatures.empty() || how.supply_spread != 0) {
        throw bad_input(
            "{}: [calibration] corners, temperatures and supply_spread are for columns with a "
            "ramp, found [adc] kind \"sar\"",
            spec.name);
    }
}

}  // namespace

void require_calibratable(const netlist::Spec& spec) {
    netlist::load_design(spec);
    if (spec.calibration.adc_draws == 1) {
        throw bad_input("{}: [calibration] adc_draws: expected 0 or at least 2, found 1",
                        spec.name);
    }
    if (card_scope(spec) == CardScope::converter) return require_converter_keys(spec);
    require_one_condition(spec);
    if (card_scope(spec) == CardScope::column) {
        if (spec.readout.kind == netlist::ReadoutKind::integrator ||
            spec.driver.kind != netlist::DriverKind::levels) {
            throw bad_input(
                "{}: a card needs [readout] kind \"transimpedance\" or \"subckt\" and [driver] "
                "kind \"levels\"",
                spec.name);
        }
        if (spec.adc.kind == netlist::AdcKind::ramp) return;
        if (spec.adc.kind == netlist::AdcKind::sar) return require_sar_column(spec);
        throw bad_input(
            "{}: [adc] kind: a card of a column needs \"ramp\" or \"sar\", found \"subckt\": a "
            "spec "
            "with nothing but [adc], or [calibration] scope = \"converter\", gives a card of that "
            "converter alone",
            spec.name);
    }
    const netlist::ArrayShape& shape = spec.array.shape;
    if (shape.drive == netlist::LineEnds::one && shape.sense == netlist::LineEnds::one &&
        shape.dummy_rows == 0 && shape.dummy_columns == 0 &&
        spec.array.stuck == netlist::StuckCells{}) {
        return;
    }
    throw bad_input(
        "{}: arrays driven or sensed at both ends, with dummies or stuck cells cannot be "
        "calibrated",
        spec.name);
}

netlist::Spec spec_of(const behavioral::ModelCard& card) {
    netlist::Spec spec = netlist::parse_spec(card.provenance.spec_toml, "the card's spec");
    require_calibratable(spec);
    return spec;
}

netlist::Design design_of(const behavioral::ModelCard& card, const spice::Pool& pool) {
    netlist::Design design = start_design(spec_of(card), pool);
    if (const std::string hash = design_hash(design); hash != card.provenance.spec_hash) {
        throw bad_input(
            "the card was measured on spec and technology {}, these files are {}: calibrate anew",
            card.provenance.spec_hash, hash);
    }
    return design;
}

}  // namespace mho::calibrate
