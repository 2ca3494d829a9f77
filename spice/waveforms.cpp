// SPDX-License-Identifier: Apache-2.0
#include "spice/waveforms.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/error.h"

namespace mho::spice {
namespace {

void check(std::span<const double> x, std::span<const double> y) {
    if (x.empty() || x.size() != y.size()) {
        throw simulator_error("waveform with {} abscissae and {} values, expected as many of both",
                              x.size(), y.size());
    }
    if (!std::is_sorted(x.begin(), x.end())) {
        throw simulator_error("waveform whose abscissa falls, expected one that only rises");
    }
}

double inside(std::span<const double> x, double x0) {
    const double slack = 1e-9 * (x.back() - x.front());
    if (!(x0 >= x.front() - slack && x0 <= x.back() + slack)) {
        throw simulator_error("waveform asked for at {:g}, expected {:g} to {:g}", x0, x.front(),
                              x.back());
    }
    return std::clamp(x0, x.front(), x.back());
}

double between(double x0, double x1, double y0, double y1, double x) {
    return y0 + (y1 - y0) * ((x - x0) / (x1 - x0));
}

// The first sample after x0; the segment that x0 lies in ends there.
std::size_t next_sample(std::span<const double> x, double x0) {
    return static_cast<std::size_t>(std::upper_bound(x.begin(), x.end(), x0) - x.begin());
}

double interpolate(std::span<const double> x, std::span<const double> y, double x0) {
    const std::size_t next = next_sample(x, x0);
    if (next == x.size()) return y.back();
    return between(x[next - 1], x[next], y[next - 1], y[next], x0);
}

double integrate_forward(std::span<const double> t, std::span<const double> y, double from,
                         double to) {
    double sum = 0;
    double last_t = from;
    double last_y = interpolate(t, y, from);
    for (std::size_t i = next_sample(t, from); i < t.size() && t[i] < to; ++i) {
        sum += 0.5 * (y[i] + last_y) * (t[i] - last_t);
        last_t = t[i];
        last_y = y[i];
    }
    // The limit from the left: a step exactly at `to` must not count.
    const auto end = static_cast<std::size_t>(std::lower_bound(t.begin(), t.end(), to) - t.begin());
    const double end_y =
        end == 0 || t[end] == to ? y[end] : between(t[end - 1], t[end], y[end - 1], y[end], to);
    return sum + 0.5 * (end_y + last_y) * (to - last_t);
}

}  // namespace

double value_at(std::span<const double> x, std::span<const double> y, double x0) {
    check(x, y);
    return interpolate(x, y, inside(x, x0));
}

std::optional<double> crossing_time(std::span<const double> t, std::span<const double> y,
                                    double level, Edge edge, double from) {
    check(t, y);
    if (std::isnan(from) || std::isnan(level)) {
        throw simulator_error("crossing of level {:g} from {:g}, expected numbers", level, from);
    }
    if (from > t.back()) return std::nullopt;
    const double sign = edge == Edge::rising ? 1.0 : -1.0;
    const double start = std::max(from, t.front());
    double last_t = start;
    double last_y = sign * (interpolate(t, y, start) - level);
    bool came_from_below = last_y <= 0;
    for (std::size_t i = next_sample(t, start); i < t.size(); ++i) {
        const double now = sign * (y[i] - level);
        if (came_from_below && now > 0) {
            return last_t + (t[i] - last_t) * (-last_y / (now - last_y));
        }
        came_from_below = now < 0 || (came_from_below && now <= 0);
        last_t = t[i];
        last_y = now;
    }
    return std::nullopt;
}

double integrate(std::span<const double> t, std::span<const double> y, double from, double to) {
    check(t, y);
    from = inside(t, from);
    to = inside(t, to);
    return from <= to ? integrate_forward(t, y, from, to) : -integrate_forward(t, y, to, from);
}

}  // namespace mho::spice
