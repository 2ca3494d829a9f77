// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_bit_serial.h"

#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/bit_serial.h"
#include "calibrate/bit_serial_energy.h"
#include "calibrate/bit_serial_reading.h"
#include "calibrate/conversion.h"
#include "calibrate/fit.h"
#include "netlist/array_shape.h"
#include "netlist/bench_bit_serial.h"
#include "spice/waveforms.h"

namespace mho::calibrate {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kSerialRuns = 4;
constexpr int kConverted = 2;       // of them to the end of the ramp
constexpr int kBitKnots = 16;       // of an integrated bit over the column's current,
constexpr double kKnotPower = 1.6;  // denser where it is small and the columns settle slowly;
constexpr double kStraight = 1e-3;  // weight of a straight line, which decides where no run was
constexpr double kBeforeSecond = 50e-12;  // values are read so long before a phase ends,
constexpr double kAfterSecond = 100e-12;  // or after integration has ended

// Of the other comparators of a ramp below one column's input.
constexpr std::array<double, 11> kBelowVolt{-0.16, -0.1, -0.06, -0.03, -0.01, 0.0,
                                            0.01,  0.03, 0.06,  0.1,   0.16};

// How many of the rows are on, from bit to bit: every level after every other.
constexpr std::array<std::array<double, 4>, kSerialRuns> kGateParts{
    {{0.25, 0.5, 0.12, 0.75}, {0.5, 0.75, 0.25, 1}, {0.12, 1, 0.5, 0.25}, {1, 0.25, 0.75, 0.5}}};

BitSerialRun drawn(const netlist::Spec& spec, int number) {
    const auto stream = static_cast<std::uint32_t>(number);
    RandomStream random(0, RandomPurpose::operating_points, 3000 + stream);
    const int columns = netlist::bitlines(spec.array.shape, spec.array.columns);
    BitSerialRun run;
    run.states.resize(spec.array.rows, columns);
    for (Index j = 0; j < columns; ++j) {
        const double reach = static_cast<double>(j + 1) / columns;
        for (Index i = 0; i < run.states.rows(); ++i) {
            const double part = reach * random.uniform(0.8, 1.0);
            run.states(i, j) = spec.cell.g_min_siemens +
                               part * (spec.cell.g_max_siemens - spec.cell.g_min_siemens);
        }
    }
    run.codes.assign(static_cast<std::size_t>(spec.array.rows), 0);
    for (int k = 0; k < spec.driver.bits; ++k) {
        const double part =
            kGateParts[stream][static_cast<std::size_t>(k) % kGateParts[stream].size()];
        for (int& code : run.codes) code |= random.uniform() < part ? 1 << k : 0;
    }
    return run;
}

// What one column shows in the run that it was in.
struct ColumnTrace {
    VectorXd ampere;       // of the model, one for each bit; 0 of the reference column
    VectorXd column_volt;  // at the end of integration; none of the reference column
    VectorXd bit_volt;     // above the start voltage
    VectorXd sum_volt;     // before the first bit, then after each; above the start voltage
    double held_volt = 0;
};

class Traces {
  public:
    Traces(const netlist::Design& design, const spice::Waveforms& waves)
        : design_(design), timing_(netlist::bit_serial_timing(design.spec)), waves_(waves) {}

    ColumnTrace column(const std::string& suffix, const VectorXd& ampere) const {
        const double start = design_.spec.readout.integrator.start_volt;
        const int bits = timing_.steps;
        ColumnTrace trace;
        trace.ampere = ampere;
        trace.bit_volt.resize(bits);
        trace.sum_volt.resize(bits + 1);
        const bool reference = suffix == netlist::kReferenceSuffix;
        if (!reference) trace.column_volt.resize(bits);
        for (int k = 0; k < bits; ++k) {
            const double stop = timing_.integrate_stop(k);
            if (!reference) trace.column_volt(k) = at("v(col" + suffix + ")", stop - kBeforeSecond);
            trace.bit_volt(k) = at("v(bit" + suffix + ")", stop + kAfterSecond) - start;
            trace.sum_volt(k) = at("v(sum" + suffix + ")", stop + kAfterSecond) - start;
        }
        trace.sum_volt(bits) =
            at("v(sum" + suffix + ")", timing_.sample_start() - kBeforeSecond) - start;
        trace.held_volt = held(suffix);
        return trace;
    }

  private:
    double held(const std::string& suffix) const {
        return at("v(hold" + suffix + ")", timing_.sample_stop() + netlist::kHeldSecond);
    }
    double at(const std::string& vector, double second) const {
        return spice::value_at(waves_.columns.front(), waves_[vector], second);
    }

    const netlist::Design& design_;
    netlist::BitSerialTiming timing_;
    const spice::Waveforms& waves_;
};

std::vector<ColumnTrace> traces_of(const BitSerialRun& run, const MatrixXd& ampere,
                                   const netlist::Design& design, const Campaign& campaign) {
    const Traces waves(design, campaign[run.ticket]);
    const netlist::ArrayLines lines =
        array_lines(design.spec.array.shape, run.states.rows(), run.states.cols());
    std::vector<ColumnTrace> traces;
    for (std::size_t j = 0; j < lines.bitlines.size(); ++j) {
        traces.push_back(waves.column("_" + lines.bitlines[j], ampere.col(static_cast<Index>(j))));
    }
    traces.push_back(waves.column(netlist::kReferenceSuffix, VectorXd::Zero(ampere.rows())));
    return traces;
}

VectorXd least_squares(const MatrixXd& rows, const VectorXd& values) {
    return rows.colPivHouseholderQr().solve(values);
}

// A straight line y = [0] + [1] x.
std::array<double, 2> line(const std::vector<double>& x, const std::vector<double>& y) {
    const FitSummary fit = fit_polynomial(x, y, 1);
    return {fit.parameters[0], fit.parameters[1]};
}

// Least squares of the points, each with its share in the values at its two neighbours.
void fit_bits(const std::vector<ColumnTrace>& traces, behavioral::IntegratorModel& model) {
    model.bit_ampere.clear();
    for (int n = 0; n < kBitKnots; ++n) {
        model.bit_ampere.push_back(model.current_max_ampere *
                                   std::pow(static_cast<double>(n) / (kBitKnots - 1), kKnotPower));
    }
    const std::vector<double>& at = model.bit_ampere;
    const auto measured = static_cast<Index>(traces.size()) * model.bits;
    MatrixXd rows = MatrixXd::Zero(measured + kBitKnots - 2, kBitKnots + 1);
    VectorXd values = VectorXd::Zero(rows.rows());
    Index point = 0;
    for (const ColumnTrace& trace : traces) {
        for (int k = 0; k < model.bits; ++k, ++point) {
            const double now = trace.ampere(k), before = k > 0 ? trace.ampere(k - 1) : 0;
            const auto above = std::upper_bound(at.begin() + 1, at.end() - 1, now);
            const Index n = above - at.begin();
            const double part = (now - *(above - 1)) / (*above - *(above - 1));
            rows(point, n - 1) = 1 - part;
            rows(point, n) = part;
            rows(point, kBitKnots) = (before - now) / model.current_max_ampere;
            values(point) = trace.bit_volt(k);
        }
    }
    for (Index n = 1; n + 1 < kBitKnots; ++n, ++point) {
        const auto k = static_cast<std::size_t>(n);
        const double part = (at[k] - at[k - 1]) / (at[k + 1] - at[k - 1]);
        rows(point, n - 1) = kStraight * (1 - part);
        rows(point, n) = -kStraight;
        rows(point, n + 1) = kStraight * part;
    }
    const VectorXd found = least_squares(rows, values);
    model.bit_volt.assign(found.data(), found.data() + kBitKnots);
    model.memory_ohm = found(kBitKnots) / model.current_max_ampere;
}

void fit_sums(const std::vector<ColumnTrace>& traces, behavioral::IntegratorModel& model) {
    const auto points = static_cast<Index>(traces.size()) * model.bits;
    MatrixXd rows(points, 3);
    VectorXd values(points);
    std::vector<double> sum, held;
    Index point = 0;
    for (const ColumnTrace& trace : traces) {
        for (int k = 0; k < model.bits; ++k, ++point) {
            rows.row(point) << 1, trace.sum_volt(k), trace.bit_volt(k);
            values(point) = trace.sum_volt(k + 1);
        }
        sum.push_back(trace.sum_volt(model.bits));
        held.push_back(trace.held_volt);
    }
    const VectorXd found = least_squares(rows, values);
    model.sum_offset_volt = found(0);
    model.sum_keep = found(1);
    model.sum_take = found(2);
    const auto hold = line(sum, held);
    model.held_offset_volt = hold[0];
    model.held_gain = hold[1];
}

// Where the columns stand with their current: taken as ideal in the first pass.
void fit_columns(const std::vector<ColumnTrace>& traces, const netlist::Spec& spec,
                 behavioral::ModelCard& card) {
    std::vector<double> ampere, volt;
    for (const ColumnTrace& trace : traces) {
        for (Index k = 0; k < trace.column_volt.size(); ++k) {
            ampere.push_back(trace.ampere(k));
            volt.push_back(trace.column_volt(k) - spec.readout.common_mode_volt);
        }
    }
    const auto found = line(ampere, volt);
    card.bit_serial.integrator.input_offset_volt = found[0];
    card.array.sense_ohm = std::max(0.0, found[1]);
}

std::vector<ColumnTrace> all_traces(const BitSerialExperiment& experiment,
                                    const netlist::Design& design, const Campaign& campaign,
                                    const behavioral::ModelCard& card) {
    std::vector<ColumnTrace> traces;
    for (const BitSerialRun& run : experiment.runs) {
        const MatrixXd ampere = behavioral::bit_currents(card, run.states, run.code_column());
        const auto more = traces_of(run, ampere, design, campaign);
        traces.insert(traces.end(), more.begin(), more.end());
    }
    return traces;
}

// Relative to others that are far from tripping; all columns of a macro have as many.
void fit_sharing(const BitSerialExperiment& experiment, const netlist::Design& design,
                 const Campaign& campaign, behavioral::RampSharing& sharing) {
    sharing = {};
    sharing.others = design.spec.adc.shared_by;  // the reference column's is one more
    sharing.others_volt = design.spec.readout.common_mode_volt;
    for (std::size_t k = 0; k < experiment.shared.size(); ++k) {
        const auto counter =
            counter_at_trip(campaign[experiment.shared[k]], design, experiment.adc.timing);
        if (!counter) {
            throw simulator_error("{}: the comparator does not trip beside others {} V below it",
                                  design.spec.name, experiment.below_volt[k]);
        }
        sharing.volt.push_back(experiment.below_volt[k]);
        sharing.count.push_back(*counter);
    }
    const double first = sharing.count.front();
    for (double& count : sharing.count) count = (count - first) / sharing.others;
}

// What the reference column's counter has beyond its parts: the mean over the columns that are
// within the ramp's range.
double reference_count(const BitSerialExperiment& experiment, const netlist::Design& design,
                       const Campaign& campaign, const behavioral::ModelCard& card) {
    const int most = behavioral::bit_serial_code_max(card.bit_serial);
    double sum = 0, count = 0;
    for (int r = 0; r < kConverted; ++r) {
        const BitSerialRun& run = experiment.runs[static_cast<std::size_t>(r)];
        const BitSerialReading reading =
            read_bit_serial_macro(campaign[run.ticket], design, static_cast<int>(run.states.rows()),
                                  static_cast<int>(run.states.cols()));
        const auto model = behavioral::bit_serial_products(card, run.states, run.code_column());
        for (std::size_t j = 0; j < reading.counters.size(); ++j) {
            const double spice = reading.counters[j];
            if (spice <= 0 || spice >= most) continue;
            sum += model.counter(0, static_cast<Index>(j)) - spice;
            ++count;
        }
    }
    return count > 0 ? sum / count : 0;
}

}  // namespace

netlist::Design with_reference_column(netlist::Design design) {
    ++design.spec.adc.shared_by;
    return design;
}

std::size_t bit_serial_fit_runs() {
    return kSerialRuns + 2 + kBelowVolt.size() + static_cast<std::size_t>(AdcEffort{}.conversions);
}

BitSerialExperiment plan_bit_serial(const netlist::Design& design, Campaign& campaign) {
    BitSerialExperiment experiment;
    for (int r = 0; r < kSerialRuns; ++r) {
        BitSerialRun run = drawn(design.spec, r);
        run.ticket = campaign.submit(bit_serial_steps_bench(
            design, run.states, run.codes,
            r < kConverted ? netlist::SerialEnd::converted : netlist::SerialEnd::held));
        experiment.runs.push_back(std::move(run));
    }
    const netlist::Design converter = with_reference_column(design);
    experiment.adc = plan_adc(converter, campaign);
    experiment.noise = plan_integrator_noise(design, campaign);
    // Where most sums are.
    const netlist::AdcSpec& adc = design.spec.adc;
    const double start = design.spec.readout.integrator.start_volt;
    const double input = start + 0.3 * (adc.high_volt - start);
    for (const double below : kBelowVolt) {
        experiment.below_volt.push_back(below);
        experiment.shared.push_back(
            campaign.submit(adc_bench(converter, input, experiment.adc.timing, input - below)));
    }
    return experiment;
}

void fit_bit_serial(const BitSerialExperiment& experiment, const netlist::Design& design,
                    const Campaign& campaign, behavioral::ModelCard& card) {
    behavioral::IntegratorModel& model = card.bit_serial.integrator;
    model = {};
    model.bits = design.spec.driver.bits;
    model.start_volt = design.spec.readout.integrator.start_volt;
    card.array.sense_ohm = 0;
    fit_columns(all_traces(experiment, design, campaign, card), design.spec, card);
    const std::vector<ColumnTrace> traces = all_traces(experiment, design, campaign, card);
    for (const ColumnTrace& trace : traces) {
        model.current_max_ampere = std::max(model.current_max_ampere, trace.ampere.maxCoeff());
    }
    fit_bits(traces, model);
    fit_sums(traces, model);
    model.noise_volt_rms = read_integrator_noise(experiment.noise, design, campaign).held_volt;
    fit_sharing(experiment, design, campaign, card.bit_serial.sharing);
    const AdcFit adc = fit_adc(experiment.adc, with_reference_column(design), campaign);
    card.bit_serial.adc = adc.model;
    card.bit_serial.multiply_second = bit_serial_second(design.spec);
    card.bit_serial.energy = fit_bit_serial_energy(experiment.runs, adc, design, campaign, card);
    card.bit_serial.sharing.reference_count = reference_count(experiment, design, campaign, card);
}

}  // namespace mho::calibrate
