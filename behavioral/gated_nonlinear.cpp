// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_nonlinear.h"

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "behavioral/array_check.h"
#include "behavioral/grid_solver.h"
#include "behavioral/interruption.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Cells of one polarity along a column. Voltages and currents count in the direction in which
// their supply drives: `sign` times those of the law.
struct Cells {
    CellKernel kernel;
    double sign = 1;
    VectorXd volt, ampere, slope;  // at the point of linearisation
    VectorXd wired, target_volt, target_wired;
    VectorXd next_volt, next_ampere, next_slope, next_wired;

    Cells(const CellArray& array, Index rows, Index columns, double direction)
        : kernel(array, columns), sign(direction) {
        for (VectorXd* v : {&volt, &ampere, &slope, &wired, &target_volt, &target_wired, &next_volt,
                            &next_ampere, &next_slope, &next_wired}) {
            v->setZero(rows);
        }
    }

    void evaluate(Index column, const VectorXd& gate, const VectorXd& at, VectorXd& current,
                  VectorXd& slopes) {
        const VectorXd turned = sign * at;
        kernel.evaluate_column(column, turned.data(), current.data(), slopes.data());
        current = sign * gate.cwiseProduct(current);
        slopes = gate.cwiseProduct(slopes);
    }
};

// The lines of one column: N - 1 source lines, then the bitline.
template <int N>
class Column {
  public:
    using Vector = Eigen::Matrix<double, N, 1>;
    using Matrix = Eigen::Matrix<double, N, N>;

    explicit Column(const ArrayModel& model)
        : rows_(model.rows),
          pass_(static_cast<std::size_t>(rows_)),
          h_(pass_.size()),
          x_(pass_.size()) {
        segment_.setConstant(model.row_segment_ohm);
        segment_(N - 1) = model.column_segment_ohm;
        source_end_ = model.driver_ohm + model.row_segment_ohm;
        column_end_ = model.sense_ohm + model.column_segment_ohm;
        for (int s = 0; s + 1 < N; ++s) {
            Vector& taps = taps_[static_cast<std::size_t>(s)];
            taps.setZero();
            // A line without any resistance has no drop and no unknown.
            if (source_end_ > 0) taps(s) = 1;
            if (column_end_ > 0) taps(N - 1) = s == 0 ? 1 : -1;
        }
    }

    double drop(Index row, int line) const { return x_[static_cast<std::size_t>(row)](line); }

    // Drops of the linear cells with slopes and currents as they stand in `cells`.
    void solve(const std::vector<Cells>& cells, double volt) {
        Matrix y = Matrix::Zero();
        y(N - 1, N - 1) = column_end_ > 0 ? 1 / column_end_ : 1;
        Vector h = Vector::Zero();
        for (Index k = rows_ - 1; k >= 0; --k) {
            for (std::size_t s = 0; s < cells.size(); ++s) {
                const double slope = cells[s].slope(k);
                y.noalias() += slope * taps_[s] * taps_[s].transpose();
                h += taps_[s] * (cells[s].ampere(k) + slope * (volt - cells[s].volt(k)));
            }
            h_[static_cast<std::size_t>(k)] = h;
            if (k == 0) break;
            Matrix& pass = pass_[static_cast<std::size_t>(k)];
            pass = (Matrix::Identity() + segment_.asDiagonal() * y).inverse();
            y = (y * pass).eval();
            h = (pass.transpose() * h).eval();
        }
        for (int s = 0; s + 1 < N; ++s) y(s, s) += source_end_ > 0 ? 1 / source_end_ : 1;
        x_[0] = y.inverse() * h_[0];
        for (std::size_t k = 1; k < x_.size(); ++k) {
            x_[k] = pass_[k] * (x_[k - 1] + segment_.cwiseProduct(h_[k]));
        }
    }

    double cell_volt(Index row, std::size_t source, double volt) const {
        return volt - taps_[source].dot(x_[static_cast<std::size_t>(row)]);
    }

    double column_ampere(const std::vector<Cells>& cells) const {
        if (column_end_ > 0) return x_.back()(N - 1) / column_end_;
        double sum = 0;
        for (const Cells& c : cells) sum += c.sign * c.ampere.sum();
        return sum;
    }

  private:
    Index rows_;
    Vector segment_;
    double source_end_ = 0, column_end_ = 0;
    std::array<Vector, N - 1> taps_;  // how a cell's voltage depends on the drops, negated
    std::vector<Matrix> pass_;
    std::vector<Vector> h_, x_;
};

// Newton on one column for one gate vector after the other.
template <int N>
class Newton {
  public:
    Newton(std::vector<Cells> cells, const ArrayModel& model, const NonlinearOptions& options)
        : cells_(std::move(cells)), column_(model), options_(options) {}

    void begin_column(double volt) {
        for (Cells& c : cells_) c.volt.setConstant(volt);
    }

    void solve(Index column, const VectorXd& gate, double volt) {
        for (Cells& c : cells_) c.evaluate(column, gate, c.volt, c.ampere, c.slope);
        double off = 0;
        for (steps_ = 1; steps_ <= options_.max_newton_steps; ++steps_) {
            linear_step(volt);
            double part = 1;
            double next = try_part(column, gate, part);
            while (steps_ > 1 && !(next < (1 - 0.1 * part) * off) && !small(part) &&
                   part > 1.0 / 256) {
                part *= 0.5;
                next = try_part(column, gate, part);
            }
            off = next;
            accept();
            if (small(part)) return;
            if (!std::isfinite(off)) break;
        }
        throw Error(
            ErrorKind::bad_result,
            fmt::format("non-linear gated solve: column {} is off by {:.3g} of its current, "
                        "expected {:.3g}",
                        column, residual_, options_.tolerance));
    }

    const Column<N>& column() const { return column_; }
    double column_ampere() const { return column_.column_ampere(cells_); }
    double residual() const { return residual_; }
    int steps() const { return steps_; }

  private:
    void linear_step(double volt) {
        for (Cells& c : cells_) c.slope = c.slope.cwiseMax(0);
        column_.solve(cells_, volt);
        for (std::size_t s = 0; s < cells_.size(); ++s) {
            Cells& c = cells_[s];
            for (Index k = 0; k < c.volt.size(); ++k) {
                c.target_volt(k) = column_.cell_volt(k, s, volt);
            }
            c.target_wired = c.ampere + c.slope.cwiseProduct(c.target_volt - c.volt);
        }
    }

    // Sum of the currents that disagree after that part of the way.
    double try_part(Index column, const VectorXd& gate, double part) {
        double off = 0;
        current_ = 0;
        for (Cells& c : cells_) {
            c.next_volt = c.volt + part * (c.target_volt - c.volt);
            c.next_wired =
                part == 1 ? c.target_wired : VectorXd(c.wired + part * (c.target_wired - c.wired));
            c.evaluate(column, gate, c.next_volt, c.next_ampere, c.next_slope);
            off += 2 * (c.next_ampere - c.next_wired).lpNorm<1>();
            current_ += c.next_ampere.template lpNorm<1>();
        }
        residual_ = off == 0 ? 0 : off / current_;
        return off;
    }

    bool small(double part) const { return part == 1 && residual_ <= options_.tolerance; }

    void accept() {
        for (Cells& c : cells_) {
            c.volt = c.next_volt;
            c.ampere = c.next_ampere;
            c.slope = c.next_slope;
            c.wired = c.next_wired;
        }
    }

    std::vector<Cells> cells_;
    Column<N> column_;
    const NonlinearOptions& options_;
    double residual_ = 0, current_ = 0;
    int steps_ = 0;
};

template <int N>
GatedNonlinearSolution solve_columns(std::vector<Cells> cells, const ArrayModel& model,
                                     const MatrixXd& gates, double read_volt,
                                     const NonlinearOptions& options) {
    GatedNonlinearSolution out;
    out.column_ampere.resize(gates.rows(), model.columns);
    out.relative_residual.setZero(gates.rows());
    if (options.nodes) {
        const MatrixXd blank(model.rows, model.columns);
        const MatrixXd negative = N == 3 ? blank : MatrixXd();
        out.nodes.assign(static_cast<std::size_t>(gates.rows()),
                         {blank, negative, blank, VectorXd(model.columns)});
    }
    Newton<N> newton(std::move(cells), model, options);
    for (Index j = 0; j < model.columns; ++j) {
        newton.begin_column(read_volt);
        for (Index b = 0; b < gates.rows(); ++b) {
            stop_if_interrupted();
            newton.solve(j, gates.row(b).transpose(), read_volt);
            out.column_ampere(b, j) = newton.column_ampere();
            out.newton_steps = std::max(out.newton_steps, newton.steps());
            out.relative_residual(b) = std::max(out.relative_residual(b), newton.residual());
            if (!options.nodes) continue;
            GatedNodes& nodes = out.nodes[static_cast<std::size_t>(b)];
            for (Index i = 0; i < model.rows; ++i) {
                nodes.source_volt(i, j) = read_volt - newton.column().drop(i, 0);
                if (N == 3)
                    nodes.negative_source_volt(i, j) = newton.column().drop(i, 1) - read_volt;
                nodes.column_volt(i, j) = newton.column().drop(i, N - 1);
            }
            nodes.column_ampere(j) = out.column_ampere(b, j);
        }
    }
    return out;
}

void check_all(const CellArray& cells, const ArrayModel& model, const MatrixXd& gates,
               double read_volt, const NonlinearOptions& options) {
    check_array(MatrixXd::Zero(model.rows, model.columns), model);
    check_cells(cells, model.rows, model.columns);
    check_gates(gates, model, read_volt);
    check_request(gates, model.rows, {options.tolerance, options.max_newton_steps, false});
}

}  // namespace

GatedNonlinearSolution solve_gated_nonlinear(const CellArray& cells, const ArrayModel& model,
                                             const MatrixXd& gates, double read_volt,
                                             const NonlinearOptions& options) {
    check_all(cells, model, gates, read_volt, options);
    std::vector<Cells> lines;
    lines.emplace_back(cells, model.rows, model.columns, 1.0);
    return solve_columns<2>(std::move(lines), model, gates, read_volt, options);
}

GatedNonlinearSolution solve_interleaved_nonlinear(const CellArray& positive,
                                                   const CellArray& negative,
                                                   const ArrayModel& model, const MatrixXd& gates,
                                                   double read_volt,
                                                   const NonlinearOptions& options) {
    check_all(positive, model, gates, read_volt, options);
    check_cells(negative, model.rows, model.columns);
    std::vector<Cells> lines;
    lines.emplace_back(positive, model.rows, model.columns, 1.0);
    lines.emplace_back(negative, model.rows, model.columns, -1.0);
    return solve_columns<3>(std::move(lines), model, gates, read_volt, options);
}

}  // namespace mho::behavioral
