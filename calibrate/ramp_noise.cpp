// SPDX-License-Identifier: Apache-2.0
#include "calibrate/ramp_noise.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <vector>

#include "base/error.h"
#include "behavioral/array_noise.h"
#include "calibrate/measurement.h"
#include "netlist/bench_ramp_noise.h"
#include "netlist/ramp_adc.h"
#include "spice/waveforms.h"

namespace mho::calibrate {
namespace {

constexpr double kLeadSecond = 4e-9;     // at rest before the ramp is released
constexpr double kSlopeSecond = 50e-12;  // slopes are taken over so much about a crossing

// Input and second stage at the comparator's trip.
struct Trip {
    double ramp_volt = 0;
    double stage_volt = 0;
};

Trip read_trip(const spice::Waveforms& sweep, double vdd_volt) {
    const std::vector<double>& ramp = sweep.columns.front();
    const std::optional<double> at = spice::crossing_time(ramp, sweep["v(trip)"], 0.5 * vdd_volt,
                                                          spice::Edge::rising, ramp.front());
    if (!at) throw simulator_error("ramp noise: the comparator does not trip near its input");
    return {*at, spice::value_at(ramp, sweep["v(v2)"], *at)};
}

double slope(const std::vector<double>& time, const std::vector<double>& volt, double second) {
    const double half = 0.5 * kSlopeSecond;
    return (spice::value_at(time, volt, second + half) -
            spice::value_at(time, volt, second - half)) /
           kSlopeSecond;
}

double stage_gain(const spice::Waveforms& waves, double stage_volt, double release_second) {
    const std::vector<double>& time = waves.columns.front();
    const std::vector<double>& stage = waves["v(xcomparator.v2)"];
    const bool falls = spice::value_at(time, stage, release_second) > stage_volt;
    const std::optional<double> at =
        spice::crossing_time(time, stage, stage_volt,
                             falls ? spice::Edge::falling : spice::Edge::rising, release_second);
    if (!at) throw simulator_error("ramp noise: the comparator does not trip in a conversion");
    return std::abs(slope(time, stage, *at)) / slope(time, waves["v(ramp)"], *at);
}

}  // namespace

double integrated_current_noise(std::span<const double> hertz, std::span<const double> density,
                                double farad, double second) {
    if (hertz.size() != density.size() || hertz.size() < 2) {
        throw simulator_error("ramp noise: a spectrum of {} frequencies and {} densities",
                              hertz.size(), density.size());
    }
    // Steps so fine that sin^2 is followed where it counts; far above 1 / t it is a half.
    constexpr int kStepsPerInterval = 64;
    constexpr double kManyPeriods = 16;
    const auto weight = [second](double f) {
        const double turn = std::numbers::pi * f * second;
        const double square =
            turn > std::numbers::pi * kManyPeriods ? 0.5 : std::pow(std::sin(turn), 2);
        return square / std::pow(std::numbers::pi * f, 2);
    };
    double sum = 0;
    for (std::size_t k = 1; k < hertz.size(); ++k) {
        const double ratio = std::log(hertz[k] / hertz[k - 1]);
        const double power = 2 * std::log(density[k] / density[k - 1]) / ratio;
        double before = 0;
        for (int step = 0; step <= kStepsPerInterval; ++step) {
            const double f = hertz[k - 1] * std::exp(ratio * step / kStepsPerInterval);
            const double value =
                std::pow(density[k - 1], 2) * std::pow(f / hertz[k - 1], power) * weight(f) * f;
            if (step > 0) sum += 0.5 * (before + value) * ratio / kStepsPerInterval;
            before = value;
        }
    }
    return std::sqrt(sum) / farad;
}

std::vector<double> without_resistor(std::vector<double> density, double ohm, double kelvin) {
    const double resistor = 4 * behavioral::kBoltzmannJoulePerKelvin * kelvin / ohm;
    for (double& one : density) one = std::sqrt(std::max(1e-60, one * one - resistor));
    return density;
}

RampNoise measure_ramp_noise(const netlist::Design& design, Campaign& campaign) {
    const netlist::AdcSpec& spec = design.spec.adc;
    const double vdd = design.technology.supply("core").volt;
    const double temperature = kelvin(design.spec);
    const double middle = 0.5 * (spec.low_volt + spec.high_volt);
    const netlist::ColumnTiming timing =
        netlist::conversion_timing(design.spec, netlist::ramp_reset_second(spec) + kLeadSecond);
    const Campaign::Ticket sweep = campaign.submit(ramp_trip_bench(design, {.input_volt = middle}));
    const Campaign::Ticket conversion = campaign.submit(ramp_slope_bench(design, middle, timing));
    const Campaign::Ticket source = campaign.submit(ramp_source_noise_bench(design));
    campaign.run();
    const Trip trip = read_trip(campaign[sweep], vdd);
    const Campaign::Ticket noise =
        campaign.submit(ramp_comparator_noise_bench(design, middle, trip.ramp_volt));
    campaign.run();
    RampNoise result;
    result.comparator_gain = stage_gain(campaign[conversion], trip.stage_volt, timing.ramp_second);
    result.comparator_volt = campaign[noise]["onoise_total"].front() / result.comparator_gain;
    const double farad = ramp_total_farad(spec);
    const double boltzmann = behavioral::kBoltzmannJoulePerKelvin;
    const std::vector<double> density =
        without_resistor(campaign[source]["inoise_spectrum"], netlist::kRampHoldOhm, temperature);
    result.source_volt = integrated_current_noise(campaign[source].columns.front(), density, farad,
                                                  0.5 * ramp_second(spec));
    result.reset_volt = std::sqrt(boltzmann * temperature / farad);
    return result;
}

}  // namespace mho::calibrate
