// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_adc.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/continuous_code.h"
#include "calibrate/conversion.h"
#include "calibrate/fit.h"
#include "calibrate/held_out.h"
#include "calibrate/supply_energy.h"
#include "netlist/bench_bit_serial.h"
#include "netlist/ramp_adc.h"
#include "spice/waveforms.h"

namespace mho::calibrate {
namespace {

constexpr int kCheckConversions = 12;
constexpr double kRampLeadSecond = 4e-9;  // at rest before the ramp is released
// Of the range: widths that the ramp's start is looked for with.
constexpr std::array<double, 6> kStartWidths{0.003, 0.005, 0.008, 0.013, 0.02, 0.035};

// Chebyshev points: no ringing of the polynomial at the ends.
std::vector<double> spread(double low, double high, int count) {
    std::vector<double> values;
    for (int k = 0; k < count; ++k) {
        const double angle = std::numbers::pi * k / (count - 1);
        values.push_back(0.5 * (low + high) - 0.5 * (high - low) * std::cos(angle));
    }
    return values;
}

// The counter at the trip as a smooth function of the input: a polynomial, and what the ramp's
// start leaves of itself, which dies out within a few codes.
struct CounterCurve {
    double middle_volt = 0;
    std::vector<double> coefficients;
    double low_volt = 0, start_counts = 0, start_width_volt = 1;

    double at(double volt) const {
        return polynomial(coefficients, volt - middle_volt) + start(volt);
    }
    double slope(double volt) const {
        return polynomial_slope(coefficients, volt - middle_volt) - start(volt) / start_width_volt;
    }
    double start(double volt) const {
        return start_counts * std::exp((low_volt - volt) / start_width_volt);
    }
};

double dot(const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

CounterCurve fit_counter(const std::vector<double>& volts, const std::vector<double>& counters,
                         const netlist::AdcSpec& spec, const AdcEffort& effort) {
    CounterCurve curve;
    curve.middle_volt = 0.5 * (spec.low_volt + spec.high_volt);
    curve.low_volt = spec.low_volt;
    std::vector<double> volt, counter, x;
    for (std::size_t k = 0; k < volts.size(); ++k) {
        if (counters[k] <= 0) continue;  // tripped before the ramp: how long before is not known
        volt.push_back(volts[k]);
        counter.push_back(counters[k]);
        x.push_back(volts[k] - curve.middle_volt);
    }
    const auto left_over = [&](const std::vector<double>& y, const std::vector<double>& fitted) {
        std::vector<double> left;
        for (std::size_t k = 0; k < x.size(); ++k) left.push_back(y[k] - polynomial(fitted, x[k]));
        return left;
    };
    const std::vector<double> plain = fit_polynomial(x, counter, effort.degree).parameters;
    const std::vector<double> plain_left = left_over(counter, plain);
    curve.coefficients = plain;
    if (effort.inset > 0) return curve;  // the start lies outside
    double least = dot(plain_left, plain_left);
    for (const double part : kStartWidths) {
        const double width = part * (spec.high_volt - spec.low_volt);
        std::vector<double> start;
        for (const double v : volt) start.push_back(std::exp((spec.low_volt - v) / width));
        // Least squares of both together, by what a polynomial leaves of either.
        const std::vector<double> like = fit_polynomial(x, start, effort.degree).parameters;
        const std::vector<double> start_left = left_over(start, like);
        const double counts = dot(plain_left, start_left) / dot(start_left, start_left);
        const double left = dot(plain_left, plain_left) - counts * dot(plain_left, start_left);
        if (!(left < least)) continue;
        least = left;
        curve.start_counts = counts;
        curve.start_width_volt = width;
        for (std::size_t k = 0; k < plain.size(); ++k) {
            curve.coefficients[k] = plain[k] - counts * like[k];
        }
    }
    return curve;
}

// The input at which the counter reaches `code`, by Newton from a guess close by.
double transition_volt(const CounterCurve& curve, double code, double guess, double lsb) {
    double volt = guess;
    for (int step = 0; step < 50; ++step) {
        const double slope = curve.slope(volt);
        if (!(slope > 0)) break;
        // Where the ramp starts a whole step would lead far below it.
        const double move = std::clamp((code - curve.at(volt)) / slope, -lsb, lsb);
        volt += move;
        if (!(std::abs(volt - guess) < 32 * lsb)) break;
        if (std::abs(move) < 1e-9 * lsb) return volt;
    }
    throw simulator_error("adc: no input near {:.4f} V gives the transition to code {:.0f}", guess,
                          code);
}

behavioral::AdcModel transition_table(const CounterCurve& curve, const netlist::Spec& spec) {
    const double lsb = lsb_volt(spec);
    behavioral::AdcModel model;
    model.bits = spec.adc.bits;
    model.ideal_low_volt = spec.adc.low_volt;
    model.ideal_high_volt = spec.adc.high_volt;
    double guess = spec.adc.low_volt + lsb;
    for (int code = 1; code < 1 << spec.adc.bits; ++code) {
        const double volt = transition_volt(curve, code, guess, lsb);
        if (!model.transition_volt.empty() && volt <= model.transition_volt.back()) {
            throw simulator_error("adc: code {} is missing, its transition lies at {:.4f} V", code,
                                  volt);
        }
        model.transition_volt.push_back(volt);
        guess = volt + lsb;
    }
    return model;
}

// Beyond the outermost transitions there is one code, wherever in it an input lies.
double between_transitions(const behavioral::AdcModel& model, double counter) {
    return std::clamp(counter, 1.0, static_cast<double>(model.transition_volt.size()));
}

// The converter reads a sample-and-hold.
bool is_held(const netlist::Spec& spec) {
    return spec.readout.kind == netlist::ReadoutKind::integrator;
}

// What the comparators saw: with a sample-and-hold what it held, else the inputs as planned.
std::vector<double> seen_volts(const AdcExperiment& experiment, const netlist::Design& design,
                               const Campaign& campaign) {
    if (!is_held(design.spec)) return experiment.input_volt;
    const netlist::BitSerialTiming phases = netlist::bit_serial_timing(design.spec);
    const double after = phases.ramp_second - phases.sample_stop() - netlist::kHeldSecond;
    std::vector<double> volts;
    for (const Campaign::Ticket ticket : experiment.tickets) {
        const spice::Waveforms& waves = campaign[ticket];
        volts.push_back(spice::value_at(waves.columns.front(), waves["v(in)"],
                                        experiment.timing.ramp_second - after));
    }
    return volts;
}

AdcExperiment plan(const netlist::Design& design, std::vector<double> input_volt,
                   Campaign& campaign, const std::optional<netlist::MismatchDraw>& draw = {}) {
    AdcExperiment experiment;
    const netlist::Spec& spec = design.spec;
    double lead = netlist::ramp_reset_second(spec.adc) + kRampLeadSecond;
    if (is_held(spec)) {
        const netlist::BitSerialTiming phases = netlist::bit_serial_timing(spec);
        lead = std::max(lead, phases.ramp_second - phases.sample_start() + kRampLeadSecond);
    }
    experiment.timing = netlist::conversion_timing(spec, lead);
    for (const double volt : input_volt) {
        netlist::Deck deck = adc_bench(design, volt, experiment.timing);
        if (draw) deck = with_mismatch(deck, design.technology, *draw);
        experiment.tickets.push_back(campaign.submit(deck));
    }
    experiment.input_volt = std::move(input_volt);
    return experiment;
}

// The second half of the reset: what it was like at the start is not known.
Span reset_span(const AdcExperiment& experiment) {
    const double release = experiment.timing.ramp_second;
    return {0.5 * release, release - 1e-9};
}

Span conversion_span(const AdcExperiment& experiment, const netlist::AdcSpec& spec) {
    const double release = experiment.timing.ramp_second;
    return {release, release + netlist::counter_delay_second(spec) + netlist::ramp_second(spec)};
}

void fit_energy(const AdcExperiment& experiment, const std::vector<double>& counters,
                const netlist::Design& design, const Campaign& campaign, AdcFit& fit) {
    const double vdd = design.technology.supply("core").volt;
    const Span reset = reset_span(experiment);
    const Span conversion = conversion_span(experiment, design.spec.adc);
    std::vector<double> comparator, held;
    for (const Campaign::Ticket ticket : experiment.tickets) {
        const spice::Waveforms& waves = campaign[ticket];
        comparator.push_back(supply_joule(waves, "dd_comparator", vdd, conversion));
        fit.ramp_conversion_joule += supply_joule(waves, "dd_ramp", vdd, conversion);
        held.push_back(supply_joule(waves, "dd_comparator", vdd, reset) / reset.second());
        fit.ramp_reset_watt += supply_joule(waves, "dd_ramp", vdd, reset) / reset.second();
    }
    const auto count = static_cast<double>(experiment.tickets.size());
    fit.ramp_conversion_joule /= count;
    fit.ramp_reset_watt /= count;
    // The inputs lie densest at the ends of the range, where the law is least a square.
    const std::vector<double> weights = spacings(counters);
    const auto by_code = [&](const std::vector<double>& values) -> std::array<double, 3> {
        const FitSummary curve = fit_polynomial(counters, values, 2, weights);
        return {curve.parameters[0], curve.parameters[1], curve.parameters[2]};
    };
    fit.comparator_conversion_joule = by_code(comparator);
    fit.comparator_reset_watt = by_code(held);
}

}  // namespace

AdcExperiment plan_adc(const netlist::Design& design, Campaign& campaign, const AdcEffort& effort,
                       const std::optional<netlist::MismatchDraw>& draw) {
    const netlist::AdcSpec& adc = design.spec.adc;
    const double lsb = lsb_volt(design.spec);
    const double inset = effort.inset * (adc.high_volt - adc.low_volt);
    AdcExperiment experiment = plan(
        design,
        spread(adc.low_volt + 0.75 * lsb + inset, adc.high_volt + lsb - inset, effort.conversions),
        campaign, draw);
    experiment.effort = effort;
    return experiment;
}

AdcFit fit_adc(const AdcExperiment& experiment, const netlist::Design& design,
               const Campaign& campaign) {
    const netlist::AdcSpec& spec = design.spec.adc;
    const std::vector<double> counters = read_counters(experiment, design, campaign);
    const std::vector<double> volts = seen_volts(experiment, design, campaign);
    AdcFit fit;
    fit.model =
        transition_table(fit_counter(volts, counters, spec, experiment.effort), design.spec);
    for (std::size_t k = 0; k < counters.size(); ++k) {
        const double modelled =
            between_transitions(fit.model, continuous_code(fit.model, volts[k]));
        const double counted = between_transitions(fit.model, counters[k]);
        fit.residual_lsb = std::max(fit.residual_lsb, std::abs(modelled - counted));
        if (std::floor(modelled) == std::floor(counted)) ++fit.explained;
    }
    fit_energy(experiment, counters, design, campaign, fit);
    return fit;
}

std::vector<double> read_counters(const AdcExperiment& experiment, const netlist::Design& design,
                                  const Campaign& campaign) {
    std::vector<double> counters;
    for (std::size_t k = 0; k < experiment.input_volt.size(); ++k) {
        const std::optional<double> counter =
            counter_at_trip(campaign[experiment.tickets[k]], design, experiment.timing);
        if (!counter) {
            throw simulator_error("adc: the comparator does not trip at an input of {:.4f} V",
                                  experiment.input_volt[k]);
        }
        counters.push_back(*counter);
    }
    return counters;
}

std::vector<double> conversion_joules(const AdcExperiment& experiment,
                                      const netlist::Design& design, const Campaign& campaign) {
    const netlist::AdcSpec& spec = design.spec.adc;
    const double vdd = design.technology.supply("core").volt;
    const Span reset = reset_span(experiment);
    const Span conversion = conversion_span(experiment, spec);
    const double resets = netlist::ramp_reset_second(spec) / reset.second();
    std::vector<double> joules;
    for (const Campaign::Ticket ticket : experiment.tickets) {
        const auto both = [&](const char* source) {
            return supply_joule(campaign[ticket], source, vdd, conversion) +
                   resets * supply_joule(campaign[ticket], source, vdd, reset);
        };
        joules.push_back(both("dd_comparator") + both("dd_ramp") / spec.shared_by);
    }
    return joules;
}

AdcExperiment plan_adc_check(const netlist::Design& design, std::uint64_t seed,
                             Campaign& campaign) {
    const netlist::AdcSpec& adc = design.spec.adc;
    const double lsb = lsb_volt(design.spec);
    RandomStream random(seed, RandomPurpose::operating_points, 2);
    std::vector<double> volts;
    for (int k = 0; k < kCheckConversions; ++k) {
        volts.push_back(random.uniform(adc.low_volt + lsb, adc.high_volt + 0.5 * lsb));
    }
    return plan(design, std::move(volts), campaign);
}

void check_adc(const AdcExperiment& experiment, const netlist::Design& design,
               const behavioral::AdcModel& model, const Campaign& campaign, Evidence& evidence) {
    const std::vector<double> counters = read_counters(experiment, design, campaign);
    const std::vector<double> volts = seen_volts(experiment, design, campaign);
    HeldOut held_out("adc_transition", "LSB", 1);
    for (std::size_t k = 0; k < counters.size(); ++k) {
        held_out.add(between_transitions(model, counters[k]),
                     between_transitions(model, continuous_code(model, volts[k])));
    }
    held_out.describe(fmt::format("{} conversions of random voltages", kCheckConversions));
    evidence.errors.push_back(held_out.error(design.spec.calibration.adc_tolerance_lsb));
    evidence.points.push_back(held_out.points("LSB"));
}

}  // namespace mho::calibrate
