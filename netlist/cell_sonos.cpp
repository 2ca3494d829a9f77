// SPDX-License-Identifier: Apache-2.0
#include "netlist/cell_sonos.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"

namespace mho::netlist {
namespace {

constexpr int kHalvings = 80;  // of an interval of volts: far below rounding

// k T / q, with the exact constants of the SI.
double thermal_volt(double celsius) {
    return 1.380649e-23 * (celsius + 273.15) / 1.602176634e-19;
}

double interpolated(double x) {
    constexpr double kLarge = 60;  // ln(1 + e^x) = x to the last bit
    const double root = x / 2 > kLarge ? x / 2 : std::log1p(std::exp(x / 2));
    return root * root;
}

// Current of the trap transistor with `drop_volt` across it.
double trap_ampere(const SonosSpec& spec, const SonosRead& read, double shift_volt,
                   double drop_volt) {
    const double vt = thermal_volt(read.celsius);
    const double low = std::min(read.source_line_volt, read.bitline_volt);
    const double gate = (spec.control_volt - spec.threshold_volt - shift_volt) / spec.slope_factor;
    const double u = (gate - spec.source_factor * low) / vt;
    return spec.square_ampere * spec.trap_width_m / spec.trap_length_m *
           (interpolated(u) - interpolated(u - drop_volt / vt));
}

// The root of a falling function between low and high.
double falling_root(double low, double high, const std::function<double(double)>& value) {
    for (int k = 0; k < kHalvings; ++k) {
        const double middle = 0.5 * (low + high);
        (value(middle) > 0 ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

double read_volt(const SonosRead& read) {
    return std::abs(read.source_line_volt - read.bitline_volt);
}

}  // namespace

Definition cell_2t_sonos(const CellSpec& spec) {
    Circuit c("cell_2t_sonos", {"row", "col", "wl", "cg"}, {{"dvt", 0.0}});
    c.describe("select transistor and charge-trap transistor whose threshold is shifted by dvt");
    const NetId middle = c.net("n");
    c.mosfet("mselect",
             {.drain = c.net("row"), .gate = c.net("wl"), .source = middle, .bulk = kGround},
             "nch_io", {.width_m = spec.access_width_m, .length_m = spec.access_length_m});
    c.mosfet("mtrap",
             {.drain = middle, .gate = c.net("cg"), .source = c.net("col"), .bulk = kGround},
             "nch_io",
             {.width_m = spec.sonos.trap_width_m,
              .length_m = spec.sonos.trap_length_m,
              .threshold_shift_volt = Value::parameter("dvt")});
    return share(std::move(c));
}

double sonos_shift_volt(const SonosSpec& spec, const SonosRead& read, double ampere) {
    const double drop = read_volt(read) - ampere * spec.series_ohm;
    const double reach = spec.max_shift_volt;
    const auto excess = [&](double shift) { return trap_ampere(spec, read, shift, drop) - ampere; };
    if (!(ampere > 0 && drop > 0 && excess(-reach) >= 0 && excess(reach) <= 0)) {
        throw bad_input(
            "2t_sonos: no threshold shift within {} V of the natural one reads {} A at {} V across "
            "the cell and {} V at its control gate",
            reach, ampere, read_volt(read), spec.control_volt);
    }
    return falling_root(-reach, reach, excess);
}

double sonos_ampere(const SonosSpec& spec, const SonosRead& read, double shift_volt) {
    // Of the voltage that is left to the trap transistor.
    const auto left = [&](double drop) {
        return read_volt(read) - drop - spec.series_ohm * trap_ampere(spec, read, shift_volt, drop);
    };
    return trap_ampere(spec, read, shift_volt, falling_root(0, read_volt(read), left));
}

}  // namespace mho::netlist
