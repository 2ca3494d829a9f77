// SPDX-License-Identifier: Apache-2.0
#include "calibrate/fit_card.h"

#include "calibrate/measure_adc.h"
#include "calibrate/measure_cell.h"
#include "calibrate/measure_driver.h"
#include "calibrate/measure_readout.h"
#include "calibrate/measure_settling.h"
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

behavioral::ModelCard fit_card(const netlist::Design& design, Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    // Blocks on their own.
    const CellExperiment cell = plan_cell(design, campaign);
    const DriverExperiment driver = plan_driver(design, campaign);
    const ReadoutExperiment readout = plan_readout(design, campaign);
    const AdcExperiment adc = plan_adc(design, campaign);
    campaign.run();
    const DriverFit driver_fit = fit_driver(driver, design, campaign);
    const ReadoutFit readout_fit = fit_readout(readout, design, campaign);
    const AdcFit adc_fit = fit_adc(adc, design, campaign);
    behavioral::ModelCard card;
    card.cell = fit_cell(cell, design, campaign);
    card.driver = {spec.driver.bits, spec.driver.amplitude_volt, spec.readout.common_mode_volt,
                   driver_fit.resistance_per_volt};
    card.array = array_model(design, driver_fit.ohm, readout_fit.sense_ohm);
    card.readout = readout_fit.model;
    card.adc = adc_fit.model;
    card.programming = {spec.programming.c0, spec.programming.c1, spec.programming.c2,
                        spec.programming.c3, spec.programming.source};

    // A column with its read-out in time; its inputs are chosen by the cell's law.
    const SettlingExperiment settling = plan_settling(design, card.cell, campaign);
    campaign.run();
    card.timing = fit_settling(settling, design, card.cell, campaign);
    card.timing.conversion_second =
        netlist::counter_delay_second(spec.adc) + netlist::ramp_second(spec.adc);
    card.energy =
        energy_model(design, driver_fit, readout_fit, adc_fit, card.timing.settle_second);
    return card;
}

}  // namespace mho::calibrate
