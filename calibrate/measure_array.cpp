// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_array.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/cell_law.h"
#include "behavioral/driver_square.h"
#include "behavioral/effective_matrix.h"
#include "calibrate/held_out.h"
#include "calibrate/random_operands.h"

namespace mho::calibrate {
namespace {

constexpr int kVectors = 8;  // of each array
constexpr int kMaxCellsWithoutKlu = 64 * 64;

// The first vector drives all inputs fully with one sign: the largest drop of voltage. The others
// are random, each of another strength.
Eigen::MatrixXd input_vectors(const netlist::DriverSpec& driver, Eigen::Index rows,
                              RandomStream& random) {
    Eigen::MatrixXd inputs(rows, kVectors);
    const Eigen::VectorXd full =
        Eigen::VectorXd::Constant(rows / 2, (1 << (driver.bits - 1)) - 1);
    inputs.col(0) = row_volts(driver, full);
    for (Eigen::Index k = 1; k < kVectors; ++k) {
        const double part = static_cast<double>(k) / (kVectors - 1);
        inputs.col(k) = row_volts(driver, random_codes(driver, rows / 2, part, random));
    }
    return inputs;
}

Eigen::Index half_even(int rows) { return std::max(2, rows / 4 * 2); }

// vectors x columns, ampere.
Eigen::MatrixXd modelled(const behavioral::ModelCard& card, const ArrayExperiment::Run& run) {
    behavioral::ArrayModel array = card.array;
    array.rows = static_cast<int>(run.states.rows());
    array.columns = static_cast<int>(run.states.cols());
    const Eigen::MatrixXd g = run.states.unaryExpr([&](double state) {
        return behavioral::linear_conductance(card.cell, 0.5 * card.driver.amplitude_volt, state);
    });
    const Eigen::MatrixXd linear =
        behavioral::array_response(g, array, behavioral::RowResponse::skip).column_ampere_per_volt;
    const Eigen::MatrixXd square = behavioral::square_response(
        linear, array.driver_ohm, card.driver.resistance_per_volt);
    return run.inputs.transpose() * linear + run.inputs.cwiseAbs2().transpose() * square;
}

}  // namespace

ArraySize checked_size(const netlist::Spec& spec) {
    return {std::min(spec.calibration.validation_rows, spec.array.rows),
            std::min(spec.calibration.validation_columns, spec.array.columns)};
}

ArrayExperiment plan_arrays(const netlist::Design& design, double sense_ohm, std::uint64_t seed,
                            Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    const auto [rows, columns] = checked_size(spec);
    if (!design.klu && rows * columns > kMaxCellsWithoutKlu) {
        throw bad_input(
            "{}: [calibration] an array of {} x {} is too large for an ngspice without the KLU "
            "solver, expected at most {} cells",
            spec.name, rows, columns, kMaxCellsWithoutKlu);
    }
    ArrayExperiment experiment;
    std::uint32_t number = 0;
    for (const bool whole : {true, false}) {
        for (const StateKind kind : {StateKind::weights, StateKind::uniform}) {
            RandomStream states(seed, RandomPurpose::array_states, number);
            RandomStream inputs(seed, RandomPurpose::array_inputs, number);
            ++number;
            const Eigen::Index run_rows = whole ? rows : half_even(rows);
            const Eigen::Index run_columns = whole ? columns : std::max(1, columns / 2);
            ArrayExperiment::Run run;
            run.states = random_states(spec.cell, kind, run_rows, run_columns, states);
            run.inputs = input_vectors(spec.driver, run_rows, inputs);
            run.ticket =
                campaign.submit(array_bench(design, run.states, run.inputs, sense_ohm));
            experiment.runs.push_back(std::move(run));
        }
    }
    return experiment;
}

void check_arrays(const ArrayExperiment& experiment, const netlist::Design& design,
                  const behavioral::ModelCard& card, const Campaign& campaign,
                  Evidence& evidence) {
    HeldOut held_out("column_current", "of full scale", full_scale_ampere(design.spec));
    for (const ArrayExperiment::Run& run : experiment.runs) {
        const Eigen::MatrixXd ampere = modelled(card, run);
        const spice::Waveforms& sweep = campaign[run.ticket];
        for (Eigen::Index j = 0; j < ampere.cols(); ++j) {
            const std::vector<double>& measured = sweep.columns[static_cast<std::size_t>(j) + 1];
            for (Eigen::Index k = 0; k < ampere.rows(); ++k) {
                held_out.add(measured.at(static_cast<std::size_t>(k)), ampere(k, j));
            }
        }
    }
    const Eigen::MatrixXd& whole = experiment.runs.front().states;
    const Eigen::MatrixXd& part = experiment.runs.back().states;
    held_out.describe(fmt::format("arrays of {} x {} and {} x {}, states as of trained weights and "
                                  "uniform, {} input vectors each",
                                  whole.rows(), whole.cols(), part.rows(), part.cols(),
                                  kVectors));
    evidence.errors.push_back(
        held_out.error(design.spec.calibration.column_current_tolerance,
                       design.spec.calibration.column_current_rms_tolerance));
    evidence.points.push_back(held_out.points("A"));
}

}  // namespace mho::calibrate
