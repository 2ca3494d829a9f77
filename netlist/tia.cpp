// SPDX-License-Identifier: Apache-2.0
// Sized for 5 uA of reference current; every branch mirrors it, so that currents scale with it.
#include "netlist/tia.h"

#include <cmath>

#include "netlist/mos.h"

namespace mho::netlist {
namespace {

// Feedback capacitor at 10 kohm; with the square root of rf it keeps the overshoot of the step
// response below 19 % from 5 to 40 kohm and 20 to 200 fF of bitline.
constexpr double kFeedbackFarad = 70e-15;
constexpr double kFeedbackOhm = 10e3;
constexpr double kMillerFarad = 80e-15;
constexpr double kZeroOhm = 1.2e3;  // moves the Miller zero to the left half plane

void bias(Circuit& c, const Mos& mos) {
    c.section("bias: mirrors of the reference current and cascode gate voltages");
    mos.n("mb1", "ibias", "ibias", "0", {1.5e-6, 0.1e-6});
    mos.n("mb2", "vbp", "ibias", "0", {1.5e-6, 0.1e-6});
    mos.p("mb3", "vbp", "vbp", "vdd", {2e-6, 0.1e-6});
    mos.p("mb4", "vbnc", "vbp", "vdd", {2e-6, 0.1e-6});
    mos.n("mb5", "vbnc", "vbnc", "0", {0.4e-6, 0.6e-6});
    mos.n("mb6", "vbpc", "ibias", "0", {1.5e-6, 0.1e-6});
    mos.p("mb7", "vbpc", "vbpc", "vdd", {1e-6, 0.5e-6});
}

void first_stage(Circuit& c, const Mos& mos) {
    c.section("first stage: PMOS pair, folded into NMOS cascodes, PMOS cascode mirror load");
    mos.p("mt", "tail", "vbp", "vdd", {2e-6, 0.1e-6, 12});
    mos.p("m1", "f1", "in", "tail", {4e-6, 0.06e-6, 4});
    mos.p("m2", "f2", "vcm", "tail", {4e-6, 0.06e-6, 4});
    mos.n("mn1", "f1", "ibias", "0", {1.5e-6, 0.1e-6, 10});
    mos.n("mn2", "f2", "ibias", "0", {1.5e-6, 0.1e-6, 10});
    mos.n("mc1", "x1", "vbnc", "f1", {2e-6, 0.06e-6, 2});
    mos.n("mc2", "v1", "vbnc", "f2", {2e-6, 0.06e-6, 2});
    mos.p("mq1", "x1", "vbpc", "p1", {4e-6, 0.06e-6, 2});
    mos.p("mq2", "v1", "vbpc", "p2", {4e-6, 0.06e-6, 2});
    mos.p("mp1", "p1", "x1", "vdd", {2e-6, 0.1e-6, 4});
    mos.p("mp2", "p2", "x1", "vdd", {2e-6, 0.1e-6, 4});
}

}  // namespace

Definition tia(const ReadoutSpec& spec) {
    Circuit c("tia", {"in", "out", "vcm", "ibias", "vdd"});
    c.describe("transimpedance amplifier: folded cascode, class-A output");
    const Mos mos(c);
    bias(c, mos);
    first_stage(c, mos);
    c.section("output stage and feedback");
    mos.n("mo", "out", "v1", "0", {2e-6, 0.06e-6, 6});
    mos.p("mop", "out", "vbp", "vdd", {2e-6, 0.1e-6, 12});
    c.resistor("rz", c.net("v1"), c.net("z"), kZeroOhm);
    c.capacitor("cc", c.net("z"), c.net("out"), kMillerFarad);
    c.resistor("rf", c.net("in"), c.net("out"), spec.feedback_ohm);
    c.capacitor("cf", c.net("in"), c.net("out"),
                kFeedbackFarad * std::sqrt(kFeedbackOhm / spec.feedback_ohm));
    return share(std::move(c));
}

}  // namespace mho::netlist
