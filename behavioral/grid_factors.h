// SPDX-License-Identifier: Apache-2.0
// What the solver of behavioral/grid_solver.h keeps of an array.
#pragma once

#include <Eigen/Core>

#include "behavioral/aligned_array.h"
#include "behavioral/array_circuit.h"
#include "behavioral/grid_coarse.h"
#include "behavioral/grid_passes.h"

namespace mho::behavioral {

// Coefficients of one array in both precisions.
class GridFactors {
  public:
    GridFactors(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit);

    // The same wires with other cells, rows x width as laid out here; the unit and the coarse
    // functions stay.
    void set_cells(const double* g_siemens);

    const GridCoefficients<double>& exact() const { return exact_; }
    const GridCoefficients<float>& rounded() const { return rounded_; }
    double siemens() const { return siemens_; }  // unit of conductance
    const ArrayCircuit& circuit() const { return circuit_; }
    const GridCoarse& coarse() const { return coarse_; }
    // False where some resistance is so much larger than a cell's that the recurrences would keep
    // none of the digits of the cell's own voltage: their residual could not be trusted.
    bool resolves_cells() const { return resolves_cells_; }
    // Some column wire is not sensed at its last node alone.
    bool columns_need_finish() const { return columns_need_finish_; }

  private:
    void lay_out(const Eigen::MatrixXd& g_siemens);
    void set_wires();
    void factorise();
    template <bool kPlain>
    void factorise_rows();
    template <bool kPlain>
    void factorise_columns();
    double row_ohm(Eigen::Index row, Eigen::Index column) const;
    double column_ohm(Eigen::Index row, Eigen::Index column) const;

    ArrayCircuit circuit_;
    double siemens_ = 1;
    bool varied_ = false;  // wires that need coefficients of their own for every segment
    bool two_ended_ = false;
    bool columns_need_finish_ = false;
    bool resolves_cells_ = true;
    AlignedArray<double> g_, row_ratio_, column_ratio_, row_ohms_, column_ohms_;
    AlignedArray<float> g_rounded_, row_ratio_rounded_, column_ratio_rounded_;
    AlignedArray<float> row_ohms_rounded_, column_ohms_rounded_;
    GridCoefficients<double> exact_;
    GridCoefficients<float> rounded_;
    GridCoarse coarse_;
};

}  // namespace mho::behavioral
