// SPDX-License-Identifier: Apache-2.0
#include "netlist/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mho::netlist {
namespace {

constexpr double kWidest = 5e-6;  // of one transistor

}  // namespace

void Gates::add(const std::string& name, const MosPins& pins, const char* model, double width_m,
                double length_m) const {
    const double width = std::max(width_m, kMinGateWidth);
    const double parallel = std::ceil(width / kWidest * (1 - 1e-9));
    circuit_.mosfet(name, pins, model,
                    {.width_m = width / parallel,
                     .length_m = length_m,
                     .multiplier = static_cast<int>(parallel)});
}

void Gates::n(const std::string& name, const std::string& drain, const std::string& gate,
              const std::string& source, double width_m, double length_m) const {
    add(name, {circuit_.net(drain), circuit_.net(gate), circuit_.net(source), kGround}, "nch",
        width_m, length_m);
}

void Gates::p(const std::string& name, const std::string& drain, const std::string& gate,
              const std::string& source, double width_m, double length_m) const {
    add(name, {circuit_.net(drain), circuit_.net(gate), circuit_.net(source), circuit_.net("vdd")},
        "pch", width_m, length_m);
}

void Gates::inverter(const std::string& name, const std::string& in, const std::string& out,
                     double width_m) const {
    const double width = std::max(width_m, kMinGateWidth);
    p("m" + name + "p", out, in, "vdd", 2 * width);
    n("m" + name + "n", out, in, "0", width);
}

void Gates::chain(const std::string& name, const std::string& in, const std::string& out, int count,
                  double width_m) const {
    for (int k = 0; k < count; ++k) {
        inverter(fmt::format("{}{}", name, k), k == 0 ? in : fmt::format("{}_{}", name, k),
                 k + 1 == count ? out : fmt::format("{}_{}", name, k + 1), width_m);
    }
}

void Gates::nor(const std::string& name, const std::string& a, const std::string& b,
                const std::string& out, double width_m) const {
    const double width = std::max(width_m, kMinGateWidth);
    const std::string middle = name + "_m";
    p("m" + name + "pa", middle, a, "vdd", 2 * width);
    p("m" + name + "pb", out, b, middle, 2 * width);
    n("m" + name + "na", out, a, "0", width);
    n("m" + name + "nb", out, b, "0", width);
}

void Gates::nand(const std::string& name, const std::string& a, const std::string& b,
                 const std::string& out, double width_m) const {
    const double width = std::max(width_m, kMinGateWidth);
    const std::string middle = name + "_m";
    n("m" + name + "na", middle, a, "0", 2 * width);
    n("m" + name + "nb", out, b, middle, 2 * width);
    p("m" + name + "pa", out, a, "vdd", 2 * width);
    p("m" + name + "pb", out, b, "vdd", 2 * width);
}

void Gates::transmission_gate(const std::string& name, const std::string& a, const std::string& b,
                              const std::string& on, const std::string& off, double width_m) const {
    n("m" + name + "n", a, on, b, width_m);
    p("m" + name + "p", a, off, b, width_m);
}

double switch_width_m(double farad, double second, int bits) {
    return std::max(kMinGateWidth, kWorstSwitchOhmM * farad * (bits + 2) * std::log(2.0) / second);
}

}  // namespace mho::netlist
