// SPDX-License-Identifier: Apache-2.0
// Fast solver of topology A (ArrayModel) with ohmic cells for one or many input vectors, without
// building the effective matrix. Matches behavioral/array_nodes.h to a requested tolerance, which
// is checked on the equations themselves.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "behavioral/array_circuit.h"
#include "behavioral/array_nodes.h"

namespace mho::behavioral {

class GridFactors;

struct GridSolveOptions {
    double tolerance = 1e-6;   // on GridSolution::relative_bound
    int max_iterations = 300;  // of conjugate gradients, in each precision
    bool nodes = false;        // also tell all node voltages
};

struct GridSolution {
    Eigen::MatrixXd column_ampere;  // batch x columns: into each read-out
    Eigen::MatrixXd row_ampere;     // batch x rows: out of each driver
    // Per input vector: the errors of all column currents together, sum of |found - exact|, are at
    // most this part of the sum of the drivers' |currents|. It is a bound, not an estimate: the
    // found voltages obey the wires' and cells' laws exactly but for currents injected into the row
    // wires, and of a current injected into a resistor network no more than itself reaches the
    // read-outs. The bound is the sum of those currents, computed in double precision.
    Eigen::VectorXd relative_bound;
    int iterations = 0;                // most that any vector took
    Eigen::Index solved_directly = 0;  // vectors left to the sparse direct solver, whose bound is 0
    std::vector<ArrayNodes> nodes;     // empty unless asked for
};

// Immutable; may be used from any number of threads. Memory: 44 bytes per cell (68 if wires are not
// all alike), and 36 more during a call (76 if single precision does not do).
class GridSolver {
  public:
    // `g_siemens` is rows x columns, 0 = open cell; zero resistances are allowed anywhere. Throws
    // bad_input on wrong shapes, negative or non-finite values.
    GridSolver(const Eigen::MatrixXd& g_siemens, const ArrayModel& model);
    // Wires of any kind; currents of both ends of a wire are added.
    GridSolver(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit);
    ~GridSolver();
    GridSolver(GridSolver&&) noexcept;
    GridSolver& operator=(GridSolver&&) noexcept;

    // `drive_volt`: batch x rows. Conjugate gradients in single precision with fresh residuals in
    // double, then if that stalls all in double, then the sparse direct solver, which is also
    // what arrays have whose largest resistance is more than 1e10 times that of a cell. Throws
    // bad_input on wrong shapes, non-finite values and a tolerance outside 1e-12 .. 1;
    // Error(bad_result) when the direct solver fails too.
    GridSolution solve(const Eigen::MatrixXd& drive_volt,
                       const GridSolveOptions& options = {}) const;

    // The same array driven the other way round: `readout_volt` (batch x columns) at the read-outs,
    // drivers at 0 V. Node voltages and currents count from there: column_ampere flows out of the
    // read-outs' sources, row_ampere into the drivers, and cell_volt is column wire minus row wire.
    GridSolution solve_backward(const Eigen::MatrixXd& readout_volt,
                                const GridSolveOptions& options = {}) const;

    const Eigen::MatrixXd& g_siemens() const { return g_siemens_; }
    const ArrayCircuit& circuit() const;
    const GridFactors& factors() const { return *factors_; }

  private:
    Eigen::MatrixXd g_siemens_;
    std::unique_ptr<const GridFactors> factors_;
};

// Throws bad_input unless `volt` is batch x sources, all finite, and the options are in range.
void check_request(const Eigen::MatrixXd& volt, Eigen::Index sources,
                   const GridSolveOptions& options);

}  // namespace mho::behavioral
