// SPDX-License-Identifier: Apache-2.0
// Switches to fixed levels: a transistor of the polarity that conducts better at the level, sized
// for a resistance, and where its overdrive is small a helper of the other polarity, which carries
// the current while the other side is still far from the level. Equal resistances at both
// references of a capacitive DAC let its top plate answer a comparator's kick in the same way
// whatever the code is.
#pragma once

#include <string>

#include "netlist/gates.h"

namespace mho::netlist {

struct LevelSwitch {
    bool is_n = true;
    double width_m = 0;
    double length_m = 0;
    double helper_width_m = 0;  // 0: none
    bool operator==(const LevelSwitch&) const = default;
};

// Least resistance times width of a switch to `level_volt`, at minimum length. Measured for
// generic40 (tt, 27 C, 1.1 V: operating points of transistors .12 um wide, 5 mV across); at other
// supplies and in other technologies an estimate by the overdrive.
double level_switch_ohm_m(double level_volt, double vdd_volt);

// Of `ohm`; narrower than the technology's least it is longer instead. At most 10 um long. Pulls
// what has stood at `from_volt`.
LevelSwitch level_switch(double level_volt, double from_volt, double vdd_volt, double ohm);

// Whether it needs `on` (high while it conducts) and `off` (low while it conducts).
inline bool needs_on(const LevelSwitch& size) {
    return size.is_n || size.helper_width_m > 0;
}
inline bool needs_off(const LevelSwitch& size) {
    return !size.is_n || size.helper_width_m > 0;
}

void add_level_switch(const Gates& gates, const std::string& name, const std::string& level,
                      const std::string& out, const std::string& on, const std::string& off,
                      const LevelSwitch& size);

}  // namespace mho::netlist
