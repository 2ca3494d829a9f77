// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_nodes.h"

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "behavioral/array_check.h"
#include "behavioral/interruption.h"
#include "behavioral/refined_drops.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Sparse = Eigen::SparseMatrix<double>;
using Factor = Eigen::SimplicialLDLT<Sparse, Eigen::Lower, Eigen::NaturalOrdering<int>>;

// A wire with the cells of one column on it.
struct Line {
    VectorXd between_ohm;  // rows - 1
    double first_ohm = 0;
    double last_ohm = 0;
    // Number of each row's unknown: nodes without resistance between them are one, and none where
    // they touch the supply or ground.
    std::vector<Index> node;

    Line(const Wires& wires, Index column)
        : between_ohm(wires.between_ohm.row(column).transpose()),
          first_ohm(wires.first_ohm(column)),
          last_ohm(wires.last_ohm(column)) {}

    bool shorted() const { return first_ohm == 0 || last_ohm == 0; }
};

double at(const VectorXd& drop, Index node) {
    return node < 0 ? 0.0 : drop(node);
}

// One column of topology C; that of B has no negative cells. Unknowns are drops: of the source
// lines from their supply towards the virtual ground, and the bitline's voltage.
class GatedColumn {
  public:
    GatedColumn(const GatedCircuit& circuit, Index column)
        : rows_(circuit.rows()),
          lines_{Line(circuit.source, column), Line(circuit.source, column),
                 Line(circuit.bitline, column)} {
        for (Line& line : lines_) line.node.assign(static_cast<std::size_t>(rows_), -1);
        // Unknowns of one row stand together, so that the factor is a band; nodes that reach over
        // many rows come last.
        for (Index row = 0; row < rows_; ++row) {
            for (Line& line : lines_) number(line, row);
        }
    }

    // `positive` and `negative`: conductances of the gated cells, rows each.
    VectorXd solve(const VectorXd& positive, const VectorXd& negative, double volt) const {
        if (unknowns_ == 0) return VectorXd::Zero(0);
        const Factor factor(matrix(positive, negative));
        if (factor.info() != Eigen::Success) {
            throw Error(ErrorKind::bad_result,
                        "array solve: the nodal matrix is singular to rounding");
        }
        return refined_drops(
            unknowns_,
            [&](const VectorXd& drop, bool driven) {
                return imbalance(drop, positive, negative, driven ? volt : 0);
            },
            [&factor](const VectorXd& off) -> VectorXd { return factor.solve(off); });
    }

    void store(const VectorXd& drop, double volt, Index column, GatedNodes& nodes) const {
        for (Index i = 0; i < rows_; ++i) {
            nodes.source_volt(i, column) = volt - at(drop, node(0, i));
            nodes.negative_source_volt(i, column) = at(drop, node(1, i)) - volt;
            nodes.column_volt(i, column) = at(drop, node(2, i));
        }
    }

    double column_ampere(const VectorXd& drop, const VectorXd& positive, const VectorXd& negative,
                         double volt) const {
        const Line& bitline = lines_[2];
        if (!bitline.shorted()) {
            return at(drop, node(2, 0)) / bitline.first_ohm +
                   at(drop, node(2, rows_ - 1)) / bitline.last_ohm;
        }
        double sum = 0;
        for (Index i = 0; i < rows_; ++i) {
            sum += positive(i) * cell_volt(drop, i, 0, volt);
            sum -= negative(i) * cell_volt(drop, i, 1, volt);
        }
        return sum;
    }

  private:
    static double sign(int source) { return source == 0 ? 1.0 : -1.0; }

    Index node(int line, Index row) const {
        return lines_[static_cast<std::size_t>(line)].node[static_cast<std::size_t>(row)];
    }

    void number(Line& line, Index last) {
        if (last + 1 < rows_ && line.between_ohm(last) == 0) return;
        Index first = last;
        while (first > 0 && line.between_ohm(first - 1) == 0) --first;
        const bool grounded =
            (first == 0 && line.first_ohm == 0) || (last + 1 == rows_ && line.last_ohm == 0);
        if (grounded) return;
        std::fill(line.node.begin() + first, line.node.begin() + last + 1, unknowns_++);
    }

    // In the direction that the source drives its current.
    double cell_volt(const VectorXd& drop, Index row, int source, double volt) const {
        return volt - at(drop, node(source, row)) - sign(source) * at(drop, node(2, row));
    }

    // Calls wire(a, b, ohm) for every resistance; -1 stands for the supply or ground.
    template <typename Visitor>
    void for_each_wire(const Visitor& wire) const {
        for (const Line& line : lines_) {
            wire(line.node.front(), Index{-1}, line.first_ohm);
            wire(line.node.back(), Index{-1}, line.last_ohm);
            for (Index i = 0; i + 1 < rows_; ++i) {
                const auto upper = static_cast<std::size_t>(i);
                if (line.between_ohm(i) > 0) {
                    wire(line.node[upper], line.node[upper + 1], line.between_ohm(i));
                }
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
                add(node(source, i), node(source, i), g);
                add(node(2, i), node(2, i), g);
                add(node(source, i), node(2, i), sign(source) * g);
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
                add(node(source, i), ampere);
                add(node(2, i), sign(source) * ampere);
            }
        }
        for_each_wire([&](Index a, Index b, double ohm) {
            if (a < 0 && b < 0) return;
            const double ampere = (at(drop, a) - at(drop, b)) / ohm;
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

void check_gates(const MatrixXd& gates, Index rows, double read_volt) {
    if (gates.cols() != rows) {
        throw bad_input("gates: {} columns, expected one per row of the array ({})", gates.cols(),
                        rows);
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
                                          const MatrixXd& negative_siemens,
                                          const GatedCircuit& circuit, const MatrixXd& gates,
                                          double read_volt) {
    check_gated_circuit(positive_siemens, circuit);
    check_gated_circuit(negative_siemens, circuit);
    check_gates(gates, circuit.rows(), read_volt);
    const MatrixXd blank(circuit.rows(), circuit.columns());
    std::vector<GatedNodes> solved(static_cast<std::size_t>(gates.rows()),
                                   {blank, blank, blank, VectorXd(circuit.columns())});
    for (Index j = 0; j < circuit.columns(); ++j) {
        const GatedColumn column(circuit, j);
        for (Index b = 0; b < gates.rows(); ++b) {
            stop_if_interrupted();
            GatedNodes& nodes = solved[static_cast<std::size_t>(b)];
            const VectorXd gate = gates.row(b).transpose();
            const VectorXd positive = positive_siemens.col(j).cwiseProduct(gate);
            const VectorXd negative = negative_siemens.col(j).cwiseProduct(gate);
            const VectorXd drop = column.solve(positive, negative, read_volt);
            column.store(drop, read_volt, j, nodes);
            nodes.column_ampere(j) = column.column_ampere(drop, positive, negative, read_volt);
        }
    }
    return solved;
}

std::vector<GatedNodes> solve_gated(const MatrixXd& g_siemens, const GatedCircuit& circuit,
                                    const MatrixXd& gates, double read_volt) {
    check_gated_circuit(g_siemens, circuit);
    const MatrixXd none = MatrixXd::Zero(circuit.rows(), circuit.columns());
    std::vector<GatedNodes> solved = solve_interleaved(g_siemens, none, circuit, gates, read_volt);
    for (GatedNodes& nodes : solved) nodes.negative_source_volt.resize(0, 0);
    return solved;
}

std::vector<GatedNodes> solve_gated(const MatrixXd& g_siemens, const ArrayModel& model,
                                    const MatrixXd& gates, double read_volt) {
    check_array(g_siemens, model);
    return solve_gated(g_siemens, GatedCircuit(model), gates, read_volt);
}

std::vector<GatedNodes> solve_interleaved(const MatrixXd& positive_siemens,
                                          const MatrixXd& negative_siemens, const ArrayModel& model,
                                          const MatrixXd& gates, double read_volt) {
    check_array(positive_siemens, model);
    check_array(negative_siemens, model);
    return solve_interleaved(positive_siemens, negative_siemens, GatedCircuit(model), gates,
                             read_volt);
}

}  // namespace mho::behavioral
