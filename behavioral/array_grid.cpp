// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_grid.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/refined_drops.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Triplets = std::vector<Eigen::Triplet<double>>;

void add_lower(Triplets& entries, Index a, Index b, double value) {
    if (a >= 0 && b >= 0) {
        entries.emplace_back(static_cast<int>(std::max(a, b)), static_cast<int>(std::min(a, b)),
                             value);
    }
}

}  // namespace

ArrayGrid::ArrayGrid(const ArrayCircuit& circuit)
    : rows_(circuit.rows()),
      columns_(circuit.columns()),
      row_node_(rows_, columns_),
      column_node_(rows_, columns_) {
    for (Index i = 0; i < rows_; ++i) {
        add_line(circuit.row, i, columns_, [&](Index n) -> Index& { return row_node_(i, n); });
    }
    for (Index j = 0; j < columns_; ++j) {
        add_line(circuit.column, j, rows_, [&](Index n) -> Index& { return column_node_(n, j); });
    }
    line_start_.push_back(wires_.size());
}

template <typename Numbering>
void ArrayGrid::add_line(const Wires& wires, Index line, Index nodes, const Numbering& number) {
    line_start_.push_back(wires_.size());
    const auto between = [&](Index n) { return wires.between_ohm(line, n); };
    // Nodes up to `head` touch the source at the first end, those from `tail` at the last.
    Index head = -1, tail = nodes;
    if (wires.first_ohm(line) == 0) {
        head = 0;
        while (head + 1 < nodes && between(head) == 0) ++head;
    }
    if (wires.last_ohm(line) == 0) {
        tail = nodes - 1;
        while (tail > 0 && between(tail - 1) == 0) --tail;
    }
    for (Index n = 0; n < nodes; ++n) {
        if (n <= head || n >= tail) {
            number(n) = -1;
        } else {
            const bool merged = n > 0 && n - 1 > head && between(n - 1) == 0;
            number(n) = merged ? number(n - 1) : unknowns_++;
        }
    }
    const auto connect = [&](Index a, Index b, double ohm) {
        if (a == b || !(ohm > 0) || std::isinf(ohm)) return;
        wires_.push_back({std::max(a, b), std::min(a, b), ohm});
    };
    connect(number(0), -1, wires.first_ohm(line));
    for (Index n = 1; n < nodes; ++n) connect(number(n), number(n - 1), between(n - 1));
    connect(number(nodes - 1), -1, wires.last_ohm(line));
}

ArrayGrid::Sparse ArrayGrid::matrix(const MatrixXd& slope) const {
    Triplets entries;
    entries.reserve(static_cast<std::size_t>(7 * rows_ * columns_));
    for (const Wire& wire : wires_) {
        add_lower(entries, wire.a, wire.a, 1 / wire.ohm);
        add_lower(entries, wire.b, wire.b, 1 / wire.ohm);
        add_lower(entries, wire.a, wire.b, -1 / wire.ohm);
    }
    for (Index i = 0; i < rows_; ++i) {
        for (Index j = 0; j < columns_; ++j) {
            add_lower(entries, row_node(i, j), row_node(i, j), slope(i, j));
            add_lower(entries, column_node(i, j), column_node(i, j), slope(i, j));
            add_lower(entries, row_node(i, j), column_node(i, j), slope(i, j));
        }
    }
    Sparse matrix(unknowns(), unknowns());
    matrix.setFromTriplets(entries.begin(), entries.end());
    return matrix;
}

ArrayGrid::Sparse ArrayGrid::shunts(const MatrixXd& at_row, const MatrixXd& at_column,
                                    const MatrixXd& across) const {
    Triplets entries;
    for (Index i = 0; i < rows_; ++i) {
        for (Index j = 0; j < columns_; ++j) {
            const Index up = row_node(i, j), low = column_node(i, j);
            add_lower(entries, up, up, at_row(i, j) + across(i, j));
            add_lower(entries, low, low, at_column(i, j) + across(i, j));
            add_lower(entries, up, low, across(i, j));
        }
    }
    Sparse matrix(unknowns(), unknowns());
    matrix.setFromTriplets(entries.begin(), entries.end());
    return matrix;
}

MatrixXd ArrayGrid::cell_volt(const VectorXd& drop, const Eigen::Ref<const VectorXd>& drive) const {
    MatrixXd volt(rows_, columns_);
    for (Index i = 0; i < rows_; ++i) {
        for (Index j = 0; j < columns_; ++j) {
            volt(i, j) = drive(i) - (at(drop, row_node(i, j)) + at(drop, column_node(i, j)));
        }
    }
    return volt;
}

VectorXd ArrayGrid::gather(const MatrixXd& at_row, const MatrixXd& at_column) const {
    VectorXd sum = VectorXd::Zero(unknowns());
    for (Index i = 0; i < rows_; ++i) {
        for (Index j = 0; j < columns_; ++j) {
            if (row_node(i, j) >= 0) sum(row_node(i, j)) += at_row(i, j);
            if (column_node(i, j) >= 0) sum(column_node(i, j)) += at_column(i, j);
        }
    }
    return sum;
}

VectorXd ArrayGrid::imbalance(const VectorXd& drop, const MatrixXd& cell_ampere) const {
    return wire_imbalance(drop, gather(cell_ampere, cell_ampere));
}

VectorXd ArrayGrid::wire_imbalance(const VectorXd& drop, VectorXd gathered) const {
    for (const Wire& wire : wires_) {
        const double ampere = (drop(wire.a) - at(drop, wire.b)) / wire.ohm;
        gathered(wire.a) -= ampere;
        if (wire.b >= 0) gathered(wire.b) += ampere;
    }
    return gathered;
}

// Where a resistance carries the current its drop is the better measure: it stays accurate when
// the cells see only a small difference of large voltages. What enters nodes that touch the end
// itself is added.
VectorXd ArrayGrid::row_ampere(const VectorXd& drop, const MatrixXd& at_row) const {
    VectorXd ampere = VectorXd::Zero(rows_);
    for (Index i = 0; i < rows_; ++i) {
        for (std::size_t k = line_start_[static_cast<std::size_t>(i)];
             k < line_start_[static_cast<std::size_t>(i) + 1]; ++k) {
            if (wires_[k].b < 0) ampere(i) += drop(wires_[k].a) / wires_[k].ohm;
        }
        for (Index j = 0; j < columns_; ++j) {
            if (row_node(i, j) < 0) ampere(i) += at_row(i, j);
        }
    }
    return ampere;
}

VectorXd ArrayGrid::column_ampere(const VectorXd& drop, const MatrixXd& at_column) const {
    VectorXd ampere = VectorXd::Zero(columns_);
    for (Index j = 0; j < columns_; ++j) {
        const auto line = static_cast<std::size_t>(rows_ + j);
        for (std::size_t k = line_start_[line]; k < line_start_[line + 1]; ++k) {
            if (wires_[k].b < 0) ampere(j) += drop(wires_[k].a) / wires_[k].ohm;
        }
        for (Index i = 0; i < rows_; ++i) {
            if (column_node(i, j) < 0) ampere(j) += at_column(i, j);
        }
    }
    return ampere;
}

ArrayNodes ArrayGrid::nodes(const VectorXd& drop, const Eigen::Ref<const VectorXd>& drive,
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
    out.row_ampere = row_ampere(drop, cell_ampere);
    out.column_ampere = column_ampere(drop, cell_ampere);
    return out;
}

ArrayFactor::ArrayFactor(const ArrayGrid& grid, const MatrixXd& g_siemens)
    : grid_(grid), g_(g_siemens) {
    if (grid.unknowns() == 0) return;
    factor_.compute(grid.matrix(g_siemens));
    if (factor_.info() != Eigen::Success) {
        throw Error(ErrorKind::bad_result, "array solve: the nodal matrix is singular to rounding");
    }
}

VectorXd ArrayFactor::drops(const Eigen::Ref<const VectorXd>& drive,
                            const VectorXd* injected) const {
    const VectorXd none = VectorXd::Zero(drive.size());
    return refined_drops(
        grid_.unknowns(),
        [&](const VectorXd& drop, bool driven) {
            const MatrixXd volt =
                driven ? grid_.cell_volt(drop, drive) : grid_.cell_volt(drop, none);
            VectorXd off = grid_.imbalance(drop, g_.cwiseProduct(volt));
            if (driven && injected != nullptr) off += *injected;
            return off;
        },
        [this](const VectorXd& off) -> VectorXd { return factor_.solve(off); });
}

}  // namespace mho::behavioral
