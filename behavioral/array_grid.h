// SPDX-License-Identifier: Apache-2.0
// The nodal equations of topology A for the plain solvers: which nodes are unknown, the wires
// between them, and a sparse direct solution. Private to the behavioural layer.
//
// Unknowns are voltage drops, d = drive - row node and w = column node; a cell carries
// I(drive - d - w) and Kirchhoff's laws read L_row d = I, L_col w = I with wire Laplacians L. Nodes
// without resistance between them are one unknown, or none where they touch a source or ground.
#pragma once

#include <Eigen/Core>
#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <vector>

#include "behavioral/array_circuit.h"
#include "behavioral/array_nodes.h"

namespace mho::behavioral {

class ArrayGrid {
  public:
    using Sparse = Eigen::SparseMatrix<double>;
    using Index = Eigen::Index;

    // A resistance between unknowns a and b; b = -1 is the source or ground.
    struct Wire {
        Index a, b;
        double ohm;
    };

    explicit ArrayGrid(const ArrayCircuit& circuit);

    Index rows() const { return rows_; }
    Index columns() const { return columns_; }
    Index unknowns() const { return unknowns_; }
    // -1: that node has no drop, it is the source or ground itself.
    Index row_node(Index i, Index j) const { return row_node_(i, j); }
    Index column_node(Index i, Index j) const { return column_node_(i, j); }
    const std::vector<Wire>& wires() const { return wires_; }
    static double at(const Eigen::VectorXd& drop, Index node) {
        return node < 0 ? 0.0 : drop(node);
    }

    // Wire Laplacian plus the cells' slopes (rows x columns), lower triangle. Open cells keep their
    // entries, so that the pattern does not depend on the slopes.
    Sparse matrix(const Eigen::MatrixXd& slope) const;
    // As matrix() without wires: the same sum over capacitances, at the nodes and across the cells.
    Sparse shunts(const Eigen::MatrixXd& at_row, const Eigen::MatrixXd& at_column,
                  const Eigen::MatrixXd& across) const;

    Eigen::MatrixXd cell_volt(const Eigen::VectorXd& drop,
                              const Eigen::Ref<const Eigen::VectorXd>& drive) const;
    // Currents (rows x columns each) summed over the nodes of each unknown.
    Eigen::VectorXd gather(const Eigen::MatrixXd& at_row, const Eigen::MatrixXd& at_column) const;
    // Cell currents minus wire currents at every unknown: zero at the solution.
    Eigen::VectorXd imbalance(const Eigen::VectorXd& drop,
                              const Eigen::MatrixXd& cell_ampere) const;
    // The same for any currents, already gathered.
    Eigen::VectorXd wire_imbalance(const Eigen::VectorXd& drop, Eigen::VectorXd gathered) const;

    // Currents out of the drivers and into the read-outs, both ends together, when `at_row` and
    // `at_column` leave the nodes of the rows and enter those of the columns.
    Eigen::VectorXd row_ampere(const Eigen::VectorXd& drop, const Eigen::MatrixXd& at_row) const;
    Eigen::VectorXd column_ampere(const Eigen::VectorXd& drop,
                                  const Eigen::MatrixXd& at_column) const;
    ArrayNodes nodes(const Eigen::VectorXd& drop, const Eigen::Ref<const Eigen::VectorXd>& drive,
                     const Eigen::MatrixXd& cell_ampere) const;

  private:
    template <typename Numbering>
    void add_line(const Wires& wires, Index line, Index nodes, const Numbering& number);

    Index rows_, columns_, unknowns_ = 0;
    Eigen::Matrix<Index, Eigen::Dynamic, Eigen::Dynamic> row_node_, column_node_;
    std::vector<Wire> wires_;
    std::vector<std::size_t> line_start_;  // first wire of each row, then column, and the end
};

// A factorised array of ohmic cells.
class ArrayFactor {
  public:
    using Sparse = ArrayGrid::Sparse;
    // Throws Error(bad_result) when the matrix is singular to rounding.
    ArrayFactor(const ArrayGrid& grid, const Eigen::MatrixXd& g_siemens);

    // Drops under `drive`, and with currents (gathered, ampere) injected besides the cells', as
    // behavioral/refined_drops.h finds them.
    Eigen::VectorXd drops(const Eigen::Ref<const Eigen::VectorXd>& drive,
                          const Eigen::VectorXd* injected = nullptr) const;

  private:
    const ArrayGrid& grid_;
    Eigen::MatrixXd g_;
    Eigen::SimplicialLDLT<Sparse> factor_;
};

}  // namespace mho::behavioral
