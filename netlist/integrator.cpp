// SPDX-License-Identifier: Apache-2.0
#include "netlist/integrator.h"

#include "netlist/accumulator.h"
#include "netlist/current_conveyor.h"
#include "netlist/gates.h"

namespace mho::netlist {
namespace {

constexpr double kSteerWidth = 0.5e-6;  // 10 uA drop 0.2 V where it conducts least

}  // namespace

Definition integrator(const ReadoutSpec& spec, bool alone) {
    Circuit c("integrator", {"in", "bit", "v_start", "integrate", "reset", "vcm", "ibias", "vdd"});
    c.describe("conveyor whose current charges a capacitor while integrate is high");
    const Gates gates(c);
    c.section("conveyor");
    c.instance("xconveyor", current_conveyor(spec),
               {{"in", c.net("in")},
                {"out", c.net("mid")},
                {"vcm", c.net("vcm")},
                {"ibias", c.net("ibias")},
                {"vdd", c.net("vdd")}});
    c.section("controls that never are high together, and their complements");
    gates.inverter("int", "integrate", "integrateb", kMinGateWidth);
    gates.nor("gon", "integrateb", "dump", "on", kMinGateWidth);
    gates.nor("gdump", "integrate", "on", "dump", kMinGateWidth);
    gates.inverter("onb", "on", "onb", kMinGateWidth);
    gates.inverter("dumpb", "dump", "dumpb", kMinGateWidth);
    gates.inverter("invr", "reset", "resetb", kMinGateWidth);
    c.section("switches and capacitor");
    gates.transmission_gate("on", "mid", "bit", "on", "onb", kSteerWidth);
    gates.transmission_gate("dump", "mid", "v_start", "dump", "dumpb", kSteerWidth);
    gates.transmission_gate("clear", "bit", "v_start", "reset", "resetb", kSteerWidth);
    c.capacitor("cbit", c.net("bit"), kGround, alone ? drawn_farad_alone(spec) : drawn_farad(spec));
    return share(std::move(c));
}

double integrator_ohm(const ReadoutSpec& spec) {
    const IntegratorSpec& i = spec.integrator;
    return i.integrate_second / (i.mirror_ratio * i.integrate_farad);
}

}  // namespace mho::netlist
