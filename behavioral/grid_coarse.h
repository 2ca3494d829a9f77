// SPDX-License-Identifier: Apache-2.0
// The smooth part of the solution of a regular array, which lines alone take long to find.
//
// Where wires lose much, a few smooth drops hardly change from one line sweep to the next: the
// eigenvalues of S against A_col (behavioral/grid_passes.h) that are far below 1. The functions
// w = u_k(i) v_l(j), with u and v the smoothest solutions of lines of equal cells, come close to
// them. With W all of those, F = W' A_col W and E = W' S W, the preconditioner is
// A_col^-1 + W (E^-1 - F^-1) W': for an eigenvector w it gives exactly S^-1, and it is positive
// definite for any W, as E <= F. It decides the number of iterations, never what they converge to.
// (Two-level additive correction; own choice of functions. What it saves is measured in
// docs/benchmarks.md.)
#pragma once

#include <Eigen/Core>
#include <vector>

#include "behavioral/aligned_array.h"
#include "behavioral/grid_passes.h"

namespace mho::behavioral {

class GridCoarse {
  public:
    // No functions: nothing is corrected.
    GridCoarse() = default;
    // For an array of wires that are all alike and connected at one end, of so many columns; there
    // are no functions where they would not help.
    GridCoarse(const GridCoefficients<double>& exact, const GridCoefficients<float>& rounded,
               Eigen::Index columns);

    // Points both to the functions here.
    void add_to(GridCoefficients<double>& exact, GridCoefficients<float>& rounded) const;

    // Replaces the residual's products with the functions by the weights of the correction;
    // returns what that adds to r . z.
    double weigh(double* coarse) const;

  private:
    void correct(const GridCoefficients<float>& grid);

    AlignedArray<double> along_row_;
    AlignedArray<float> along_row_rounded_;
    std::vector<double> along_column_, wire_;  // rows x kCoarse
    Eigen::MatrixXd weights_;                  // kCoarse^2 squared, or empty
};

}  // namespace mho::behavioral
