// SPDX-License-Identifier: Apache-2.0
#include "behavioral/column_currents.h"

#include "base/error.h"
#include "behavioral/gated_nonlinear.h"
#include "behavioral/nonlinear_solver.h"

namespace mho::behavioral {
namespace {

using Eigen::MatrixXd;

constexpr NonlinearOptions kSolver{.tolerance = 1e-8};
constexpr int kDriverRounds = 2;  // the correction is small: its own change of the current is less

MatrixXd row_driven(const ModelCard& card, const ArrayModel& array, const MatrixXd& states,
                    const MatrixXd& drive) {
    const CardCells cells{states, card.cell};
    const ArrayCircuit circuit(array);
    NonlinearSolution found = solve_nonlinear_fast(cells, circuit, drive, kSolver);
    const double ohm_per_volt = array.driver_ohm * card.driver.resistance_per_volt;
    if (ohm_per_volt == 0) return found.column_ampere;
    for (int round = 0; round < kDriverRounds; ++round) {
        const MatrixXd seen = drive - ohm_per_volt * drive.cwiseProduct(found.row_ampere);
        found = solve_nonlinear_fast(cells, circuit, seen, kSolver);
    }
    return found.column_ampere;
}

MatrixXd gate_driven(const ModelCard& card, ArrayModel array, const MatrixXd& states,
                     const MatrixXd& gates) {
    array.row_segment_ohm *= card.cell.source_weight;
    array.driver_ohm *= card.cell.source_weight;
    const double volt = card.driver.amplitude_volt;
    if (array.topology == ArrayTopology::b) {
        return solve_gated_nonlinear(CardCells{states, card.cell}, array, gates, volt, kSolver)
            .column_ampere;
    }
    const auto columns = Eigen::Index{array.columns};
    const CardCells positive{states(Eigen::all, Eigen::seqN(0, columns, 2)), card.cell};
    const CardCells negative{states(Eigen::all, Eigen::seqN(1, columns, 2)), card.cell};
    return solve_interleaved_nonlinear(positive, negative, array, gates, volt, kSolver)
        .column_ampere;
}

}  // namespace

MatrixXd column_currents(const ModelCard& card, const MatrixXd& states, const MatrixXd& inputs) {
    const Eigen::Index cells_of_column = card.array.topology == ArrayTopology::c ? 2 : 1;
    if (states.size() == 0 || states.cols() % cells_of_column != 0 ||
        inputs.rows() != states.rows()) {
        throw bad_input("column currents: {} x {} states with {} x {} inputs", states.rows(),
                        states.cols(), inputs.rows(), inputs.cols());
    }
    ArrayModel array = card.array;
    array.rows = static_cast<int>(states.rows());
    array.columns = static_cast<int>(states.cols() / cells_of_column);
    if (array.topology == ArrayTopology::a) {
        return row_driven(card, array, states, inputs.transpose());
    }
    return gate_driven(card, array, states, inputs.transpose());
}

}  // namespace mho::behavioral
