// SPDX-License-Identifier: Apache-2.0
#include "calibrate/fit_card.h"

#include "calibrate/converter_card.h"
#include "calibrate/measure_bit_serial.h"
#include "calibrate/measure_cell_table.h"
#include "netlist/ramp_adc.h"

namespace mho::calibrate {
namespace {

behavioral::ArrayModel array_model(const netlist::Design& design, double driver_ohm,
                                   double sense_ohm) {
    const netlist::ArraySpec& array = design.spec.array;
    const netlist::CrossbarWires wires = netlist::crossbar_wires(design);
    behavioral::ArrayModel model;
    model.rows = array.rows;
    model.columns = bitlines(array.shape, array.columns);
    model.topology = static_cast<behavioral::ArrayTopology>(array.shape.topology);
    model.row_segment_ohm = is_gated(design.spec) ? wires.source.ohm : wires.row.ohm;
    model.column_segment_ohm = wires.column.ohm;
    model.driver_ohm = driver_ohm;
    model.sense_ohm = sense_ohm;
    return model;
}

behavioral::ProgrammingModel programming_model(const netlist::ProgrammingSpec& spec) {
    return {spec.c0, spec.c1, spec.c2, spec.c3, spec.source};
}

behavioral::EnergyModel energy_model(const netlist::Design& design, const DriverFit& driver,
                                     const ReadoutFit& readout, const AdcFit& adc,
                                     double settle_second) {
    behavioral::EnergyModel energy;
    energy.row_switch_joule = driver.switch_joule;
    energy.row_farad = driver.row_farad;
    energy.readout_static_watt = readout.static_watt;
    energy.readout_sourced_volt = readout.sourced_volt;
    energy.readout_sunk_volt = readout.sunk_volt;
    if (design.spec.adc.kind == netlist::AdcKind::sar) return energy;
    const auto comparator = [&](std::size_t power) {
        return adc.comparator_conversion_joule[power] +
               adc.comparator_reset_watt[power] * settle_second;
    };
    // Counters with a code lie half a period above it on average.
    energy.comparator_joule = comparator(0) + 0.5 * comparator(1) + 0.25 * comparator(2);
    energy.comparator_joule_per_code = comparator(1) + comparator(2);
    energy.comparator_joule_per_square_code = comparator(2);
    energy.ramp_joule = adc.ramp_conversion_joule + adc.ramp_reset_watt * settle_second;
    energy.ramp_shared_by = design.spec.adc.shared_by;
    return energy;
}

}  // namespace

std::size_t block_runs(const netlist::Spec& spec) {
    return 5 + dynamics_runs(spec);  // cell, driver and read-out
}

CardExperiment plan_card(const netlist::Design& design, Campaign& campaign,
                         const AdcEffort& effort) {
    CardExperiment experiment;
    if (netlist::has_transistor_drivers(design.spec)) experiment.cell = plan_cell(design, campaign);
    experiment.driver = plan_driver(design, campaign);
    experiment.readout = plan_readout(design, campaign);
    const bool is_sar = design.spec.adc.kind == netlist::AdcKind::sar;
    if (!is_sar) experiment.adc = plan_adc(design, campaign, effort);
    experiment.dynamics = plan_dynamics(design, campaign);
    if (is_sar) experiment.sar = fit_converter_card(design, campaign);
    return experiment;
}

behavioral::CellLaw fit_cell_law(const CardExperiment& experiment, const netlist::Design& design,
                                 Campaign& campaign) {
    return experiment.cell ? fit_cell(*experiment.cell, design, campaign)
                           : measure_cell_law(design, campaign);
}

behavioral::ModelCard fit_card(const CardExperiment& experiment, const behavioral::CellLaw& cell,
                               const netlist::Design& design, const Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    const DriverFit driver = fit_driver(experiment.driver, design, campaign);
    const ReadoutFit readout = fit_readout(experiment.readout, design, campaign);
    const AdcFit adc = experiment.sar ? AdcFit{.model = experiment.sar->adc}
                                      : fit_adc(experiment.adc, design, campaign);
    behavioral::ModelCard card;
    if (experiment.sar) card.converter = experiment.sar->converter;
    card.cell = cell;
    card.driver = {spec.driver.bits, spec.driver.amplitude_volt, spec.readout.common_mode_volt,
                   driver.resistance_per_volt};
    card.array = array_model(design, driver.ohm, readout.sense_ohm);
    card.readout = readout.model;
    card.adc = adc.model;
    card.programming = programming_model(spec.programming);
    card.energy.row_farad = driver.row_farad;
    card.timing = fit_dynamics(experiment.dynamics, design, card, campaign);
    card.timing.conversion_second =
        experiment.sar ? spec.adc.bits / spec.adc.sar.bit_clock_hertz
                       : netlist::counter_delay_second(spec.adc) + netlist::ramp_second(spec.adc);
    card.energy = energy_model(design, driver, readout, adc, card.timing.settle_second);
    return card;
}

behavioral::ModelCard fit_array_card(const netlist::Design& design, Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    const netlist::ArrayTerminals& ends = spec.array.terminals;
    behavioral::ModelCard card;
    card.array_only = true;
    card.cell = measure_cell_law(design, campaign);
    card.driver = {spec.driver.bits, spec.driver.amplitude_volt, spec.readout.common_mode_volt, 0};
    card.array = array_model(design, ends.driver_ohm, ends.sense_ohm);
    card.programming = programming_model(spec.programming);
    return card;
}

behavioral::ModelCard fit_bit_serial_card(const netlist::Design& design, Campaign& campaign) {
    const BitSerialExperiment experiment = plan_bit_serial(design, campaign);
    behavioral::ModelCard card = fit_array_card(design, campaign);
    fit_bit_serial(experiment, design, campaign, card);
    return card;
}

}  // namespace mho::calibrate
