// SPDX-License-Identifier: Apache-2.0
#include "netlist/readout_subckt.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "netlist/deck_read.h"
#include "netlist/value.h"

namespace mho::netlist {
namespace {

using ReadoutRole = ReadoutPort::Role;

ReadoutPort port_of(const UserReadoutSpec& spec, const std::string& text) {
    constexpr std::pair<const char*, ReadoutRole> kRoles[] = {
        {"in", ReadoutRole::input},        {"out", ReadoutRole::output},
        {"vcm", ReadoutRole::common_mode}, {"vdd", ReadoutRole::supply},
        {"ibias", ReadoutRole::reference}, {"0", ReadoutRole::ground}};
    for (const auto& [name, role] : kRoles) {
        if (text == name) return {role, 0};
    }
    if (const auto volt = spice_number(text)) return {ReadoutRole::bias, *volt};
    throw bad_input(
        "[readout.subckt] ports: expected in, out, vcm, vdd, ibias, 0 or a voltage for a port of "
        "'{}', found \"{}\"",
        spec.subckt, text);
}

void require_roles(const UserReadoutSpec& spec, const UserReadout& readout) {
    const auto count = [&](ReadoutRole role) {
        return std::count_if(readout.ports.begin(), readout.ports.end(),
                             [&](const ReadoutPort& port) { return port.role == role; });
    };
    if (count(ReadoutRole::input) == 1 && count(ReadoutRole::output) == 1 &&
        count(ReadoutRole::common_mode) == 1 && count(ReadoutRole::supply) <= 1 &&
        count(ReadoutRole::reference) <= 1) {
        return;
    }
    throw bad_input(
        "[readout.subckt] ports: expected one in, one out, one vcm, at most one vdd and one ibias "
        "for the ports of '{}'",
        spec.subckt);
}

}  // namespace

bool UserReadout::has(ReadoutRole role) const {
    return std::any_of(ports.begin(), ports.end(),
                       [&](const ReadoutPort& port) { return port.role == role; });
}

UserReadout user_readout(const UserReadoutSpec& spec) {
    const std::string where = spec.file.string();
    Subcircuit read = read_subcircuit(read_file(spec.file), where, spec.subckt);
    UserReadout readout{std::move(read.definition), {}, {}};
    if (spec.ports.size() != readout.definition->ports().size()) {
        throw bad_input("[readout.subckt] ports: '{}' in {} has {} ports, found {} texts",
                        spec.subckt, where, readout.definition->ports().size(), spec.ports.size());
    }
    for (const std::string& text : spec.ports) readout.ports.push_back(port_of(spec, text));
    require_roles(spec, readout);
    for (Library& library : read.libraries) {
        if (!library.text.empty()) {
            library.file = spec.file.filename();
        } else if (library.file.is_relative()) {
            library.file = spec.file.parent_path() / library.file;
        }
        readout.libraries.push_back(std::move(library));
    }
    return readout;
}

}  // namespace mho::netlist
