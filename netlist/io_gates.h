// SPDX-License-Identifier: Apache-2.0
// I/O transistors at minimum length and inverters of them, by net name; supply net "vddh". Wide
// ones are several in parallel.
#pragma once

#include <string>

#include "netlist/circuit.h"

namespace mho::netlist {

class IoGates {
  public:
    explicit IoGates(Circuit& circuit) : circuit_(circuit) {}  // refers to the circuit

    // Bulk at its rail.
    void n(const std::string& name, const std::string& drain, const std::string& gate,
           const std::string& source, double width_m) const;
    void p(const std::string& name, const std::string& drain, const std::string& gate,
           const std::string& source, double width_m) const;
    // NMOS of this width, PMOS of twice: pulls up as strongly as down.
    void inverter(const std::string& name, const std::string& in, const std::string& out,
                  double width_m) const;

  private:
    Circuit& circuit_;
};

inline constexpr double kIoGateLength = 0.27e-6;
inline constexpr double kMinIoInverterWidth = 0.4e-6;
// Gate capacitance per width at that length, with the channel on: Cgg of nch_io and pch_io of
// generic40 (docs/technology.md).
inline constexpr double kIoGateFaradPerM = 2.07e-15 / 1e-6;

}  // namespace mho::netlist
