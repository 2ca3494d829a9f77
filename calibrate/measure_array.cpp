// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "behavioral/column_currents.h"
#include "behavioral/column_map.h"
#include "calibrate/card_design.h"
#include "calibrate/held_out.h"
#include "calibrate/measure_cell_table.h"
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
    const Eigen::VectorXd full = Eigen::VectorXd::Constant(rows / 2, (1 << (driver.bits - 1)) - 1);
    inputs.col(0) = row_volts(driver, full);
    for (Eigen::Index k = 1; k < kVectors; ++k) {
        const double part = static_cast<double>(k) / (kVectors - 1);
        inputs.col(k) = row_volts(driver, random_codes(driver, rows / 2, part, random));
    }
    return inputs;
}

// All gates on, then random ones, more of them from vector to vector.
Eigen::MatrixXd gate_vectors(Eigen::Index rows, RandomStream& random) {
    Eigen::MatrixXd gates = Eigen::MatrixXd::Ones(rows, kVectors);
    for (Eigen::Index k = 1; k < kVectors; ++k) {
        const double part = static_cast<double>(k) / kVectors;
        for (Eigen::Index i = 0; i < rows; ++i) gates(i, k) = random.uniform() < part ? 1 : 0;
    }
    return gates;
}

netlist::Deck deck_of(const netlist::Design& design, const ArrayExperiment::Run& run,
                      double sense_ohm) {
    if (card_scope(design.spec) == CardScope::column) {
        return array_bench(design, run.states, run.inputs, sense_ohm);
    }
    netlist::Design sized = design;
    sized.spec.array.rows = run.size.rows;
    sized.spec.array.columns = run.size.columns;
    sized.spec.array.terminals.sense_ohm = sense_ohm;
    netlist::Deck deck = any_array_bench(sized, run.states, run.inputs);
    // Bitlines of gated cells do not touch, so nothing fills in without KLU; with it ngspice 46
    // falls from one failed start into the next on arrays of gated transistors.
    if (is_gated(design.spec)) deck.klu = false;
    return deck;
}

// vectors x columns, ampere.
Eigen::MatrixXd tile_currents(const behavioral::ModelCard& card, const ArrayExperiment::Run& run) {
    behavioral::ArrayModel array = card.array;
    array.rows = static_cast<int>(run.states.rows());
    array.columns = static_cast<int>(run.states.cols());
    const behavioral::ColumnMap map =
        behavioral::column_map(card.cell, array, card.driver.resistance_per_volt, run.states,
                               0.5 * card.driver.amplitude_volt);
    return run.inputs.transpose() * map.response.column_ampere_per_volt +
           run.inputs.cwiseAbs2().transpose() * map.ampere_per_square_volt;
}

Eigen::MatrixXd measured(const spice::Waveforms& sweep, Eigen::Index vectors,
                         Eigen::Index columns) {
    Eigen::MatrixXd ampere(vectors, columns);
    for (Eigen::Index j = 0; j < columns; ++j) {
        const std::vector<double>& column = sweep.columns[static_cast<std::size_t>(j) + 1];
        for (Eigen::Index k = 0; k < vectors; ++k) {
            ampere(k, j) = column.at(static_cast<std::size_t>(k));
        }
    }
    return ampere;
}

void add_all(HeldOut& held_out, const Eigen::MatrixXd& spice, const Eigen::MatrixXd& model) {
    for (Eigen::Index j = 0; j < spice.cols(); ++j) {
        for (Eigen::Index k = 0; k < spice.rows(); ++k) held_out.add(spice(k, j), model(k, j));
    }
}

std::string sizes_text(const std::vector<ArraySize>& sizes) {
    std::string text;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
        const char* between = k == 0 ? "" : k + 1 == sizes.size() ? " and " : ", ";
        text += fmt::format("{}{} x {}", between, sizes[k].rows, sizes[k].columns);
    }
    return text;
}

}  // namespace

std::vector<ArraySize> array_sizes(const netlist::Spec& spec) {
    const ArraySize whole = checked_size(spec);
    std::vector<ArraySize> sizes{whole};
    if (netlist::has_transistor_drivers(spec)) {
        sizes.push_back({std::max(2, whole.rows / 4 * 2), std::max(1, whole.columns / 2)});
        return sizes;
    }
    for (int side = 1024; side >= 16; side /= 2) {
        if (side < whole.rows && side < whole.columns) sizes.push_back({side, side});
    }
    if (is_gated(spec) && spec.array.rows > whole.rows) sizes.push_back({spec.array.rows, 1});
    return sizes;
}

ArraySize checked_size(const netlist::Spec& spec) {
    return {std::min(spec.calibration.validation_rows, spec.array.rows),
            std::min(spec.calibration.validation_columns, spec.array.columns)};
}

ArrayExperiment plan_arrays(const netlist::Design& design, double sense_ohm, std::uint64_t seed,
                            Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    const auto [rows, columns] = checked_size(spec);
    if (!design.klu && !is_gated(spec) && rows * columns > kMaxCellsWithoutKlu) {
        throw bad_input(
            "{}: [calibration] an array of {} x {} is too large for an ngspice without the KLU "
            "solver, expected at most {} cells",
            spec.name, rows, columns, kMaxCellsWithoutKlu);
    }
    ArrayExperiment experiment;
    std::uint32_t number = 0;
    for (const ArraySize& size : array_sizes(spec)) {
        for (const StateKind kind : {StateKind::weights, StateKind::uniform}) {
            RandomStream states(seed, RandomPurpose::array_states, number);
            RandomStream inputs(seed, RandomPurpose::array_inputs, number);
            ++number;
            ArrayExperiment::Run run;
            run.size = size;
            run.states = random_states(spec.cell, kind, size.rows,
                                       cell_columns(spec.array.shape, size.columns), states);
            run.inputs = is_gated(spec) ? gate_vectors(size.rows, inputs)
                                        : input_vectors(spec.driver, size.rows, inputs);
            experiment.runs.push_back(std::move(run));
        }
    }
    const auto tickets = campaign.submit_all(experiment.runs.size(), [&](std::size_t k) {
        return deck_of(design, experiment.runs[k], sense_ohm);
    });
    for (std::size_t k = 0; k < tickets.size(); ++k) experiment.runs[k].ticket = tickets[k];
    return experiment;
}

void check_arrays(const ArrayExperiment& experiment, const netlist::Design& design,
                  const behavioral::ModelCard& card, const Campaign& campaign, Evidence& evidence) {
    const bool has_converter = card_scope(design.spec) == CardScope::column;
    const bool by_tile = has_converter && card.cell.table.empty();
    const double tolerance = design.spec.calibration.column_current_tolerance;
    const double whole_scale = has_converter ? full_scale_ampere(design.spec) : 1;
    HeldOut all("column_current", "of full scale", whole_scale);
    HeldOut tile("tile_current", "of full scale", whole_scale);
    // Of every run what inference runs on, and the network, where that is something else.
    const std::size_t runs = experiment.runs.size();
    std::vector<Eigen::MatrixXd> tiled(runs), solved(runs);
    parallel_for(runs, 0, [&](std::size_t k) {
        const ArrayExperiment::Run& run = experiment.runs[k];
        if (has_converter) tiled[k] = tile_currents(card, run);
        solved[k] = by_tile ? tiled[k] : behavioral::column_currents(card, run.states, run.inputs);
    });
    std::vector<HeldOut> by_size;
    const std::vector<ArraySize> sizes = array_sizes(design.spec);
    for (const ArraySize& size : sizes) {
        std::vector<Eigen::MatrixXd> spice, model;
        double scale = has_converter ? whole_scale : 0;
        for (std::size_t k = 0; k < runs; ++k) {
            const ArrayExperiment::Run& run = experiment.runs[k];
            if (run.size != size) continue;
            model.push_back(solved[k]);
            spice.push_back(
                measured(campaign[run.ticket], model.back().rows(), model.back().cols()));
            if (has_converter && !by_tile) add_all(tile, spice.back(), tiled[k]);
            if (!has_converter) scale = std::max(scale, spice.back().cwiseAbs().maxCoeff());
        }
        HeldOut& part = by_size.emplace_back(
            fmt::format("column_current_{}x{}", size.rows, size.columns), "of full scale", scale);
        for (std::size_t k = 0; k < spice.size(); ++k) {
            add_all(part, spice[k], model[k]);
            const double unit = has_converter ? 1 : scale;
            add_all(all, spice[k] / unit, model[k] / unit);
        }
        part.describe(fmt::format("arrays of {} x {}", size.rows, size.columns));
    }
    const std::string circuits =
        fmt::format("arrays of {}, states as of trained weights and uniform, {} input vectors each",
                    sizes_text(sizes), kVectors);
    const double rms_tolerance = design.spec.calibration.column_current_rms_tolerance;
    all.describe(circuits);
    evidence.errors.push_back(all.error(tolerance, rms_tolerance));
    evidence.points.push_back(all.points(has_converter ? "A" : "of full scale"));
    if (has_converter && !by_tile) {
        tile.describe(circuits);
        evidence.errors.push_back(tile.error(tolerance, rms_tolerance));
    }
    for (const HeldOut& part : by_size) {
        evidence.errors.push_back(part.error(tolerance, rms_tolerance));
    }
}

}  // namespace mho::calibrate
