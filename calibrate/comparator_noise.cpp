// SPDX-License-Identifier: Apache-2.0
#include "calibrate/comparator_noise.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/error.h"
#include "behavioral/array_noise.h"
#include "netlist/sar_adc.h"
#include "spice/waveforms.h"

namespace mho::calibrate {
namespace {

constexpr double kGamma = 2.0 / 3;
constexpr double kReachVolt = 5e-3;
constexpr double kBeforeClockSecond = 20e-12;
// Between these parts of the supply the outputs part exponentially: the pair's currents are no
// longer felt, the latch does not saturate yet.
constexpr double kGrowthFrom = 0.05, kGrowthTo = 0.3;

const char* const kFirst = "@m.xcomparator.m1[id]";
const char* const kSecond = "@m.xcomparator.m2[id]";

struct Decision {
    double charge = 0;       // by which the branches differ
    double integration = 0;  // second
    double tau = 0;
    double start_volt = 0;  // of the outputs' difference, extrapolated to the clock
};

Decision read_decision(const spice::Waveforms& waves, double clock, double end, double vdd) {
    const std::vector<double>& time = waves.columns.front();
    const std::vector<double>& first = waves["v(xcomparator.o1)"];
    const std::vector<double>& second = waves["v(xcomparator.o2)"];
    const std::vector<double>& one = waves[kFirst];
    const std::vector<double>& two = waves[kSecond];
    const double reset = spice::value_at(time, first, clock - kBeforeClockSecond);
    Decision decision;
    std::vector<double> when, apart;
    bool integrating = true;
    for (std::size_t k = 1; k < time.size() && time[k] < end; ++k) {
        if (time[k] <= clock) continue;
        // Outputs are reset to the rail that the pair's currents leave.
        integrating = integrating &&
                      std::max(std::abs(first[k] - reset), std::abs(second[k] - reset)) < 0.5 * vdd;
        const double step = time[k] - std::max(clock, time[k - 1]);
        if (integrating) {
            const auto differ = [&](std::size_t at) {
                return std::abs(one[at]) - std::abs(two[at]);
            };
            decision.charge += 0.5 * step * (differ(k) + differ(k - 1));
            decision.integration = time[k] - clock;
        }
        const double difference = std::abs(first[k] - second[k]);
        if (difference > kGrowthTo * vdd) break;
        if (difference > kGrowthFrom * vdd) {
            when.push_back(time[k] - clock);
            apart.push_back(std::log(difference));
        }
    }
    if (when.size() < 2) throw simulator_error("comparator: its outputs do not part after a clock");
    const double growth = (apart.back() - apart.front()) / (when.back() - when.front());
    if (!(growth > 0)) throw simulator_error("comparator: its outputs do not part exponentially");
    decision.tau = 1 / growth;
    decision.start_volt = std::exp(apart.front() - when.front() * growth);
    return decision;
}

}  // namespace

double ComparatorDynamics::decision_volt_at(double second) const {
    return resolved_volt / start_ratio * std::exp(-second / regeneration_second);
}

netlist::DecisionStairs noise_stairs(const netlist::AdcSpec& spec, double vdd_volt) {
    return {.size = sar_comparator(spec, vdd_volt),
            .common_volt = 0.5 * (spec.low_volt + spec.high_volt),
            .reach_volt = kReachVolt,
            .decisions = 2,
            .clock_hertz = spec.sar.bit_clock_hertz};
}

netlist::Deck noise_bench(const netlist::Design& design, const netlist::DecisionStairs& stairs) {
    netlist::Deck deck = comparator_bench(design, stairs);
    deck.title = "comparator noise and regeneration";
    for (const char* vector : {"v(xcomparator.o1)", "v(xcomparator.o2)", kFirst, kSecond}) {
        deck.saved.emplace_back(vector);
    }
    // Decisions take a tenth of a nanosecond, whatever the clock.
    if (auto* transient = std::get_if<netlist::Transient>(&deck.analysis)) {
        transient->max_step_second = std::min(transient->max_step_second, 20e-12);
    }
    return deck;
}

ComparatorDynamics read_dynamics(const spice::Waveforms& waves,
                                 const netlist::DecisionStairs& stairs, double vdd_volt,
                                 double kelvin) {
    const double period = 1 / stairs.clock_hertz;
    std::vector<Decision> decisions;
    for (int k = 0; k < 2; ++k) {
        decisions.push_back(
            read_decision(waves, (k + 0.5) * period, stairs.read_second(k), vdd_volt));
    }
    ComparatorDynamics dynamics;
    dynamics.resolved_volt = 0.5 * vdd_volt;
    dynamics.integration_second = 0.5 * (decisions[0].integration + decisions[1].integration);
    // What both decisions have in common is not the input's.
    dynamics.pair_charge_per_volt =
        std::abs(decisions[1].charge - decisions[0].charge) / (2 * stairs.reach_volt);
    dynamics.regeneration_second = 0.5 * (decisions[0].tau + decisions[1].tau);
    dynamics.start_ratio =
        0.5 * (decisions[0].start_volt + decisions[1].start_volt) / stairs.reach_volt;
    if (!(dynamics.pair_charge_per_volt > 0)) {
        throw simulator_error("comparator: its pair does not answer the input");
    }
    dynamics.noise_volt_rms = std::sqrt(4 * behavioral::kBoltzmannJoulePerKelvin * kelvin * kGamma /
                                        dynamics.pair_charge_per_volt);
    return dynamics;
}

}  // namespace mho::calibrate
