// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_mismatch.h"

#include <fmt/format.h>

#include <cmath>
#include <span>

#include "calibrate/fit.h"
#include "calibrate/held_out.h"
#include "netlist/mismatch.h"

namespace mho::calibrate {
namespace {

constexpr double kSpreadTolerance = 0.1;  // of a standard deviation
constexpr int kReadoutPoints = 5;
constexpr int kDriverPoints = 3;
constexpr int kDriversPerRun = 8;
constexpr std::uint64_t kFitSeed = 1;
constexpr std::uint32_t kFirstFitSample = 3'000'000;  // beside those that converters are drawn by
constexpr std::uint32_t kFirstCheckSample = 4'000'000;

int driver_decks(int draws) {
    return (draws + kDriversPerRun - 1) / kDriversPerRun;
}

MismatchExperiment plan(const netlist::Design& design, std::uint64_t seed, std::uint32_t first,
                        Campaign& campaign) {
    const int draws = design.spec.calibration.mismatch_draws;
    MismatchExperiment experiment;
    if (draws == 0) return experiment;
    const netlist::Deck readout =
        readout_bench(design, {0.9 * full_scale_ampere(design.spec), kReadoutPoints});
    const std::vector<double> levels(kDriversPerRun, 0.0);
    const double ampere = 0.5 * design.spec.array.columns * design.spec.cell.g_max_siemens *
                          design.spec.driver.amplitude_volt;
    const netlist::Deck drivers = driver_bench(design, levels, {ampere, kDriverPoints});
    auto sample = first;
    for (int k = 0; k < draws; ++k) {
        experiment.readouts.push_back(
            campaign.submit(with_mismatch(readout, design.technology, {seed, sample++})));
    }
    for (int k = 0; k < driver_decks(draws); ++k) {
        experiment.drivers.push_back(
            campaign.submit(with_mismatch(drivers, design.technology, {seed, sample++})));
    }
    return experiment;
}

struct Spread {
    double mean = 0, sigma = 0;
};
Spread spread_of(std::span<const double> values) {
    Spread spread;
    const auto count = static_cast<double>(values.size());
    for (const double value : values) spread.mean += value / count;
    for (const double value : values) {
        spread.sigma += (value - spread.mean) * (value - spread.mean) / (count - 1);
    }
    spread.sigma = std::sqrt(spread.sigma);
    return spread;
}

behavioral::MismatchModel model_of(const MismatchExperiment& experiment, const Campaign& campaign) {
    std::vector<double> offset, gain, driver;
    for (const Campaign::Ticket ticket : experiment.readouts) {
        const spice::Waveforms& sweep = campaign[ticket];
        const FitSummary line = fit_polynomial(sweep.columns[0], sweep["v(out)"], 2);
        offset.push_back(line.parameters[0]);
        gain.push_back(line.parameters[1]);
    }
    for (const Campaign::Ticket ticket : experiment.drivers) {
        const spice::Waveforms& sweep = campaign[ticket];
        const double ampere = 1e-6 * (sweep.columns[0].back() - sweep.columns[0].front());
        for (std::size_t k = 1; k < sweep.columns.size(); ++k) {
            driver.push_back((sweep.columns[k].front() - sweep.columns[k].back()) / ampere);
        }
    }
    const Spread gains = spread_of(gain), drivers = spread_of(driver);
    return {spread_of(offset).sigma, gains.sigma / std::abs(gains.mean),
            drivers.sigma / drivers.mean, static_cast<int>(experiment.readouts.size())};
}

}  // namespace

MismatchExperiment plan_mismatch(const netlist::Design& design, Campaign& campaign) {
    return plan(design, kFitSeed, kFirstFitSample, campaign);
}

std::size_t mismatch_runs(const netlist::Spec& spec) {
    const int draws = spec.calibration.mismatch_draws;
    return static_cast<std::size_t>(draws + driver_decks(draws));
}

behavioral::MismatchModel fit_mismatch(const MismatchExperiment& experiment,
                                       const Campaign& campaign) {
    return experiment.readouts.empty() ? behavioral::MismatchModel{}
                                       : model_of(experiment, campaign);
}

MismatchExperiment plan_mismatch_check(const netlist::Design& design, std::uint64_t seed,
                                       Campaign& campaign) {
    return plan(design, seed, kFirstCheckSample, campaign);
}

void check_mismatch(const MismatchExperiment& experiment, const netlist::Design& design,
                    const behavioral::MismatchModel& model, const Campaign& campaign,
                    Evidence& evidence) {
    if (experiment.readouts.empty()) return;
    const behavioral::MismatchModel found = model_of(experiment, campaign);
    HeldOut held_out("mismatch", "of the spread", 1);
    held_out.add(found.readout_offset_volt, model.readout_offset_volt, found.readout_offset_volt);
    held_out.add(found.readout_gain_relative, model.readout_gain_relative,
                 found.readout_gain_relative);
    held_out.add(found.driver_relative, model.driver_relative, found.driver_relative);
    held_out.describe(
        fmt::format("standard deviations of {} other instances: read-out offset and "
                    "gain, driver resistance",
                    design.spec.calibration.mismatch_draws));
    evidence.errors.push_back(held_out.error(kSpreadTolerance));
    evidence.points.push_back(held_out.points(""));
}

}  // namespace mho::calibrate
