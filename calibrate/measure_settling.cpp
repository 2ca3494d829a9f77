// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_settling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/cell_law.h"
#include "behavioral/settling.h"
#include "calibrate/fit_rational.h"
#include "calibrate/held_out.h"

namespace mho::calibrate {
namespace {

using Complex = std::complex<double>;

constexpr double kStep = 0.9;  // of full scale
// Of the read-out. Too low, and a slow pole next to a zero, which moves settling by 3 %, is given
// up for one far above; too high, and the fit finds poles that are not there, on the wrong side.
constexpr std::array<int, 6> kOrders{3, 4, 5, 6, 7, 8};
constexpr double kGoodFit = 1e-3;  // of a response's largest magnitude
// Above, the read-out passes nothing on that half an LSB would show, and short columns miss by 1 %
// more when it is fitted too.
constexpr double kHighestHertz = 4e9;
// Of the largest current. Time constants grow fast towards the ends of the read-out's range.
constexpr std::array<double, 7> kParts{-1, -0.8, -0.5, 0, 0.5, 0.8, 1};
// A SAR's sampling switches are slowest at some voltage within the range.
constexpr std::array<double, 17> kSarParts{-1,    -0.875, -0.75, -0.625, -0.5, -0.375,
                                           -0.25, -0.125, 0,     0.125,  0.25, 0.375,
                                           0.5,   0.625,  0.75,  0.875,  1};
constexpr int kPortCells = 16;
constexpr double kPortHertz = 1e8;  // far below a column's own rates
// Longer steps hide half an LSB in the integration's own error.
constexpr double kTransientStep = 0.1e-9;
// Shorter columns settle within a few delays of the devices, and nobody waits for them.
constexpr std::size_t kShortestColumn = 4;
constexpr int kPartsOfRange = 8;  // for which the longest settling is looked for

std::vector<Complex> response(const spice::Waveforms& waves, const std::string& name,
                              std::size_t points) {
    const std::vector<double>& re = waves[fmt::format("re({})", name)];
    const std::vector<double>& im = waves[fmt::format("im({})", name)];
    std::vector<Complex> values;
    for (std::size_t k = 0; k < points; ++k) values.emplace_back(re[k], im[k]);
    return values;
}

// What a SAR samples: between these two.
std::string bottom_plate(const netlist::Spec& spec) {
    return fmt::format("v(xanalog.xcdac.bottom_{})", spec.adc.bits - 1);
}
constexpr const char* kTopPlate = "v(top)";

bool has_sar(const netlist::Spec& spec) {
    return spec.adc.kind == netlist::AdcKind::sar;
}

struct DynamicsFit {
    behavioral::ReadoutDynamics dynamics;
    double worst_error = 0;
};

DynamicsFit fit_readout_dynamics(const spice::Waveforms& waves, const netlist::Spec& spec,
                                 double ampere, int order) {
    const std::vector<double>& hertz = waves.columns.front();
    const auto points = static_cast<std::size_t>(
        std::upper_bound(hertz.begin(), hertz.end(), kHighestHertz) - hertz.begin());
    std::vector<std::vector<Complex>> responses{response(waves, "v(in)", points)};
    if (has_sar(spec)) {
        responses.push_back(response(waves, bottom_plate(spec), points));
        const std::vector<Complex> top = response(waves, kTopPlate, points);
        for (std::size_t k = 0; k < points; ++k) responses.back()[k] -= top[k];
    } else {
        responses.push_back(response(waves, "v(out)", points));
    }
    const RationalFit fit = fit_rational({hertz.data(), points}, responses, order);
    behavioral::ReadoutDynamics dynamics{ampere, fit.denominator, fit.numerator[0],
                                         fit.numerator[1]};
    // As long as all others, so that those of other conditions have the same numbers.
    for (auto* list : {&dynamics.denominator, &dynamics.input_ohm, &dynamics.transfer_ohm}) {
        list->resize(kOrders.back(), 0.0);
    }
    return {dynamics, fit.worst_error};
}

// Linear conductances of cells at half the amplitude, as the card's arrays have them.
std::vector<double> linear(const behavioral::ModelCard& card, std::span<const double> states) {
    std::vector<double> g;
    for (const double state : states) {
        g.push_back(
            behavioral::linear_conductance(card.cell, 0.5 * card.driver.amplitude_volt, state));
    }
    return g;
}

// Pairs of cells: one has a `part` of the range, the other is at g_min.
std::vector<double> alike_states(const netlist::Spec& spec, std::size_t rows, double part) {
    std::vector<double> states(rows, spec.cell.g_min_siemens);
    const double range = spec.cell.g_max_siemens - spec.cell.g_min_siemens;
    for (std::size_t i = 0; i < rows; i += 2) states[i] += part * range;
    return states;
}

// The same with every part drawn about its mean.
std::vector<double> spread_states(const netlist::Spec& spec, std::size_t rows, double part,
                                  RandomStream& random) {
    constexpr double kSpread = 0.3;
    std::vector<double> states = alike_states(spec, rows, 0);
    const double range = spec.cell.g_max_siemens - spec.cell.g_min_siemens;
    for (std::size_t i = 0; i < rows; i += 2) {
        states[i] += range * std::min(1.0, part * random.uniform(1 - kSpread, 1 + kSpread));
    }
    return states;
}

// All inputs alike: +v on even rows, -v on odd ones, as strong as the current asked for needs, or
// as they can be.
struct Drive {
    double volt = 0;
    double ampere = 0;  // of the column into a short
};
Drive drive_for(const behavioral::ModelCard& card, std::span<const double> g, double ampere) {
    double siemens = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
        const double in_series = g[i] / (1 + g[i] * card.array.driver_ohm);
        siemens += i % 2 == 0 ? in_series : -in_series;
    }
    const double amplitude = card.driver.amplitude_volt;
    const double volt = std::clamp(ampere / siemens, -amplitude, amplitude);
    return {volt, volt * siemens};
}

// From the step to the last time the output is further than half an LSB from where it ends.
double measured_second(const spice::Waveforms& waves, const netlist::Spec& spec,
                       const netlist::ColumnTiming& timing, double band_volt) {
    const std::vector<double>& time = waves.columns.front();
    std::vector<double> out = waves[has_sar(spec) ? bottom_plate(spec) : "v(out)"];
    if (has_sar(spec)) {
        const std::vector<double>& top = waves[kTopPlate];
        for (std::size_t k = 0; k < out.size(); ++k) out[k] -= top[k];
    }
    const double last = out.back();
    std::size_t k = time.size() - 1;
    while (k > 0 && std::abs(out[k] - last) <= band_volt) --k;
    if (time[k] > timing.input_second + 0.8 * (timing.stop_second - timing.input_second)) {
        throw simulator_error("settling: the read-out's output still moves {:.0f} ns after a step",
                              1e9 * (time[k] - timing.input_second));
    }
    if (k + 1 == time.size() || time[k] <= timing.input_second) return 0;
    const double edge = last + std::copysign(band_volt, out[k] - last);
    const double crossing =
        time[k] + (time[k + 1] - time[k]) * (edge - out[k]) / (out[k + 1] - out[k]);
    return crossing - timing.input_second;
}

// Of half an LSB: a ramp reaches most inputs long after they have settled so far, a SAR samples at
// once.
double settled_part(const netlist::Spec& spec) {
    return has_sar(spec) ? 0.125 : 1;
}

// What is waited, at least: a ramp's reset, or whole periods of a SAR's clock.
double waited_second(const netlist::Spec& spec, double settling_second) {
    const netlist::ColumnTiming timing = netlist::conversion_timing(spec, settling_second);
    return timing.ramp_second - timing.input_second;
}

// From a step of the column's inputs, without the rows' delay.
double step_second(const netlist::Spec& spec, const behavioral::TimingModel& timing,
                   const behavioral::ColumnPort& port, double ampere, double band_volt) {
    const double second = behavioral::settling_second(timing, port, ampere, band_volt);
    if (has_sar(spec)) return second;
    return std::max(0.0,
                    second + behavioral::settling_path_second(timing, port, ampere, band_volt));
}

// Throws where the read-out is unstable about one of the currents.
void require_stable(const netlist::Spec& spec, const behavioral::ModelCard& card) {
    const std::vector<double> g =
        linear(card, alike_states(spec, static_cast<std::size_t>(spec.array.rows), 0.5));
    (void)behavioral::settling_path_second(
        card.timing, behavioral::column_port(card.array, card.timing, g),
        kStep * full_scale_ampere(spec), behavioral::half_lsb_volt(card.adc));
}

double longest_settling(const netlist::Spec& spec, const behavioral::ModelCard& card) {
    double longest = 0;
    for (int k = 1; k <= kPartsOfRange; ++k) {
        const double part = static_cast<double>(k) / kPartsOfRange;
        const std::vector<double> g =
            linear(card, alike_states(spec, static_cast<std::size_t>(spec.array.rows), part));
        const behavioral::ColumnPort port = behavioral::column_port(card.array, card.timing, g);
        for (const double sign : {1.0, -1.0}) {
            const Drive drive = drive_for(card, g, sign * kStep * full_scale_ampere(spec));
            longest = std::max(
                longest, step_second(spec, card.timing, port, drive.ampere,
                                     settled_part(spec) * behavioral::half_lsb_volt(card.adc)));
        }
    }
    return longest + behavioral::row_delay_second(card);
}

std::span<const double> parts_of(const netlist::Spec& spec) {
    if (has_sar(spec)) return kSarParts;
    return kParts;
}

// The k-th of `count` rising currents.
void place(behavioral::ReadoutDynamics dynamics, std::size_t k, std::size_t count,
           behavioral::TimingModel& timing) {
    if (k == 0) {
        timing.sourcing = std::move(dynamics);
    } else if (k == count / 2) {
        timing.resting = std::move(dynamics);
    } else if (k + 1 == count) {
        timing.sinking = std::move(dynamics);
    } else {
        timing.between.push_back(std::move(dynamics));
    }
}

}  // namespace

std::size_t dynamics_runs(const netlist::Spec& spec) {
    return parts_of(spec).size() + 1;
}

DynamicsExperiment plan_dynamics(const netlist::Design& design, Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    DynamicsExperiment experiment;
    const double ampere = kStep * full_scale_ampere(spec);
    for (const double part : parts_of(spec)) {
        const double at = part * ampere;
        experiment.currents.push_back(
            {at, campaign.submit(readout_small_signal_bench(design, at))});
    }
    experiment.states =
        alike_states(spec, static_cast<std::size_t>(std::min(spec.array.rows, kPortCells)), 0.5);
    experiment.port = campaign.submit(column_port_bench(design, experiment.states));
    return experiment;
}

behavioral::TimingModel fit_dynamics(const DynamicsExperiment& experiment,
                                     const netlist::Design& design,
                                     const behavioral::ModelCard& card, const Campaign& campaign) {
    behavioral::ModelCard with = card;
    behavioral::TimingModel& timing = with.timing;
    timing.edge_second = netlist::kInputEdgeSecond;
    const spice::Waveforms& port = campaign[experiment.port];
    const std::vector<double>& hertz = port.columns.front();
    const auto at = static_cast<std::size_t>(
        std::lower_bound(hertz.begin(), hertz.end(), kPortHertz) - hertz.begin());
    const double farad = -port["im(i(vport))"].at(at) / (2 * std::numbers::pi * hertz.at(at));
    timing.column_farad = 1;
    const double share =
        behavioral::column_port(card.array, timing, linear(card, experiment.states)).farad;
    timing.column_farad = farad / share;

    std::optional<behavioral::TimingModel> best;
    double best_error = std::numeric_limits<double>::infinity();
    std::optional<Error> complaint;
    for (const int order : kOrders) {
        double error = 0;
        timing.between.clear();
        for (std::size_t k = 0; k < experiment.currents.size(); ++k) {
            const auto& [ampere, readout] = experiment.currents[k];
            DynamicsFit one = fit_readout_dynamics(campaign[readout], design.spec, ampere, order);
            error = std::max(error, one.worst_error);
            place(std::move(one.dynamics), k, experiment.currents.size(), timing);
        }
        if (error >= best_error) continue;
        try {
            require_stable(design.spec, with);
            timing.settle_second = waited_second(design.spec, longest_settling(design.spec, with));
        } catch (const Error& unstable) {
            complaint = unstable;
            continue;
        }
        best = timing;
        best_error = error;
        if (error < kGoodFit) break;
    }
    if (!best) throw complaint.value();
    return *best;
}

SettlingExperiment plan_settling_check(const netlist::Design& design,
                                       const behavioral::ModelCard& card, std::uint64_t seed,
                                       Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    const auto rows = static_cast<std::size_t>(spec.array.rows);
    const auto even = [rows](std::size_t n) {
        return std::max(std::min(rows, kShortestColumn), n / 2 * 2);
    };
    const double band = behavioral::half_lsb_volt(card.adc);
    SettlingExperiment experiment;
    RandomStream random(seed, RandomPurpose::operating_points, 3);
    double sign = 1;
    for (const std::size_t length : {rows, rows, even(rows / 2), even(rows / 4), 2 * rows}) {
        const double part = random.uniform(0.2, 0.9) *
                            std::min(1.0, static_cast<double>(rows) / static_cast<double>(length));
        const std::vector<double> states = spread_states(spec, length, part, random);
        const std::vector<double> g = linear(card, states);
        const Drive drive = drive_for(card, g, sign * kStep * full_scale_ampere(spec));
        sign = -sign;
        SettlingExperiment::Run run;
        run.modelled_second =
            step_second(spec, card.timing, behavioral::column_port(card.array, card.timing, g),
                        drive.ampere, band) +
            behavioral::row_delay_second(card);
        run.when.stop_second = run.when.input_second + 5e-9 + 2 * run.modelled_second;
        run.when.ramp_second = 2 * run.when.stop_second;  // never
        std::vector<double> inputs(length);
        for (std::size_t i = 0; i < length; ++i) inputs[i] = i % 2 == 0 ? drive.volt : -drive.volt;
        run.ticket =
            campaign.submit(column_bench(design, states, inputs, run.when, kTransientStep));
        experiment.runs.push_back(run);
    }
    return experiment;
}

void check_settling(const SettlingExperiment& experiment, const netlist::Design& design,
                    const Campaign& campaign, Evidence& evidence) {
    HeldOut held_out("settling", "of itself", 1);
    const double band = 0.5 * lsb_volt(design.spec);
    for (const SettlingExperiment::Run& run : experiment.runs) {
        const double second = measured_second(campaign[run.ticket], design.spec, run.when, band);
        held_out.add(second, run.modelled_second, second);
    }
    held_out.describe(
        fmt::format("{} columns of a quarter to twice the rows, random states, "
                    "steps to {} of full scale at most",
                    experiment.runs.size(), kStep));
    evidence.errors.push_back(held_out.error(design.spec.calibration.settling_tolerance));
    evidence.points.push_back(held_out.points("s"));
}

}  // namespace mho::calibrate
