// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/continuous_code.h"
#include "behavioral/readout.h"
#include "behavioral/tile.h"
#include "calibrate/conversion.h"
#include "calibrate/fit.h"
#include "calibrate/held_out.h"
#include "calibrate/random_operands.h"
#include "calibrate/sar_conversion.h"
#include "calibrate/supply_energy.h"

namespace mho::calibrate {
namespace {

using behavioral::RowMatrixXf;

std::span<const double> as_span(const Eigen::VectorXd& values) {
    return {values.data(), static_cast<std::size_t>(values.size())};
}

// What the card says about the same column.
struct ColumnModel {
    double code = 0;  // with its fraction
    BlockEnergy energy;
};

ColumnModel modelled(const behavioral::ModelCard& card, const ColumnExperiment::Run& run) {
    behavioral::ModelCard one = card;
    one.array.rows = static_cast<int>(run.states.size());
    one.array.columns = 1;
    one.energy.row_switch_joule = 0;  // rows stay switched on in these runs
    const behavioral::Tile tile = behavioral::compile_tile(one, run.states);
    const RowMatrixXf x = run.codes.transpose().cast<float>();
    RowMatrixXf codes(1, 1), ampere(1, 1);
    behavioral::TileEnergy energy;
    tile.run(x, codes, {}, &energy);
    tile.currents(x, ampere);
    ColumnModel model;
    model.code = continuous_code(card.adc, behavioral::readout_volt(card.readout, ampere(0, 0)));
    model.energy = {energy.drivers_joule, energy.readout_joule, energy.comparator_joule,
                    energy.ramp_joule};
    return model;
}

constexpr int kKnownVoltages = 8;
constexpr double kNearTrialLsb = 4;  // trials so close to their transition are used

// How far an input was from the transition that a trial asks for, from the trial's margin.
struct MarginRuler {
    double start_volt = 0;
    double volt_per_volt = 1;

    double distance(double margin_volt) const { return start_volt + volt_per_volt * margin_volt; }
};

// Trials whose margin is a few LSB at most; the array's parasitics shrink margins a little.
template <typename Use>
void for_near_trials(const SarConversion& conversion, double lsb, Use use) {
    for (const SarTrial& trial : conversion.trials) {
        if (std::abs(trial.margin_volt) < kNearTrialLsb * lsb) use(trial);
    }
}

double edge_of(const behavioral::AdcModel& adc, std::uint32_t code) {
    return adc.transition_volt.at(code - 1);
}

MarginRuler fit_ruler(const ColumnExperiment& experiment, const netlist::Design& design,
                      const behavioral::AdcModel& adc, const Campaign& campaign) {
    std::vector<double> margin, distance;
    for (std::size_t k = 0; k < experiment.known.size(); ++k) {
        const SarConversion conversion = sar_conversion(campaign[experiment.known[k]], design);
        for_near_trials(conversion, lsb_volt(design.spec), [&](const SarTrial& trial) {
            margin.push_back(trial.margin_volt);
            distance.push_back(experiment.known_volt[k] - edge_of(adc, trial.code));
        });
    }
    const std::vector<double> line = fit_polynomial(margin, distance, 1).parameters;
    return {line[0], line[1]};
}

// The code of a column's SAR with the fraction that its sampled voltage has in the card's table.
double counter_of_sar(const spice::Waveforms& waves, const ColumnExperiment& experiment,
                      const netlist::Design& design, const behavioral::AdcModel& adc,
                      const MarginRuler& ruler) {
    const netlist::SarTiming timing = netlist::sar_timing(design.spec.adc, experiment.timing);
    const SarConversion conversion = sar_conversion(waves, design, timing, "");
    double sum = 0, count = 0;
    for_near_trials(conversion, lsb_volt(design.spec), [&](const SarTrial& trial) {
        sum += edge_of(adc, trial.code) + ruler.distance(trial.margin_volt);
        ++count;
    });
    const auto code = static_cast<double>(conversion.code);
    if (count == 0) return code;  // beyond the range
    // Beyond the code that was given it is not: the decisions are the circuit's own.
    return std::clamp(continuous_code(adc, sum / count), code, code + 1);
}

}  // namespace

ColumnExperiment plan_columns(const netlist::Design& design, double settle_second,
                              std::uint64_t seed, Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    ColumnExperiment experiment;
    experiment.timing = conversion_timing(spec, settle_second);
    const Eigen::Index rows = spec.array.rows;
    for (int k = 0; k < spec.calibration.held_out_columns; ++k) {
        const auto number = static_cast<std::uint32_t>(1000 + k);
        RandomStream states(seed, RandomPurpose::array_states, number);
        RandomStream inputs(seed, RandomPurpose::array_inputs, number);
        const StateKind kind = k % 2 == 0 ? StateKind::weights : StateKind::uniform;
        ColumnExperiment::Run run;
        run.states = random_states(spec.cell, kind, rows, 1, states);
        run.codes = random_codes(spec.driver, rows / 2, 1, inputs);
        const Eigen::VectorXd volts = row_volts(spec.driver, run.codes);
        run.ticket = campaign.submit(
            column_bench(design, as_span(run.states), as_span(volts), experiment.timing));
        experiment.runs.push_back(std::move(run));
    }
    if (spec.adc.kind != netlist::AdcKind::sar) return experiment;
    RandomStream random(seed, RandomPurpose::operating_points, 7);
    for (int k = 0; k < kKnownVoltages; ++k) {
        const double volt = random.uniform(spec.adc.low_volt, spec.adc.high_volt);
        experiment.known_volt.push_back(volt);
        experiment.known.push_back(campaign.submit(sar_bench(design, volt)));
    }
    return experiment;
}

void check_columns(const ColumnExperiment& experiment, const netlist::Design& design,
                   const behavioral::ModelCard& card, const Campaign& campaign,
                   Evidence& evidence) {
    const netlist::CalibrationSpec& tolerance = design.spec.calibration;
    const netlist::ColumnTiming& timing = experiment.timing;
    const Span active{timing.input_second, timing.ramp_second + card.timing.conversion_second};
    std::vector<BlockEnergy> spice_energy, model_energy;
    const double code_max = std::ldexp(1.0, card.adc.bits);
    HeldOut codes("column_code", "LSB", 1);
    const bool is_sar = !experiment.known.empty();
    const MarginRuler ruler =
        is_sar ? fit_ruler(experiment, design, card.adc, campaign) : MarginRuler{};
    for (const ColumnExperiment::Run& run : experiment.runs) {
        const spice::Waveforms& waves = campaign[run.ticket];
        const ColumnModel model = modelled(card, run);
        // Beyond the range both give the last code.
        const double counter = is_sar ? counter_of_sar(waves, experiment, design, card.adc, ruler)
                                      : counter_at_trip(waves, design, timing).value_or(code_max);
        codes.add(std::clamp(counter, 0.0, code_max), std::clamp(model.code, 0.0, code_max));
        spice_energy.push_back(
            block_energy(waves, design, row_volts(design.spec.driver, run.codes), active));
        model_energy.push_back(model.energy);
    }
    const std::string circuits =
        fmt::format("{} whole columns of {} cells, random states and inputs",
                    experiment.runs.size(), design.spec.array.rows);
    codes.describe(circuits);
    // Errors of all stages add up in a code.
    evidence.errors.push_back(codes.error(tolerance.readout_tolerance_lsb +
                                          tolerance.adc_tolerance_lsb +
                                          tolerance.column_current_tolerance * 0.5 * code_max));
    evidence.points.push_back(codes.points("LSB"));

    const auto compare = [&](const std::string& name, double allowed, auto part) {
        double sum = 0;
        for (const BlockEnergy& energy : spice_energy) sum += part(energy);
        HeldOut held_out(name, "of its mean", sum / static_cast<double>(spice_energy.size()));
        for (std::size_t k = 0; k < spice_energy.size(); ++k) {
            held_out.add(part(spice_energy[k]), part(model_energy[k]));
        }
        held_out.describe(circuits);
        evidence.errors.push_back(held_out.error(allowed));
        evidence.points.push_back(held_out.points("J"));
    };
    compare("energy", tolerance.energy_total_tolerance,
            [](const BlockEnergy& e) { return e.total(); });
    compare("energy_drivers", tolerance.energy_tolerance,
            [](const BlockEnergy& e) { return e.drivers; });
    compare("energy_readout", tolerance.energy_tolerance,
            [](const BlockEnergy& e) { return e.readout; });
    compare(is_sar ? "energy_converter" : "energy_comparator", tolerance.energy_tolerance,
            [](const BlockEnergy& e) { return e.comparator; });
    if (is_sar) return;
    compare("energy_ramp", tolerance.energy_tolerance, [](const BlockEnergy& e) { return e.ramp; });
}

}  // namespace mho::calibrate
