// SPDX-License-Identifier: Apache-2.0
#include "calibrate/fit_card.h"

#include "netlist/ramp_adc.h"

namespace mho::calibrate {
namespace {

behavioral::ArrayModel array_model(const netlist::Design& design, double driver_ohm,
                                   double sense_ohm) {
    const netlist::ArraySpec& array = design.spec.array;
    const netlist::CellLayout& cell = design.technology.cell("1t1r");
    return {array.rows,
            array.columns,
            wire_segment(design.technology, array.row_layer, cell.pitch_x_m).ohm,
            wire_segment(design.technology, array.column_layer, cell.pitch_y_m).ohm,
            driver_ohm,
            sense_ohm};
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

CardExperiment plan_card(const netlist::Design& design, Campaign& campaign,
                         const AdcEffort& effort) {
    return {plan_cell(design, campaign), plan_driver(design, campaign),
            plan_readout(design, campaign), plan_adc(design, campaign, effort),
            plan_dynamics(design, campaign)};
}

behavioral::ModelCard fit_card(const CardExperiment& experiment, const netlist::Design& design,
                               const Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    const DriverFit driver = fit_driver(experiment.driver, design, campaign);
    const ReadoutFit readout = fit_readout(experiment.readout, design, campaign);
    const AdcFit adc = fit_adc(experiment.adc, design, campaign);
    behavioral::ModelCard card;
    card.cell = fit_cell(experiment.cell, design, campaign);
    card.driver = {spec.driver.bits, spec.driver.amplitude_volt, spec.readout.common_mode_volt,
                   driver.resistance_per_volt};
    card.array = array_model(design, driver.ohm, readout.sense_ohm);
    card.readout = readout.model;
    card.adc = adc.model;
    card.programming = {spec.programming.c0, spec.programming.c1, spec.programming.c2,
                        spec.programming.c3, spec.programming.source};
    card.energy.row_farad = driver.row_farad;
    card.timing = fit_dynamics(experiment.dynamics, design, card, campaign);
    card.timing.conversion_second =
        netlist::counter_delay_second(spec.adc) + netlist::ramp_second(spec.adc);
    card.energy = energy_model(design, driver, readout, adc, card.timing.settle_second);
    return card;
}

}  // namespace mho::calibrate
