// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/continuous_code.h"
#include "behavioral/readout.h"
#include "behavioral/tile.h"
#include "calibrate/conversion.h"
#include "calibrate/held_out.h"
#include "calibrate/random_operands.h"
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
    for (const ColumnExperiment::Run& run : experiment.runs) {
        const spice::Waveforms& waves = campaign[run.ticket];
        const ColumnModel model = modelled(card, run);
        // Beyond the range both give the last code.
        const double counter = counter_at_trip(waves, design, timing).value_or(code_max);
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
    compare("energy_comparator", tolerance.energy_tolerance,
            [](const BlockEnergy& e) { return e.comparator; });
    compare("energy_ramp", tolerance.energy_tolerance, [](const BlockEnergy& e) { return e.ramp; });
}

}  // namespace mho::calibrate
