// SPDX-License-Identifier: Apache-2.0
#include "calibrate/adc_study.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/error.h"
#include "calibrate/campaign.h"
#include "calibrate/measure_adc.h"
#include "calibrate/measurement.h"
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

constexpr double kBoltzmann = 1.380649e-23;
constexpr double kZeroCelsius = 273.15;
constexpr double kGoldenRatio = 0.6180339887498949;

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

struct SarRuns {
    std::vector<double> input_volt;
    std::vector<Campaign::Ticket> tickets;
};

SarRuns plan_sar(const netlist::Design& design, int count, std::optional<MismatchDraw> draw,
                 Campaign& campaign) {
    SarRuns runs{spread_inputs(design.spec.adc, count), {}};
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

AdcMeasurement measure_sar(const SarRuns& runs, const netlist::Design& design,
                           const Campaign& campaign) {
    std::vector<SarSample> samples;
    for (std::size_t k = 0; k < runs.tickets.size(); ++k) {
        samples.push_back({runs.input_volt[k], sar_conversion(campaign[runs.tickets[k]], design)});
    }
    const SarCurve curve = fit_sar_curve(samples, design.spec.adc);
    AdcMeasurement measured;
    measured.model = curve.model;
    measured.metrics = behavioral::adc_metrics(curve.model);
    measured.conversions = samples.size();
    measured.explained = curve.explained;
    measured.residual_lsb = curve.residual_lsb;
    measured.turn_spread_lsb = curve.turn_spread_volt / lsb_volt(design.spec);
    for (const SarSample& sample : samples) {
        add_energy(sample.conversion.supplies, 1 / static_cast<double>(samples.size()), measured);
    }
    return measured;
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
    const double comparator = fit.comparator_conversion_joule +
                              fit.comparator_joule_per_code * std::ldexp(0.5, spec.bits) +
                              fit.comparator_reset_watt * reset;
    const double ramp = fit.ramp_conversion_joule + fit.ramp_reset_watt * reset;
    add_energy({{"vdd_comparator", comparator}, {"vdd_ramp", ramp / spec.shared_by}}, 1, measured);
    return measured;
}

double conversion_second(const netlist::AdcSpec& spec) {
    if (spec.kind == AdcKind::sar) return sar_conversion_second(spec);
    return ramp_reset_second(spec) + counter_delay_second(spec) + ramp_second(spec);
}

// Runs of one kind of converter, the nominal one first.
template <typename Runs, typename Plan, typename Measure>
void study(const AdcStudyOptions& options, Campaign& campaign, AdcStudy& result, const Plan& plan,
           const Measure& measure) {
    std::vector<Runs> all{plan(std::nullopt)};
    for (std::size_t k = 0; k < options.samples; ++k) {
        all.push_back(plan(MismatchDraw{options.how.seed, static_cast<std::uint32_t>(k)}));
    }
    campaign.run();
    result.nominal = measure(all.front());
    for (std::size_t k = 1; k < all.size(); ++k) result.samples.push_back(measure(all[k]));
}

void check_options(const AdcStudyOptions& options) {
    require_count("samples",
                  static_cast<std::int64_t>(std::min<std::size_t>(options.samples, 1u << 30)), 0,
                  10000);
    require_count("conversions", options.conversions, 8, 65536);
    require_count("conversions of a sample", options.sample_conversions, 8, 65536);
}

}  // namespace

double AdcMeasurement::static_effective_bits() const {
    double square = 0;
    for (const double inl : metrics.inl_lsb) square += inl * inl;
    const double mean = square / static_cast<double>(metrics.inl_lsb.size());
    return model.bits - 0.5 * std::log2(1 + 12 * mean);
}

AdcStudy study_adc(const netlist::Spec& spec, const AdcStudyOptions& options) {
    check_options(options);
    netlist::require_valid(spec);
    netlist::Design design = netlist::load_design(spec);
    spice::Pool pool = start_pool(options.how);
    const bool is_sar = spec.adc.kind == AdcKind::sar;
    if (is_sar && !pool.simulator().xspice) {
        throw simulator_error("adc: the logic of a SAR needs XSPICE, which ngspice {} here has not",
                              pool.simulator().version);
    }
    const auto per_sample =
        static_cast<std::size_t>(is_sar ? options.sample_conversions : kSampleRamp.conversions);
    const auto nominal =
        static_cast<std::size_t>(is_sar ? options.conversions : kNominalRamp.conversions);
    Campaign campaign(pool, options.how.progress, nominal + options.samples * per_sample);
    AdcStudy result;
    result.conversion_second = conversion_second(spec.adc);
    if (is_sar) {
        const double kelvin = spec.temperature_celsius + kZeroCelsius;
        result.sampling_noise_volt =
            std::sqrt(2 * kBoltzmann * kelvin / cdac_total_farad(spec.adc));
        study<SarRuns>(
            options, campaign, result,
            [&](std::optional<MismatchDraw> draw) {
                return plan_sar(design, draw ? options.sample_conversions : options.conversions,
                                draw, campaign);
            },
            [&](const SarRuns& runs) { return measure_sar(runs, design, campaign); });
    } else {
        study<AdcExperiment>(
            options, campaign, result,
            [&](std::optional<MismatchDraw> draw) {
                return plan_adc(design, campaign, draw ? kSampleRamp : kNominalRamp, draw);
            },
            [&](const AdcExperiment& runs) { return measure_ramp(runs, design, campaign); });
    }
    result.runs = count_runs(campaign.runs(), pool, options.how);
    return result;
}

}  // namespace mho::calibrate
