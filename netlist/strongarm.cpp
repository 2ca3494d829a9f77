// SPDX-License-Identifier: Apache-2.0
#include "netlist/strongarm.h"

#include <cmath>
#include <string>

#include "netlist/gates.h"

namespace mho::netlist {
namespace {

// Transistors of the input pair's polarity and of the other one, each at its own rail.
struct Sides {
    const Gates& gates;
    InputPair pair;

    void same(const std::string& name, const std::string& drain, const std::string& gate,
              const std::string& source, double width_m) const {
        if (pair == InputPair::p) return gates.p(name, drain, gate, source, width_m);
        gates.n(name, drain, gate, source, width_m);
    }
    void other(const std::string& name, const std::string& drain, const std::string& gate,
               const std::string& source, double width_m) const {
        if (pair == InputPair::p) return gates.n(name, drain, gate, source, width_m);
        gates.p(name, drain, gate, source, width_m);
    }
    std::string near_rail() const { return pair == InputPair::p ? "vdd" : "0"; }
    std::string far_rail() const { return pair == InputPair::p ? "0" : "vdd"; }
};

void add_input(Circuit& c, const char* name, const char* drain, const char* gate,
               const StrongArmSize& size) {
    const bool is_p = size.pair == InputPair::p;
    c.mosfet(name, {c.net(drain), c.net(gate), c.net("tail"), is_p ? c.net("vdd") : kGround},
             is_p ? "pch" : "nch",
             {.width_m = size.input_width_m, .length_m = size.input_length_m});
}

}  // namespace

double pair_offset_sigma_volt(const StrongArmSize& size, double a_vt_volt_m) {
    return a_vt_volt_m / std::sqrt(size.input_width_m * size.input_length_m);
}

Definition strongarm(const StrongArmSize& size) {
    const bool is_p = size.pair == InputPair::p;
    const double width = size.input_width_m;
    Circuit c("strongarm", {"inp", "inn", "clk", "q", "vdd"});
    c.describe(is_p ? "clocked comparator with a PMOS pair, for inputs below half of the supply"
                    : "clocked comparator with an NMOS pair, for inputs above half of the supply");
    const Gates gates(c);
    const Sides sides{gates, size.pair};
    // High while the latch is reset at its far rail; a PMOS pair wants the clock inverted.
    const std::string clock = is_p ? "clkb" : "clk";
    if (is_p) {
        c.section("clock");
        gates.inverter("ick", "clk", "clkb", width / 4);
    }
    c.section("input pair");
    sides.same("mt", "tail", clock, sides.near_rail(), width);
    add_input(c, "m1", "x1", "inp", size);
    add_input(c, "m2", "x2", "inn", size);
    c.section("regeneration");
    sides.same("m3", "o1", "o2", "x1", width / 2);
    sides.same("m4", "o2", "o1", "x2", width / 2);
    sides.other("m5", "o1", "o2", sides.far_rail(), width / 2);
    sides.other("m6", "o2", "o1", sides.far_rail(), width / 2);
    c.section("reset");
    sides.other("mr1", "o1", clock, sides.far_rail(), width / 4);
    sides.other("mr2", "o2", clock, sides.far_rail(), width / 4);
    sides.other("mr3", "x1", clock, sides.far_rail(), width / 8);
    sides.other("mr4", "x2", clock, sides.far_rail(), width / 8);
    c.section("set-reset latch: holds the decision through the reset");
    // The side with the higher input lets less current through a PMOS pair, more through NMOS.
    // Behind inverters: the load of the regenerating nets must not depend on the last decision.
    gates.chain("is", is_p ? "o2" : "o1", "s", is_p ? 2 : 1, width / 16);
    gates.chain("ir", is_p ? "o1" : "o2", "r", is_p ? 2 : 1, width / 16);
    gates.nor("gs", "s", "q", "qb", width / 16);
    gates.nor("gr", "r", "qb", "q", width / 16);
    return share(std::move(c));
}

}  // namespace mho::netlist
