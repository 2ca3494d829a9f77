// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_timing.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "behavioral/injection_solver.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Modes faster than this part of the slowest are over at once.
constexpr double kInstant = 1e-9;
// A basis vector that is this far from orthogonal to the others, or left with less than a part of
// what it was, is rounding.
constexpr double kSkew = 1e-4;
constexpr double kRest = 1e-8;

void check_farads(std::string_view name, const MatrixXd& farad, const ArrayCircuit& circuit) {
    if (farad.rows() != circuit.rows() || farad.cols() != circuit.columns()) {
        throw bad_input("{} capacitances: {} x {}, expected {} rows x {} columns", name,
                        farad.rows(), farad.cols(), circuit.rows(), circuit.columns());
    }
    if (!farad.allFinite() || farad.minCoeff() < 0) {
        throw bad_input("{} capacitances: not all are finite and >= 0 farad", name);
    }
}

void check_step(const MatrixXd& g, const ArrayCircuit& circuit, const ArrayCapacitance& farad,
                const VectorXd& drive) {
    check_circuit(g, circuit);
    check_farads("row", farad.at_row, circuit);
    check_farads("column", farad.at_column, circuit);
    check_farads("cell", farad.across, circuit);
    if (drive.size() != circuit.rows() || !drive.allFinite()) {
        throw bad_input("drive voltages: {} values, expected {} finite ones", drive.size(),
                        circuit.rows());
    }
}

// Voltages over the wires, or charges and currents at their nodes: both rows x columns.
struct Field {
    MatrixXd row, column;

    double dot(const Field& other) const {
        return row.cwiseProduct(other.row).sum() + column.cwiseProduct(other.column).sum();
    }
    void subtract(double factor, const Field& other) {
        row -= factor * other.row;
        column -= factor * other.column;
    }
    void scale(double factor) {
        row *= factor;
        column *= factor;
    }
};

Field charges(const ArrayCapacitance& farad, const Field& drop) {
    const MatrixXd across = farad.across.cwiseProduct(drop.row + drop.column);
    return {farad.at_row.cwiseProduct(drop.row) + across,
            farad.at_column.cwiseProduct(drop.column) + across};
}

// Every connected end of a column has a resistance: its voltage tells the current.
bool columns_end_in_resistance(const ArrayCircuit& circuit) {
    return circuit.column.first_ohm.minCoeff() > 0 && circuit.column.last_ohm.minCoeff() > 0;
}

// The Krylov space of A^-1 C, orthonormal in the inner product of A.
class Lanczos {
  public:
    Lanczos(InjectionSolver& solver, const ArrayCapacitance& farad)
        : solver_(solver), farad_(farad) {}

    // From A^-1 C e(0), given with C e(0) = A of it and its column currents.
    void run(Field start, Field start_charge, const VectorXd& ampere, int modes) {
        const double square = start.dot(start_charge);
        if (!(square > 0)) return;
        start_norm_ = std::sqrt(square);
        push(std::move(start), std::move(start_charge), ampere, start_norm_);
        matrix_ = MatrixXd::Zero(modes, modes);
        while (extend(modes)) {
        }
        matrix_ = MatrixXd(matrix_.topLeftCorner(count(), count()));
    }

    Index count() const { return static_cast<Index>(basis_.size()); }
    double start_norm() const { return start_norm_; }
    const MatrixXd& matrix() const { return matrix_; }
    // columns x modes: currents of the basis vectors, and of what A^-1 C makes of them.
    MatrixXd basis_ampere() const { return joined(basis_ampere_); }
    MatrixXd image_ampere() const { return joined(image_ampere_); }

  private:
    static MatrixXd joined(const std::vector<VectorXd>& columns) {
        MatrixXd all(columns.empty() ? 0 : columns[0].size(), static_cast<Index>(columns.size()));
        for (Index k = 0; k < all.cols(); ++k) all.col(k) = columns[static_cast<std::size_t>(k)];
        return all;
    }

    void push(Field vector, Field times_a, const VectorXd& ampere, double norm) {
        vector.scale(1 / norm);
        times_a.scale(1 / norm);
        basis_.push_back(std::move(vector));
        times_a_.push_back(std::move(times_a));
        basis_ampere_.emplace_back(ampere / norm);
    }

    bool extend(int modes) {
        const Index k = count() - 1;
        Field charge = charges(farad_, basis_.back());
        Drops found = solver_.inject(charge.row, charge.column);
        Field image{std::move(found.row), std::move(found.column)};
        VectorXd ampere = found.column_ampere;
        image_ampere_.push_back(ampere);
        double scale = 0;
        for (int pass = 0; pass < 2; ++pass) {
            for (Index j = 0; j <= k; ++j) {
                const auto n = static_cast<std::size_t>(j);
                const double part = basis_[n].dot(charge);
                if (pass == 0) matrix_(j, k) = matrix_(k, j) = part;
                scale = std::max(scale, std::abs(part));
                image.subtract(part, basis_[n]);
                charge.subtract(part, times_a_[n]);
                ampere -= part * basis_ampere_[n];
            }
        }
        const double square = image.dot(charge);
        if (count() == modes || !(square > kRest * kRest * scale * scale)) return false;
        const double norm = std::sqrt(square);
        for (const Field& other : times_a_) {
            if (!(std::abs(image.dot(other)) < kSkew * norm)) return false;
        }
        push(std::move(image), std::move(charge), ampere, norm);
        return true;
    }

    InjectionSolver& solver_;
    const ArrayCapacitance& farad_;
    double start_norm_ = 0;
    std::vector<Field> basis_, times_a_;
    std::vector<VectorXd> basis_ampere_, image_ampere_;
    MatrixXd matrix_;
};

void set_modes(const Lanczos& space, bool ends_resist, StepResponse& out) {
    const Index columns = out.final_ampere.size();
    if (space.count() == 0) {
        out.weight_ampere.resize(columns, 0);
        return;
    }
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(space.matrix());
    const VectorXd tau = eigen.eigenvalues().reverse();
    const MatrixXd q = eigen.eigenvectors().rowwise().reverse();
    Index kept = 0;
    while (kept < tau.size() && tau(kept) > kInstant * tau(0)) ++kept;
    out.time_constant_second = tau.head(kept);
    // The states decay as q q(0) norm / tau; where read-outs touch nodes themselves their current
    // is what the capacitances lose, the derivative of the images' charge.
    const MatrixXd seen = (ends_resist ? space.basis_ampere() : space.image_ampere()) * q;
    out.weight_ampere.resize(columns, kept);
    for (Index m = 0; m < kept; ++m) {
        double amplitude = space.start_norm() * q(0, m) / tau(m);
        if (!ends_resist) amplitude /= tau(m);
        out.weight_ampere.col(m) = amplitude * seen.col(m);
    }
}

}  // namespace

ArrayCapacitance uniform_capacitance(Index rows, Index columns, double at_row_farad,
                                     double at_column_farad, double across_farad) {
    return {MatrixXd::Constant(rows, columns, at_row_farad),
            MatrixXd::Constant(rows, columns, at_column_farad),
            MatrixXd::Constant(rows, columns, across_farad)};
}

VectorXd StepResponse::elmore_second() const {
    return missing_coulomb.binaryExpr(final_ampere, [](double charge, double ampere) {
        return charge == 0 ? 0 : charge / ampere;
    });
}

double StepResponse::ampere(Index column, double second) const {
    double sum = final_ampere(column);
    for (Index m = 0; m < time_constant_second.size(); ++m) {
        sum += weight_ampere(column, m) * std::exp(-second / time_constant_second(m));
    }
    return sum;
}

double StepResponse::settling_second(Index column, double band_ampere) const {
    if (!(band_ampere > 0)) {
        throw bad_input("settling: band {}, expected ampere > 0", band_ampere);
    }
    if (time_constant_second.size() == 0) return 0;
    const auto outside = [&](double t) {
        return std::abs(ampere(column, t) - final_ampere(column)) > band_ampere;
    };
    const double slowest = time_constant_second(0);
    const double total = weight_ampere.row(column).lpNorm<1>();
    if (!(total > band_ampere)) return 0;
    // Nothing is outside after `late`. The last crossing is looked for backwards in steps of 0.3 %.
    double late = slowest * std::log(total / band_ampere);
    const double early = 1e-3 * time_constant_second(time_constant_second.size() - 1);
    double before = late;
    while (!outside(before)) {
        late = before;
        before *= 0.997;
        if (before < early) return 0;
    }
    for (int halving = 0; halving < 60; ++halving) {
        const double middle = 0.5 * (before + late);
        (outside(middle) ? before : late) = middle;
    }
    return late;
}

StepResponse step_response(const MatrixXd& g_siemens, const ArrayCircuit& circuit,
                           const ArrayCapacitance& capacitance, const VectorXd& drive_volt,
                           const StepOptions& options) {
    check_step(g_siemens, circuit, capacitance, drive_volt);
    if (options.modes < 1) throw bad_input("step response: {} modes, expected >= 1", options.modes);
    if (!(options.tolerance >= 1e-12 && options.tolerance <= 1)) {
        throw bad_input("step response: tolerance {}, expected 1e-12 to 1", options.tolerance);
    }
    InjectionSolver solver(g_siemens, circuit, options.tolerance);
    const Drops settled = solver.drive(drive_volt);
    // All nodes start at 0 V: the drops lack the settled voltages.
    const Field lacking{(-settled.row).colwise() + drive_volt, -settled.column};
    const Field charge = charges(capacitance, lacking);
    Drops moment = solver.inject(charge.row, charge.column);
    StepResponse out;
    out.final_ampere = settled.column_ampere;
    out.missing_coulomb = -moment.column_ampere;
    out.extra_coulomb = moment.row_ampere;
    Lanczos space(solver, capacitance);
    space.run({moment.row, moment.column}, charge, moment.column_ampere, options.modes);
    set_modes(space, columns_end_in_resistance(circuit), out);
    out.solved_directly = solver.solved_directly();
    return out;
}

MatrixXd stepped_response(const MatrixXd& g_siemens, const ArrayCircuit& circuit,
                          const ArrayCapacitance& capacitance, const VectorXd& drive_volt,
                          double step_second, int steps) {
    check_step(g_siemens, circuit, capacitance, drive_volt);
    if (!(step_second > 0) || steps < 1) {
        throw bad_input("step response: {} steps of {} s, expected at least one > 0", steps,
                        step_second);
    }
    const ArrayGrid grid(circuit);
    const VectorXd settled = ArrayFactor(grid, g_siemens).drops(drive_volt);
    const ArrayNodes nodes = grid.nodes(
        settled, drive_volt, g_siemens.cwiseProduct(grid.cell_volt(settled, drive_volt)));
    const auto spread = [&](const VectorXd& drop) -> Field {
        const ArrayNodes at = grid.nodes(drop, VectorXd::Zero(grid.rows()), g_siemens);
        return {-at.row_volt, at.column_volt};
    };
    Field here{nodes.row_volt, -nodes.column_volt};  // e at all nodes
    const double gamma = 1 - std::sqrt(0.5), stage = gamma * step_second;
    Eigen::SimplicialLDLT<ArrayGrid::Sparse> factor;
    if (grid.unknowns() > 0) {
        factor.compute(grid.shunts(capacitance.at_row, capacitance.at_column, capacitance.across) +
                       stage * grid.matrix(g_siemens));
    }
    MatrixXd ampere(steps, circuit.columns());
    for (int n = 0; n < steps; ++n) {
        const auto solved = [&](const Field& charge) {
            const VectorXd sum = grid.gather(charge.row, charge.column);
            return grid.unknowns() > 0 ? VectorXd(factor.solve(sum)) : sum;
        };
        const Field charge = charges(capacitance, here);
        const Field first = spread(solved(charge));
        // C (second - here) = -stage A second - (1 - gamma) step A first, and
        // stage A first = C (here - first).
        const double ratio = (1 - gamma) / gamma;
        Field right = charges(capacitance, here);
        right.subtract(ratio, charge);
        const Field first_charge = charges(capacitance, first);
        right.subtract(-ratio, first_charge);
        const VectorXd drop = solved(right);
        const Field second = spread(drop);
        const Field slope{
            (second.row - here.row - ratio * (first.row - here.row)) / stage,
            (second.column - here.column - ratio * (first.column - here.column)) / stage};
        const MatrixXd cell = -g_siemens.cwiseProduct(second.row + second.column) -
                              capacitance.across.cwiseProduct(slope.row + slope.column);
        ampere.row(n) = (nodes.column_ampere + grid.column_ampere(drop, cell)).transpose();
        here = second;
    }
    return ampere;
}

}  // namespace mho::behavioral
