// SPDX-License-Identifier: Apache-2.0
#include "behavioral/cell_table.h"

#include <algorithm>
#include <cmath>

namespace mho::behavioral {
namespace {

// Slope at a point between two chords over widths h0 and h1.
double inner_slope(double h0, double chord0, double h1, double chord1) {
    if (!(chord0 * chord1 > 0)) return 0;
    const double parabola = (h1 * chord0 + h0 * chord1) / (h0 + h1);
    const double limit = 3 * std::min(std::abs(chord0), std::abs(chord1));
    return std::copysign(std::min(std::abs(parabola), limit), chord0);
}

// The same at an end: `chord` is the nearer one.
double end_slope(double h, double chord, double h_next, double chord_next) {
    const double parabola = chord + (chord - chord_next) * h / (h + h_next);
    if (!(parabola * chord > 0)) return 0;
    return std::copysign(std::min(std::abs(parabola), 3 * std::abs(chord)), chord);
}

// Cubic over [0, h] with values a, b and slopes da, db, at t h.
CurvePoint cubic(double h, double a, double b, double da, double db, double t) {
    const double rise = (b - a) / h;
    const double c2 = 3 * rise - 2 * da - db;
    const double c3 = da + db - 2 * rise;
    return {a + h * t * (da + t * (c2 + t * c3)), da + t * (2 * c2 + 3 * t * c3)};
}

// The interval of rising `x`, at least 2, that holds or is next to `at`.
std::size_t interval(std::span<const double> x, double at) {
    const auto above = std::upper_bound(x.begin() + 1, x.end() - 1, at);
    return static_cast<std::size_t>(above - x.begin()) - 1;
}

// Where a state lies among the table's.
struct StatePlace {
    std::size_t k = 0;  // interval
    double t = 0;       // part of it, 0 .. 1
    double scale = 1;   // outside: proportional to the state
};

StatePlace place_of(const std::vector<double>& states, double g) {
    StatePlace place;
    if (g <= states.front()) {
        place.scale = g / states.front();
    } else if (g >= states.back()) {
        place.k = states.size() - 2;
        place.t = 1;
        place.scale = g / states.back();
    } else {
        place.k = interval(states, g);
        place.t = (g - states[place.k]) / (states[place.k + 1] - states[place.k]);
    }
    return place;
}

// A quantity known at every state, `of(n)`, at a place between states k and k + 1.
template <typename Quantity>
double over_states(const std::vector<double>& states, const Quantity& of, const StatePlace& place) {
    const std::size_t k = place.k, last = states.size() - 1;
    const double a = of(k), b = of(k + 1);
    if (place.t <= 0) return place.scale * a;
    if (place.t >= 1) return place.scale * b;
    const double h = states[k + 1] - states[k];
    const double chord = (b - a) / h;
    const auto width = [&](std::size_t n) { return states[n + 1] - states[n]; };
    const auto chord_at = [&](std::size_t n) { return (of(n + 1) - of(n)) / width(n); };
    double da = chord, db = chord;
    if (k > 0) {
        da = inner_slope(width(k - 1), chord_at(k - 1), h, chord);
    } else if (last > 1) {
        da = end_slope(h, chord, width(k + 1), chord_at(k + 1));
    }
    if (k + 1 < last) {
        db = inner_slope(h, chord, width(k + 1), chord_at(k + 1));
    } else if (last > 1) {
        db = end_slope(h, chord, width(k - 1), chord_at(k - 1));
    }
    return place.scale * cubic(h, a, b, da, db, place.t).ampere;
}

void slopes_into(std::span<const double> x, std::span<const double> y, std::span<double> slope) {
    const std::size_t last = x.size() - 1;
    const auto width = [&](std::size_t k) { return x[k + 1] - x[k]; };
    const auto chord = [&](std::size_t k) { return (y[k + 1] - y[k]) / width(k); };
    if (last == 1) {
        slope[0] = slope[1] = chord(0);
        return;
    }
    slope[0] = end_slope(width(0), chord(0), width(1), chord(1));
    slope[last] = end_slope(width(last - 1), chord(last - 1), width(last - 2), chord(last - 2));
    for (std::size_t k = 1; k < last; ++k) {
        slope[k] = inner_slope(width(k - 1), chord(k - 1), width(k), chord(k));
    }
}

}  // namespace

void cell_curve(const CellTable& table, double g_siemens, std::span<double> ampere,
                std::span<double> slope_siemens) {
    const std::size_t volts = table.volt.size();
    const StatePlace place = place_of(table.state_siemens, g_siemens);
    const auto zero = static_cast<std::size_t>(
        std::find(table.volt.begin(), table.volt.end(), 0.0) - table.volt.begin());
    const auto rise = [&](std::size_t k) {
        return over_states(
            table.state_siemens,
            [&](std::size_t n) {
                return table.ampere[n * volts + k + 1] - table.ampere[n * volts + k];
            },
            place);
    };
    ampere[zero] = 0;
    for (std::size_t k = zero; k + 1 < volts; ++k) ampere[k + 1] = ampere[k] + rise(k);
    for (std::size_t k = zero; k > 0; --k) ampere[k - 1] = ampere[k] - rise(k - 1);
    slopes_into(table.volt, ampere, slope_siemens);
}

CurvePoint on_curve(std::span<const double> volt, const double* ampere, const double* slope_siemens,
                    double v_volt) {
    const std::size_t last = volt.size() - 1;
    if (v_volt <= volt[0]) {
        return {ampere[0] + slope_siemens[0] * (v_volt - volt[0]), slope_siemens[0]};
    }
    if (v_volt >= volt[last]) {
        return {ampere[last] + slope_siemens[last] * (v_volt - volt[last]), slope_siemens[last]};
    }
    const std::size_t k = interval(volt, v_volt);
    const double h = volt[k + 1] - volt[k];
    return cubic(h, ampere[k], ampere[k + 1], slope_siemens[k], slope_siemens[k + 1],
                 (v_volt - volt[k]) / h);
}

CurvePoint on_table(const CellTable& table, double v_volt, double g_siemens) {
    std::vector<double> ampere(table.volt.size()), slope(table.volt.size());
    cell_curve(table, g_siemens, ampere, slope);
    return on_curve(table.volt, ampere.data(), slope.data(), v_volt);
}

std::vector<double> shape_preserving_slopes(std::span<const double> x, std::span<const double> y) {
    std::vector<double> slope(x.size());
    slopes_into(x, y, slope);
    return slope;
}

}  // namespace mho::behavioral
