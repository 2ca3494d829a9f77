// SPDX-License-Identifier: Apache-2.0
#include "behavioral/cell_law.h"

#include <cmath>

#include "behavioral/cell_table.h"

namespace mho::behavioral {
namespace {

struct Access {
    double ohm;           // R(u)
    double ohm_per_volt;  // dR/du
    double share;         // du/dv = g R0 / (1 + g R0)
};

Access access_at(const CellLaw& law, double v, double g) {
    const double share = g * law.access_ohm / (1 + g * law.access_ohm);
    const double u = v * share;
    const double a1 = law.access_per_volt;
    const double a2 = law.access_per_volt_squared;
    return {law.access_ohm * (1 + u * (a1 + u * a2)), law.access_ohm * (a1 + 2 * a2 * u), share};
}

}  // namespace

double cell_current(const CellLaw& law, double v_volt, double g_siemens) {
    if (!law.table.empty()) return on_table(law.table, v_volt, g_siemens).ampere;
    return v_volt * chord_conductance(law, v_volt, g_siemens);
}

double cell_slope(const CellLaw& law, double v_volt, double g_siemens) {
    if (!law.table.empty()) return on_table(law.table, v_volt, g_siemens).slope_siemens;
    const Access access = access_at(law, v_volt, g_siemens);
    const double chord = g_siemens / (1 + g_siemens * access.ohm);
    return chord * (1 - v_volt * chord * access.ohm_per_volt * access.share);
}

double chord_conductance(const CellLaw& law, double v_volt, double g_siemens) {
    if (!law.table.empty()) {
        const CurvePoint at = on_table(law.table, v_volt, g_siemens);
        return v_volt == 0 ? at.slope_siemens : at.ampere / v_volt;
    }
    return g_siemens / (1 + g_siemens * access_at(law, v_volt, g_siemens).ohm);
}

double linear_conductance(const CellLaw& law, double v_volt, double g_siemens) {
    return 0.5 *
           (chord_conductance(law, v_volt, g_siemens) + chord_conductance(law, -v_volt, g_siemens));
}

double even_current_per_square(const CellLaw& law, double v_volt, double g_siemens) {
    return (cell_current(law, v_volt, g_siemens) + cell_current(law, -v_volt, g_siemens)) /
           (2 * v_volt * v_volt);
}

double state_for_conductance(const CellLaw& law, double v_ref_volt, double target_siemens) {
    double low = law.g_min_siemens;
    double high = law.g_max_siemens;
    if (!(target_siemens > linear_conductance(law, v_ref_volt, low))) return low;
    if (target_siemens >= linear_conductance(law, v_ref_volt, high)) return high;
    // 1/chord = 1/g + R, and R hardly depends on g: the fixed point 1/g = 1/target - R(g)
    // contracts within a few steps. Bisection takes over wherever it would leave the bracket.
    double g = 0.5 * (low + high);
    for (int step = 0; step < 200; ++step) {
        const double found = linear_conductance(law, v_ref_volt, g);
        if (found == target_siemens) return g;
        (found < target_siemens ? low : high) = g;
        double next = 1 / (1 / target_siemens - 1 / found + 1 / g);
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        if (std::abs(next - g) <= 1e-16 * g || next == low || next == high) return next;
        g = next;
    }
    return g;
}

}  // namespace mho::behavioral
