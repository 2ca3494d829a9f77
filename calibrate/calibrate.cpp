// SPDX-License-Identifier: Apache-2.0
#include "calibrate/calibrate.h"

#include <fmt/format.h>

#include <utility>

#include "base/version.h"
#include "calibrate/campaign.h"
#include "calibrate/measure_adc.h"
#include "calibrate/measure_array.h"
#include "calibrate/measure_cell.h"
#include "calibrate/measure_column.h"
#include "calibrate/measure_driver.h"
#include "calibrate/measure_readout.h"
#include "calibrate/measure_settling.h"
#include "calibrate/measurement.h"
#include "calibrate/provenance.h"
#include "netlist/ramp_adc.h"
#include "netlist/spec_toml.h"

namespace mho::calibrate {
namespace {

// Runs of all phases but the columns, for the progress bar.
constexpr std::size_t kPlannedRuns = 52;

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

behavioral::Provenance provenance(const netlist::Design& design, std::uint64_t seed,
                                  const spice::SimulatorInfo& simulator, std::size_t runs) {
    behavioral::Provenance origin;
    origin.mho_version = kVersion;
    origin.ngspice_version = simulator.version + (simulator.klu ? ", KLU" : ", Sparse 1.3");
    origin.spec_name = design.spec.name;
    origin.spec_hash = design_hash(design);
    origin.spec_toml = spec_to_toml(design.spec);
    origin.technology = fmt::format("{}, corner {}", design.technology.name, design.spec.corner);
    origin.temperature_celsius = design.spec.temperature_celsius;
    origin.seed = seed;
    origin.spice_runs = static_cast<int>(runs);
    return origin;
}

void set_evidence(behavioral::ModelCard& card, Evidence evidence) {
    card.errors = std::move(evidence.errors);
    card.held_out = std::move(evidence.points);
    card.validity = std::move(evidence.validity);
}

behavioral::ModelCard measure(const netlist::Design& design, std::uint64_t seed,
                              Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    Evidence evidence;
    behavioral::ModelCard card;
    card.programming = {spec.programming.c0, spec.programming.c1, spec.programming.c2,
                        spec.programming.c3, spec.programming.source};

    // Blocks on their own.
    const CellExperiment cell = plan_cell(design, seed, campaign);
    const DriverExperiment driver = plan_driver(design, campaign);
    const ReadoutExperiment readout = plan_readout(design, campaign);
    const AdcExperiment adc = plan_adc(design, seed, campaign);
    campaign.run();
    card.cell = fit_cell(cell, design, campaign, evidence);
    const ReadoutFit readout_fit = fit_readout(readout, design, campaign, evidence);
    const AdcFit adc_fit = fit_adc(adc, design, campaign, evidence);
    card.readout = readout_fit.model;
    card.adc = adc_fit.model;
    const DriverFit driver_fit = fit_driver(driver, design, campaign);
    card.driver = {spec.driver.bits, spec.driver.amplitude_volt, spec.readout.common_mode_volt,
                   driver_fit.resistance_per_volt};
    card.array = array_model(design, driver_fit.ohm, readout_fit.sense_ohm);

    // Cells, drivers and wires together; the column with its read-out in time.
    const ArrayExperiment arrays = plan_arrays(design, card.array.sense_ohm, seed, campaign);
    const SettlingExperiment settling = plan_settling(design, card.cell, seed, campaign);
    campaign.run();
    check_arrays(arrays, design, card, campaign, evidence);
    card.timing = fit_settling(settling, design, card.cell, campaign, evidence);
    card.timing.conversion_second =
        netlist::counter_delay_second(spec.adc) + netlist::ramp_second(spec.adc);
    card.energy = energy_model(design, driver_fit, readout_fit, adc_fit, card.timing.settle_second);

    // The whole chain.
    const ColumnExperiment columns =
        plan_columns(design, card.timing.settle_second, seed, campaign);
    campaign.run();
    check_columns(columns, design, card, campaign, evidence);
    evidence.validity.push_back(
        {"temperature", "C", spec.temperature_celsius, spec.temperature_celsius});
    set_evidence(card, std::move(evidence));
    return card;
}

}  // namespace

Calibration calibrate(const netlist::Spec& spec, const CalibrateOptions& options) {
    netlist::require_valid(spec);
    netlist::Design design = netlist::load_design(spec);
    spice::PoolOptions how;
    how.workers = options.workers;
    how.cache_folder = options.cache_folder;
    spice::Pool pool(how);
    design.klu = pool.simulator().klu;
    const auto columns = static_cast<std::size_t>(spec.calibration.held_out_columns);
    Campaign campaign(pool, options.progress, kPlannedRuns + columns);

    Calibration result;
    result.card = measure(design, options.seed, campaign);
    result.card.provenance = provenance(design, options.seed, pool.simulator(), campaign.runs());
    const spice::RunSummary summary = pool.summary();
    result.spice_runs = campaign.runs();
    result.cached_runs = summary.cached;
    result.simulator_second = summary.simulator_second;
    result.klu = pool.simulator().klu;
    return result;
}

}  // namespace mho::calibrate
