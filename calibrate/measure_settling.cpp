// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_settling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/cell_law.h"
#include "calibrate/fit.h"
#include "calibrate/held_out.h"
#include "calibrate/random_operands.h"
#include "netlist/ramp_adc.h"

namespace mho::calibrate {
namespace {

constexpr double kStep = 0.9;            // of full scale
constexpr double kWindowSecond = 100e-9;
constexpr double kSettledLsb = 0.5;
constexpr int kCheckRuns = 4;

double linear_sum(const netlist::Design& design, const behavioral::CellLaw& law,
                  std::span<const double> states) {
    double sum = 0;
    for (const double state : states) {
        sum += behavioral::linear_conductance(law, 0.5 * design.spec.driver.amplitude_volt, state);
    }
    return sum;
}

// Pairs of cells: one has a `part` of the range, the other is at g_min.
std::vector<double> alike_states(const netlist::Spec& spec, double part) {
    std::vector<double> states(static_cast<std::size_t>(spec.array.rows), spec.cell.g_min_siemens);
    const double range = spec.cell.g_max_siemens - spec.cell.g_min_siemens;
    for (std::size_t i = 0; i < states.size(); i += 2) states[i] += part * range;
    return states;
}

// The same with every part drawn about its mean.
std::vector<double> spread_states(const netlist::Spec& spec, double part, RandomStream& random) {
    constexpr double kSpread = 0.3;
    std::vector<double> states = alike_states(spec, 0);
    const double range = spec.cell.g_max_siemens - spec.cell.g_min_siemens;
    for (std::size_t i = 0; i < states.size(); i += 2) {
        states[i] += range * std::min(1.0, part * random.uniform(1 - kSpread, 1 + kSpread));
    }
    return states;
}

// All inputs alike, as strong as the current asked for needs, or as they can be.
std::vector<double> pair_inputs(const netlist::Design& design, const behavioral::CellLaw& law,
                                std::span<const double> states, double ampere) {
    const double amplitude = design.spec.driver.amplitude_volt;
    double difference = 0;
    for (std::size_t i = 0; i + 1 < states.size(); i += 2) {
        difference += behavioral::linear_conductance(law, 0.5 * amplitude, states[i]) -
                      behavioral::linear_conductance(law, 0.5 * amplitude, states[i + 1]);
    }
    const double volt = std::clamp(ampere / difference, -amplitude, amplitude);
    std::vector<double> inputs(states.size());
    for (std::size_t i = 0; i < states.size(); ++i) inputs[i] = i % 2 == 0 ? volt : -volt;
    return inputs;
}

// From the step to the last time the output is further than half an LSB from where it ends.
double settling_second(const spice::Waveforms& waves, const netlist::Design& design,
                       const netlist::ColumnTiming& timing) {
    const std::vector<double>& time = waves.columns.front();
    const std::vector<double>& out = waves["v(out)"];
    const double last = out.back();
    const double band = kSettledLsb * lsb_volt(design.spec);
    std::size_t k = time.size() - 1;
    while (k > 0 && std::abs(out[k] - last) <= band) --k;
    if (time[k] > timing.input_second + 0.8 * (timing.stop_second - timing.input_second)) {
        throw simulator_error("settling: the read-out's output still moves {:.0f} ns after a step",
                              1e9 * (time[k] - timing.input_second));
    }
    if (k + 1 == time.size() || time[k] <= timing.input_second) return 0;
    const double edge = last + std::copysign(band, out[k] - last);
    const double crossing =
        time[k] + (time[k + 1] - time[k]) * (edge - out[k]) / (out[k + 1] - out[k]);
    return crossing - timing.input_second;
}

SettlingExperiment empty_experiment() {
    SettlingExperiment experiment;
    experiment.timing.stop_second = experiment.timing.input_second + kWindowSecond;
    experiment.timing.ramp_second = 2 * experiment.timing.stop_second;  // never
    return experiment;
}

void add_run(SettlingExperiment& experiment, const netlist::Design& design,
             const behavioral::CellLaw& law, const std::vector<double>& states, double sign,
             Campaign& campaign) {
    const std::vector<double> inputs =
        pair_inputs(design, law, states, sign * kStep * full_scale_ampere(design.spec));
    experiment.runs.push_back(
        {linear_sum(design, law, states),
         campaign.submit(column_bench(design, states, inputs, experiment.timing))});
}

double modelled_second(const behavioral::TimingModel& timing, double column_siemens) {
    return timing.settle_base_second + timing.settle_second_per_siemens * column_siemens;
}

}  // namespace

SettlingExperiment plan_settling(const netlist::Design& design, const behavioral::CellLaw& law,
                                 Campaign& campaign) {
    SettlingExperiment experiment = empty_experiment();
    for (const double part : {0.15, 0.5, 1.0}) {
        for (const double sign : {1.0, -1.0}) {
            add_run(experiment, design, law, alike_states(design.spec, part), sign, campaign);
        }
    }
    return experiment;
}

behavioral::TimingModel fit_settling(const SettlingExperiment& experiment,
                                     const netlist::Design& design, const behavioral::CellLaw& law,
                                     const Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    std::vector<double> siemens, second;
    for (const SettlingExperiment::Run& run : experiment.runs) {
        siemens.push_back(run.column_siemens);
        second.push_back(settling_second(campaign[run.ticket], design, experiment.timing));
    }
    const FitSummary line = fit_polynomial(siemens, second, 1);
    behavioral::TimingModel timing;
    timing.settle_base_second = line.parameters[0];
    timing.settle_second_per_siemens = line.parameters[1];
    const std::vector<double> largest_pair{spec.cell.g_min_siemens, spec.cell.g_max_siemens};
    const double largest = 0.5 * spec.array.rows * linear_sum(design, law, largest_pair);
    timing.settle_second =
        std::max(modelled_second(timing, largest), netlist::ramp_reset_second(spec.adc));
    return timing;
}

SettlingExperiment plan_settling_check(const netlist::Design& design,
                                       const behavioral::CellLaw& law, std::uint64_t seed,
                                       Campaign& campaign) {
    SettlingExperiment experiment = empty_experiment();
    RandomStream random(seed, RandomPurpose::operating_points, 3);
    for (int k = 0; k < kCheckRuns; ++k) {
        const double part = random.uniform(0.2, 0.9);
        add_run(experiment, design, law, spread_states(design.spec, part, random),
                k % 2 == 0 ? 1.0 : -1.0, campaign);
    }
    return experiment;
}

void check_settling(const SettlingExperiment& experiment, const netlist::Design& design,
                    const behavioral::TimingModel& timing, const Campaign& campaign,
                    Evidence& evidence) {
    HeldOut held_out("settling", "of settle time", timing.settle_second);
    for (const SettlingExperiment::Run& run : experiment.runs) {
        held_out.add(settling_second(campaign[run.ticket], design, experiment.timing),
                     modelled_second(timing, run.column_siemens));
    }
    held_out.describe(fmt::format("{} columns of random states, steps to {} of full scale",
                                  kCheckRuns, kStep));
    evidence.errors.push_back(held_out.error(design.spec.calibration.settling_tolerance));
    evidence.points.push_back(held_out.points("s"));
}

}  // namespace mho::calibrate
