// SPDX-License-Identifier: Apache-2.0
#include "netlist/ramp_adc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "netlist/mos.h"

namespace mho::netlist {
namespace {

constexpr double kMirrorRatio = 4;                // ramp current over reference current
constexpr double kNominalAmpere = 7.8e-6;         // ramp current the source is sized for
constexpr double kOwnLoadFarad = 16e-15;          // switch and source drains, measured on the ramp
constexpr double kComparatorLoadFarad = 1.5e-15;  // one comparator, measured as change of slope
constexpr double kResetSecond = 20e-9;            // of the nominal capacitor, to below 0.1 LSB
constexpr double kNominalFarad = 4e-12;
constexpr double kCounterDelaySecond = 2e-9;  // about the comparator's delay

}  // namespace

double ramp_second(const AdcSpec& spec) {
    return std::ldexp(1.0, spec.bits) / spec.clock_hertz;
}

// C dV/dt = I: the current is kept, so the capacitor follows the slope asked for.
double ramp_capacitor_farad(const AdcSpec& spec) {
    return kNominalAmpere * ramp_second(spec) / (spec.high_volt - spec.low_volt);
}

double ramp_load_farad(const AdcSpec& spec) {
    return (spec.shared_by - 1) * kComparatorLoadFarad;
}

double ramp_total_farad(const AdcSpec& spec) {
    return ramp_capacitor_farad(spec) + kOwnLoadFarad + kComparatorLoadFarad +
           ramp_load_farad(spec);
}

double ramp_ampere(const AdcSpec& spec) {
    return ramp_total_farad(spec) * (spec.high_volt - spec.low_volt) / ramp_second(spec);
}

double ramp_bias_ampere(const AdcSpec& spec) {
    return ramp_ampere(spec) / kMirrorRatio;
}

// Discharge through the switch: its time constant goes with the capacitor.
double ramp_reset_second(const AdcSpec& spec) {
    return kResetSecond * std::max(1.0, ramp_capacitor_farad(spec) / kNominalFarad);
}

double counter_delay_second(const AdcSpec& spec) {
    return std::ceil(kCounterDelaySecond * spec.clock_hertz * (1 - 1e-9)) / spec.clock_hertz;
}

Definition ramp_generator(const AdcSpec& spec) {
    Circuit c("ramp_generator", {"ramp", "reset", "ibias", "v_low", "vdd"});
    c.describe("cascoded PMOS current source into a capacitor, with a reset switch to v_low");
    const Mos mos(c);
    c.section("mirror with cascode");
    mos.p("mp1", "d1", "ibias", "vdd", {2e-6, 0.5e-6});
    mos.p("mc1", "ibias", "vbc", "d1", {2e-6, 0.1e-6});
    mos.p("mp2", "d2", "ibias", "vdd", {2e-6, 0.5e-6, 4});
    mos.p("mc2", "ramp", "vbc", "d2", {2e-6, 0.1e-6, 4});
    c.section("cascode gate voltage");
    mos.p("mp3", "vbn", "ibias", "vdd", {2e-6, 0.5e-6});
    mos.n("mn1", "vbn", "vbn", "0", {1e-6, 0.5e-6});
    mos.n("mn2", "vbc", "vbn", "0", {1e-6, 0.5e-6});
    mos.p("mb", "vbc", "vbc", "vdd", {0.4e-6, 0.5e-6});
    c.section("ramp capacitor and reset switch");
    mos.n("mrst", "ramp", "reset", "v_low", {4e-6, 0.04e-6});
    c.capacitor("cramp", c.net("ramp"), kGround, ramp_capacitor_farad(spec));
    return share(std::move(c));
}

namespace {

Definition comparator(const std::string& circuit_name, const std::vector<std::string>& ports,
                      int together) {
    Circuit c(circuit_name, ports);
    c.describe(
        fmt::format("continuous-time comparator: PMOS pair, NMOS mirror, second stage, inverters{}",
                    together == 1 ? "" : fmt::format("; {} in parallel", together)));
    const Mos mos(c);
    c.section("bias");
    mos.n("mb1", "ibias", "ibias", "0", {0.3e-6, 0.2e-6, together});
    mos.n("mb2", "vbp", "ibias", "0", {0.3e-6, 0.2e-6, together});
    mos.p("mb3", "vbp", "vbp", "vdd", {1e-6, 0.2e-6, together});
    c.section("input pair and second stage");
    mos.p("mt", "tail", "vbp", "vdd", {1e-6, 0.2e-6, 4 * together});
    mos.p("m1", "n1", "ramp", "tail", {4e-6, 0.04e-6, together});
    mos.p("m2", "v1", "vin", "tail", {4e-6, 0.04e-6, together});
    mos.n("m3", "n1", "n1", "0", {0.6e-6, 0.15e-6, together});
    mos.n("m4", "v1", "n1", "0", {0.6e-6, 0.15e-6, together});
    mos.n("m5", "v2", "v1", "0", {0.6e-6, 0.15e-6, 2 * together});
    mos.p("m6", "v2", "vbp", "vdd", {1e-6, 0.2e-6, 4 * together});
    c.section("inverters");
    const auto inverter = [&mos, together](const std::string& name, const char* in, const char* out,
                                           double n_width_m) {
        mos.p(name + "p", out, in, "vdd", {2 * n_width_m, 0.04e-6, together});
        mos.n(name + "n", out, in, "0", {n_width_m, 0.04e-6, together});
    };
    inverter("mi1", "v2", "o1", 0.12e-6);
    inverter("mi2", "o1", "o2", 0.12e-6);
    inverter("mi3", "o2", "out", 0.24e-6);
    return share(std::move(c));
}

}  // namespace

Definition ramp_comparator(int together) {
    return comparator(
        together == 1 ? "ramp_comparator" : fmt::format("ramp_comparators_{}", together),
        {"vin", "ramp", "out", "ibias", "vdd"}, together);
}

Definition ramp_comparator_probed() {
    return comparator("ramp_comparator_probed", {"vin", "ramp", "out", "v2", "ibias", "vdd"}, 1);
}

}  // namespace mho::netlist
