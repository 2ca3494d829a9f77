// SPDX-License-Identifier: Apache-2.0
#include "netlist/bootstrap_switch.h"

#include <fmt/format.h>

#include "netlist/gates.h"

namespace mho::netlist {

double bootstrap_farad(double width_m) {
    return 10 * (width_m * 1e-9 + 2e-15);
}

Definition bootstrap_switch(double width_m) {
    Circuit c("bootstrap_switch", {"in", "out", "track", "trackb", "vdd"});
    c.describe("NMOS switch whose gate stands a supply above its input");
    const Gates gates(c);
    constexpr double kSmall = 2 * kMinGateWidth;
    c.section("capacitor, charged to the supply while the switch is off");
    c.capacitor("cb", c.net("above"), c.net("below"), bootstrap_farad(width_m));
    gates.n("mdown", "below", "trackb", "0", kSmall);
    // The wells of these two stand at the capacitor's upper plate, the highest voltage.
    const auto well = [&](const char* name, const char* drain, const char* gate) {
        c.mosfet(name, {c.net(drain), c.net(gate), c.net("above"), c.net("above")}, "pch",
                 {.width_m = kSmall, .length_m = kGateLength});
    };
    well("mup", "vdd", "gate");
    c.section("on: the capacitor between input and gate");
    well("mon", "gate", "pull");
    gates.n("min", "in", "gate", "below", kSmall);
    gates.p("mrest", "pull", "track", "vdd", kSmall);
    gates.n("mpull", "pull", "track", "below", kSmall);
    gates.n("mkeep", "pull", "gate", "below", kSmall);
    c.section("off: the gate to ground, in two steps for its voltage");
    gates.n("moff", "gate", "vdd", "middle", kSmall);
    gates.n("mground", "middle", "trackb", "0", kSmall);
    c.section("switch");
    gates.n("ms", "in", "gate", "out", width_m);
    return share(std::move(c));
}

}  // namespace mho::netlist
