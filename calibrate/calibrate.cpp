// SPDX-License-Identifier: Apache-2.0
#include "calibrate/calibrate.h"

#include <chrono>
#include <utility>

#include "calibrate/adc_study.h"
#include "calibrate/campaign.h"
#include "calibrate/card_design.h"
#include "calibrate/condition_grid.h"
#include "calibrate/converter_card.h"
#include "calibrate/fit_card.h"
#include "calibrate/judge_card.h"
#include "calibrate/measure_array.h"
#include "calibrate/measure_bit_serial.h"
#include "calibrate/measure_mismatch.h"
#include "calibrate/measurement.h"
#include "calibrate/provenance.h"
#include "calibrate/ramp_noise.h"
#include "calibrate/run_pool.h"
#include "netlist/spec_toml.h"

namespace mho::calibrate {
namespace {

// What fits and checks covered.
std::vector<behavioral::ValidityRange> validity(const netlist::Spec& spec,
                                                const behavioral::ModelCard& card) {
    const double celsius = spec.temperature_celsius;
    if (card.converter_only) {
        return {{"adc_input", "V", spec.adc.low_volt, spec.adc.high_volt},
                {"temperature", "C", celsius, celsius}};
    }
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
    if (card.bit_serial.integrator.bits > 0) {
        ranges.push_back({"column_current", "A", 0, card.bit_serial.integrator.current_max_ampere});
        ranges.push_back({"adc_input", "V", spec.adc.low_volt, spec.adc.high_volt});
    }
    ranges.push_back({"rows", "", 1, static_cast<double>(size.rows)});
    ranges.push_back({"columns", "", 1, static_cast<double>(size.columns)});
    ranges.push_back({"temperature", "C", celsius, celsius});
    return ranges;
}

class StopWatch {
  public:
    double second() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

Evidence judge(const behavioral::ModelCard& card, const netlist::Design& design, std::uint64_t seed,
               Campaign& campaign) {
    if (card.converter_only) return judge_converter(card, design, seed, campaign, CheckDepth::all);
    if (card.array_only) return judge_card(card, design, seed, campaign);
    const MismatchExperiment mismatch = plan_mismatch_check(design, seed, campaign);
    Evidence evidence = judge_card(card, design, seed, campaign);
    check_mismatch(mismatch, design, card.mismatch, campaign, evidence);
    judge_conditions(card, design, seed, campaign, evidence);
    return evidence;
}

Evidence judge_quickly(const behavioral::ModelCard& card, const netlist::Design& design,
                       std::uint64_t seed, Campaign& campaign) {
    if (card.converter_only) {
        return judge_converter(card, design, seed, campaign, CheckDepth::blocks);
    }
    return judge_blocks(card, design, seed, campaign);
}

std::size_t all_judging_runs(const netlist::Spec& spec) {
    if (card_scope(spec) == CardScope::converter) {
        return converter_judging_runs(spec, CheckDepth::all);
    }
    return judging_runs(spec) + condition_judging_runs(spec) + mismatch_runs(spec);
}

std::size_t fit_runs(const netlist::Spec& spec) {
    if (card_scope(spec) == CardScope::array) return 0;
    if (card_scope(spec) == CardScope::bit_serial) return bit_serial_fit_runs();
    if (card_scope(spec) == CardScope::converter) return converter_fit_runs(spec);
    const std::size_t statistics =
        spec.calibration.adc_draws >= 2 ? converter_fit_runs(spec) : kRampNoiseRuns;
    const std::size_t converter =
        spec.adc.kind == netlist::AdcKind::sar
            ? converter_fit_runs(spec)
            : statistics + static_cast<std::size_t>(AdcEffort{}.conversions);
    return converter + block_runs(spec) + condition_runs(spec) + mismatch_runs(spec);
}

}  // namespace

Calibration calibrate(const netlist::Spec& spec, const CalibrateOptions& options) {
    netlist::require_valid(spec);
    require_calibratable(spec);
    const StopWatch watch;
    spice::Pool pool = start_pool(options);
    require_xspice(spec, pool);
    const netlist::Design design = start_design(spec, pool);
    Campaign campaign(pool, options.progress, fit_runs(spec) + all_judging_runs(spec));
    Calibration result;
    if (card_scope(spec) == CardScope::array) {
        result.card = fit_array_card(design, campaign);
    } else if (card_scope(spec) == CardScope::bit_serial) {
        result.card = fit_bit_serial_card(design, campaign);
    } else if (card_scope(spec) == CardScope::converter) {
        result.card = fit_converter_card(design, campaign);
    } else {
        const CardExperiment blocks = plan_card(design, campaign);
        const ConditionExperiment conditions = plan_conditions(design, campaign);
        const MismatchExperiment mismatch = plan_mismatch(design, campaign);
        campaign.run();
        result.card = fit_card(blocks, fit_cell_law(blocks, design, campaign), design, campaign);
        result.card.conditions = fit_conditions(conditions, result.card, campaign);
        result.card.mismatch = fit_mismatch(mismatch, campaign);
        if (!blocks.sar) measure_ramp_statistics(design, campaign, result.card.adc);
    }
    Evidence evidence = judge(result.card, design, options.seed, campaign);
    result.card.errors = std::move(evidence.errors);
    result.card.held_out = std::move(evidence.points);
    result.card.validity = validity(spec, result.card);
    result.runs = count_runs(campaign.runs(), pool, options);
    result.card.provenance =
        provenance(design, pool.simulator(), options.seed, result.runs.spice_runs);
    result.runs.wall_second = watch.second();
    return result;
}

CardCheck check(const behavioral::ModelCard& card, const CalibrateOptions& options,
                CheckDepth depth) {
    const netlist::Spec spec = spec_of(card);  // complaints before a worker starts
    const StopWatch watch;
    spice::Pool pool = start_pool(options);
    const netlist::Design design = design_of(card, pool);
    require_xspice(spec, pool);
    const bool all = depth == CheckDepth::all;
    Campaign campaign(pool, options.progress, all ? all_judging_runs(spec) : 2);
    CardCheck result;
    result.errors = (all ? judge : judge_quickly)(card, design, options.seed, campaign).errors;
    result.runs = count_runs(campaign.runs(), pool, options);
    result.runs.wall_second = watch.second();
    return result;
}

}  // namespace mho::calibrate
