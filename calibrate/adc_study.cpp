// SPDX-License-Identifier: Apache-2.0
#include "calibrate/adc_study.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/error.h"
#include "behavioral/array_noise.h"
#include "behavioral/continuous_code.h"
#include "calibrate/adc_logic.h"
#include "calibrate/campaign.h"
#include "calibrate/comparator_noise.h"
#include "calibrate/conversion.h"
#include "calibrate/measure_adc.h"
#include "calibrate/measurement.h"
#include "calibrate/ramp_noise.h"
#include "calibrate/run_pool.h"
#include "calibrate/sar_curve.h"
#include "netlist/bench_converter.h"
#include "netlist/mismatch.h"
#include "netlist/ramp_adc.h"
#include "netlist/sar_adc.h"
#include "netlist/spec_toml.h"

namespace mho::calibrate {
namespace {

using netlist::AdcKind;
using netlist::MismatchDraw;

constexpr double kGoldenRatio = 0.6180339887498949;
// Transitions are looked for from so far around the curve's, down to so little.
constexpr double kSearchReachLsb = 0.25, kSearchLsb = 0.0625;

constexpr AdcEffort kNominalRamp{};
// Mismatch moves the curve and bends it a little; the ends stay off what the ramp reaches.
constexpr AdcEffort kSampleRamp{.conversions = 9, .degree = 4, .inset = 0.1};

void require_count(const char* what, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value < low || value > high) {
        throw bad_input("adc: expected {} to {} {}, found {}", low, high, what, value);
    }
}

// Evenly spread over the range, at places within an LSB that spread evenly too.
std::vector<double> spread_inputs(const netlist::AdcSpec& spec, int count) {
    std::vector<double> volts;
    const double lsb = std::ldexp(spec.high_volt - spec.low_volt, -spec.bits);
    for (int k = 0; k < count; ++k) {
        const double code = std::floor((k + 0.5) * std::ldexp(1.0, spec.bits) / count);
        const double phase = std::fmod(kGoldenRatio * (k + 1), 1.0);
        volts.push_back(spec.low_volt + (code + phase) * lsb);
    }
    return volts;
}

// Of a draw: spread over the range however few they are, with bits of all kinds.
std::vector<double> golden_inputs(const netlist::AdcSpec& spec, int count) {
    std::vector<double> volts;
    for (int k = 0; k < count; ++k) {
        const double part = std::fmod(kGoldenRatio * (k + 1), 1.0);
        volts.push_back(spec.low_volt + (spec.high_volt - spec.low_volt) * part);
    }
    return volts;
}

struct SarRuns {
    std::vector<double> input_volt;
    std::vector<Campaign::Ticket> tickets;
};

SarRuns plan_sar(const netlist::Design& design, int count, std::optional<MismatchDraw> draw,
                 Campaign& campaign) {
    SarRuns runs{
        draw ? golden_inputs(design.spec.adc, count) : spread_inputs(design.spec.adc, count), {}};
    for (const double volt : runs.input_volt) {
        netlist::Deck deck = sar_bench(design, volt);
        if (draw) deck = with_mismatch(deck, design.technology, *draw);
        runs.tickets.push_back(campaign.submit(deck));
    }
    return runs;
}

void add_energy(const std::vector<SupplyEnergy>& supplies, double share, AdcMeasurement& into) {
    into.supplies.resize(supplies.size());
    for (std::size_t k = 0; k < supplies.size(); ++k) {
        into.supplies[k].source = supplies[k].source;
        into.supplies[k].joule += share * supplies[k].joule;
        into.joule += share * supplies[k].joule;
    }
}

std::vector<SarSample> read_samples(const SarRuns& runs, const netlist::Design& design,
                                    const Campaign& campaign) {
    std::vector<SarSample> samples;
    for (std::size_t k = 0; k < runs.tickets.size(); ++k) {
        samples.push_back({runs.input_volt[k], sar_conversion(campaign[runs.tickets[k]], design)});
    }
    return samples;
}

// Energy is that of the first `spread` samples, whose inputs are spread over the range.
AdcMeasurement measure_sar(std::span<const SarSample> samples, std::size_t spread,
                           const netlist::Design& design, const SarCurve* shape, SarCurve& curve) {
    curve = fit_sar_curve(samples, design.spec.adc, shape);
    AdcMeasurement measured;
    measured.model = curve.model;
    measured.metrics = behavioral::adc_metrics(curve.model);
    measured.bit_volt = curve.bit_volt;
    measured.conversions = samples.size();
    measured.explained = curve.explained;
    measured.residual_lsb = curve.residual_lsb;
    measured.turn_spread_lsb = curve.turn_spread_volt / lsb_volt(design.spec);
    for (const SarSample& sample : samples) {
        measured.energies.push_back({sample.conversion.code, sample.conversion.joule()});
    }
    for (const SarSample& sample : samples.first(spread)) {
        add_energy(sample.conversion.supplies, 1 / static_cast<double>(spread), measured);
    }
    return measured;
}

// Codes whose transitions are looked for: the first, the last, and the rest evenly between.
std::vector<TransitionGuess> guesses(const behavioral::AdcModel& model, int count) {
    std::vector<TransitionGuess> wanted;
    const auto last = static_cast<double>(model.transition_volt.size() - 1);
    if (count == 0) return wanted;
    for (int k = 0; k < count; ++k) {
        const auto index =
            static_cast<std::size_t>(std::lround(count > 1 ? last * k / (count - 1) : last / 2));
        const auto code = static_cast<std::uint32_t>(index + 1);
        if (!wanted.empty() && wanted.back().code == code) continue;
        wanted.push_back({code, model.transition_volt[index]});
    }
    return wanted;
}

// Its conversions are samples like others, close to transitions where the comparator turns.
std::vector<FoundTransition> find_by_codes(std::span<const TransitionGuess> wanted,
                                           const netlist::Design& design, Campaign& campaign,
                                           std::vector<SarSample>& samples) {
    if (wanted.empty()) return {};
    const double lsb = lsb_volt(design.spec);
    const auto convert = [&](std::span<const double> volts) {
        SarRuns runs{{volts.begin(), volts.end()}, {}};
        for (const double volt : volts)
            runs.tickets.push_back(campaign.submit(sar_bench(design, volt)));
        campaign.run();
        std::vector<std::uint32_t> codes;
        for (SarSample& sample : read_samples(runs, design, campaign)) {
            codes.push_back(sample.conversion.code);
            samples.push_back(std::move(sample));
        }
        return codes;
    };
    return find_transitions(wanted, {kSearchReachLsb * lsb, kSearchLsb * lsb}, convert);
}

AdcNoise measure_noise(const netlist::Design& design, Campaign& campaign) {
    const netlist::AdcSpec& spec = design.spec.adc;
    const double vdd = design.technology.supply("core").volt;
    const double temperature = kelvin(design.spec);
    const netlist::DecisionStairs stairs = noise_stairs(spec, vdd);
    const Campaign::Ticket ticket = campaign.submit(noise_bench(design, stairs));
    campaign.run();
    const ComparatorDynamics dynamics = read_dynamics(campaign[ticket], stairs, vdd, temperature);
    return {.sampling_volt = std::sqrt(2 * behavioral::kBoltzmannJoulePerKelvin * temperature /
                                       cdac_total_farad(spec)),
            .comparator_volt = dynamics.noise_volt_rms,
            .regeneration_second = dynamics.regeneration_second,
            .unresolved_volt = dynamics.decision_volt_at(0.5 / spec.sar.bit_clock_hertz)};
}

AdcMeasurement measure_ramp(const AdcExperiment& experiment, const netlist::Design& design,
                            const Campaign& campaign) {
    const netlist::AdcSpec& spec = design.spec.adc;
    const AdcFit fit = fit_adc(experiment, design, campaign);
    AdcMeasurement measured;
    measured.model = fit.model;
    measured.metrics = behavioral::adc_metrics(fit.model);
    measured.conversions = experiment.tickets.size();
    measured.explained = fit.explained;
    measured.residual_lsb = fit.residual_lsb;
    const double reset = netlist::ramp_reset_second(spec);
    // Over all codes alike.
    double comparator = 0;
    for (const std::size_t power : {0, 1, 2}) {
        const double mean = std::pow(std::ldexp(1.0, spec.bits), static_cast<double>(power)) /
                            static_cast<double>(power + 1);
        comparator += mean * (fit.comparator_conversion_joule[power] +
                              fit.comparator_reset_watt[power] * reset);
    }
    const double ramp = fit.ramp_conversion_joule + fit.ramp_reset_watt * reset;
    add_energy({{"vdd_comparator", comparator}, {"vdd_ramp", ramp / spec.shared_by}}, 1, measured);
    const std::vector<double> joules = conversion_joules(experiment, design, campaign);
    for (std::size_t k = 0; k < joules.size(); ++k) {
        const double code = std::clamp(continuous_code(fit.model, experiment.input_volt[k]), 0.0,
                                       std::ldexp(1.0, spec.bits) - 1);
        measured.energies.push_back({static_cast<std::uint32_t>(code), joules[k], code});
    }
    return measured;
}

double conversion_second(const netlist::AdcSpec& spec) {
    if (spec.kind == AdcKind::sar) return sar_conversion_second(spec);
    return ramp_reset_second(spec) + counter_delay_second(spec) + ramp_second(spec);
}

std::optional<MismatchDraw> draw_of(const AdcStudyOptions& options, std::size_t index) {
    if (index == 0) return std::nullopt;
    return MismatchDraw{options.how.seed,
                        options.first_draw + static_cast<std::uint32_t>(index - 1)};
}

void study_sar(const netlist::Design& design, const AdcStudyOptions& options, Campaign& campaign,
               AdcStudy& result) {
    std::vector<SarRuns> all;
    for (std::size_t k = 0; k <= options.samples; ++k) {
        all.push_back(plan_sar(design, k == 0 ? options.conversions : options.sample_conversions,
                               draw_of(options, k), campaign));
    }
    campaign.run();
    SarCurve nominal, drawn;
    std::vector<SarSample> samples = read_samples(all.front(), design, campaign);
    const std::size_t spread = samples.size();
    result.nominal = measure_sar(samples, spread, design, nullptr, nominal);
    const std::vector<FoundTransition> found = find_by_codes(
        guesses(result.nominal.model, options.found_transitions), design, campaign, samples);
    result.nominal = measure_sar(samples, spread, design, nullptr, nominal);
    result.nominal.found = found;
    for (std::size_t k = 1; k < all.size(); ++k) {
        const std::vector<SarSample> of_draw = read_samples(all[k], design, campaign);
        result.samples.push_back(measure_sar(of_draw, of_draw.size(), design, &nominal, drawn));
    }
    result.noise = measure_noise(design, campaign);
}

void study_ramp(const netlist::Design& design, const AdcStudyOptions& options, Campaign& campaign,
                AdcStudy& result) {
    const AdcExperiment nominal = plan_adc(design, campaign, kNominalRamp);
    std::vector<AdcExperiment> draws;
    for (std::size_t k = 1; k <= options.samples; ++k) {
        draws.push_back(plan_adc(design, campaign, kSampleRamp, draw_of(options, k)));
    }
    std::optional<AdcExperiment> coarse;
    if (options.samples > 0) coarse = plan_adc(design, campaign, kSampleRamp);
    campaign.run();
    result.nominal = measure_ramp(nominal, design, campaign);
    if (coarse) {
        result.nominal.coarse_transition_volt =
            fit_adc(*coarse, design, campaign).model.transition_volt;
    }
    for (const AdcExperiment& draw : draws) {
        result.samples.push_back(measure_ramp(draw, design, campaign));
    }
    const RampNoise noise = measure_ramp_noise(design, campaign);
    result.noise.sampling_volt = noise.reset_volt;
    result.noise.comparator_volt = noise.comparator_volt;
    result.noise.ramp_volt = noise.source_volt;
}

void check_options(const AdcStudyOptions& options) {
    require_count("samples",
                  static_cast<std::int64_t>(std::min<std::size_t>(options.samples, 1u << 30)), 0,
                  10000);
    require_count("conversions", options.conversions, 8, 65536);
    require_count("conversions of a sample", options.sample_conversions, 3, 65536);
    require_count("transitions looked for", options.found_transitions, 0, 1023);
}

}  // namespace

double AdcMeasurement::effective_bits(double noise_volt) const {
    double square = 0;
    for (const double inl : metrics.inl_lsb) square += inl * inl;
    double mean = square / static_cast<double>(metrics.inl_lsb.size());
    if (noise_volt > 0) mean += std::pow(noise_volt / metrics.mean_width_volt, 2);
    return model.bits - 0.5 * std::log2(1 + 12 * mean);
}

double AdcMeasurement::worst_found_lsb() const {
    double worst = 0;
    for (const FoundTransition& transition : found) {
        const double distance = transition.volt() - model.transition_volt[transition.code - 1];
        worst = std::max(worst, std::abs(distance) / metrics.mean_width_volt);
    }
    return worst;
}

double AdcNoise::total_volt() const {
    return std::hypot(sampling_volt, comparator_volt, ramp_volt);
}

std::vector<FoundTransition> find_sar_transitions(const behavioral::AdcModel& model,
                                                  std::span<const std::uint32_t> codes,
                                                  const netlist::Design& design,
                                                  Campaign& campaign) {
    std::vector<TransitionGuess> wanted;
    for (const std::uint32_t code : codes) {
        wanted.push_back({code, model.transition_volt.at(code - 1)});
    }
    std::vector<SarSample> samples;
    return find_by_codes(wanted, design, campaign, samples);
}

void require_xspice(const netlist::Spec& spec, const spice::Pool& pool) {
    if (spec.adc.kind != AdcKind::sar || pool.simulator().xspice) return;
    throw simulator_error("adc: the logic of a SAR needs XSPICE, which ngspice {} here has not",
                          pool.simulator().version);
}

std::size_t study_runs(const netlist::AdcSpec& spec, const AdcStudyOptions& options) {
    const bool is_sar = spec.kind == AdcKind::sar;
    const auto per_sample =
        static_cast<std::size_t>(is_sar ? options.sample_conversions : kSampleRamp.conversions);
    const auto nominal =
        static_cast<std::size_t>(is_sar ? options.conversions : kNominalRamp.conversions);
    const std::size_t found =
        is_sar ? 1 + static_cast<std::size_t>(5 * options.found_transitions) : kRampNoiseRuns;
    const std::size_t coarse = is_sar || options.samples == 0 ? 0 : per_sample;
    return nominal + coarse + options.samples * per_sample + found;
}

AdcStudy study_adc(const netlist::Design& design, const AdcStudyOptions& options,
                   Campaign& campaign) {
    check_options(options);
    const netlist::AdcSpec& spec = design.spec.adc;
    if (spec.kind == AdcKind::user_subcircuit) {
        throw bad_input(
            "{}: [adc] kind \"subckt\" is measured by `mho calibrate`, not by `mho adc`",
            design.spec.name);
    }
    AdcStudy result;
    result.conversion_second = conversion_second(spec);
    result.logic_joule = adc_logic_joule(spec, design.technology.supply("core").volt);
    if (spec.kind == AdcKind::sar) {
        study_sar(design, options, campaign, result);
    } else {
        study_ramp(design, options, campaign, result);
    }
    return result;
}

AdcStudy study_adc(const netlist::Spec& spec, const AdcStudyOptions& options) {
    check_options(options);
    netlist::require_valid(spec);
    const netlist::Design design = netlist::load_design(spec);
    spice::Pool pool = start_pool(options.how);
    require_xspice(spec, pool);
    Campaign campaign(pool, options.how.progress, study_runs(spec.adc, options));
    AdcStudy result = study_adc(design, options, campaign);
    result.runs = count_runs(campaign.runs(), pool, options.how);
    return result;
}

}  // namespace mho::calibrate
