// SPDX-License-Identifier: Apache-2.0
#include "behavioral/grid_coarse.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Lines of fewer nodes have no use for as many functions.
constexpr Index kFewestNodes = 16;
// Product of the largest eigenvalues of D A^-1 along rows and columns of equal cells from which on
// the correction saves more than it costs: one iteration in about four (measured).
constexpr double kWorthwhile = 0.3;
// Parts of F below this are not told apart from dependent functions, and eigenvalues of E against F
// not from rounding.
constexpr double kIndependent = 1e-6, kSmallest = 1e-3;

// A line of equal cells, wired at its first node.
class EqualLine {
  public:
    EqualLine(Index nodes, double siemens, double ohm, double end_ohm)
        : siemens_(siemens), ohm_(ohm), end_ohm_(end_ohm), ratio_(nodes) {
        double beyond = 0;
        for (Index k = nodes - 1; k >= 0; --k) {
            ratio_(k) = 1 / (1 + segment(k) * (siemens_ + beyond));
            beyond = (siemens_ + beyond) * ratio_(k);
        }
    }

    double siemens() const { return siemens_; }
    Index nodes() const { return ratio_.size(); }

    // Drops under the given injected currents, column by column.
    MatrixXd drops(MatrixXd ampere) const {
        for (Index k = nodes() - 2; k >= 0; --k) ampere.row(k) += ratio_(k + 1) * ampere.row(k + 1);
        for (Index k = 0; k < nodes(); ++k) {
            ampere.row(k) *= segment(k);
            if (k > 0) ampere.row(k) += ampere.row(k - 1);
            ampere.row(k) *= ratio_(k);
        }
        return ampere;
    }

  private:
    double segment(Index node) const { return node > 0 ? ohm_ : end_ohm_; }

    double siemens_, ohm_, end_ohm_;
    VectorXd ratio_;
};

struct SmoothDrops {
    MatrixXd drop;       // nodes x kCoarse
    MatrixXd wire;       // what the wires carry away: their Laplacian times the drops
    double largest = 0;  // eigenvalue of cells times drops
};

// The lowest modes of the line, from polynomials by subspace iteration.
SmoothDrops smooth_drops(const EqualLine& line) {
    constexpr int kRounds = 3;
    MatrixXd basis(line.nodes(), kCoarse);
    for (Index k = 0; k < line.nodes(); ++k) {
        const double place = (2.0 * static_cast<double>(k) + 1) / static_cast<double>(line.nodes());
        double power = 1;
        for (Index l = 0; l < kCoarse; ++l, power *= place - 1) basis(k, l) = power;
    }
    SmoothDrops smooth;
    MatrixXd injected;
    for (int round = 0; round < kRounds; ++round) {
        basis = Eigen::HouseholderQR<MatrixXd>(basis).householderQ() *
                MatrixXd::Identity(line.nodes(), kCoarse);
        injected = line.siemens() * basis;
        basis = line.drops(injected);
    }
    smooth.largest = basis.colwise().norm().maxCoeff();
    smooth.drop = basis;
    smooth.wire = injected - line.siemens() * basis;
    return smooth;
}

// E^-1 - F^-1 for 0 < E <= F, on the functions that are independent of one another.
MatrixXd difference_of_inverses(const MatrixXd& e, const MatrixXd& f) {
    const Eigen::SelfAdjointEigenSolver<MatrixXd> base(f);
    const double floor = kIndependent * base.eigenvalues().maxCoeff();
    Index dependent = 0;
    while (dependent < f.rows() && !(base.eigenvalues()(dependent) > floor)) ++dependent;
    const Index kept = f.rows() - dependent;
    if (kept == 0) return {};
    const MatrixXd whiten = base.eigenvectors().rightCols(kept) *
                            base.eigenvalues().tail(kept).cwiseInverse().cwiseSqrt().asDiagonal();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> inner(whiten.transpose() * e * whiten);
    if (!inner.eigenvalues().allFinite()) return {};
    const VectorXd value = inner.eigenvalues().cwiseMax(kSmallest).cwiseMin(1.0);
    const MatrixXd vectors = whiten * inner.eigenvectors();
    return vectors * (value.cwiseInverse().array() - 1).matrix().asDiagonal() * vectors.transpose();
}

}  // namespace

GridCoarse::GridCoarse(const GridCoefficients<double>& exact,
                       const GridCoefficients<float>& rounded, Index columns) {
    const Index rows = exact.rows, width = exact.width;
    if (rows < kFewestNodes || columns < kFewestNodes) return;
    const double sum = Eigen::Map<const VectorXd>(exact.g, rows * width).sum();
    const double mean = sum / static_cast<double>(rows * columns);
    const SmoothDrops row = smooth_drops({columns, mean, exact.row_ohm, exact.row_end_ohm});
    const SmoothDrops column = smooth_drops({rows, mean, exact.column_ohm, exact.column_end_ohm});
    if (!(row.largest * column.largest > kWorthwhile)) return;
    along_row_ = AlignedArray<double>(static_cast<std::size_t>(kCoarse * width));
    along_row_rounded_ = AlignedArray<float>(static_cast<std::size_t>(kCoarse * width));
    for (Index l = 0; l < kCoarse; ++l) {
        for (Index j = 0; j < columns; ++j) {
            along_row_.data()[l * width + j] = row.drop(j, l);
            along_row_rounded_.data()[l * width + j] = static_cast<float>(row.drop(j, l));
        }
    }
    for (Index i = 0; i < rows; ++i) {
        for (Index k = 0; k < kCoarse; ++k) {  // columns end at the last row
            along_column_.push_back(column.drop(rows - 1 - i, k));
            wire_.push_back(column.wire(rows - 1 - i, k));
        }
    }
    GridCoefficients<float> with = rounded;
    with.coarse_row = along_row_rounded_.data();
    with.coarse_column = along_column_.data();
    with.coarse_wire = wire_.data();
    correct(with);
}

void GridCoarse::correct(const GridCoefficients<float>& grid) {
    constexpr Index square = kCoarse * kCoarse;
    const auto size = static_cast<std::size_t>(grid.rows * square);
    std::vector<double> cells(size), through_rows(size);
    AlignedArray<float> scratch(static_cast<std::size_t>(2 * kRowsTogether * grid.width));
    coarse_products(grid, scratch.data(), cells.data(), through_rows.data());
    using Functions = Eigen::Map<const Eigen::Matrix<double, kCoarse, Eigen::Dynamic>>;
    const Functions along_column(along_column_.data(), kCoarse, grid.rows);
    const Functions wire(wire_.data(), kCoarse, grid.rows);
    const Eigen::Map<const MatrixXd> along_row(along_row_.data(), grid.width, kCoarse);
    const MatrixXd products = along_row.transpose() * along_row;
    MatrixXd a_column = MatrixXd::Zero(square, square), schur = a_column;
    for (Index i = 0; i < grid.rows; ++i) {
        const Eigen::Map<const MatrixXd> cell(cells.data() + i * square, kCoarse, kCoarse);
        const Eigen::Map<const MatrixXd> through(through_rows.data() + i * square, kCoarse,
                                                 kCoarse);
        for (Index k = 0; k < kCoarse; ++k) {
            for (Index m = 0; m < kCoarse; ++m) {
                const double both = along_column(k, i) * along_column(m, i);
                const MatrixXd f = both * cell + along_column(k, i) * wire(m, i) * products;
                a_column.block<kCoarse, kCoarse>(k * kCoarse, m * kCoarse) += f;
                schur.block<kCoarse, kCoarse>(k * kCoarse, m * kCoarse) += f - both * through;
            }
        }
    }
    weights_ = difference_of_inverses((schur + schur.transpose()) / 2,
                                      (a_column + a_column.transpose()) / 2);
}

void GridCoarse::add_to(GridCoefficients<double>& exact, GridCoefficients<float>& rounded) const {
    const bool any = weights_.size() > 0;
    exact.coarse_row = any ? along_row_.data() : nullptr;
    rounded.coarse_row = any ? along_row_rounded_.data() : nullptr;
    exact.coarse_column = rounded.coarse_column = any ? along_column_.data() : nullptr;
    exact.coarse_wire = rounded.coarse_wire = any ? wire_.data() : nullptr;
}

double GridCoarse::weigh(double* coarse) const {
    if (weights_.size() == 0) return 0;
    Eigen::Map<VectorXd> weights(coarse, kCoarse * kCoarse);
    const VectorXd residual = weights;
    weights.noalias() = weights_ * residual;
    return residual.dot(weights);
}

}  // namespace mho::behavioral
