// SPDX-License-Identifier: Apache-2.0
// Static gates and switches of core transistors at minimum length, by net name; supply net "vdd".
// A gate's width is that of its NMOS; its PMOS is twice as wide. Wide ones are several transistors
// in parallel.
#pragma once

#include <string>

#include "netlist/circuit.h"

namespace mho::netlist {

inline constexpr double kMinGateWidth = 0.12e-6;  // the technology's least, at the core supply
inline constexpr double kGateLength = 0.04e-6;

class Gates {
  public:
    explicit Gates(Circuit& circuit) : circuit_(circuit) {}  // refers to the circuit

    void inverter(const std::string& name, const std::string& in, const std::string& out,
                  double width_m) const;
    // Inverters one behind the other with nets <name>_1 .. between them.
    void chain(const std::string& name, const std::string& in, const std::string& out, int count,
               double width_m) const;
    void nor(const std::string& name, const std::string& a, const std::string& b,
             const std::string& out, double width_m) const;
    void nand(const std::string& name, const std::string& a, const std::string& b,
              const std::string& out, double width_m) const;
    // Closed while `on` is high and `off` low. Both transistors have this width.
    void transmission_gate(const std::string& name, const std::string& a, const std::string& b,
                           const std::string& on, const std::string& off, double width_m) const;

    // One transistor, drain gate source, bulk at its rail.
    void n(const std::string& name, const std::string& drain, const std::string& gate,
           const std::string& source, double width_m, double length_m = kGateLength) const;
    void p(const std::string& name, const std::string& drain, const std::string& gate,
           const std::string& source, double width_m, double length_m = kGateLength) const;

  private:
    void add(const std::string& name, const MosPins& pins, const char* model, double width_m,
             double length_m) const;

    Circuit& circuit_;
};

// Resistance times width of a transmission gate where it conducts least, at .55 V with a supply of
// 1.1 V: dc sweep of generic40 (tt, 27 C) with 1 um of both transistors.
inline constexpr double kWorstSwitchOhmM = 24e3 * 1e-6;

// The width at which such a switch settles farad to 1/4 of 2^-bits within second, R C (bits + 2) ln
// 2 = second, where it conducts least; never below kMinGateWidth.
double switch_width_m(double farad, double second, int bits);

}  // namespace mho::netlist
