// SPDX-License-Identifier: Apache-2.0
// Least-squares fits with the parameters' uncertainty.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "behavioral/card.h"

namespace mho::calibrate {

// How a fit ended: what a designer needs to believe it.
struct FitSummary {
    std::vector<double> parameters;
    std::vector<double> standard_errors;  // from the residual's scatter, same units
    double rms_residual = 0;
    double worst_residual = 0;
    int iterations = 0;
    bool converged = false;

    std::string brief() const;  // one line
};

// One measured point of a cell: voltage over it, resistor conductance, current.
struct CellPoint {
    double v_volt = 0;
    double g_siemens = 0;
    double i_ampere = 0;
};

// Fits R0, a1, a2 of behavioral::CellLaw by Levenberg-Marquardt (Ceres' TinySolver with automatic
// differentiation); residuals are weighted by 1 / (g_max v_max). The ranges of the law are those
// of the points. Throws Error(simulator) when it does not converge.
behavioral::CellLaw fit_cell_law(std::span<const CellPoint> points, FitSummary* summary = nullptr);

// Coefficients c of y = c0 + c1 x + ... + c_degree x^degree, by QR on x scaled to [-1, 1].
// Needs more points than coefficients. Squares count by `weights`, one for each point, or alike;
// residuals are those times the weights' roots.
FitSummary fit_polynomial(std::span<const double> x, std::span<const double> y, int degree,
                          std::span<const double> weights = {});

// Half the distance between the neighbours of each of x, which rise or fall; at either end half
// that to the only one. As weights they let all of the range count alike, wherever points lie
// densest.
std::vector<double> spacings(std::span<const double> x);

// Value and slope of a polynomial with coefficients in rising order.
double polynomial(std::span<const double> coefficients, double x);
double polynomial_slope(std::span<const double> coefficients, double x);

}  // namespace mho::calibrate
