// SPDX-License-Identifier: Apache-2.0
#include "netlist/cell_resistive.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>

#include "netlist/value.h"

namespace mho::netlist {
namespace {

// Defaults of parameters, which every instance overrides.
constexpr double kDefaultOhm = 1e6;
constexpr double kDefaultSiemens = 1e-6;

std::vector<std::string> ports(double gate_volt) {
    if (gate_volt > 0) return {"row", "col", "wl"};
    return {"row", "col"};
}

// A current from one net to the other, where the gate is on.
void gated_current(Circuit& c, const char* name, NetId from, NetId to, const std::string& law,
                   double gate_volt) {
    const std::string gate =
        gate_volt > 0 ? fmt::format("u(v(wl)-{})*", number_text(gate_volt / 2)) : std::string();
    c.behavioural_current(name, from, to, fmt::format("{}({})", gate, law));
}

Definition law_cell(const char* name, const char* about, std::vector<ParameterValue> parameters,
                    const std::string& law, double gate_volt) {
    Circuit c(name, ports(gate_volt), std::move(parameters));
    c.describe(about);
    gated_current(c, "bcell", c.net("row"), c.net("col"), law, gate_volt);
    return share(std::move(c));
}

double cubic(double a0, double a1, double a2, double a3, double x) {
    return a0 + x * (a1 + x * (a2 + x * a3));
}

}  // namespace

Definition cell_ohmic(double gate_volt) {
    if (gate_volt > 0) {
        return law_cell("cell_1r", "conductance g behind an ideal select gate",
                        {{"g", kDefaultSiemens}}, "g*v(row,col)", gate_volt);
    }
    Circuit c("cell_1r", ports(0), {{"r", kDefaultOhm}});
    c.describe("programmable resistor r");
    c.resistor("rcell", c.net("row"), c.net("col"), Value::parameter("r"));
    return share(std::move(c));
}

Definition cell_polynomial(double gate_volt) {
    return law_cell("cell_1r_polynomial", "programmable resistor g v + a2 v^2 + a3 v^3",
                    {{"g", kDefaultSiemens}, {"a2", 0.0}, {"a3", 0.0}},
                    "v(row,col)*(g+v(row,col)*(a2+a3*v(row,col)))", gate_volt);
}

std::vector<ParameterValue> polynomial_state(const PolynomialLaw& law, double g_siemens) {
    const double x = std::log10(g_siemens);
    return {{"g", g_siemens},
            {"a2", cubic(law.a2_0, law.a2_1, law.a2_2, law.a2_3, x)},
            {"a3", cubic(law.a3_0, law.a3_1, law.a3_2, law.a3_3, x)}};
}

Definition cell_sinh(const SinhLaw& law, double gate_volt) {
    const std::string v0 = number_text(law.scale_volt);
    return law_cell("cell_1r_sinh", "programmable resistor g v0 sinh(v / v0)",
                    {{"g", kDefaultSiemens}}, fmt::format("g*{}*sinh(v(row,col)/{})", v0, v0),
                    gate_volt);
}

Definition cell_1s1r(const SelectorSpec& spec, double gate_volt) {
    Circuit c("cell_1s1r", ports(gate_volt), {{"r", kDefaultOhm}});
    c.describe("threshold-exponential selector in series with a programmable resistor r");
    const NetId middle = c.net("n");
    const double scale = spec.threshold_ampere / std::sinh(spec.threshold_volt / spec.slope_volt);
    gated_current(
        c, "bselector", c.net("row"), middle,
        fmt::format("{}*sinh(v(row,n)/{})", number_text(scale), number_text(spec.slope_volt)),
        gate_volt);
    c.resistor("rcell", middle, c.net("col"), Value::parameter("r"));
    return share(std::move(c));
}

Definition cell_ecram(const EcramSpec& spec, double gate_volt) {
    std::vector<std::string> names = ports(gate_volt);
    names.emplace_back("gate");
    const bool has_select = gate_volt > 0;
    Circuit c(
        "cell_ecram", names,
        {has_select ? ParameterValue{"g", kDefaultSiemens} : ParameterValue{"r", kDefaultOhm}});
    c.describe("ion-gated channel in read: its state, and the gate's leak and capacitance");
    if (has_select) {
        gated_current(c, "bchannel", c.net("row"), c.net("col"), "g*v(row,col)", gate_volt);
    } else {
        c.resistor("rchannel", c.net("row"), c.net("col"), Value::parameter("r"));
    }
    c.resistor("rgate", c.net("gate"), c.net("col"), spec.gate_ohm);
    if (spec.gate_farad > 0) c.capacitor("cgate", c.net("gate"), c.net("col"), spec.gate_farad);
    return share(std::move(c));
}

}  // namespace mho::netlist
