// SPDX-License-Identifier: Apache-2.0
// The inner loops of behavioral/grid_solver.h: sweeps over all cells of an array of topology A.
//
// Unknowns are voltage drops, d along the row wires and w along the column wires, so that a cell
// carries c = g (v - d - w) and the wires' laws read L_row d = c, L_col w = c. A line of cells with
// injected currents b is solved in ladder quantities: with H the current that has come together up
// to a node, x_k = (x_{k-1} + r H_k) ratio_k and H_k = b_k + ratio_{k+1} H_{k+1}, counted from the
// end of the wire. Nothing is subtracted and r = 0 needs no special case.
//
// Eliminating d leaves S w = rhs with S = A_col - D A_row^-1 D, D the cells and A = L + D. It is
// solved by conjugate gradients with the lines of A_col as preconditioner; A_col p is carried along
// by recurrence (s), never computed by differences. Where much is lost in the wires, the few smooth
// solutions that lines take long to find are corrected besides (behavioral/grid_coarse.h).
//
// The preconditioned residual of the lines, u = A_col^-1 r, is what one more sweep would change; so
// g |u| is the current that violates the row wires' laws, and iterations know how far they are.
//
// Loops run over packs of eight neighbouring columns; the recurrence along rows runs over eight
// rows at once, in turned tiles. A wire that is connected at its other end too has that conductance
// in its ratios. Arrays start on 64 bytes (AlignedArray). Wires of rows end at
// column 0, those of columns at the last row.
#pragma once

#include <Eigen/Core>

namespace mho::behavioral {

inline constexpr Eigen::Index kPack = 8;
inline constexpr Eigen::Index kRowsTogether = 16;  // rows whose recurrences overlap
inline constexpr Eigen::Index kCoarse = 4;         // coarse functions along each direction

// Coefficients of one array, rows x width; width is a multiple of kPack, filled with open cells.
// Conductances in units of the largest, resistances in the inverse unit.
template <typename Real>
struct GridCoefficients {
    Eigen::Index rows = 0;
    Eigen::Index width = 0;
    const Real* g = nullptr;
    // 1 / (1 + r (g + conductance beyond)) along the columns, and along the rows. The latter is
    // stored by groups of kPack rows, within a group width x kPack; filled up to whole
    // kRowsTogether.
    const Real* column_ratio = nullptr;
    const Real* row_ratio = nullptr;
    Real row_ohm = 0, row_end_ohm = 0;
    Real column_ohm = 0, column_end_ohm = 0;
    // Unless null: the segment of each node towards the wire's end instead of the four above, laid
    // out as the ratios. Both or none.
    const Real* row_ohms = nullptr;
    const Real* column_ohms = nullptr;
    // Unless null, and never with the two above: the coarse functions along a row (kCoarse x
    // width), along a column (rows x kCoarse), and the wires' Laplacian times the latter.
    const Real* coarse_row = nullptr;
    const double* coarse_column = nullptr;
    const double* coarse_wire = nullptr;
};

// State of the conjugate gradients, rows x width where nothing else is said.
template <typename Real>
struct CgState {
    Real* x = nullptr;             // solution
    Real* r = nullptr;             // residual
    Real* p = nullptr;             // direction
    Real* s = nullptr;             // A_col p
    Real* u = nullptr;             // preconditioned residual of the lines, then S p
    Real* scratch = nullptr;       // 2 x kRowsTogether x width
    double* row_ampere = nullptr;  // rows: out of the drivers at x = 0
    double* row_change = nullptr;  // rows: by how much p lessens that
    double* coarse = nullptr;      // kCoarse x kCoarse (column, row): of the residual, then weights
};

struct Drive {
    const double* row_volt = nullptr;     // rows
    const double* column_volt = nullptr;  // width
    double unit = 1;                      // both are multiplied by it
};

struct CgNorm {
    double square = 0;  // r . A_col^-1 r
    double excess = 0;  // sum of g |u|
};

enum class CgStep { none, first, later };

// The right-hand side under `drive` in r, and row_ampere.
void cg_begin(const GridCoefficients<float>& grid, const CgState<float>& cg, const Drive& drive);

// From the imbalance of the row wires in r to the right-hand side: r = -unit D A_row^-1 r.
template <typename Real>
void cg_start(const GridCoefficients<Real>& grid, const CgState<Real>& cg, Real unit);

// p = z + beta p, s = A_col z + beta s, u = S p, where z is u and the coarse functions with the
// weights. Returns p . u. Without a p before, beta is 0.
template <typename Real>
double cg_direction(const GridCoefficients<Real>& grid, const CgState<Real>& cg, Real beta);

// x += alpha p (0 before the first step), r -= alpha u, unless the step is `none`; then u =
// A_col^-1 r, and the coarse functions times r.
template <typename Real>
CgNorm cg_step(const GridCoefficients<Real>& grid, const CgState<Real>& cg, CgStep kind,
               Real alpha);

// Of each row, and of every two of the coarse functions v along it (rows x kCoarse x kCoarse):
// v D v and v D A_row^-1 D v.
void coarse_products(const GridCoefficients<float>& grid, float* scratch, double* cells,
                     double* through_rows);

// The cells' and wires' laws in double precision.
template <typename Real>
struct OuterState {
    double* w = nullptr;
    double* h = nullptr;
    double* scratch = nullptr;            // 2 x kRowsTogether x width
    const Real* x = nullptr;              // correction of w, in units of `scale`
    Real* r = nullptr;                    // currents that violate the row wires' laws
    const double* row_volt = nullptr;     // rows: drive on the rows
    const double* column_volt = nullptr;  // width: drive on the columns
    double* column_ampere = nullptr;      // width: into the read-outs
    double* row_ampere = nullptr;         // rows: out of the drivers
    // Unless null: currents injected besides the cells', rows x width, out of the nodes of the row
    // wires and into those of the column wires.
    const double* row_source = nullptr;
    const double* column_source = nullptr;
    double scale = 0;
    bool from_zero = false;  // w before is taken for 0, and r is not written
    double excess = 0;       // sum of the absolute values in r
    double largest = 0;      // and the largest of them
};

// From w + scale x to a w one line sweep further, which obeys the column wires' laws exactly.
template <typename Real>
void outer_step(const GridCoefficients<double>& grid, OuterState<Real>& outer);

// Replaces w by the voltage over the cells, v - d - w, and writes v - d to h.
void find_cell_volts(const GridCoefficients<double>& grid, const OuterState<float>& outer);

// The same voltages into `volt` (rows x width); w and h stay.
void copy_cell_volts(const GridCoefficients<double>& grid, const OuterState<float>& outer,
                     double* volt);

// Adds to `product` (rows x width) these voltages times `factor`; w and h stay.
void add_cell_products(const GridCoefficients<double>& grid, const OuterState<float>& outer,
                       const double* factor, double* product);

}  // namespace mho::behavioral
