// SPDX-License-Identifier: Apache-2.0
#include "behavioral/block_response.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "base/error.h"
#include "behavioral/single_thread_blas.h"

// LAPACK as OpenBLAS exports it; no header of the package declares it.
extern "C" {
void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info);
}

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kLeaf = 4;         // cells along the side of a block that is not divided further
constexpr Index kFewShared = 12;   // ports that are eliminated one by one
constexpr double kModerate = 1e4;  // diagonal over what holds it, up to which Cholesky is accurate

// Eliminates the first `count` nodes one after the other: the pivot is the sum of what the node is
// connected to, and its neighbours get connected by products over it (positive sums only).
void eliminate_in_turn(MatrixXd& coupling, Index count) {
    const Index n = coupling.rows();
    for (Index m = 0; m < count; ++m) {
        const Index rest = n - m - 1;
        auto node = coupling.col(m).tail(rest);
        const double pivot = node.sum();
        if (!(pivot > 0)) continue;  // hangs on nothing
        node /= std::sqrt(pivot);    // the same rounding on both sides of the diagonal
        for (Index v = 0; v < rest; ++v) {
            if (node(v) == 0) continue;
            coupling.col(m + 1 + v).tail(rest) += node * node(v);
        }
        coupling.diagonal().tail(rest).setZero();
    }
}

// The same in blocks. False, with `coupling` as it was, where that might lose digits.
bool eliminate_at_once(MatrixXd& coupling, Index count) {
    const Index kept = coupling.rows() - count;
    const VectorXd held = coupling.bottomLeftCorner(kept, count).colwise().sum();
    MatrixXd shared = -coupling.topLeftCorner(count, count);
    shared.diagonal() = held - shared.colwise().sum().transpose();
    if (!(shared.diagonal().array() <= kModerate * held.array()).all()) return false;
    const int k = static_cast<int>(count), e = static_cast<int>(kept);
    const int stride = static_cast<int>(coupling.rows());
    int info = 0;
    dpotrf_("L", &k, shared.data(), &k, &info);
    if (info != 0) return false;
    double* to_kept = coupling.data() + count * coupling.rows();
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, k, e, 1.0,
                shared.data(), k, to_kept, stride);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, e, k, 1.0, to_kept, stride, 1.0,
                to_kept + count, stride);
    auto kept_block = coupling.bottomRightCorner(kept, kept);
    for (Index j = 0; j < kept; ++j) {
        kept_block(j, j) = 0;
        kept_block.row(j).tail(kept - j - 1) = kept_block.col(j).tail(kept - j - 1).transpose();
    }
    return true;
}

// Conductances between all nodes but the first `count`, which disappear.
MatrixXd without_first(MatrixXd coupling, Index count) {
    if (count <= kFewShared || !eliminate_at_once(coupling, count)) {
        eliminate_in_turn(coupling, count);
    }
    const Index kept = coupling.rows() - count;
    return coupling.bottomRightCorner(kept, kept);
}

// Cells of a block.
struct Extent {
    Index row, column, rows, columns;
};

// Where the ports of each side of a block start among its nodes; sides without ports have size 0.
// Left ends belong to row wires, one per row; and so on.
struct Sides {
    Index left, bottom, right, top;      // first of each
    Index rows, columns;                 // ports on left and bottom
    Index right_ports, top_ports, size;  // size: all together
};

class Dissection {
  public:
    Dissection(const MatrixXd& g, const ArrayModel& model) : g_(g), model_(model) {}

    MatrixXd block(const Extent& at) const {
        if (at.rows <= kLeaf && at.columns <= kLeaf) return leaf(at);
        const bool side_by_side = at.columns >= at.rows;
        Extent first = at, second = at;
        if (side_by_side) {
            first.columns = at.columns / 2;
            second.column += first.columns;
            second.columns -= first.columns;
        } else {
            first.rows = at.rows / 2;
            second.row += first.rows;
            second.rows -= first.rows;
        }
        return side_by_side ? beside(first, second) : above(first, second);
    }

  private:
    Sides sides(const Extent& at) const {
        Sides s{};
        s.rows = at.rows;
        s.columns = at.columns;
        s.right_ports = at.column + at.columns < g_.cols() ? at.rows : 0;
        s.top_ports = at.row > 0 ? at.columns : 0;
        s.left = 0;
        s.bottom = s.rows;
        s.right = s.bottom + s.columns;
        s.top = s.right + s.right_ports;
        s.size = s.top + s.top_ports;
        return s;
    }

    // A range of a block's ports and where it lies among the nodes of the pair.
    struct Place {
        Index from, to, count;
    };

    static void place(const MatrixXd& block, std::initializer_list<Place> places, MatrixXd& pair) {
        for (const Place& a : places) {
            for (const Place& b : places) {
                pair.block(a.to, b.to, a.count, b.count) +=
                    block.block(a.from, b.from, a.count, b.count);
            }
        }
    }

    // Right ports of the first are left ports of the second.
    MatrixXd beside(const Extent& first, const Extent& second) const {
        const Sides a = sides(first), b = sides(second);
        const Index shared = a.rows;
        const Index left = shared, bottom = left + a.rows;
        const Index right = bottom + a.columns + b.columns, top = right + b.right_ports;
        MatrixXd pair =
            MatrixXd::Zero(top + a.top_ports + b.top_ports, top + a.top_ports + b.top_ports);
        place(block(first),
              {{a.left, left, a.rows},
               {a.bottom, bottom, a.columns},
               {a.right, 0, shared},
               {a.top, top, a.top_ports}},
              pair);
        place(block(second),
              {{b.left, 0, shared},
               {b.bottom, bottom + a.columns, b.columns},
               {b.right, right, b.right_ports},
               {b.top, top + a.top_ports, b.top_ports}},
              pair);
        return without_first(std::move(pair), shared);
    }

    // Bottom ports of the first are top ports of the second.
    MatrixXd above(const Extent& first, const Extent& second) const {
        const Sides a = sides(first), b = sides(second);
        const Index shared = a.columns;
        const Index left = shared, bottom = left + a.rows + b.rows;
        const Index right = bottom + b.columns;
        const Index top = right + a.right_ports + b.right_ports;
        MatrixXd pair = MatrixXd::Zero(top + a.top_ports, top + a.top_ports);
        place(block(first),
              {{a.left, left, a.rows},
               {a.bottom, 0, shared},
               {a.right, right, a.right_ports},
               {a.top, top, a.top_ports}},
              pair);
        place(block(second),
              {{b.left, left + a.rows, b.rows},
               {b.bottom, bottom, b.columns},
               {b.right, right + a.right_ports, b.right_ports},
               {b.top, 0, shared}},
              pair);
        return without_first(std::move(pair), shared);
    }

    // Nodes: inner ones, then the ports. Cell (i, j) lies between the row's node, from which a
    // segment leads to the left, and the column's node, from which one leads down.
    MatrixXd leaf(const Extent& at) const {
        const Sides s = sides(at);
        const Index inner = 2 * at.rows * at.columns - s.right_ports - s.top_ports;
        MatrixXd coupling = MatrixXd::Zero(inner + s.size, inner + s.size);
        const auto connect = [&](Index p, Index q, double siemens) {
            coupling(p, q) += siemens;
            coupling(q, p) += siemens;
        };
        Index next = 0;
        Eigen::Matrix<Index, kLeaf, kLeaf> row_node, column_node;
        for (Index j = 0; j < at.columns; ++j) {
            for (Index i = 0; i < at.rows; ++i) {
                const bool right = s.right_ports > 0 && j == at.columns - 1;
                const bool top = s.top_ports > 0 && i == 0;
                row_node(i, j) = right ? inner + s.right + i : next++;
                column_node(i, j) = top ? inner + s.top + j : next++;
                connect(row_node(i, j), column_node(i, j), g_(at.row + i, at.column + j));
                connect(row_node(i, j), j > 0 ? row_node(i, j - 1) : inner + s.left + i,
                        1 / (at.column + j > 0 ? model_.row_segment_ohm
                                               : model_.row_segment_ohm + model_.driver_ohm));
                if (i > 0) {
                    connect(column_node(i, j), column_node(i - 1, j),
                            1 / model_.column_segment_ohm);
                }
            }
            const bool last = at.row + at.rows == g_.rows();
            connect(column_node(at.rows - 1, j), inner + s.bottom + j,
                    1 / (last ? model_.column_segment_ohm + model_.sense_ohm
                              : model_.column_segment_ohm));
        }
        return without_first(std::move(coupling), inner);
    }

    const MatrixXd& g_;
    const ArrayModel& model_;
};

}  // namespace

MatrixXd block_response(const MatrixXd& g_siemens, const ArrayModel& model) {
    use_single_thread_blas();
    MatrixXd response =
        Dissection(g_siemens, model).block({0, 0, g_siemens.rows(), g_siemens.cols()});
    if (!response.allFinite()) {
        throw Error(ErrorKind::bad_result,
                    "array: conductance times wire resistance exceeds the range of numbers");
    }
    return response;
}

}  // namespace mho::behavioral
