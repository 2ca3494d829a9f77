// SPDX-License-Identifier: Apache-2.0
#include "netlist/level_switch.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mho::netlist {
namespace {

constexpr double kLongest = 10e-6;
// With less a transistor saturates while it pulls a plate over half a volt, and is slower than its
// resistance says.
constexpr double kFastOverdrive = 0.75;

// Resistance times width of generic40's transistors, by gate overdrive against the level: supply
// minus level for NMOS, level for PMOS. Measured at two lengths; linear in between and beyond.
constexpr double kLeastOverdrive = 0.5, kOverdriveStep = 0.1;
constexpr double kShort = 0.04e-6, kLong = 0.8e-6;
struct OhmM {
    double at_short, at_long;
};
using OhmTable = std::array<OhmM, 7>;
constexpr OhmTable kN{{{.2923, 7.864},
                       {.01674, .4264},
                       {2.386e-3, .05175},
                       {.939e-3, .01623},
                       {.627e-3, 8.973e-3},
                       {.510e-3, 6.334e-3},
                       {.450e-3, 5.007e-3}}};
constexpr OhmTable kP{{{.1445, 4.129},
                       {.01437, .3687},
                       {3.942e-3, .08915},
                       {2.112e-3, .04336},
                       {1.505e-3, .02881},
                       {1.215e-3, .02199},
                       {1.046e-3, .01806}}};

OhmM at(const OhmTable& table, double overdrive) {
    const double last = static_cast<double>(table.size() - 1);
    const double position = std::clamp((overdrive - kLeastOverdrive) / kOverdriveStep, 0.0, last);
    const auto index = std::min(static_cast<std::size_t>(position), table.size() - 2);
    const double part = position - static_cast<double>(index);
    const auto between = [part](double a, double b) { return a * std::pow(b / a, part); };
    return {between(table[index].at_short, table[index + 1].at_short),
            between(table[index].at_long, table[index + 1].at_long)};
}

struct Choice {
    bool is_n;
    OhmM ohm_m;
};

Choice better(double level_volt, double vdd_volt) {
    const OhmM n = at(kN, vdd_volt - level_volt);
    const OhmM p = at(kP, level_volt);
    return n.at_short <= p.at_short ? Choice{true, n} : Choice{false, p};
}

}  // namespace

double level_switch_ohm_m(double level_volt, double vdd_volt) {
    return better(level_volt, vdd_volt).ohm_m.at_short;
}

LevelSwitch level_switch(double level_volt, double from_volt, double vdd_volt, double ohm) {
    const Choice choice = better(level_volt, vdd_volt);
    LevelSwitch size{choice.is_n, choice.ohm_m.at_short / ohm, kShort, 0};
    if (size.width_m < kMinGateWidth) {
        const double slope = (choice.ohm_m.at_long - choice.ohm_m.at_short) / (kLong - kShort);
        size.width_m = kMinGateWidth;
        size.length_m =
            std::min(kShort + (ohm * kMinGateWidth - choice.ohm_m.at_short) / slope, kLongest);
    }
    const double overdrive = choice.is_n ? vdd_volt - level_volt : level_volt;
    const Choice there = better(from_volt, vdd_volt);
    if (overdrive < kFastOverdrive && there.is_n != choice.is_n) {
        size.helper_width_m = std::max(kMinGateWidth, there.ohm_m.at_short / ohm);
    }
    return size;
}

void add_level_switch(const Gates& gates, const std::string& name, const std::string& level,
                      const std::string& out, const std::string& on, const std::string& off,
                      const LevelSwitch& size) {
    if (size.is_n) {
        gates.n("m" + name, level, on, out, size.width_m, size.length_m);
        if (size.helper_width_m > 0)
            gates.p("m" + name + "h", level, off, out, size.helper_width_m);
    } else {
        gates.p("m" + name, level, off, out, size.width_m, size.length_m);
        if (size.helper_width_m > 0) gates.n("m" + name + "h", level, on, out, size.helper_width_m);
    }
}

}  // namespace mho::netlist
