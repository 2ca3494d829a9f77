// SPDX-License-Identifier: Apache-2.0
// Values of cell, array, drivers and read-out that are only wrong beside another.
#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

#include "netlist/array_shape.h"
#include "netlist/spec_fields.h"

namespace mho::netlist {
namespace {

// A table of figures that belongs to another kind of cell says that the kind is a slip.
SpecConflict find_foreign_table(const CellSpec& cell) {
    struct ForeignTable {
        std::string_view section, first_key, kind_text;
        CellKind kind;
        bool is_set;
    };
    const ForeignTable tables[] = {
        {"cell.polynomial", "a2_0", "1r_polynomial", CellKind::polynomial_resistor,
         cell.polynomial != PolynomialLaw{}},
        {"cell.sinh", "scale_volt", "1r_sinh", CellKind::sinh_resistor, cell.sinh != SinhLaw{}},
        {"cell.sonos", "trap_width_m", "2t_sonos", CellKind::two_transistor_sonos,
         cell.sonos != SonosSpec{}},
        {"cell.selector", "threshold_volt", "1s1r", CellKind::one_selector_one_resistor,
         cell.selector != SelectorSpec{}},
        {"cell.ecram", "gate_ohm", "ecram", CellKind::ecram, cell.ecram != EcramSpec{}},
        {"cell.subckt", "file", "subckt", CellKind::user_subcircuit, cell.user != UserCellSpec{}}};
    for (const ForeignTable& table : tables) {
        if (!table.is_set || table.kind == cell.kind) continue;
        return {table.section, table.first_key,
                fmt::format("[{}] is for cells of kind \"{}\", [cell] kind is another",
                            table.section, table.kind_text)};
    }
    return {};
}

SpecConflict outside(std::string_view key, double found, const StateRange& range) {
    return {"cell", key,
            fmt::format("expected a state from {} to {} S, where the cell's law is known, found {}",
                        range.low_siemens, range.high_siemens, found)};
}

SpecConflict find_state_conflict(const CellSpec& cell, const StateRange& range) {
    if (cell.g_min_siemens < range.low_siemens) {
        return outside("g_min_siemens", cell.g_min_siemens, range);
    }
    if (cell.g_max_siemens > range.high_siemens) {
        return outside("g_max_siemens", cell.g_max_siemens, range);
    }
    return {};
}

SpecConflict find_user_conflict(const UserCellSpec& user) {
    const auto missing = [](std::string_view key, std::string_view what) {
        return SpecConflict{"cell.subckt", key,
                            fmt::format("expected {}, which cells of kind \"subckt\" need", what)};
    };
    if (user.file.empty()) return missing("file", "a SPICE file");
    if (user.subckt.empty()) return missing("name", "the name of a .subckt");
    if (user.state.empty()) return missing("state", "the parameter that holds the state");
    if (user.ports.empty()) return missing("ports", "what each port is tied to");
    if (user.state_unit != "ohm" && user.state_unit != "siemens") {
        return {"cell.subckt", "state_unit",
                fmt::format("expected \"ohm\" or \"siemens\", found \"{}\"", user.state_unit)};
    }
    return {};
}

SpecConflict find_topology_conflict(const ArraySpec& array) {
    const ArrayShape& shape = array.shape;
    if (shape.topology == Topology::a && (array.rows < 2 || array.rows > 1024 || array.rows % 2)) {
        return {"array", "rows",
                fmt::format("expected an even integer from 2 to 1024 with topology \"a\", found {}",
                            array.rows)};
    }
    if (shape.topology == Topology::c && shape.scheme == ColumnScheme::offset) {
        return {"array", "scheme",
                "expected \"plain\" or \"differential\" with topology \"c\", whose columns are "
                "signed, found \"offset\""};
    }
    if (array.wires == WireSource::technology && array.given != GivenWires{}) {
        return {"array", "wires", "expected \"given\" beside [array.given], found \"technology\""};
    }
    return {};
}

SpecConflict find_user_readout_conflict(const ReadoutSpec& readout) {
    const bool is_user = readout.kind == ReadoutKind::user_subcircuit;
    if (!is_user && readout.user != UserReadoutSpec{}) {
        return {"readout.subckt", "file",
                "[readout.subckt] is for a read-out of kind \"subckt\", [readout] kind is another"};
    }
    const auto missing = [](std::string_view key, std::string_view what) {
        return SpecConflict{
            "readout.subckt", key,
            fmt::format("expected {}, which a read-out of kind \"subckt\" needs", what)};
    };
    if (is_user && readout.user.file.empty()) return missing("file", "a SPICE file");
    if (is_user && readout.user.subckt.empty()) return missing("name", "the name of a .subckt");
    if (is_user && readout.user.ports.empty()) return missing("ports", "what each port is tied to");
    return {};
}

}  // namespace

SpecConflict find_cell_conflict(const Spec& spec) {
    const CellSpec& cell = spec.cell;
    if (SpecConflict foreign = find_foreign_table(cell); !foreign.message.empty()) return foreign;
    if (cell.kind == CellKind::ecram) return find_state_conflict(cell, cell.ecram.range);
    if (cell.kind == CellKind::user_subcircuit) return find_user_conflict(cell.user);
    const double volt = spec.driver.amplitude_volt;
    if (cell.kind == CellKind::two_transistor_sonos) {
        return find_state_conflict(cell, {0, cell.sonos.max_ampere / volt});
    }
    if (cell.kind == CellKind::polynomial_resistor) {
        if (volt > cell.polynomial.v_max_volt) {
            return {"driver", "amplitude_volt",
                    fmt::format("expected at most {} V, as far as the cell's law is known, found "
                                "{}",
                                cell.polynomial.v_max_volt, volt)};
        }
        return find_state_conflict(cell, cell.polynomial.range);
    }
    return {};
}

SpecConflict find_array_conflict(const Spec& spec) {
    const ArraySpec& array = spec.array;
    if (SpecConflict found = find_topology_conflict(array); !found.message.empty()) return found;
    const int columns = cell_columns(array.shape, array.columns);
    std::set<std::pair<int, int>> seen;
    for (const auto& [key, texts] : {std::pair{"on", &array.stuck.on}, {"off", &array.stuck.off}}) {
        for (const std::string& text : *texts) {
            const auto position = parse_position(text);
            if (!position || position->row >= array.rows || position->column >= columns) {
                return {"array.stuck", key,
                        fmt::format("expected positions \"row,column\" within {} x {} cells, "
                                    "counted from 0, found \"{}\"",
                                    array.rows, columns, text)};
            }
            if (!seen.emplace(position->row, position->column).second) {
                return {"array.stuck", key, fmt::format("found \"{}\" twice", text)};
            }
        }
    }
    return {};
}

SpecConflict find_periphery_conflict(const Spec& spec) {
    if (const SpecConflict user = find_user_readout_conflict(spec.readout); !user.message.empty()) {
        return user;
    }
    const bool drives_rows = spec.driver.kind == DriverKind::levels;
    const char* kind = spec.driver.kind == DriverKind::binary ? "binary" : "pulse_width";
    if (!drives_rows && spec.array.shape.topology == Topology::a) {
        return {"driver", "kind",
                fmt::format("expected \"levels\" with topology \"a\", whose rows carry the cells' "
                            "current, found \"{}\"",
                            kind)};
    }
    if (spec.readout.kind != ReadoutKind::integrator) return {};
    if (drives_rows) {
        return {
            "readout", "kind",
            "expected \"transimpedance\" with [driver] kind = \"levels\", found \"integrator\", "
            "which needs \"binary\" or \"pulse_width\""};
    }
    const double start = spec.readout.integrator.start_volt;
    if (start < spec.adc.low_volt || start >= spec.adc.high_volt) {
        return {"readout", "start_volt",
                fmt::format("expected a voltage within the converter's range from {} to {} V, "
                            "found {}",
                            spec.adc.low_volt, spec.adc.high_volt, start)};
    }
    return {};
}

}  // namespace mho::netlist
