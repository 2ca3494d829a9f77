// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_nodes.h"

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/array_check.h"
#include "behavioral/cell_law.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Sparse = Eigen::SparseMatrix<double>;

// Numbers the unknown drops and knows the wires between them. Node number -1 has no drop: it is a
// source or ground itself.
class Grid {
  public:
    explicit Grid(const ArrayModel& model)
        : rows_(model.rows),
          columns_(model.columns),
          row_segment_(model.row_segment_ohm),
          column_segment_(model.column_segment_ohm),
          row_end_(model.driver_ohm + model.row_segment_ohm),
          column_end_(model.sense_ohm + model.column_segment_ohm) {
        row_unknowns_ = row_segment_ > 0 ? rows_ * columns_ : row_end_ > 0 ? rows_ : 0;
        column_unknowns_ = column_segment_ > 0 ? rows_ * columns_ : column_end_ > 0 ? columns_ : 0;
    }

    Index rows() const { return rows_; }
    Index columns() const { return columns_; }
    Index unknowns() const { return row_unknowns_ + column_unknowns_; }

    Index row_node(Index i, Index j) const {
        if (row_unknowns_ == 0) return -1;
        return row_segment_ > 0 ? i * columns_ + j : i;
    }
    Index column_node(Index i, Index j) const {
        if (column_unknowns_ == 0) return -1;
        return row_unknowns_ + (column_segment_ > 0 ? i * columns_ + j : j);
    }

    // Calls wire(a, b, ohm) for every resistance; b = -1 stands for the source or ground.
    template <typename Visitor>
    void for_each_wire(const Visitor& wire) const {
        if (row_unknowns_ > 0) {
            for (Index i = 0; i < rows_; ++i) {
                wire(row_node(i, 0), Index{-1}, row_end_);
                for (Index j = 1; row_segment_ > 0 && j < columns_; ++j) {
                    wire(row_node(i, j), row_node(i, j - 1), row_segment_);
                }
            }
        }
        if (column_unknowns_ > 0) {
            for (Index j = 0; j < columns_; ++j) {
                wire(column_node(rows_ - 1, j), Index{-1}, column_end_);
                for (Index i = 1; column_segment_ > 0 && i < rows_; ++i) {
                    wire(column_node(i, j), column_node(i - 1, j), column_segment_);
                }
            }
        }
    }

    // Wire Laplacian plus the cells' slopes (rows x columns). Open cells keep their entries, so
    // that the pattern does not depend on the slopes.
    Sparse matrix(const MatrixXd& slope) const {
        std::vector<Eigen::Triplet<double>> entries;
        entries.reserve(static_cast<std::size_t>(7 * rows_ * columns_));
        const auto add = [&](Index a, Index b, double value) {
            if (a >= 0 && b >= 0) {
                entries.emplace_back(static_cast<int>(std::max(a, b)),
                                     static_cast<int>(std::min(a, b)), value);
            }
        };
        for_each_wire([&](Index a, Index b, double ohm) {
            add(a, a, 1 / ohm);
            add(b, b, 1 / ohm);
            add(a, b, -1 / ohm);
        });
        for (Index i = 0; i < rows_; ++i) {
            for (Index j = 0; j < columns_; ++j) {
                add(row_node(i, j), row_node(i, j), slope(i, j));
                add(column_node(i, j), column_node(i, j), slope(i, j));
                add(row_node(i, j), column_node(i, j), slope(i, j));
            }
        }
        Sparse matrix(unknowns(), unknowns());
        matrix.setFromTriplets(entries.begin(), entries.end());
        return matrix;
    }

    MatrixXd cell_volt(const VectorXd& drop, const Eigen::Ref<const VectorXd>& drive) const {
        MatrixXd volt(rows_, columns_);
        for (Index i = 0; i < rows_; ++i) {
            for (Index j = 0; j < columns_; ++j) {
                volt(i, j) = drive(i) - (at(drop, row_node(i, j)) + at(drop, column_node(i, j)));
            }
        }
        return volt;
    }

    // Cell currents minus wire currents at every unknown: zero at the solution.
    VectorXd imbalance(const VectorXd& drop, const MatrixXd& cell_ampere) const {
        VectorXd balance = VectorXd::Zero(unknowns());
        for (Index i = 0; i < rows_; ++i) {
            for (Index j = 0; j < columns_; ++j) {
                if (row_unknowns_ > 0) balance(row_node(i, j)) += cell_ampere(i, j);
                if (column_unknowns_ > 0) balance(column_node(i, j)) += cell_ampere(i, j);
            }
        }
        for_each_wire([&](Index a, Index b, double ohm) {
            const double ampere = (drop(a) - at(drop, b)) / ohm;
            balance(a) -= ampere;
            if (b >= 0) balance(b) += ampere;
        });
        return balance;
    }

    ArrayNodes nodes(const VectorXd& drop, const Eigen::Ref<const VectorXd>& drive,
                     const MatrixXd& cell_ampere) const {
        ArrayNodes out;
        out.row_volt.resize(rows_, columns_);
        out.column_volt.resize(rows_, columns_);
        for (Index i = 0; i < rows_; ++i) {
            for (Index j = 0; j < columns_; ++j) {
                out.row_volt(i, j) = drive(i) - at(drop, row_node(i, j));
                out.column_volt(i, j) = at(drop, column_node(i, j));
            }
        }
        out.cell_volt = cell_volt(drop, drive);
        out.row_ampere = cell_ampere.rowwise().sum();
        out.column_ampere = cell_ampere.colwise().sum().transpose();
        // Where a resistance carries the current its drop is the better measure: it stays accurate
        // when the cells see only a small difference of large voltages.
        for (Index i = 0; row_unknowns_ > 0 && i < rows_; ++i) {
            out.row_ampere(i) = drop(row_node(i, 0)) / row_end_;
        }
        for (Index j = 0; column_unknowns_ > 0 && j < columns_; ++j) {
            out.column_ampere(j) = drop(column_node(rows_ - 1, j)) / column_end_;
        }
        return out;
    }

  private:
    static double at(const VectorXd& drop, Index node) { return node < 0 ? 0.0 : drop(node); }

    Index rows_, columns_;
    double row_segment_, column_segment_;
    double row_end_, column_end_;  // driver and first segment; last segment and read-out
    Index row_unknowns_ = 0, column_unknowns_ = 0;
};

void check_drive(const MatrixXd& drive_volt, const ArrayModel& model) {
    if (drive_volt.cols() != model.rows) {
        throw bad_input("drive voltages: {} columns, expected one per row of the array ({})",
                        drive_volt.cols(), model.rows);
    }
    if (!drive_volt.allFinite()) throw bad_input("drive voltages: not all are finite");
}

using Factor = Eigen::SimplicialLDLT<Sparse>;

void factorize(Factor& factor, const Sparse& matrix) {
    factor.factorize(matrix);
    if (factor.info() != Eigen::Success) {
        throw Error(ErrorKind::bad_result, "array solve: the nodal matrix is singular to rounding");
    }
}

// Solution and up to three refinements, until the largest imbalance stops shrinking.
VectorXd refined_solution(const Grid& grid, const Factor& factor, const MatrixXd& g,
                          const Eigen::Ref<const VectorXd>& drive) {
    VectorXd drop = VectorXd::Zero(grid.unknowns());
    if (grid.unknowns() == 0) return drop;
    double best = std::numeric_limits<double>::infinity();
    for (int step = 0; step < 4; ++step) {
        const VectorXd imbalance =
            grid.imbalance(drop, g.cwiseProduct(grid.cell_volt(drop, drive)));
        const double size = imbalance.lpNorm<Eigen::Infinity>();
        if (!(size < 0.5 * best)) break;
        best = size;
        drop += factor.solve(imbalance);
    }
    return drop;
}

struct Cells {
    const MatrixXd& g_state;
    const CellLaw& law;

    MatrixXd current(const MatrixXd& volt) const {
        return volt.binaryExpr(g_state,
                               [this](double v, double g) { return cell_current(law, v, g); });
    }
    MatrixXd slope(const MatrixXd& volt) const {
        return volt.binaryExpr(g_state,
                               [this](double v, double g) { return cell_slope(law, v, g); });
    }
};

// Newton from `drop`; each step is halved until the imbalance shrinks.
VectorXd newton(const Grid& grid, Factor& factor, const Cells& cells,
                const Eigen::Ref<const VectorXd>& drive, const NewtonOptions& options) {
    VectorXd drop = VectorXd::Zero(grid.unknowns());
    if (grid.unknowns() == 0) return drop;
    const auto imbalance_at = [&](const VectorXd& x) -> VectorXd {
        return grid.imbalance(x, cells.current(grid.cell_volt(x, drive)));
    };
    VectorXd imbalance = imbalance_at(drop);
    double size = imbalance.lpNorm<Eigen::Infinity>();
    const double small = options.tolerance * size;  // at zero drop: the cells' full currents
    for (int iteration = 0; size > small; ++iteration) {
        if (iteration == options.max_iterations) {
            throw Error(ErrorKind::bad_result,
                        fmt::format("non-linear array solve: imbalance {:.3g} A after {} "
                                    "iterations, expected {:.3g} A",
                                    size, iteration, small));
        }
        factorize(factor, grid.matrix(cells.slope(grid.cell_volt(drop, drive))));
        const VectorXd step = factor.solve(imbalance);
        VectorXd next = drop + step;
        VectorXd next_imbalance = imbalance_at(next);
        for (double part = 0.5; part > 1e-6 && !(next_imbalance.lpNorm<Eigen::Infinity>() < size);
             part *= 0.5) {
            next = drop + part * step;
            next_imbalance = imbalance_at(next);
        }
        const double next_size = next_imbalance.lpNorm<Eigen::Infinity>();
        // Rounding in stiff wires may keep the balance above the bound; a step that moves nothing
        // is then as good as the number format allows.
        if (!(next_size < size) &&
            step.lpNorm<Eigen::Infinity>() <= 1e-13 * drive.lpNorm<Eigen::Infinity>()) {
            break;
        }
        if (!(next_size < size)) {
            throw Error(ErrorKind::bad_result,
                        fmt::format("non-linear array solve: imbalance stuck at {:.3g} A, "
                                    "expected {:.3g} A",
                                    size, small));
        }
        drop = next;
        imbalance = next_imbalance;
        size = next_size;
    }
    return drop;
}

}  // namespace

std::vector<ArrayNodes> solve_nodes(const MatrixXd& g_siemens, const ArrayModel& model,
                                    const MatrixXd& drive_volt) {
    check_array(g_siemens, model);
    check_drive(drive_volt, model);
    const Grid grid(model);
    Factor factor;
    if (grid.unknowns() > 0) {
        const Sparse matrix = grid.matrix(g_siemens);
        factor.analyzePattern(matrix);
        factorize(factor, matrix);
    }
    std::vector<ArrayNodes> solved;
    solved.reserve(static_cast<std::size_t>(drive_volt.rows()));
    for (Index b = 0; b < drive_volt.rows(); ++b) {
        const VectorXd drive = drive_volt.row(b).transpose();
        const VectorXd drop = refined_solution(grid, factor, g_siemens, drive);
        const MatrixXd ampere = g_siemens.cwiseProduct(grid.cell_volt(drop, drive));
        solved.push_back(grid.nodes(drop, drive, ampere));
    }
    return solved;
}

std::vector<ArrayNodes> solve_nonlinear(const MatrixXd& g_state_siemens, const ArrayModel& model,
                                        const CellLaw& law, const MatrixXd& drive_volt,
                                        const NewtonOptions& options) {
    check_array(g_state_siemens, model);
    check_drive(drive_volt, model);
    const Grid grid(model);
    const Cells cells{g_state_siemens, law};
    Factor factor;
    if (grid.unknowns() > 0) factor.analyzePattern(grid.matrix(g_state_siemens));
    std::vector<ArrayNodes> solved;
    solved.reserve(static_cast<std::size_t>(drive_volt.rows()));
    for (Index b = 0; b < drive_volt.rows(); ++b) {
        const VectorXd drive = drive_volt.row(b).transpose();
        const VectorXd drop = newton(grid, factor, cells, drive, options);
        solved.push_back(grid.nodes(drop, drive, cells.current(grid.cell_volt(drop, drive))));
    }
    return solved;
}

}  // namespace mho::behavioral
