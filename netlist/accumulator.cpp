// SPDX-License-Identifier: Apache-2.0
#include "netlist/accumulator.h"

#include <algorithm>

#include "netlist/gates.h"

namespace mho::netlist {
namespace {

constexpr int kShareSettledBits = 10;
constexpr double kOtherWidth = 0.5e-6;  // as the integrator's
constexpr double kOwnFarad = 10e-15;
constexpr double kOwnAloneFarad = 16e-15;
constexpr double kShareFaradPerM = 1.6e-15 / 1e-6;

}  // namespace

Definition accumulator(const ReadoutSpec& spec) {
    Circuit c("accumulator", {"bit", "sum", "v_start", "share", "reset", "vdd"});
    c.describe("adds a bit's charge to the sum and halves it");
    const Gates gates(c);
    c.section("complements");
    gates.inverter("inv", "share", "shareb", 2 * kMinGateWidth);
    gates.inverter("invr", "reset", "resetb", kMinGateWidth);
    c.section("switches and capacitor");
    gates.transmission_gate("share", "bit", "sum", "share", "shareb", share_switch_width_m(spec));
    gates.transmission_gate("clear", "sum", "v_start", "reset", "resetb", kOtherWidth);
    gates.transmission_gate("off", "sum", "v_start", "0", "vdd", kOtherWidth);
    c.capacitor("csum", c.net("sum"), kGround, drawn_farad(spec));
    return share(std::move(c));
}

// Two equal capacitors in series settle through it.
double share_switch_width_m(const ReadoutSpec& spec) {
    const IntegratorSpec& i = spec.integrator;
    return switch_width_m(i.integrate_farad / 2, i.share_second, kShareSettledBits);
}

namespace {

// A small capacitor with a large switch is more parasitic than drawn; its gain is then lower.
double less_parasitic(double farad, double own_farad) {
    return std::max(farad - own_farad, 0.25 * farad);
}

}  // namespace

double drawn_farad(const ReadoutSpec& spec) {
    return less_parasitic(spec.integrator.integrate_farad,
                          kOwnFarad + kShareFaradPerM * share_switch_width_m(spec));
}

double drawn_farad_alone(const ReadoutSpec& spec) {
    return less_parasitic(spec.integrator.integrate_farad, kOwnAloneFarad);
}

}  // namespace mho::netlist
