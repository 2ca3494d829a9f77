// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_nodes.h"

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/array_check.h"
#include "behavioral/interruption.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Sparse = Eigen::SparseMatrix<double>;
using Factor = Eigen::SimplicialLDLT<Sparse, Eigen::Lower, Eigen::NaturalOrdering<int>>;

// A wire with the cells of one column on it, and how its voltage drops are numbered: one unknown
// per row, one in all where segments have no resistance, none where the end has none either.
struct Line {
    double segment_ohm = 0;
    double end_ohm = 0;
    Index end_row = 0;  // the row whose node the end resistance leads to
    Index first = -1;   // number of row 0's unknown
    Index stride = 0;

    Index node(Index row) const { return first < 0 ? -1 : first + row * stride; }
};

double at(const VectorXd& drop, Index node) {
    return node < 0 ? 0.0 : drop(node);
}

// One column of topology C; that of B has no negative cells. Unknowns are drops: of the source
// lines from their supply towards the virtual ground, and the bitline's voltage.
class GatedColumn {
  public:
    explicit GatedColumn(const ArrayModel& model) : rows_(model.rows) {
        const double source_end = model.driver_ohm + model.row_segment_ohm;
        const double column_end = model.sense_ohm + model.column_segment_ohm;
        lines_ = {Line{model.row_segment_ohm, source_end, 0},
                  Line{model.row_segment_ohm, source_end, 0},
                  Line{model.column_segment_ohm, column_end, rows_ - 1}};
        // Unknowns of one row stand together, so that the factor is a band; lines that are one node
        // come last.
        Index along = 0;
        for (const Line& line : lines_) along += line.segment_ohm > 0 ? 1 : 0;
        Index next = 0;
        for (Line& line : lines_) {
            if (line.segment_ohm > 0) {
                line.first = next++;
                line.stride = along;
            }
        }
        unknowns_ = along * rows_;
        for (Line& line : lines_) {
            if (line.segment_ohm <= 0 && line.end_ohm > 0) line.first = unknowns_++;
        }
    }

    // `positive` and `negative`: conductances of the gated cells, rows each.
    VectorXd solve(const VectorXd& positive, const VectorXd& negative, double volt) const {
        VectorXd drop = VectorXd::Zero(unknowns_);
        if (unknowns_ == 0) return drop;
        const Factor factor(matrix(positive, negative));
        if (factor.info() != Eigen::Success) {
            throw Error(ErrorKind::bad_result,
                        "array solve: the nodal matrix is singular to rounding");
        }
        double best = std::numeric_limits<double>::infinity();
        for (int step = 0; step < 4; ++step) {
            const VectorXd off = imbalance(drop, positive, negative, volt);
            const double size = off.lpNorm<Eigen::Infinity>();
            if (!(size < 0.5 * best)) break;
            best = size;
            drop += factor.solve(off);
        }
        return drop;
    }

    void store(const VectorXd& drop, double volt, Index column, GatedNodes& nodes) const {
        for (Index i = 0; i < rows_; ++i) {
            nodes.source_volt(i, column) = volt - at(drop, lines_[0].node(i));
            nodes.negative_source_volt(i, column) = at(drop, lines_[1].node(i)) - volt;
            nodes.column_volt(i, column) = at(drop, lines_[2].node(i));
        }
    }

    double column_ampere(const VectorXd& drop, const VectorXd& positive, const VectorXd& negative,
                         double volt) const {
        const Line& bitline = lines_[2];
        if (bitline.first >= 0) return drop(bitline.node(rows_ - 1)) / bitline.end_ohm;
        double sum = 0;
        for (Index i = 0; i < rows_; ++i) {
            sum += positive(i) * cell_volt(drop, i, 0, volt);
            sum -= negative(i) * cell_volt(drop, i, 1, volt);
        }
        return sum;
    }

  private:
    static double sign(int source) { return source == 0 ? 1.0 : -1.0; }

    // In the direction that the source drives its current.
    double cell_volt(const VectorXd& drop, Index row, int source, double volt) const {
        return volt - at(drop, lines_[static_cast<std::size_t>(source)].node(row)) -
               sign(source) * at(drop, lines_[2].node(row));
    }

    // Calls wire(a, b, ohm) for every resistance; b = -1 stands for the supply or ground.
    template <typename Visitor>
    void for_each_wire(const Visitor& wire) const {
        for (const Line& line : lines_) {
            if (line.first < 0) continue;
            wire(line.node(line.end_row), Index{-1}, line.end_ohm);
            for (Index i = 1; line.stride > 0 && i < rows_; ++i) {
                wire(line.node(i), line.node(i - 1), line.segment_ohm);
            }
        }
    }

    Sparse matrix(const VectorXd& positive, const VectorXd& negative) const {
        std::vector<Eigen::Triplet<double>> entries;
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
            for (const int source : {0, 1}) {
                const double g = source == 0 ? positive(i) : negative(i);
                const Index line = lines_[static_cast<std::size_t>(source)].node(i);
                add(line, line, g);
                add(lines_[2].node(i), lines_[2].node(i), g);
                add(line, lines_[2].node(i), sign(source) * g);
            }
        }
        Sparse matrix(unknowns_, unknowns_);
        matrix.setFromTriplets(entries.begin(), entries.end());
        return matrix;
    }

    // Cell currents minus wire currents at every unknown: zero at the solution.
    VectorXd imbalance(const VectorXd& drop, const VectorXd& positive, const VectorXd& negative,
                       double volt) const {
        VectorXd off = VectorXd::Zero(unknowns_);
        const auto add = [&](Index node, double ampere) {
            if (node >= 0) off(node) += ampere;
        };
        for (Index i = 0; i < rows_; ++i) {
            for (const int source : {0, 1}) {
                const double ampere =
                    (source == 0 ? positive(i) : negative(i)) * cell_volt(drop, i, source, volt);
                add(lines_[static_cast<std::size_t>(source)].node(i), ampere);
                add(lines_[2].node(i), sign(source) * ampere);
            }
        }
        for_each_wire([&](Index a, Index b, double ohm) {
            const double ampere = (drop(a) - at(drop, b)) / ohm;
            add(a, -ampere);
            add(b, ampere);
        });
        return off;
    }

    Index rows_;
    std::array<Line, 3> lines_;  // positive source, negative source, bitline
    Index unknowns_ = 0;
};

}  // namespace

void check_gates(const MatrixXd& gates, const ArrayModel& model, double read_volt) {
    if (gates.cols() != model.rows) {
        throw bad_input("gates: {} columns, expected one per row of the array ({})", gates.cols(),
                        model.rows);
    }
    for (Index b = 0; b < gates.rows(); ++b) {
        for (Index i = 0; i < gates.cols(); ++i) {
            if (gates(b, i) != 0 && gates(b, i) != 1) {
                throw bad_input("gates: input vector {}, row {} is {}, expected 0 or 1", b, i,
                                gates(b, i));
            }
        }
    }
    if (!std::isfinite(read_volt)) {
        throw bad_input("read voltage: {}, expected a finite number of volts", read_volt);
    }
}

std::vector<GatedNodes> solve_interleaved(const MatrixXd& positive_siemens,
                                          const MatrixXd& negative_siemens, const ArrayModel& model,
                                          const MatrixXd& gates, double read_volt) {
    check_array(positive_siemens, model);
    check_array(negative_siemens, model);
    check_gates(gates, model, read_volt);
    const GatedColumn column(model);
    const MatrixXd blank(model.rows, model.columns);
    std::vector<GatedNodes> solved;
    for (Index b = 0; b < gates.rows(); ++b) {
        stop_if_interrupted();
        GatedNodes nodes{blank, blank, blank, VectorXd(model.columns)};
        const VectorXd gate = gates.row(b).transpose();
        for (Index j = 0; j < model.columns; ++j) {
            const VectorXd positive = positive_siemens.col(j).cwiseProduct(gate);
            const VectorXd negative = negative_siemens.col(j).cwiseProduct(gate);
            const VectorXd drop = column.solve(positive, negative, read_volt);
            column.store(drop, read_volt, j, nodes);
            nodes.column_ampere(j) = column.column_ampere(drop, positive, negative, read_volt);
        }
        solved.push_back(std::move(nodes));
    }
    return solved;
}

std::vector<GatedNodes> solve_gated(const MatrixXd& g_siemens, const ArrayModel& model,
                                    const MatrixXd& gates, double read_volt) {
    check_array(g_siemens, model);
    const MatrixXd none = MatrixXd::Zero(model.rows, model.columns);
    std::vector<GatedNodes> solved = solve_interleaved(g_siemens, none, model, gates, read_volt);
    for (GatedNodes& nodes : solved) nodes.negative_source_volt.resize(0, 0);
    return solved;
}

}  // namespace mho::behavioral
