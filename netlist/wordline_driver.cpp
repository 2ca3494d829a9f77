// SPDX-License-Identifier: Apache-2.0
#include "netlist/wordline_driver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "netlist/gates.h"
#include "netlist/io_gates.h"
#include "netlist/level_shifter.h"

namespace mho::netlist {
namespace {

constexpr double kFanOut = 4;
constexpr double kLatchWidth = 0.24e-6;  // drives the shifter's pair of 4 um I/O transistors
// An odd number of buffers ends a pulse 0.10 ns later than it starts it, an even one as much
// earlier (ngspice, generic40, 4 and 16 columns); so one of the two edges is delayed.
constexpr int kLateInverters = 12;

}  // namespace

std::vector<double> buffer_widths(double load_farad) {
    const double smallest = 3 * kMinIoInverterWidth * kIoGateFaradPerM;
    const double ratio = std::max(1.0, load_farad / smallest);
    const int stages =
        std::max(1, static_cast<int>(std::lround(std::log(ratio) / std::log(kFanOut))));
    std::vector<double> widths;
    for (int k = 0; k < stages; ++k) {
        widths.push_back(kMinIoInverterWidth * std::pow(ratio, static_cast<double>(k) / stages));
    }
    return widths;
}

Definition wordline_driver(double load_farad) {
    Circuit c("wordline_driver", {"in", "wl", "vdd", "vddh"});
    c.describe("one bit to a gate line: level shifter and buffers");
    c.section("level shifter");
    c.instance("xshift", level_shifter(),
               {{"in", c.net("in")},
                {"out", c.net("high")},
                {"outb", c.net("highb")},
                {"vdd", c.net("vdd")},
                {"vddh", c.net("vddh")}});
    c.section("buffers");
    const std::vector<double> widths = buffer_widths(load_farad);
    const IoGates io(c);
    std::string in = widths.size() % 2 == 0 ? "high" : "highb";
    for (std::size_t k = 0; k < widths.size(); ++k) {
        const std::string out = k + 1 == widths.size() ? "wl" : fmt::format("b{}", k + 1);
        io.inverter(fmt::format("b{}", k), in, out, widths[k]);
        in = out;
    }
    return share(std::move(c));
}

Definition pulse_width_driver(double load_farad) {
    Circuit c("pulse_width_driver", {"set", "reset", "wl", "vdd", "vddh"});
    c.describe("a pulse on a gate line from set to reset: latch, level shifter, buffers");
    const Gates gates(c);
    c.section("delay of one edge, so that a pulse is as long as from set to reset");
    const bool late_end = buffer_widths(load_farad).size() % 2 == 0;
    gates.chain("late", late_end ? "reset" : "set", "late", kLateInverters, kLatchWidth);
    c.section("latch");
    gates.nor("gq", late_end ? "late" : "reset", "qb", "q", kLatchWidth);
    gates.nor("gb", late_end ? "set" : "late", "q", "qb", kLatchWidth);
    // The shifter's pair would slow the latch down.
    gates.chain("buf", "q", "pulse", 2, 4 * kLatchWidth);
    c.section("driver");
    c.instance("xdriver", wordline_driver(load_farad),
               {{"in", c.net("pulse")},
                {"wl", c.net("wl")},
                {"vdd", c.net("vdd")},
                {"vddh", c.net("vddh")}});
    return share(std::move(c));
}

}  // namespace mho::netlist
