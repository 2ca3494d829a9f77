// SPDX-License-Identifier: Apache-2.0
#include "behavioral/wires.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/array_check.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kOpen = std::numeric_limits<double>::infinity();

// Nothing to find fault with, in one pass over all segments.
bool plain(const Wires& wires) {
    const auto fine = [](const auto& ohm, double largest) {
        return ((ohm.array() == 0 || ohm.array() >= kSmallestOhm) && ohm.array() <= largest).all();
    };
    return fine(wires.between_ohm, std::numeric_limits<double>::max()) &&
           fine(wires.first_ohm, kOpen) && fine(wires.last_ohm, kOpen) &&
           (wires.first_ohm.array() < kOpen || wires.last_ohm.array() < kOpen).all();
}

double smallest_positive(double ohm) {
    return ohm > 0 ? ohm : kOpen;
}

}  // namespace

Wires unconnected_wires(Index count, Index nodes, double segment_ohm) {
    return {MatrixXd::Constant(count, nodes - 1, segment_ohm), VectorXd::Constant(count, kOpen),
            VectorXd::Constant(count, kOpen)};
}

void check_wires(std::string_view name, const Wires& wires, Index count, Index nodes) {
    if (wires.between_ohm.rows() != count || wires.between_ohm.cols() != nodes - 1 ||
        wires.first_ohm.size() != count || wires.last_ohm.size() != count) {
        throw bad_input(
            "array circuit: {} wires have {} x {} segments and {} + {} ends, expected {} x {} and "
            "{} + {}",
            name, wires.between_ohm.rows(), wires.between_ohm.cols(), wires.first_ohm.size(),
            wires.last_ohm.size(), count, nodes - 1, count, count);
    }
    if (plain(wires)) return;
    for (Index l = 0; l < count; ++l) {
        for (Index n = 0; n + 1 < nodes; ++n) {
            const double ohm = wires.between_ohm(l, n);
            if (!(std::isfinite(ohm) && ohm >= 0)) {
                throw bad_input(
                    "array circuit: {} wire {}, segment {} is {}, expected a finite number of ohms "
                    ">= 0",
                    name, l, n, ohm);
            }
        }
        const double first = wires.first_ohm(l), last = wires.last_ohm(l);
        double least = std::min(smallest_positive(first), smallest_positive(last));
        for (Index n = 0; n + 1 < nodes; ++n) {
            least = std::min(least, smallest_positive(wires.between_ohm(l, n)));
        }
        if (least < kSmallestOhm) {
            throw bad_input("array circuit: {} wire {} has {} ohm, expected 0 or at least {}", name,
                            l, least, kSmallestOhm);
        }
        if (!(first >= 0 && last >= 0)) {
            throw bad_input("array circuit: {} wire {} ends in {} and {} ohm, expected >= 0", name,
                            l, first, last);
        }
        if (std::isinf(first) && std::isinf(last)) {
            throw bad_input("array circuit: {} wire {} is connected at neither end", name, l);
        }
    }
}

}  // namespace mho::behavioral
