// SPDX-License-Identifier: Apache-2.0
#include "calibrate/converter_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "base/random.h"
#include "behavioral/continuous_code.h"
#include "calibrate/adc_mismatch.h"
#include "calibrate/adc_study.h"
#include "calibrate/code_energy.h"
#include "calibrate/conversion.h"
#include "calibrate/held_out.h"
#include "calibrate/measure_adc.h"
#include "calibrate/measure_user_adc.h"
#include "calibrate/ramp_noise.h"
#include "calibrate/sar_conversion.h"
#include "netlist/adc_subckt.h"
#include "netlist/bench_converter.h"
#include "netlist/ramp_adc.h"

namespace mho::calibrate {
namespace {

using behavioral::ModelCard;
using netlist::AdcKind;

constexpr std::uint64_t kConverterFitSeed = 1;
// Beside the draws of `mho adc` and of read-outs and drivers.
constexpr std::uint32_t kFirstFitDraw = 5'000'000, kFirstCheckDraw = 6'000'000;
constexpr int kCheckConversions = 12, kQuickConversions = 3;
constexpr int kCheckTransitions = 4;
constexpr double kInlSpreadTolerance = 0.1;  // of the spread of INL
constexpr int kInstances = 4000;             // of the model

const char* kind_text(AdcKind kind) {
    return kind == AdcKind::ramp ? "ramp" : kind == AdcKind::sar ? "sar" : "subckt";
}

AdcStudyOptions study_options(const netlist::Spec& spec, std::uint64_t seed,
                              std::uint32_t first_draw) {
    AdcStudyOptions options;
    options.samples = static_cast<std::size_t>(spec.calibration.adc_draws);
    options.how.seed = seed;
    options.first_draw = first_draw;
    // The energy of a SAR by its code has 15 coefficients at 8 bits, 11 at 4. Prime numbers, so
    // that evenly spread codes have low bits of all kinds.
    options.conversions = spec.adc.bits > 5 ? 61 : 31;
    return options;
}

struct Conversions {
    std::vector<double> volts;
    std::vector<CodeEnergy> results;
};

// Of a SAR or a user's converter.
Conversions convert(std::vector<double> volts, const netlist::Design& design, Campaign& campaign) {
    Conversions done{std::move(volts), {}};
    if (design.spec.adc.kind == AdcKind::user_subcircuit) {
        done.results = convert_user(done.volts, design, campaign);
        return done;
    }
    std::vector<Campaign::Ticket> tickets;
    for (const double volt : done.volts)
        tickets.push_back(campaign.submit(sar_bench(design, volt)));
    campaign.run();
    for (const Campaign::Ticket ticket : tickets) {
        const SarConversion one = sar_conversion(campaign[ticket], design);
        done.results.push_back({one.code, one.joule()});
    }
    return done;
}

void check_energy(const std::vector<double>& spice, const std::vector<double>& model,
                  const netlist::Spec& spec, Evidence& evidence) {
    const double mean = std::accumulate(spice.begin(), spice.end(), 0.0) /
                        static_cast<double>(std::max<std::size_t>(1, spice.size()));
    HeldOut held_out("energy_conversion", "of its mean", mean);
    for (std::size_t k = 0; k < spice.size(); ++k) held_out.add(spice[k], model[k]);
    held_out.describe(fmt::format("{} conversions of random voltages", spice.size()));
    evidence.errors.push_back(held_out.error(spec.calibration.energy_tolerance));
    evidence.points.push_back(held_out.points("J"));
}

void judge_ramp(const ModelCard& card, const netlist::Design& design, std::uint64_t seed,
                Campaign& campaign, Evidence& evidence) {
    const AdcExperiment experiment = plan_adc_check(design, seed, campaign);
    campaign.run();
    check_adc(experiment, design, card.adc, campaign, evidence);
    const std::vector<double> spice = conversion_joules(experiment, design, campaign);
    const std::vector<double> counters = read_counters(experiment, design, campaign);
    std::vector<double> model;
    const double last = static_cast<double>(card.converter.code_joule.size() - 1);
    for (const double counter : counters) {
        const auto code = static_cast<std::size_t>(std::clamp(counter, 0.0, last));
        model.push_back(card.converter.code_joule[code]);
    }
    check_energy(spice, model, design.spec, evidence);
}

// The voltage of a random part of the range, inside the outermost codes.
std::vector<double> random_inputs(const netlist::AdcSpec& spec, std::uint64_t seed, int count) {
    RandomStream random(seed, RandomPurpose::operating_points, 5);
    const double half = 0.5 * std::ldexp(spec.high_volt - spec.low_volt, -spec.bits);
    std::vector<double> volts;
    for (int k = 0; k < count; ++k) {
        volts.push_back(random.uniform(spec.low_volt + half, spec.high_volt - half));
    }
    return volts;
}

std::vector<std::uint32_t> random_codes(int bits, std::uint64_t seed) {
    RandomStream random(seed, RandomPurpose::operating_points, 6);
    std::vector<std::uint32_t> codes;
    for (int k = 0; k < kCheckTransitions; ++k) {
        const double last = std::ldexp(1.0, bits) - 1;
        codes.push_back(static_cast<std::uint32_t>(random.uniform(1, last)));
    }
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    return codes;
}

void judge_codes(const ModelCard& card, const netlist::Design& design, std::uint64_t seed,
                 int count, Campaign& campaign, Evidence& evidence) {
    const Conversions done = convert(random_inputs(design.spec.adc, seed, count), design, campaign);
    HeldOut held_out("adc_code", "LSB", 1);
    std::vector<double> spice, model;
    for (std::size_t k = 0; k < done.volts.size(); ++k) {
        // An input whose code is the model's lies where the model has it.
        const double expected = continuous_code(card.adc, done.volts[k]);
        const auto code = static_cast<double>(done.results[k].code);
        held_out.add(std::clamp(expected, code, code + 1), expected);
        spice.push_back(done.results[k].joule);
        model.push_back(card.converter.code_joule[done.results[k].code]);
    }
    held_out.describe(
        fmt::format("{} conversions of random voltages, how far outside of its code's "
                    "range an input lies",
                    count));
    evidence.errors.push_back(held_out.error(design.spec.calibration.adc_tolerance_lsb));
    evidence.points.push_back(held_out.points("LSB"));
    check_energy(spice, model, design.spec, evidence);
}

void judge_transitions(const ModelCard& card, const netlist::Design& design, std::uint64_t seed,
                       Campaign& campaign, Evidence& evidence) {
    const std::vector<std::uint32_t> codes = random_codes(card.adc.bits, seed);
    const std::vector<FoundTransition> found =
        design.spec.adc.kind == AdcKind::user_subcircuit
            ? find_user_transitions(card.adc, codes, design, campaign)
            : find_sar_transitions(card.adc, codes, design, campaign);
    HeldOut held_out("adc_transition", "LSB", lsb_volt(design.spec));
    double width = 0;
    for (const FoundTransition& one : found) {
        held_out.add(one.volt(), card.adc.transition_volt[one.code - 1]);
        width = std::max(width, one.high_volt - one.low_volt);
    }
    held_out.describe(
        fmt::format("{} transitions to random codes, found by codes alone to {:.3f} LSB",
                    found.size(), 0.5 * width / lsb_volt(design.spec)));
    evidence.errors.push_back(held_out.error(design.spec.calibration.adc_tolerance_lsb));
    evidence.points.push_back(held_out.points("V"));
}

// Relative standard error of the root mean square of the draws' worst INL.
double spread_error(const AdcMeasurement& nominal, std::span<const AdcMeasurement> draws) {
    const auto count = static_cast<double>(draws.size());
    std::vector<double> squares;
    for (const AdcMeasurement& draw : draws)
        squares.push_back(std::pow(worst_inl(nominal, draw), 2));
    const double mean = std::accumulate(squares.begin(), squares.end(), 0.0) / count;
    double variance = 0;
    for (const double square : squares) variance += std::pow(square - mean, 2) / (count - 1);
    return 0.5 * std::sqrt(variance / count) / mean;
}

void judge_spread(const ModelCard& card, const netlist::Design& design, std::uint64_t seed,
                  Campaign& campaign, Evidence& evidence) {
    const AdcStudy study =
        study_adc(design, study_options(design.spec, seed, kFirstCheckDraw), campaign);
    const InlSpread spread = inl_spread(card.adc, study.nominal, study.samples, seed, kInstances);
    // As many draws made the statistics, known no better.
    const double known = std::sqrt(2.0) * spread_error(study.nominal, study.samples);
    HeldOut held_out("inl_spread", "of the spread", 1);
    held_out.add(spread.draws_lsb, spread.model_lsb, spread.draws_lsb);
    held_out.describe(
        fmt::format("worst INL, rms over {} other draws of mismatch, known to {:.1f} %; "
                    "tolerance 10 % and twice that",
                    study.samples.size(), 100 * known));
    evidence.errors.push_back(held_out.error(kInlSpreadTolerance + 2 * known));
    evidence.points.push_back(held_out.points("LSB"));
}

}  // namespace

ModelCard fit_converter_card(const netlist::Design& design, Campaign& campaign) {
    const netlist::AdcSpec& spec = design.spec.adc;
    ModelCard card;
    card.converter_only = true;
    card.converter.kind = kind_text(spec.kind);
    if (spec.kind == AdcKind::user_subcircuit) {
        UserAdcFit fit = fit_user_adc(design, campaign);
        card.adc = std::move(fit.model);
        card.converter.code_joule = std::move(fit.code_joule);
        const netlist::UserAdcTiming timing = netlist::user_adc_timing(spec);
        card.converter.first_second = timing.read_second - timing.applied_second;
        card.converter.conversion_second = card.converter.first_second;
        return card;
    }
    const AdcStudy study =
        study_adc(design, study_options(design.spec, kConverterFitSeed, kFirstFitDraw), campaign);
    card.adc = adc_model(study);
    card.converter.code_joule = fit_code_energy(spec.kind, spec.bits, study.nominal.energies);
    card.converter.conversion_second = study.conversion_second;
    card.converter.first_second = study.conversion_second;
    card.converter.logic_joule = study.logic_joule;
    if (spec.kind == AdcKind::ramp) {
        card.converter.second_per_code = 1 / spec.clock_hertz;
        card.converter.first_second -= netlist::ramp_second(spec) - 1 / spec.clock_hertz;
    }
    return card;
}

Evidence judge_converter(const ModelCard& card, const netlist::Design& design, std::uint64_t seed,
                         Campaign& campaign, CheckDepth depth) {
    Evidence evidence;
    const AdcKind kind = design.spec.adc.kind;
    const bool all = depth == CheckDepth::all;
    if (kind == AdcKind::ramp) {
        judge_ramp(card, design, seed, campaign, evidence);
    } else {
        if (all) judge_transitions(card, design, seed, campaign, evidence);
        judge_codes(card, design, seed, all ? kCheckConversions : kQuickConversions, campaign,
                    evidence);
    }
    if (all && design.spec.calibration.adc_draws >= 2) {
        judge_spread(card, design, seed, campaign, evidence);
    }
    return evidence;
}

std::size_t converter_fit_runs(const netlist::Spec& spec) {
    if (spec.adc.kind == AdcKind::user_subcircuit) return user_adc_runs(spec.adc);
    return study_runs(spec.adc, study_options(spec, kConverterFitSeed, kFirstFitDraw));
}

std::size_t converter_judging_runs(const netlist::Spec& spec, CheckDepth depth) {
    if (spec.adc.kind == AdcKind::ramp) {
        const bool draws = depth == CheckDepth::all && spec.calibration.adc_draws >= 2;
        return 12 + (draws ? converter_fit_runs(spec) : 0);
    }
    if (depth == CheckDepth::blocks) return kQuickConversions;
    return kCheckConversions + 5 * kCheckTransitions +
           (spec.calibration.adc_draws >= 2 ? converter_fit_runs(spec) : 0);
}

void measure_ramp_statistics(const netlist::Design& design, Campaign& campaign,
                             behavioral::AdcModel& adc) {
    if (design.spec.calibration.adc_draws < 2) {
        adc.noise_volt_rms = measure_ramp_noise(design, campaign).total_volt();
        return;
    }
    const AdcStudy study =
        study_adc(design, study_options(design.spec, kConverterFitSeed, kFirstFitDraw), campaign);
    adc.noise_volt_rms = study.noise.total_volt();
    adc.mismatch = adc_mismatch(study.nominal, study.samples);
}

}  // namespace mho::calibrate
