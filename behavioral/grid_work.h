// SPDX-License-Identifier: Apache-2.0
// What the solver of behavioral/grid_solver.h keeps of one input vector in work.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <optional>

#include "behavioral/aligned_array.h"
#include "behavioral/grid_factors.h"
#include "behavioral/grid_passes.h"

namespace mho::behavioral {

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

    // Currents injected besides the cells' into the following solves, in ampere / siemens(), laid
    // out rows x width, or null: out of the row wires' nodes and into the column wires'. With
    // `reference` > 0, in the same unit, bounds are parts of it instead of the drivers' currents.
    void set_sources(const double* row, const double* column, double reference = 0) {
        row_source_ = row;
        column_source_ = column;
        reference_ = reference;
    }

    enum class Start { from_zero, from_last };  // voltages that the iteration begins with
    GridOutcome solve(double tolerance, int max_iterations, Start start = Start::from_zero);

    // Of the last solve(): out of the row sources, into the read-outs.
    double row_ampere(Eigen::Index row) const {
        return row_ampere_.data()[row] * factors_.siemens();
    }
    double column_ampere(Eigen::Index column) const {
        return column_ampere_.data()[column] * factors_.siemens();
    }

    // Drops of the column wires, rows x width, before find_cell_volts().
    const double* column_drops() const { return w_.data(); }

    // Turns the solution into the voltages below; to be called at most once after solve().
    void find_cell_volts();
    // Drive minus the drops of both wires, and minus that of the row wire alone.
    double cell_volt(Eigen::Index row, Eigen::Index column) const {
        return w_.data()[row * factors_.exact().width + column];
    }
    double row_wire_volt(Eigen::Index row, Eigen::Index column) const {
        return h_.data()[row * factors_.exact().width + column];
    }
    // All of the former; and back to the state before find_cell_volts().
    const double* cell_volts() const { return w_.data(); }
    const double* row_wire_volts() const { return h_.data(); }
    void forget_cell_volts();

    // What cell_volt() would be, into `volt`, or times `factor` added to `product`, all rows x
    // width; instead of find_cell_volts(), and at less cost.
    void copy_cell_volts(double* volt);
    void add_cell_products(const double* factor, double* product);

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
    CgState<Real> gradients(Work<Real>& work);
    template <typename Real>
    void assess(const OuterState<Real>& state, double tolerance, GridOutcome& outcome) const;
    template <typename Real>
    OuterState<Real> start_from_here(Work<Real>& work, double tolerance, GridOutcome& outcome);
    bool solve_from_zero(double tolerance, int max_iterations, OuterState<float>& state,
                         GridOutcome& outcome);
    template <typename Real>
    void refine(Work<Real>& work, const GridCoefficients<Real>& grid, double tolerance,
                int max_iterations, OuterState<Real>& state, GridOutcome& outcome);
    template <typename Real>
    int conjugate_gradients(const CgState<Real>& cg, const GridCoefficients<Real>& grid,
                            double tolerance, double reference, int max_iterations);
    double largest_volt() const;

    void finish_columns();
    std::size_t cells() const;
    std::size_t scratch() const;

    const GridFactors& factors_;
    AlignedArray<double> w_, h_, scratch_, row_volt_, column_volt_, row_ampere_, column_ampere_;
    AlignedArray<double> row_estimate_, row_change_;
    double coarse_[kCoarse * kCoarse] = {};
    const double* row_source_ = nullptr;
    const double* column_source_ = nullptr;
    double reference_ = 0;
    Work<float> rounded_;
    std::optional<Work<double>> exact_;  // made when needed
};

}  // namespace mho::behavioral
