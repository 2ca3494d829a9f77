// SPDX-License-Identifier: Apache-2.0
#include "netlist/cell_subckt.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "netlist/deck_read.h"
#include "netlist/value.h"

namespace mho::netlist {
namespace {

CellPort port_of(const UserCellSpec& spec, const std::string& text) {
    using PortRole = CellPort::Role;
    if (text == "row") return {PortRole::row, 0};
    if (text == "col") return {PortRole::column, 0};
    if (text == "wl") return {PortRole::select, 0};
    if (text == "0") return {PortRole::ground, 0};
    if (const auto volt = spice_number(text)) return {PortRole::bias, *volt};
    throw bad_input(
        "[cell.subckt] ports: expected row, col, wl, 0 or a voltage for a port of '{}', found "
        "\"{}\"",
        spec.subckt, text);
}

void require_roles(const UserCellSpec& spec, const Cell& cell) {
    const auto count = [&](CellPort::Role role) {
        return std::count_if(cell.ports.begin(), cell.ports.end(),
                             [&](const CellPort& port) { return port.role == role; });
    };
    if (count(CellPort::Role::row) == 1 && count(CellPort::Role::column) == 1 &&
        count(CellPort::Role::select) <= 1) {
        return;
    }
    throw bad_input(
        "[cell.subckt] ports: expected one row, one col and at most one wl for the ports of '{}'",
        spec.subckt);
}

void require_state(const UserCellSpec& spec, const Circuit& circuit) {
    const auto parameters = circuit.parameters();
    const bool known =
        std::any_of(parameters.begin(), parameters.end(),
                    [&](const ParameterValue& parameter) { return parameter.name == spec.state; });
    if (known) return;
    throw bad_input("[cell.subckt] state: '{}' in {} has no parameter '{}'", spec.subckt,
                    spec.file.string(), spec.state);
}

}  // namespace

Cell cell_subckt(const UserCellSpec& spec) {
    const std::string where = spec.file.string();
    Subcircuit read = read_subcircuit(read_file(spec.file), where, spec.subckt);
    Cell cell;
    cell.definition = std::move(read.definition);
    if (spec.ports.size() != cell.definition->ports().size()) {
        throw bad_input("[cell.subckt] ports: '{}' in {} has {} ports, found {} texts", spec.subckt,
                        where, cell.definition->ports().size(), spec.ports.size());
    }
    for (const std::string& text : spec.ports) cell.ports.push_back(port_of(spec, text));
    require_roles(spec, cell);
    require_state(spec, *cell.definition);
    for (Library& library : read.libraries) {
        if (!library.text.empty()) {
            library.file = spec.file.filename();
        } else if (library.file.is_relative()) {
            library.file = spec.file.parent_path() / library.file;
        }
        cell.libraries.push_back(std::move(library));
    }
    cell.state = [name = spec.state, is_ohm = spec.state_unit == "ohm"](double g, CellSign) {
        return std::vector<ParameterValue>{{name, is_ohm ? 1 / g : g}};
    };
    return cell;
}

}  // namespace mho::netlist
