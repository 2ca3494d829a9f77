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

    explicit Column(const GatedCircuit& circuit)
        : rows_(static_cast<std::size_t>(circuit.rows())),
          segment_(rows_, Vector::Zero()),
          free_(rows_, Vector::Ones()),
          pass_(rows_),
          h_(rows_),
          x_(rows_) {
        for (int s = 0; s + 1 < N; ++s) {
            Vector& taps = taps_[static_cast<std::size_t>(s)];
            taps.setZero();
            taps(s) = 1;
            taps(N - 1) = s == 0 ? 1 : -1;
        }
    }

    // From now on the lines are those of `column`.
    void lay(const GatedCircuit& circuit, Index column) {
        for (int line = 0; line < N; ++line) {
            const Wires& wires = line + 1 < N ? circuit.source : circuit.bitline;
            for (std::size_t k = 1; k < rows_; ++k) {
                segment_[k](line) = wires.between_ohm(column, static_cast<Index>(k) - 1);
            }
            first_ohm_(line) = wires.first_ohm(column);
            last_ohm_(line) = wires.last_ohm(column);
            ground(line);
        }
    }

    double drop(Index row, int line) const { return x_[static_cast<std::size_t>(row)](line); }

    // Drops of the linear cells with slopes and currents as they stand in `cells`.
    void solve(const std::vector<Cells>& cells, double volt) {
        Matrix y = conductances(last_ohm_).asDiagonal();
        Vector h = Vector::Zero();
        for (std::size_t k = rows_ - 1;; --k) {
            const auto row = static_cast<Index>(k);
            for (std::size_t s = 0; s < cells.size(); ++s) {
                const double slope = cells[s].slope(row);
                y.noalias() += slope * taps_[s] * taps_[s].transpose();
                h += taps_[s] * (cells[s].ampere(row) + slope * (volt - cells[s].volt(row)));
            }
            y = (free_[k].asDiagonal() * y * free_[k].asDiagonal()).eval();
            h = h.cwiseProduct(free_[k]);
            h_[k] = h;
            if (k == 0) break;
            pass_[k] = (Matrix::Identity() + segment_[k].asDiagonal() * y).inverse();
            y = (y * pass_[k]).eval();
            h = (pass_[k].transpose() * h).eval();
            // A grounded node is a conductance to ground for the row before.
            for (int line = 0; line < N; ++line) {
                if (free_[k](line) == 0 && free_[k - 1](line) != 0) {
                    y(line, line) += 1 / segment_[k](line);
                }
            }
        }
        y += (conductances(first_ohm_) + Vector::Ones() - free_[0]).asDiagonal();
        x_[0] = y.inverse() * h_[0];
        for (std::size_t k = 1; k < rows_; ++k) {
            x_[k] =
                (pass_[k] * (x_[k - 1] + segment_[k].cwiseProduct(h_[k]))).cwiseProduct(free_[k]);
        }
    }

    double cell_volt(Index row, std::size_t source, double volt) const {
        return volt - taps_[source].dot(x_[static_cast<std::size_t>(row)]);
    }

    double column_ampere(const std::vector<Cells>& cells) const {
        if (first_ohm_(N - 1) > 0 && last_ohm_(N - 1) > 0) {
            return x_.front()(N - 1) / first_ohm_(N - 1) + x_.back()(N - 1) / last_ohm_(N - 1);
        }
        double sum = 0;
        for (const Cells& c : cells) sum += c.sign * c.ampere.sum();
        return sum;
    }

  private:
    // Of the ends, 0 where they have no resistance: there the drop is none.
    static Vector conductances(const Vector& ohm) {
        return (ohm.array() > 0).select(ohm.cwiseInverse(), 0);
    }

    // free_ is 0 at nodes without resistance to the supply or ground, else 1.
    void ground(int line) {
        bool grounded = first_ohm_(line) == 0;
        for (std::size_t k = 0; k < rows_; ++k) {
            grounded = grounded && (k == 0 || segment_[k](line) == 0);
            free_[k](line) = grounded ? 0 : 1;
        }
        grounded = last_ohm_(line) == 0;
        for (std::size_t k = rows_; grounded && k-- > 0;) {
            free_[k](line) = 0;
            grounded = segment_[k](line) == 0;
        }
    }

    std::size_t rows_;
    std::array<Vector, N - 1> taps_;  // how a cell's voltage depends on the drops, negated
    std::vector<Vector> segment_;     // [k]: between rows k - 1 and k
    std::vector<Vector> free_;
    Vector first_ohm_, last_ohm_;
    std::vector<Matrix> pass_;
    std::vector<Vector> h_, x_;
};

// Newton on one column for one gate vector after the other.
template <int N>
class Newton {
  public:
    Newton(std::vector<Cells> cells, const GatedCircuit& circuit, const NonlinearOptions& options)
        : cells_(std::move(cells)), circuit_(circuit), column_(circuit), options_(options) {}

    void begin_column(Index column, double volt) {
        column_.lay(circuit_, column);
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
    const GatedCircuit& circuit_;
    Column<N> column_;
    const NonlinearOptions& options_;
    double residual_ = 0, current_ = 0;
    int steps_ = 0;
};

template <int N>
GatedNonlinearSolution solve_columns(std::vector<Cells> cells, const GatedCircuit& circuit,
                                     const MatrixXd& gates, double read_volt,
                                     const NonlinearOptions& options) {
    GatedNonlinearSolution out;
    out.column_ampere.resize(gates.rows(), circuit.columns());
    out.relative_residual.setZero(gates.rows());
    if (options.nodes) {
        const MatrixXd blank(circuit.rows(), circuit.columns());
        const MatrixXd negative = N == 3 ? blank : MatrixXd();
        out.nodes.assign(static_cast<std::size_t>(gates.rows()),
                         {blank, negative, blank, VectorXd(circuit.columns())});
    }
    Newton<N> newton(std::move(cells), circuit, options);
    for (Index j = 0; j < circuit.columns(); ++j) {
        newton.begin_column(j, read_volt);
        for (Index b = 0; b < gates.rows(); ++b) {
            stop_if_interrupted();
            newton.solve(j, gates.row(b).transpose(), read_volt);
            out.column_ampere(b, j) = newton.column_ampere();
            out.newton_steps = std::max(out.newton_steps, newton.steps());
            out.relative_residual(b) = std::max(out.relative_residual(b), newton.residual());
            if (!options.nodes) continue;
            GatedNodes& nodes = out.nodes[static_cast<std::size_t>(b)];
            for (Index i = 0; i < circuit.rows(); ++i) {
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

void check_all(const CellArray& cells, const GatedCircuit& circuit, const MatrixXd& gates,
               double read_volt, const NonlinearOptions& options) {
    check_gated_circuit(MatrixXd::Zero(circuit.rows(), circuit.columns()), circuit);
    check_cells(cells, circuit.rows(), circuit.columns());
    check_gates(gates, circuit.rows(), read_volt);
    check_request(gates, circuit.rows(), {options.tolerance, options.max_newton_steps, false});
}

}  // namespace

GatedNonlinearSolution solve_gated_nonlinear(const CellArray& cells, const GatedCircuit& circuit,
                                             const MatrixXd& gates, double read_volt,
                                             const NonlinearOptions& options) {
    check_all(cells, circuit, gates, read_volt, options);
    std::vector<Cells> lines;
    lines.emplace_back(cells, circuit.rows(), circuit.columns(), 1.0);
    return solve_columns<2>(std::move(lines), circuit, gates, read_volt, options);
}

GatedNonlinearSolution solve_interleaved_nonlinear(const CellArray& positive,
                                                   const CellArray& negative,
                                                   const GatedCircuit& circuit,
                                                   const MatrixXd& gates, double read_volt,
                                                   const NonlinearOptions& options) {
    check_all(positive, circuit, gates, read_volt, options);
    check_cells(negative, circuit.rows(), circuit.columns());
    std::vector<Cells> lines;
    lines.emplace_back(positive, circuit.rows(), circuit.columns(), 1.0);
    lines.emplace_back(negative, circuit.rows(), circuit.columns(), -1.0);
    return solve_columns<3>(std::move(lines), circuit, gates, read_volt, options);
}

GatedNonlinearSolution solve_gated_nonlinear(const CellArray& cells, const ArrayModel& model,
                                             const MatrixXd& gates, double read_volt,
                                             const NonlinearOptions& options) {
    check_array(MatrixXd::Zero(model.rows, model.columns), model);
    return solve_gated_nonlinear(cells, GatedCircuit(model), gates, read_volt, options);
}

GatedNonlinearSolution solve_interleaved_nonlinear(const CellArray& positive,
                                                   const CellArray& negative,
                                                   const ArrayModel& model, const MatrixXd& gates,
                                                   double read_volt,
                                                   const NonlinearOptions& options) {
    check_array(MatrixXd::Zero(model.rows, model.columns), model);
    return solve_interleaved_nonlinear(positive, negative, GatedCircuit(model), gates, read_volt,
                                       options);
}

}  // namespace mho::behavioral
