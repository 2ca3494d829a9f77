// SPDX-License-Identifier: Apache-2.0
#include "behavioral/effective_matrix.h"

#include <cblas.h>

#include <algorithm>

#include "behavioral/array_check.h"
#include "behavioral/block_response.h"
#include "behavioral/dominant_inverse.h"
#include "behavioral/grid_solver.h"
#include "behavioral/single_thread_blas.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Resistances as the sweep meets them. "Source wires" are eliminated one by one, each driven at its
// node 0; "state wires" cross all of them and end at the last one.
struct SweepOhms {
    double source_end = 0;      // source to node 0
    double source_segment = 0;  // between neighbours on a source wire
    double state_segment = 0;   // between neighbours on a state wire
    double state_end = 0;       // last node to the end of the state wire
};

// The network behind the nodes of the state wires, all currents per volt.
struct Behind {
    MatrixXd coupling;  // n x n: conductance between state nodes, zero diagonal
    VectorXd leak;      // n: conductance to all sources together
    MatrixXd transfer;  // n x m: current into grounded state node j per volt on source i
};

// Adds one source wire with cells g to the network.
class WireElimination {
  public:
    explicit WireElimination(const SweepOhms& ohms) : ohms_(ohms) {}

    // coupling and leak grow by the wire's; `transfer` becomes the wire's own.
    void add(const Eigen::Ref<const VectorXd>& g, Behind& behind, Eigen::Ref<VectorXd> transfer) {
        ladder(g);
        const Index n = g.size();
        double volt = 1 / (1 + left_ohm_(0) * (g(0) + right_siemens_(0)));
        for (Index j = 0; j < n; ++j) {
            if (j > 0) volt *= ratio_(j);
            transfer(j) = g(j) * volt;
        }
        behind.leak += transfer;
        for (Index j = 0; j + 1 < n; ++j) {
            // Volt at node j per ampere injected there; it decays by ratio_ to the right.
            const double ohm = left_ohm_(j) / (1 + left_ohm_(j) * (g(j) + right_siemens_(j)));
            double current = g(j) * ohm;
            for (Index k = j + 1; k < n; ++k) {
                current *= ratio_(k);
                behind.coupling(k, j) += current * g(k);
            }
        }
    }

  private:
    void ladder(const Eigen::Ref<const VectorXd>& g) {
        const Index n = g.size();
        left_ohm_.resize(n);
        right_siemens_.resize(n);
        ratio_.resize(n);
        const double r = ohms_.source_segment;
        left_ohm_(0) = ohms_.source_end;
        for (Index j = 1; j < n; ++j) {
            left_ohm_(j) = left_ohm_(j - 1) / (1 + g(j - 1) * left_ohm_(j - 1)) + r;
        }
        right_siemens_(n - 1) = 0;
        for (Index j = n - 1; j >= 0; --j) {
            const double here = g(j) + right_siemens_(j);
            ratio_(j) = 1 / (1 + r * here);
            if (j > 0) right_siemens_(j - 1) = here * ratio_(j);
        }
    }

    SweepOhms ohms_;
    VectorXd left_ohm_;       // seen from node j towards the source, without cell j
    VectorXd right_siemens_;  // seen from node j away from the source, without cell j
    VectorXd ratio_;          // volt at node j over volt at node j-1, driven from the left
};

// Puts resistance `ohm` in series with every state node; sources 0 .. sources-1 are connected.
void add_series(Behind& behind, double ohm, Index sources, MatrixXd& scratch) {
    // Below this bound the series resistance changes no digit, and products would underflow.
    const double largest = ohm * (behind.coupling.maxCoeff() + behind.leak.maxCoeff());
    if (!(largest > 1e-40)) return;
    const int n = static_cast<int>(behind.leak.size());
    behind.coupling *= ohm;
    const VectorXd excess = (1 + ohm * behind.leak.array()).matrix();
    invert_dominant(behind.coupling, excess);
    scratch.resize(n, sources);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, static_cast<int>(sources), n, 1.0,
                behind.coupling.data(), n, behind.transfer.data(), n, 0.0, scratch.data(), n);
    behind.transfer.leftCols(sources) = scratch;
    behind.leak = (behind.coupling * behind.leak).eval();
    behind.coupling /= ohm;
    behind.coupling.diagonal().setZero();
}

// `g` is nodes x source wires: column i holds the cells of source wire i.
Behind sweep(const MatrixXd& g, const SweepOhms& ohms) {
    const Index nodes = g.rows();
    const Index wires = g.cols();
    Behind behind{MatrixXd::Zero(nodes, nodes), VectorXd::Zero(nodes),
                  MatrixXd::Zero(nodes, wires)};
    WireElimination wire(ohms);
    MatrixXd scratch;
    for (Index i = 0; i < wires; ++i) {
        wire.add(g.col(i), behind, behind.transfer.col(i));
        behind.coupling.triangularView<Eigen::StrictlyUpper>() = behind.coupling.transpose();
        const bool last = i == wires - 1;
        add_series(behind, last ? ohms.state_end : ohms.state_segment, i + 1, scratch);
    }
    return behind;
}

// Whether dividing the array in blocks is possible, and faster than a sweep.
bool divides(const ArrayModel& model, RowResponse row_response) {
    constexpr int kLarge = 40;
    constexpr double kLeastOhm = 1e-60, kMostOhm = 1e60;  // beyond, products leave the range
    for (const double ohm : {model.row_segment_ohm, model.column_segment_ohm}) {
        if (!(ohm >= kLeastOhm && ohm <= kMostOhm)) return false;
    }
    return std::min(model.rows, model.columns) >= kLarge ||
           (row_response == RowResponse::build && model.rows >= kLarge);
}

ArrayResponse divided_response(const MatrixXd& g, const ArrayModel& model,
                               RowResponse row_response) {
    const MatrixXd terminals = block_response(g, model);
    ArrayResponse response;
    response.column_ampere_per_volt = terminals.topRightCorner(g.rows(), g.cols());
    if (row_response == RowResponse::build) {
        response.row_ampere_per_volt = -terminals.topLeftCorner(g.rows(), g.rows());
        response.row_ampere_per_volt.diagonal() = terminals.topRows(g.rows()).rowwise().sum();
    }
    return response;
}

}  // namespace

ArrayResponse array_response(const MatrixXd& g_siemens, const ArrayModel& model,
                             RowResponse row_response) {
    check_array(g_siemens, model);
    if (divides(model, row_response)) return divided_response(g_siemens, model, row_response);
    const double row_end = model.driver_ohm + model.row_segment_ohm;
    const double column_end = model.sense_ohm + model.column_segment_ohm;
    ArrayResponse response;
    if (row_response == RowResponse::skip && model.columns <= model.rows) {
        const SweepOhms ohms{row_end, model.row_segment_ohm, model.column_segment_ohm, column_end};
        response.column_ampere_per_volt = sweep(g_siemens.transpose(), ohms).transfer.transpose();
        return response;
    }
    // By reciprocity the current into read-out j per volt on driver i is the current into driver i
    // per volt on read-out j. Sweep over the columns, driven from their read-outs, from the far one
    // to the one beside the drivers; what remains then is the network that the drivers see.
    const MatrixXd mirrored = g_siemens.reverse();
    const SweepOhms ohms{column_end, model.column_segment_ohm, model.row_segment_ohm, row_end};
    Behind behind = sweep(mirrored, ohms);
    response.column_ampere_per_volt = behind.transfer.reverse();
    if (row_response == RowResponse::build) {
        const VectorXd diagonal = behind.leak + behind.coupling.rowwise().sum();
        behind.coupling = -behind.coupling;
        behind.coupling.diagonal() = diagonal;
        response.row_ampere_per_volt = behind.coupling.reverse();
    }
    return response;
}

MatrixXd effective_siemens(const MatrixXd& g_siemens, const ArrayCircuit& circuit) {
    check_circuit(g_siemens, circuit);
    const GridSolver solver(g_siemens, circuit);
    const GridSolveOptions options{1e-12, 300, false};
    // By reciprocity either side may be driven.
    if (circuit.rows() <= circuit.columns()) {
        const MatrixXd each_row = MatrixXd::Identity(circuit.rows(), circuit.rows());
        return solver.solve(each_row, options).column_ampere;
    }
    const MatrixXd each_column = MatrixXd::Identity(circuit.columns(), circuit.columns());
    return solver.solve_backward(each_column, options).row_ampere.transpose();
}

}  // namespace mho::behavioral
