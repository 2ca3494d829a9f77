// SPDX-License-Identifier: Apache-2.0
// What the solver of behavioral/grid_solver.h keeps of an array, and of one input vector in work.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <optional>

#include "behavioral/aligned_array.h"
#include "behavioral/card.h"
#include "behavioral/grid_passes.h"

namespace mho::behavioral {

// Coefficients of one array in both precisions.
class GridFactors {
  public:
    GridFactors(const Eigen::MatrixXd& g_siemens, const ArrayModel& model);

    const GridCoefficients<double>& exact() const { return exact_; }
    const GridCoefficients<float>& rounded() const { return rounded_; }
    double siemens() const { return siemens_; }  // unit of conductance

  private:
    void factorise_rows();
    void factorise_columns();

    double siemens_ = 1;
    AlignedArray<double> g_, row_ratio_, column_ratio_;
    AlignedArray<float> g_rounded_, row_ratio_rounded_, column_ratio_rounded_;
    GridCoefficients<double> exact_;
    GridCoefficients<float> rounded_;
};

struct GridOutcome {
    double relative_bound = 0;  // see GridSolution::relative_bound
    bool met = false;           // the tolerance
    int iterations = 0;
};

// Work space for one input vector at a time; may be used again.
class GridWork {
  public:
    explicit GridWork(const GridFactors& factors);

    // Sources on the rows and on the read-outs, volt; to be set before solve().
    double& row_volt(Eigen::Index row) { return row_volt_.data()[row]; }
    double& column_volt(Eigen::Index column) { return column_volt_.data()[column]; }

    GridOutcome solve(double tolerance, int max_iterations);

    // Of the last solve(): out of the row sources, into the read-outs.
    double row_ampere(Eigen::Index row) const {
        return row_ampere_.data()[row] * factors_.siemens();
    }
    double column_ampere(Eigen::Index column) const {
        return column_ampere_.data()[column] * factors_.siemens();
    }

    // Turns the solution into the voltages below; to be called at most once after solve().
    void find_cell_volts();
    // Drive minus the drops of both wires, and minus that of the row wire alone.
    double cell_volt(Eigen::Index row, Eigen::Index column) const {
        return w_.data()[row * factors_.exact().width + column];
    }
    double row_wire_volt(Eigen::Index row, Eigen::Index column) const {
        return h_.data()[row * factors_.exact().width + column];
    }

  private:
    template <typename Real>
    struct Work {
        AlignedArray<Real> x, r, p, s, u, scratch;
        Work(std::size_t cells, std::size_t scratch_size)
            : x(cells), r(cells), p(cells), s(cells), u(cells), scratch(scratch_size) {}
    };

    template <typename Real>
    OuterState<Real> outer(Work<Real>& work);
    template <typename Real>
    void assess(const OuterState<Real>& state, double tolerance, GridOutcome& outcome) const;
    template <typename Real>
    void refine(Work<Real>& work, const GridCoefficients<Real>& grid, double tolerance,
                int max_iterations, GridOutcome& outcome);
    template <typename Real>
    int conjugate_gradients(Work<Real>& work, const GridCoefficients<Real>& grid, Real unit,
                            double reduction, int max_iterations);

    std::size_t cells() const;
    std::size_t scratch() const;

    const GridFactors& factors_;
    AlignedArray<double> w_, h_, scratch_, row_volt_, column_volt_, row_ampere_, column_ampere_;
    Work<float> rounded_;
    std::optional<Work<double>> exact_;  // made when needed
};

}  // namespace mho::behavioral
