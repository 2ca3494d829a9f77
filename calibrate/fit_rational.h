// SPDX-License-Identifier: Apache-2.0
// Impedances over frequency as rational functions with one denominator.
#pragma once

#include <complex>
#include <span>
#include <vector>

namespace mho::calibrate {

// N(s) / (1 + d1 s + .. + dn s^n) of each response, s = 2 pi j f; numerators have n coefficients,
// in rising powers of s.
struct RationalFit {
    std::vector<double> denominator;  // d1 .. dn
    std::vector<std::vector<double>> numerator;
    double worst_error = 0;  // of all points, relative to the response's largest magnitude
};

// Least squares of relative errors by the iteration of Sanathanan and Koerner (IEEE Trans. Autom.
// Control 8, 1963): the linear problem weighted with the denominator found before. Small values
// count down to a hundredth of the largest. Throws Error(simulator) when there are too few points
// or the result is not finite.
RationalFit fit_rational(std::span<const double> hertz,
                         std::span<const std::vector<std::complex<double>>> responses, int order);

}  // namespace mho::calibrate
