// SPDX-License-Identifier: Apache-2.0
#include "calibrate/fit_card.h"

#include "calibrate/measure_adc.h"
#include "calibrate/measure_cell.h"
#include "calibrate/measure_cell_table.h"
#include "calibrate/measure_driver.h"
#include "calibrate/measure_readout.h"
#include "calibrate/measure_settling.h"
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
    energy.comparator_joule =
        adc.comparator_conversion_joule + adc.comparator_reset_watt * settle_second;
    energy.comparator_joule_per_code = adc.comparator_joule_per_code;
    energy.ramp_joule = adc.ramp_conversion_joule + adc.ramp_reset_watt * settle_second;
    energy.ramp_shared_by = design.spec.adc.shared_by;
    return energy;
}

}  // namespace

behavioral::ModelCard fit_card(const netlist::Design& design, Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    // Blocks on their own.
    const bool has_access_law = netlist::has_transistor_drivers(spec);
    CellExperiment cell;
    if (has_access_law) cell = plan_cell(design, campaign);
    const DriverExperiment driver = plan_driver(design, campaign);
    const ReadoutExperiment readout = plan_readout(design, campaign);
    const AdcExperiment adc = plan_adc(design, campaign);
    campaign.run();
    const DriverFit driver_fit = fit_driver(driver, design, campaign);
    const ReadoutFit readout_fit = fit_readout(readout, design, campaign);
    const AdcFit adc_fit = fit_adc(adc, design, campaign);
    behavioral::ModelCard card;
    card.cell =
        has_access_law ? fit_cell(cell, design, campaign) : measure_cell_law(design, campaign);
    card.driver = {spec.driver.bits, spec.driver.amplitude_volt, spec.readout.common_mode_volt,
                   driver_fit.resistance_per_volt};
    card.array = array_model(design, driver_fit.ohm, readout_fit.sense_ohm);
    card.readout = readout_fit.model;
    card.adc = adc_fit.model;
    card.programming = programming_model(spec.programming);

    // A column with its read-out in time; its inputs are chosen by the cell's law.
    const SettlingExperiment settling = plan_settling(design, card.cell, campaign);
    campaign.run();
    card.timing = fit_settling(settling, design, card.cell, campaign);
    card.timing.conversion_second =
        netlist::counter_delay_second(spec.adc) + netlist::ramp_second(spec.adc);
    card.energy = energy_model(design, driver_fit, readout_fit, adc_fit, card.timing.settle_second);
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

}  // namespace mho::calibrate
