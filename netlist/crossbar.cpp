// SPDX-License-Identifier: Apache-2.0
#include "netlist/crossbar.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace mho::netlist {
namespace {

using Role = CellPort::Role;

// Wires along the rows or along the columns of the array.
struct WireKind {
    std::string_view port;  // "row": ports row_<line>
    std::string_view net;   // "u": nets u_<row>_<bitline>
    WireSegment segment;
    bool has_far = false;  // a port at the other end
};

struct Wiring {
    WireKind row, column;
    std::vector<WireKind> sources;  // none (a), one (b), positive and negative (c)
};

Wiring wiring_of(const ArrayShape& shape, const CrossbarWires& wires) {
    const auto far = [](LineEnds ends, const WireSegment& segment) {
        return ends == LineEnds::both && segment.ohm > 0;
    };
    Wiring wiring{{"row", "u", wires.row, far(shape.drive, wires.row)},
                  {"col", "w", wires.column, far(shape.sense, wires.column)},
                  {}};
    const bool source_far = far(shape.drive, wires.source);
    if (shape.topology == Topology::b) {
        wiring.sources = {{"src", "s", wires.source, source_far}};
    } else if (shape.topology == Topology::c) {
        wiring.sources = {{"srcp", "sp", wires.source, source_far},
                          {"srcn", "sn", wires.source, source_far}};
    }
    return wiring;
}

void add_ports(std::vector<std::string>& names, const WireKind& kind,
               const std::vector<std::string>& lines) {
    for (const std::string& line : lines) names.push_back(fmt::format("{}_{}", kind.port, line));
    if (!kind.has_far) return;
    for (const std::string& line : lines) {
        names.push_back(fmt::format("{}_{}_far", kind.port, line));
    }
}

std::vector<std::string> port_names(const Cell& cell, const ArrayLines& lines,
                                    const Wiring& wiring) {
    std::vector<std::string> names;
    add_ports(names, wiring.row, lines.rows);
    add_ports(names, wiring.column, lines.bitlines);
    for (const WireKind& source : wiring.sources) add_ports(names, source, lines.bitlines);
    for (std::size_t k = 0; k < cell.ports.size(); ++k) {
        const Role role = cell.ports[k].role;
        const bool is_shared_gate = role == Role::select && wiring.sources.empty();
        if (is_shared_gate || role == Role::bias) names.push_back(cell.port_name(k));
    }
    return names;
}

class Builder {
  public:
    Builder(const Cell& cell, const Eigen::MatrixXd& states, const ArrayShape& shape,
            const CrossbarWires& wires)
        : cell_(cell),
          states_(states),
          lines_(array_lines(shape, states.rows(), states.cols())),
          wiring_(wiring_of(shape, wires)),
          circuit_("crossbar", port_names(cell, lines_, wiring_)) {
        circuit_.describe(
            fmt::format("{} x {} cells with distributed wires", states.rows(), states.cols()));
    }

    Circuit build() {
        for (std::size_t i = 0; i < lines_.rows.size(); ++i) {
            circuit_.section("row " + lines_.rows[i]);
            for (std::size_t j = 0; j < lines_.bitlines.size(); ++j) add_crossing(i, j);
        }
        return std::move(circuit_);
    }

  private:
    std::string at(std::size_t i, std::size_t j) const {
        return fmt::format("_{}_{}", lines_.rows[i], lines_.bitlines[j]);
    }

    NetId port(const WireKind& kind, std::string_view line, bool far = false) {
        return circuit_.net(fmt::format("{}_{}{}", kind.port, line, far ? "_far" : ""));
    }

    // Where the cell at the crossing meets the wire that is called `line`.
    NetId net(const WireKind& kind, std::string_view line, std::size_t i, std::size_t j) {
        if (kind.segment.ohm > 0) return circuit_.net(fmt::format("{}{}", kind.net, at(i, j)));
        return port(kind, line);
    }

    // A wire that costs nothing is no device: its two ends are one net.
    void segment(const WireKind& kind, const std::string& where, NetId from, NetId to) {
        if (from == to) return;
        circuit_.resistor(fmt::format("r{}{}", kind.port, where), from, to, kind.segment.ohm);
    }

    void load(const WireKind& kind, const std::string& where, NetId on) {
        if (!(kind.segment.farad > 0)) return;
        circuit_.capacitor(fmt::format("c{}{}", kind.port, where), on, kGround, kind.segment.farad);
    }

    void add_crossing(std::size_t i, std::size_t j) {
        const std::string& row = lines_.rows[i];
        const std::string& bitline = lines_.bitlines[j];
        const std::string where = at(i, j);
        const bool is_last = i + 1 == lines_.rows.size();
        const NetId u = net(wiring_.row, row, i, j);
        const NetId w = net(wiring_.column, bitline, i, j);
        segment(wiring_.row, where,
                j == 0 ? port(wiring_.row, row) : net(wiring_.row, row, i, j - 1), u);
        add_cells(i, j, u, w);
        segment(wiring_.column, where, w,
                is_last ? port(wiring_.column, bitline) : net(wiring_.column, bitline, i + 1, j));
        load(wiring_.row, where, u);
        load(wiring_.column, where, w);
        if (wiring_.row.has_far && j + 1 == lines_.bitlines.size()) {
            segment(wiring_.row, where + "_far", u, port(wiring_.row, row, true));
        }
        if (wiring_.column.has_far && i == 0) {
            segment(wiring_.column, where + "_far", w, port(wiring_.column, bitline, true));
        }
    }

    void add_cells(std::size_t i, std::size_t j, NetId u, NetId w) {
        const std::string where = at(i, j);
        const auto row = static_cast<Eigen::Index>(i);
        const auto column = static_cast<Eigen::Index>(j);
        if (wiring_.sources.empty()) {
            add_cell("xcell" + where, {u, w, std::nullopt}, states_(row, column),
                     CellSign::positive);
            return;
        }
        const bool both = wiring_.sources.size() == 2;
        for (std::size_t k = 0; k < wiring_.sources.size(); ++k) {
            const WireKind& kind = wiring_.sources[k];
            const NetId s = add_source(kind, i, j);
            const auto cell = both ? 2 * column + static_cast<Eigen::Index>(k) : column;
            const char* name = !both ? "xcell" : k == 0 ? "xcellp" : "xcelln";
            add_cell(name + where, {s, w, u}, states_(row, cell),
                     k == 0 ? CellSign::positive : CellSign::negative);
        }
    }

    // The source line's segment towards its feed, its load, and its net here.
    NetId add_source(const WireKind& kind, std::size_t i, std::size_t j) {
        const std::string& bitline = lines_.bitlines[j];
        const std::string where = at(i, j);
        const NetId s = net(kind, bitline, i, j);
        segment(kind, where, i == 0 ? port(kind, bitline) : net(kind, bitline, i - 1, j), s);
        load(kind, where, s);
        if (kind.has_far && i + 1 == lines_.rows.size()) {
            segment(kind, where + "_far", s, port(kind, bitline, true));
        }
        return s;
    }

    struct CellNets {
        NetId row, column;
        std::optional<NetId> gate;  // none: one gate net for all cells
    };

    void add_cell(std::string name, const CellNets& nets, double g_siemens, CellSign sign) {
        std::vector<NetId> pins;
        for (std::size_t k = 0; k < cell_.ports.size(); ++k) {
            switch (cell_.ports[k].role) {
                case Role::row:
                    pins.push_back(nets.row);
                    break;
                case Role::column:
                    pins.push_back(nets.column);
                    break;
                case Role::ground:
                    pins.push_back(kGround);
                    break;
                case Role::select:
                    pins.push_back(nets.gate ? *nets.gate : circuit_.net(cell_.port_name(k)));
                    break;
                case Role::bias:
                    pins.push_back(circuit_.net(cell_.port_name(k)));
                    break;
            }
        }
        circuit_.instance(std::move(name), cell_.definition, std::move(pins),
                          cell_.state(g_siemens, sign));
    }

    const Cell& cell_;
    const Eigen::MatrixXd& states_;
    ArrayLines lines_;
    Wiring wiring_;
    Circuit circuit_;
};

}  // namespace

Definition crossbar(const Cell& cell, const Eigen::MatrixXd& states, const ArrayShape& shape,
                    const CrossbarWires& wires) {
    if (shape.topology != Topology::a && !cell.has(Role::select)) {
        throw bad_input("crossbar: cell '{}' has no select gate, which topologies b and c need",
                        cell.definition->name());
    }
    return share(Builder(cell, states, shape, wires).build());
}

Definition crossbar(const Definition& cell, const Eigen::MatrixXd& states,
                    const CrossbarWires& wires) {
    const Cell plain{
        cell, {{Role::row}, {Role::column}, {Role::select}}, [](double g_siemens, CellSign) {
            return std::vector<ParameterValue>{{"r", 1 / g_siemens}};
        }};
    return crossbar(plain, states, {}, wires);
}

}  // namespace mho::netlist
