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
std::vector<behavioral::ValidityRange> validity(const netlist::Spec& spec,
                                                const behavioral::ModelCard& card) {
    const ArraySize size = checked_size(spec);
    const double volt = spec.driver.amplitude_volt;
    // Of gated cells the table says it; of topology b they see one sign.
    const bool has_table = !card.cell.table.empty();
    std::vector<behavioral::ValidityRange> ranges{
        {"cell_conductance", "S", spec.cell.g_min_siemens, spec.cell.g_max_siemens},
        {"cell_voltage", "V", has_table ? card.cell.table.volt.front() : -volt,
         has_table ? card.cell.table.volt.back() : volt}};
    if (!card.array_only) {
        const double ampere = full_scale_ampere(spec);
        ranges.push_back({"column_current", "A", -ampere, ampere});
        ranges.push_back({"adc_input", "V", spec.adc.low_volt, spec.adc.high_volt});
    }
    ranges.push_back({"rows", "", 1, static_cast<double>(size.rows)});
    ranges.push_back({"columns", "", 1, static_cast<double>(size.columns)});
    ranges.push_back({"temperature", "C", spec.temperature_celsius, spec.temperature_celsius});
    return ranges;
}

}  // namespace

Calibration calibrate(const netlist::Spec& spec, const CalibrateOptions& options) {
    netlist::require_valid(spec);
    require_calibratable(spec);
    spice::Pool pool = start_pool(options);
    const netlist::Design design = start_design(spec, pool);
    Campaign campaign(pool, options.progress,
                      (card_scope(spec) == CardScope::column ? kFitRuns : 0) + judging_runs(spec));
    Calibration result;
    result.card = card_scope(spec) == CardScope::column ? fit_card(design, campaign)
                                                        : fit_array_card(design, campaign);
    Evidence evidence = judge_card(result.card, design, options.seed, campaign);
    result.card.errors = std::move(evidence.errors);
    result.card.held_out = std::move(evidence.points);
    result.card.validity = validity(spec, result.card);
    result.runs = count_runs(campaign.runs(), pool);
    result.card.provenance =
        provenance(design, pool.simulator(), options.seed, result.runs.spice_runs);
    return result;
}

CardCheck check(const behavioral::ModelCard& card, const CalibrateOptions& options,
                CheckDepth depth) {
    const netlist::Spec spec = spec_of(card);  // complaints before a worker starts
    spice::Pool pool = start_pool(options);
    const netlist::Design design = design_of(card, pool);
    const bool all = depth == CheckDepth::all;
    Campaign campaign(pool, options.progress, all ? judging_runs(spec) : 2);
    CardCheck result;
    result.errors = (all ? judge_card : judge_blocks)(card, design, options.seed, campaign).errors;
    result.runs = count_runs(campaign.runs(), pool);
    return result;
}

}  // namespace mho::calibrate
