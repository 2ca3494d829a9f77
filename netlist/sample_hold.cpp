// SPDX-License-Identifier: Apache-2.0
#include "netlist/sample_hold.h"

#include <algorithm>

#include "netlist/gates.h"
#include "netlist/mos.h"

namespace mho::netlist {
namespace {

constexpr int kSettledBits = 10;
// Of the buffer: the zero lies beyond the second pole.
constexpr double kBufferMillerFarad = 30e-15;
constexpr double kBufferZeroOhm = 8e3;

}  // namespace

Definition sample_hold(const ReadoutSpec& spec) {
    const IntegratorSpec& i = spec.integrator;
    Circuit c("sample_hold", {"in", "out", "sample", "vdd"});
    c.describe("transmission gate, dummy of half its size, hold capacitor");
    const Gates gates(c);
    // A dummy is half as wide and may not be narrower than the technology's least.
    const double width = std::max(switch_width_m(i.hold_farad, i.sample_second / 2, kSettledBits),
                                  2 * kMinGateWidth);
    gates.inverter("sample", "sample", "sampleb", width / 2);
    gates.transmission_gate("s", "in", "out", "sample", "sampleb", width);
    gates.transmission_gate("d", "out", "out", "sampleb", "sample", width / 2);
    c.capacitor("chold", c.net("out"), kGround, i.hold_farad);
    return share(std::move(c));
}

Definition unity_buffer() {
    Circuit c("unity_buffer", {"in", "out", "ibias", "vdd"});
    c.describe("unity-gain buffer: PMOS pair, NMOS mirror, class-A output");
    const Mos mos(c);
    mos.n("mb1", "ibias", "ibias", "0", {0.5e-6, 0.2e-6});
    mos.n("mb2", "vbp", "ibias", "0", {0.5e-6, 0.2e-6});
    mos.p("mb3", "vbp", "vbp", "vdd", {2e-6, 0.2e-6});
    c.section("pair, whose other input is the output, and mirror");
    mos.p("mt", "tail", "vbp", "vdd", {2e-6, 0.2e-6, 4});
    mos.p("m1", "n1", "out", "tail", {4e-6, 0.1e-6});
    mos.p("m2", "v1", "in", "tail", {4e-6, 0.1e-6});
    mos.n("m3", "n1", "n1", "0", {0.5e-6, 0.2e-6, 2});
    mos.n("m4", "v1", "n1", "0", {0.5e-6, 0.2e-6, 2});
    c.section("second stage");
    mos.n("mo", "out", "v1", "0", {0.5e-6, 0.2e-6, 12});
    mos.p("mop", "out", "vbp", "vdd", {2e-6, 0.2e-6, 12});
    c.resistor("rz", c.net("v1"), c.net("z"), kBufferZeroOhm);
    c.capacitor("cc", c.net("z"), c.net("out"), kBufferMillerFarad);
    return share(std::move(c));
}

}  // namespace mho::netlist
