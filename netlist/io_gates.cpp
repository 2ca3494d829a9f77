// SPDX-License-Identifier: Apache-2.0
#include "netlist/io_gates.h"

#include <cmath>

namespace mho::netlist {
namespace {

constexpr double kWidestIo = 10e-6;  // of one transistor

MosSize sized(double width_m) {
    const double parallel = std::ceil(width_m / kWidestIo * (1 - 1e-9));
    return {.width_m = width_m / parallel,
            .length_m = kIoGateLength,
            .multiplier = static_cast<int>(parallel)};
}

}  // namespace

void IoGates::n(const std::string& name, const std::string& drain, const std::string& gate,
                const std::string& source, double width_m) const {
    circuit_.mosfet(name, {circuit_.net(drain), circuit_.net(gate), circuit_.net(source), kGround},
                    "nch_io", sized(width_m));
}

void IoGates::p(const std::string& name, const std::string& drain, const std::string& gate,
                const std::string& source, double width_m) const {
    circuit_.mosfet(
        name, {circuit_.net(drain), circuit_.net(gate), circuit_.net(source), circuit_.net("vddh")},
        "pch_io", sized(width_m));
}

void IoGates::inverter(const std::string& name, const std::string& in, const std::string& out,
                       double width_m) const {
    p("m" + name + "p", out, in, "vddh", 2 * width_m);
    n("m" + name + "n", out, in, "0", width_m);
}

}  // namespace mho::netlist
