// SPDX-License-Identifier: Apache-2.0
// Iterative refinement of voltage drops in twice the working precision. Private to the reference
// solvers.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace mho::behavioral {

// Solves for drops x = high + rest. `imbalance(x, driven)` is the linear balance of currents at
// drops x, with all sources (driven) or with none; `solve` one solution with the rounded matrix.
//
// A wire of r ohm between nodes at D volt carries a current that is known to eps D / r only: little
// where its drop is a good part of D, more than all cells' currents where a read-out of a megohm
// follows a wire of a nanoohm. With a rest the differences of neighbours keep twice the digits; the
// rounded matrix only has to bring the imbalance down at every step.
//
// Throws Error(bad_result) when that does not reach 1e-9 of the largest imbalance at zero drops.
template <typename Imbalance, typename Solve>
Eigen::VectorXd refined_drops(Eigen::Index unknowns, const Imbalance& imbalance,
                              const Solve& solve) {
    constexpr int kMostSteps = 60;
    Eigen::VectorXd high = Eigen::VectorXd::Zero(unknowns);
    if (unknowns == 0) return high;
    Eigen::VectorXd rest = high;
    double first = 0, best = std::numeric_limits<double>::infinity();
    for (int step = 0; step < kMostSteps; ++step) {
        Eigen::VectorXd off = imbalance(high, true);
        if (step > 0) off += imbalance(rest, false);
        const double size = off.template lpNorm<Eigen::Infinity>();
        if (step == 0) first = size;
        if (!(size < 0.5 * best)) break;
        best = size;
        if (step >= 4 && size <= 1e-15 * first) break;
        const Eigen::VectorXd change = rest + solve(off);
        // high + change = sum + lost, exactly (Knuth's two-sum).
        const Eigen::VectorXd sum = high + change;
        const Eigen::VectorXd there = sum - high;
        rest = (high - (sum - there)) + (change - there);
        high = sum;
    }
    if (!(best <= 1e-9 * first)) {
        throw Error(ErrorKind::bad_result,
                    "array solve: resistances too unlike for double precision; a resistance that "
                    "does not matter may be 0");
    }
    return high;
}

}  // namespace mho::behavioral
