// SPDX-License-Identifier: Apache-2.0
#include "calibrate/calibrate.h"

#include <utility>

#include "calibrate/campaign.h"
#include "calibrate/card_design.h"
#include "calibrate/fit_card.h"
#include "calibrate/judge_card.h"
#include "calibrate/measure_array.h"
#include "calibrate/measurement.h"
#include "calibrate/provenance.h"
#include "calibrate/run_pool.h"
#include "netlist/spec_toml.h"

namespace mho::calibrate {
namespace {

// What fits and checks covered.
std::vector<behavioral::ValidityRange> validity(const netlist::Spec& spec) {
    const ArraySize size = checked_size(spec);
    const double ampere = full_scale_ampere(spec);
    const double volt = spec.driver.amplitude_volt;
    return {{"cell_conductance", "S", spec.cell.g_min_siemens, spec.cell.g_max_siemens},
            {"cell_voltage", "V", -volt, volt},
            {"column_current", "A", -ampere, ampere},
            {"adc_input", "V", spec.adc.low_volt, spec.adc.high_volt},
            {"rows", "", 1, static_cast<double>(size.rows)},
            {"columns", "", 1, static_cast<double>(size.columns)},
            {"temperature", "C", spec.temperature_celsius, spec.temperature_celsius}};
}

}  // namespace

Calibration calibrate(const netlist::Spec& spec, const CalibrateOptions& options) {
    netlist::require_valid(spec);
    require_calibratable(spec);
    spice::Pool pool = start_pool(options);
    const netlist::Design design = start_design(spec, pool);
    Campaign campaign(pool, options.progress, kFitRuns + judging_runs(spec));
    Calibration result;
    result.card = fit_card(design, campaign);
    Evidence evidence = judge_card(result.card, design, options.seed, campaign);
    result.card.errors = std::move(evidence.errors);
    result.card.held_out = std::move(evidence.points);
    result.card.validity = validity(spec);
    result.runs = count_runs(campaign.runs(), pool);
    result.card.provenance =
        provenance(design, pool.simulator(), options.seed, result.runs.spice_runs);
    return result;
}

CardCheck check(const behavioral::ModelCard& card, const CalibrateOptions& options) {
    const netlist::Spec spec = spec_of(card);  // complaints before a worker starts
    spice::Pool pool = start_pool(options);
    const netlist::Design design = design_of(card, pool);
    Campaign campaign(pool, options.progress, judging_runs(spec));
    CardCheck result;
    result.errors = judge_card(card, design, options.seed, campaign).errors;
    result.runs = count_runs(campaign.runs(), pool);
    return result;
}

}  // namespace mho::calibrate
