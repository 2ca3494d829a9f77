// SPDX-License-Identifier: Apache-2.0
// Current laws I(V, state) of all cells of an array, with their slopes, for the non-linear solvers.
// V is row voltage minus column voltage (topology A) or source minus bitline (B, C); volt, ampere,
// siemens.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <variant>
#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

// All matrices are rows x columns. An open cell has all of its coefficients 0.

// I = g V + a2 V^2 + a3 V^3
struct PolynomialCells {
    Eigen::MatrixXd g_siemens;
    Eigen::MatrixXd a2_ampere_per_volt2;
    Eigen::MatrixXd a3_ampere_per_volt3;
};

// I = g v0 sinh(V / v0), g >= 0: conductance g at 0 V, steeper above v0 > 0
struct SinhCells {
    Eigen::MatrixXd g_siemens;
    double v0_volt = 0;
};

// The calibrated cell of a card (behavioral/cell_law.h), state >= 0.
struct CardCells {
    Eigen::MatrixXd state_siemens;
    CellLaw law;
};

// I = g f(V), g >= 0, with f through the points (volt, f_volt): monotone cubic between them
// (Fritsch and Carlson, SIAM J. Numer. Anal. 17, 1980), straight outside. `volt` rises strictly,
// `f_volt` strictly too, at least 2 points.
struct TableCells {
    Eigen::MatrixXd g_siemens;
    std::vector<double> volt;
    std::vector<double> f_volt;
};

using CellArray = std::variant<PolynomialCells, SinhCells, CardCells, TableCells>;

// HfO2 ReRAM (Milo et al., IRPS 2021, as in CrossSim's RRAMMilo): I = G V + a2 V^2 + a3 V^3 with,
// for L = log10(G), a2 = 1.388e-4 L^3 + 1.541e-3 L^2 + 5.711e-3 L + 7.063e-3 and
// a3 = 8.871e-5 L^2 + 6.7919e-4 L + 1.2968e-3. Fitted for 50 to 225 uS and |V| <= 0.5 V; open cells
// stay open. The coefficients are published to four digits, which cancel to about two in a2.
PolynomialCells hfo2_cells(const Eigen::MatrixXd& g_siemens);

// Conductances at 0 V, rows x columns.
Eigen::MatrixXd small_signal_siemens(const CellArray& cells);

// Throws bad_input when shapes, signs or points are not as said above, or values not finite.
void check_cells(const CellArray& cells, Eigen::Index rows, Eigen::Index columns);

// The laws laid out for loops over rows of `width` >= columns cells; what fills a row up is open.
class CellKernel {
  public:
    CellKernel(const CellArray& cells, Eigen::Index width);
    ~CellKernel();
    CellKernel(CellKernel&&) noexcept;
    CellKernel& operator=(CellKernel&&) noexcept;

    // Current and slope of all cells (rows x width, row-major).
    void evaluate(const double* volt, double* ampere, double* slope_siemens) const;
    // The same for one column: `volt`, `ampere`, `slope_siemens` are rows long.
    void evaluate_column(Eigen::Index column, const double* volt, double* ampere,
                         double* slope_siemens) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace mho::behavioral
