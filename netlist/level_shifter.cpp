// SPDX-License-Identifier: Apache-2.0
#include "netlist/level_shifter.h"

#include "netlist/gates.h"
#include "netlist/io_gates.h"

namespace mho::netlist {
namespace {

constexpr double kPullWidth = 4e-6;
constexpr double kLoadWidth = 0.4e-6;

}  // namespace

Definition level_shifter() {
    Circuit c("level_shifter", {"in", "out", "outb", "vdd", "vddh"});
    c.describe("core to I/O levels: cross-coupled PMOS over an NMOS pair");
    c.section("complement");
    Gates(c).inverter("inv", "in", "inb", 0.5e-6);
    c.section("pair and cross-coupled loads");
    const IoGates io(c);
    io.n("mn1", "outb", "in", "0", kPullWidth);
    io.n("mn2", "out", "inb", "0", kPullWidth);
    io.p("mp1", "outb", "out", "vddh", kLoadWidth);
    io.p("mp2", "out", "outb", "vddh", kLoadWidth);
    return share(std::move(c));
}

}  // namespace mho::netlist
