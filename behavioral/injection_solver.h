// SPDX-License-Identifier: Apache-2.0
// Ohmic arrays of topology A under currents injected at their nodes, one after the other: what
// moments, reduced models and noise transfers are made of. Private to the behavioural layer.
#pragma once

#include <Eigen/Core>

#include "behavioral/array_grid.h"
#include "behavioral/grid_work.h"

namespace mho::behavioral {

// Drops over the wires (behavioral/grid_passes.h), rows x columns, and the currents at the ends.
struct Drops {
    Eigen::MatrixXd row;            // drive minus row node
    Eigen::MatrixXd column;         // column node
    Eigen::VectorXd row_ampere;     // out of the drivers
    Eigen::VectorXd column_ampere;  // into the read-outs
};

class InjectionSolver {
  public:
    // `tolerance`: excess currents as a part of the injected ones, or of the drivers'.
    InjectionSolver(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit,
                    double tolerance);

    // Under currents that leave the row wires and enter the column wires besides the cells', rows x
    // columns, all sources at 0 V.
    Drops inject(const Eigen::MatrixXd& out_of_rows, const Eigen::MatrixXd& into_columns);
    // Under voltages: of the drivers, or of the read-outs with drops counted from there.
    Drops drive(const Eigen::VectorXd& row_volt);
    Drops drive_readout(Eigen::Index column);

    Eigen::Index solved_directly() const { return solved_directly_; }

  private:
    Drops run(const Eigen::MatrixXd* out_of_rows, const Eigen::MatrixXd* into_columns);
    Drops directly(const Eigen::MatrixXd* out_of_rows, const Eigen::MatrixXd* into_columns);

    Eigen::MatrixXd g_;
    ArrayCircuit circuit_;
    double tolerance_;
    GridFactors factors_;
    GridWork work_;
    AlignedArray<double> row_source_, column_source_;
    Eigen::Index solved_directly_ = 0;
};

}  // namespace mho::behavioral
