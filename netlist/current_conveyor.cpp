// SPDX-License-Identifier: Apache-2.0
// Sized for 5 uA of reference current; every branch mirrors it, so that currents scale with it.
#include "netlist/current_conveyor.h"

#include "netlist/mos.h"

namespace mho::netlist {
namespace {

constexpr double kFeedforwardFarad = 38e-15 / 8;  // from the column to the gates, per fifth
constexpr int kLeastFifths = 8;  // of the reference current into the column: the loop's damping
constexpr Mos::Size kUnit{2e-6, 0.2e-6};     // of the sink; 10 uA at 0.2 V of overdrive
constexpr Mos::Size kFifth{0.4e-6, 0.2e-6};  // a fifth of the reference current
// Takes it off at the output; cascoded, in weak inversion, so that it does so from 0.15 V on.
constexpr Mos::Size kSink{2e-6, 0.5e-6}, kSinkCascode{4e-6, 0.1e-6};

void bias(Circuit& c, const Mos& mos, int fifths) {
    c.section("bias: mirrors of the reference current and cascode gate voltages");
    mos.n("mb1", "ibias", "ibias", "0", {1.5e-6, 0.1e-6});
    mos.n("mb2", "vbp", "ibias", "0", {1.5e-6, 0.1e-6});
    mos.p("mb3", "vbp", "vbp", "vdd", {2e-6, 0.2e-6});
    mos.p("mb4", "vbnc", "vbp", "vdd", {2e-6, 0.2e-6});
    mos.n("mb5", "vbnc", "vbnc", "0", {0.4e-6, 0.6e-6});
    mos.n("mb6", "vbpc", "ibias", "0", {1.5e-6, 0.1e-6});
    mos.p("mb7", "vbpc", "vbpc", "vdd", {1e-6, 0.5e-6});
    mos.p("mb8", "vbo", "vbp", "vdd", {2e-6, 0.2e-6});
    mos.n("mb9", "vbo", "vbo", "0", {0.25e-6, 1e-6});
    c.section("a unit's standing current, for the sink at the output");
    mos.p("mb10", "vbk", "vbp", "vdd", {kFifth.width_m, kFifth.length_m, fifths});
    mos.p("mb12", "vbn", "vbpc", "vbk", {0.4e-6, 0.06e-6, fifths});
    mos.n("mb13", "vbn", "vbs", "vbm", {kSinkCascode.width_m, kSinkCascode.length_m, fifths});
    mos.n("mb11", "vbm", "vbn", "0", {kSink.width_m, kSink.length_m, fifths});
    mos.p("mb14", "vbs", "vbp", "vdd", kFifth);
    mos.n("mb15", "vbs", "vbs", "0", {1.2e-6, 1e-6});
}

// More current for more units, which are a larger load; too much of it lets the column ring.
void amplifier(Circuit& c, const Mos& mos, int units) {
    const int pair = units < 2 * kLeastFifths ? 1 : 2;
    const int folded = pair + 1;
    c.section("op-amp: PMOS pair, folded into NMOS cascodes, PMOS cascode mirror load");
    mos.p("mt", "tail", "vbp", "vdd", {3e-6, 0.2e-6, pair});
    mos.p("m1", "f1", "in", "tail", {4e-6, 0.06e-6, 2});
    mos.p("m2", "f2", "vcm", "tail", {4e-6, 0.06e-6, 2});
    mos.n("mn1", "f1", "ibias", "0", {1.5e-6, 0.1e-6, folded});
    mos.n("mn2", "f2", "ibias", "0", {1.5e-6, 0.1e-6, folded});
    mos.n("mc1", "x1", "vbnc", "f1", {2e-6, 0.06e-6});
    mos.n("mc2", "gate", "vbnc", "f2", {2e-6, 0.06e-6});
    mos.p("mq1", "x1", "vbpc", "p1", {4e-6, 0.06e-6});
    mos.p("mq2", "gate", "vbpc", "p2", {4e-6, 0.06e-6});
    mos.p("mp1", "p1", "x1", "vdd", {2e-6, 0.2e-6});
    mos.p("mp2", "p2", "x1", "vdd", {2e-6, 0.2e-6});
}

}  // namespace

Definition current_conveyor(const ReadoutSpec& spec) {
    const int ratio = spec.integrator.mirror_ratio;
    Circuit c("current_conveyor", {"in", "out", "vcm", "ibias", "vdd"});
    c.describe("holds a column at vcm and mirrors its current down");
    const Mos mos(c);
    // Of every unit, the one behind included.
    const int fifths = (kLeastFifths + ratio - 1) / ratio;
    bias(c, mos, fifths);
    amplifier(c, mos, ratio * fifths);
    c.section("sink of the column's current, and the current that keeps it on");
    mos.n("ms", "in", "gate", "0", {kUnit.width_m, kUnit.length_m, ratio});
    mos.p("mk", "k", "vbp", "vdd", {kFifth.width_m, kFifth.length_m, ratio * fifths});
    mos.p("mck", "in", "vbpc", "k", {0.4e-6, 0.06e-6, ratio * fifths});
    c.capacitor("cf", c.net("in"), c.net("gate"), kFeedforwardFarad * ratio * fifths);
    c.section("one unit of it, turned round");
    mos.n("mu", "u", "gate", "0", kUnit);
    mos.n("mcu", "y", "vbo", "u", {4e-6, 0.06e-6, 2});
    mos.p("my1", "d1", "y", "vdd", {2e-6, 0.2e-6});
    mos.p("my2", "d2", "y", "vdd", {2e-6, 0.2e-6});
    mos.p("mcy1", "y", "vbpc", "d1", {2e-6, 0.06e-6});
    mos.p("mcy2", "out", "vbpc", "d2", {2e-6, 0.06e-6});
    mos.n("mco", "out", "vbs", "o", {kSinkCascode.width_m, kSinkCascode.length_m, fifths});
    mos.n("mo", "o", "vbn", "0", {kSink.width_m, kSink.length_m, fifths});
    return share(std::move(c));
}

double conveyor_most_ampere(const ReadoutSpec& spec) {
    return spec.integrator.mirror_ratio * kConveyorUnitAmpere;
}

}  // namespace mho::netlist
