// SPDX-License-Identifier: Apache-2.0
#include "netlist/cell.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "netlist/cell_1t1r.h"
#include "netlist/cell_resistive.h"
#include "netlist/cell_sonos.h"
#include "netlist/cell_subckt.h"

namespace mho::netlist {
namespace {

using Role = CellPort::Role;

std::vector<ParameterValue> resistance(double g_siemens, CellSign) {
    return {{"r", 1 / g_siemens}};
}

std::vector<ParameterValue> conductance(double g_siemens, CellSign) {
    return {{"g", g_siemens}};
}

std::vector<CellPort> two_terminals(double gate_volt) {
    std::vector<CellPort> ports{{Role::row}, {Role::column}};
    if (gate_volt > 0) ports.push_back({Role::select});
    return ports;
}

Cell sonos(const Spec& spec) {
    const double common = spec.readout.common_mode_volt;
    const double read = spec.driver.amplitude_volt;
    const auto state = [trap = spec.cell.sonos, common, read](double g_siemens, CellSign sign) {
        const double line = sign == CellSign::positive ? common + read : common - read;
        return std::vector<ParameterValue>{
            {"dvt", sonos_shift_volt(trap, {line, common}, g_siemens * read)}};
    };
    return {
        cell_2t_sonos(spec.cell),
        {{Role::row}, {Role::column}, {Role::select}, {Role::bias, spec.cell.sonos.control_volt}},
        state};
}

Cell ecram(const Spec& spec, double gate_volt) {
    std::vector<CellPort> ports = two_terminals(gate_volt);
    ports.push_back({Role::bias, spec.readout.common_mode_volt});
    return {cell_ecram(spec.cell.ecram, gate_volt), std::move(ports),
            gate_volt > 0 ? conductance : resistance};
}

// Of the n devices of the I/O supply, which the select transistors are.
void require_gate_volt(const Technology& technology, const char* what, double volt) {
    const DeviceLimits& limits = technology.device("nch_io");
    if (volt <= limits.max_volt) return;
    throw bad_input("{} = {} V is more than the {} V that '{}' of technology '{}' takes", what,
                    volt, limits.max_volt, limits.name, technology.name);
}

}  // namespace

bool Cell::has(Role role) const {
    return std::any_of(ports.begin(), ports.end(),
                       [&](const CellPort& port) { return port.role == role; });
}

const std::string& Cell::port_name(std::size_t port) const {
    return definition->net_name(definition->ports()[port]);
}

Cell make_cell(const Spec& spec) {
    const CellSpec& cell = spec.cell;
    const double gate =
        spec.array.shape.topology == Topology::a ? 0 : cell.wordline_volt;  // ideal, if any
    const auto ports = two_terminals(gate);
    switch (cell.kind) {
        case CellKind::ohmic_resistor:
            return {cell_ohmic(gate), ports, gate > 0 ? conductance : resistance};
        case CellKind::polynomial_resistor:
            return {cell_polynomial(gate), ports, [law = cell.polynomial](double g, CellSign) {
                        return polynomial_state(law, g);
                    }};
        case CellKind::sinh_resistor:
            return {cell_sinh(cell.sinh, gate), ports, conductance};
        case CellKind::two_transistor_sonos:
            return sonos(spec);
        case CellKind::one_selector_one_resistor:
            return {cell_1s1r(cell.selector, gate), ports, resistance};
        case CellKind::ecram:
            return ecram(spec, gate);
        case CellKind::user_subcircuit:
            return cell_subckt(cell.user);
        case CellKind::one_transistor_one_resistor:
            break;
    }
    return {cell_1t1r(cell), {{Role::row}, {Role::column}, {Role::select}}, resistance};
}

void require_in_range(const Technology& technology, const Cell& cell, const Spec& spec) {
    // A user's models have limits that only the user knows.
    if (!cell.libraries.empty()) return;
    require_in_range(technology, *cell.definition);
    const bool has_transistor = spec.cell.kind == CellKind::one_transistor_one_resistor ||
                                spec.cell.kind == CellKind::two_transistor_sonos;
    if (has_transistor) {
        require_gate_volt(technology, "[cell] wordline_volt", spec.cell.wordline_volt);
    }
    if (spec.cell.kind == CellKind::two_transistor_sonos) {
        require_gate_volt(technology, "[cell.sonos] control_volt", spec.cell.sonos.control_volt);
    }
    for (const double g : {spec.cell.g_min_siemens, spec.cell.g_max_siemens}) {
        (void)cell.state(g, CellSign::positive);
        if (spec.array.shape.topology == Topology::c) (void)cell.state(g, CellSign::negative);
    }
}

}  // namespace mho::netlist
