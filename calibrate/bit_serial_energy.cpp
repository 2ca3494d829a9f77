// SPDX-License-Identifier: Apache-2.0
#include "calibrate/bit_serial_energy.h"

#include <Eigen/QR>
#include <vector>

#include "behavioral/bit_serial.h"
#include "calibrate/bit_serial_reading.h"
#include "calibrate/fit.h"
#include "netlist/bench_bit_serial.h"
#include "netlist/bit_serial.h"
#include "netlist/ramp_adc.h"

namespace mho::calibrate {
namespace {

using Eigen::Index;

double converter_second(const netlist::AdcSpec& spec) {
    return netlist::counter_delay_second(spec) + netlist::ramp_second(spec);
}

// What the runs show, means of all of them where nothing else is said.
struct BlockTotals {
    std::vector<double> step_ampere, step_joule;  // integrators, of every step of every run
    std::vector<double> held_volt, hold_joule;    // until sampling ends, of every run
    Eigen::MatrixXd cell_rows;                    // currents times bits, swings of cells
    Eigen::VectorXd cell_joule;
    double gate_joule = 0;  // of one swing
    double accumulator_joule = 0;
    double comparator_joule = 0;                // until sampling starts
    double integrator_watt = 0, hold_watt = 0;  // at rest, after sampling
};

BlockTotals totals(std::span<const BitSerialRun> runs, const netlist::Design& design,
                   const Campaign& campaign, const behavioral::ModelCard& card) {
    const netlist::BitSerialTiming timing = netlist::bit_serial_timing(design.spec);
    // Columns without current have come to rest by then.
    const double rest = timing.sample_stop() + 0.2 * netlist::kRestSecond;
    const double stop = timing.sample_stop() + netlist::kRestSecond;
    const double part = 1 / static_cast<double>(runs.size());
    BlockTotals sum;
    sum.cell_rows.resize(static_cast<Index>(runs.size()), 2);
    sum.cell_joule.resize(sum.cell_rows.rows());
    double gates = 0;
    int all_swings = 0;
    for (Index r = 0; r < sum.cell_rows.rows(); ++r) {
        const BitSerialRun& run = runs[static_cast<std::size_t>(r)];
        const spice::Waveforms& waves = campaign[run.ticket];
        const Eigen::MatrixXd ampere =
            behavioral::bit_currents(card, run.states, run.code_column());
        const auto joule = [&](const char* block, double from, double to) {
            return block_joule(waves, design, block, from, to);
        };
        const double start = timing.start_second, sampled = timing.sample_stop();
        for (int k = 0; k < timing.steps; ++k) {
            sum.step_ampere.push_back(ampere.row(k).sum());
            sum.step_joule.push_back(
                joule("integrators", timing.step_start(k), timing.step_start(k + 1)));
        }
        const auto columns = static_cast<int>(run.states.cols());
        sum.held_volt.push_back(
            held_volts(waves, design, static_cast<int>(run.states.rows()), columns));
        sum.hold_joule.push_back(joule("buffers and holds", start, sampled));
        int swings = 0;
        for (const int code : run.codes) swings += behavioral::gate_swings(code);
        sum.cell_rows.row(r) << ampere.sum(), columns * swings;
        sum.cell_joule(r) = joule("cells", start, sampled);
        gates += joule("gate lines", start, sampled);
        all_swings += swings;
        sum.accumulator_joule += part * joule("accumulators", start, sampled);
        sum.comparator_joule += part * joule("comparators", start, timing.sample_start());
        sum.integrator_watt += part * joule("integrators", rest, stop) / (stop - rest);
        sum.hold_watt += part * joule("buffers and holds", rest, stop) / (stop - rest);
    }
    sum.gate_joule = gates / all_swings;
    return sum;
}

}  // namespace

double bit_serial_second(const netlist::Spec& spec) {
    const netlist::BitSerialTiming timing = netlist::bit_serial_timing(spec);
    return timing.ramp_second + converter_second(spec.adc) - timing.start_second;
}

behavioral::BitSerialEnergy fit_bit_serial_energy(std::span<const BitSerialRun> runs,
                                                  const AdcFit& adc, const netlist::Design& design,
                                                  const Campaign& campaign,
                                                  const behavioral::ModelCard& card) {
    const netlist::BitSerialTiming timing = netlist::bit_serial_timing(design.spec);
    const BlockTotals sum = totals(runs, design, campaign, card);
    // With the reference column.
    const double columns = static_cast<double>(runs.front().states.cols()) + 1;
    const double end = timing.ramp_second + converter_second(design.spec.adc);
    behavioral::BitSerialEnergy energy;
    energy.gate_joule = sum.gate_joule;
    const Eigen::VectorXd cells = sum.cell_rows.colPivHouseholderQr().solve(sum.cell_joule);
    energy.cell_volt_second = cells(0);
    energy.cell_swing_joule = cells(1);
    const FitSummary steps = fit_polynomial(sum.step_ampere, sum.step_joule, 1);
    energy.integrator_volt_second = steps.parameters[1];
    energy.integrator_joule =
        (steps.parameters[0] * timing.steps + sum.integrator_watt * (end - timing.sample_start())) /
        columns;
    energy.accumulator_joule = sum.accumulator_joule / columns;
    const FitSummary hold = fit_polynomial(sum.held_volt, sum.hold_joule, 1);
    energy.hold_joule =
        (hold.parameters[0] + sum.hold_watt * (end - timing.sample_stop())) / columns;
    energy.hold_joule_per_volt = hold.parameters[1];
    // Until the sum is sampled a comparator sees the voltage of before.
    const double tracked = timing.ramp_second - timing.sample_start();
    const auto comparator = [&](std::size_t power) {
        return adc.comparator_conversion_joule[power] + adc.comparator_reset_watt[power] * tracked;
    };
    energy.comparator_joule = comparator(0) + sum.comparator_joule / columns;
    energy.comparator_joule_per_code = comparator(1);
    energy.comparator_joule_per_square_code = comparator(2);
    energy.ramp_joule = adc.ramp_conversion_joule +
                        adc.ramp_reset_watt * (timing.ramp_second - timing.start_second);
    return energy;
}

}  // namespace mho::calibrate
