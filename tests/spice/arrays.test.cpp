// SPDX-License-Identifier: Apache-2.0
// Arrays of every kind of cell in ngspice: Kirchhoff's laws, signed columns, dummies, stuck cells,
// SONOS arrays and a user's own cell.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "base/file.h"
#include "netlist/circuit_check.h"
#include "netlist/deck_read.h"
#include "netlist/flat_circuit.h"
#include "spice/array_runs.h"
#include "support/temporary_folder.h"

using namespace mho::netlist;
using namespace mho::spice::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::MatrixXd;
using mho::spice::Waveforms;

namespace {

// Two columns of every topology; SONOS cells, whose gates and states suit all of them.
Spec sonos_spec(Topology topology) {
    Spec spec = ideal_spec(topology, 4, 2, {.row_ohm = 2, .column_ohm = 200, .source_ohm = 5});
    spec.cell = {};
    spec.cell.kind = CellKind::two_transistor_sonos;
    spec.cell.g_min_siemens = 1.6e-12;
    spec.cell.g_max_siemens = 16e-6;
    return spec;
}

double value_of(const FlatCircuit& flat, const FlatCircuit::Device& device, const Value& value) {
    if (!value.is_parameter()) return value.number();
    const auto& instance =
        std::get<Instance>(flat.owners()[device.owner].instance->body).parameters;
    for (const ParameterValue& parameter : instance) {
        if (parameter.name == value.parameter_name()) return parameter.value.number();
    }
    FAIL("no value of " << value.parameter_name());
    return 0;
}

// The same circuits with a source of 0 V, "v<transistor>_<pin>", before every pin of every
// transistor: what flows into it.
class Ammeters {
  public:
    Circuit in(const Circuit& circuit) {
        std::vector<std::string> ports;
        for (const NetId port : circuit.ports()) ports.push_back(circuit.net_name(port));
        const auto parameters = circuit.parameters();
        Circuit copy(circuit.name(), ports, {parameters.begin(), parameters.end()});
        for (std::uint32_t net = 1; net < circuit.net_count(); ++net) {
            (void)copy.net(circuit.net_name(NetId{net}));
        }
        for (const Device& device : circuit.devices()) add(copy, device);
        return copy;
    }

  private:
    void add(Circuit& c, const Device& device) {
        const auto& pins = device.pins;
        if (const auto* instance = std::get_if<Instance>(&device.body)) {
            Definition& known = known_[instance->definition.get()];
            if (!known) known = share(in(*instance->definition));
            c.instance(device.name, known, pins, instance->parameters);
        } else if (const auto* mosfet = std::get_if<Mosfet>(&device.body)) {
            std::vector<NetId> behind;
            for (std::size_t k = 0; k < pins.size(); ++k) {
                const std::string name = device.name + "_" + "dgsb"[k];
                behind.push_back(c.net(name));
                c.voltage_source("v" + name, pins[k], behind.back(), {.dc = 0.0});
            }
            c.mosfet(device.name, {behind[0], behind[1], behind[2], behind[3]}, mosfet->model,
                     mosfet->size);
        } else if (const auto* resistor = std::get_if<Resistor>(&device.body)) {
            c.resistor(device.name, pins[0], pins[1], resistor->ohm);
        } else if (const auto* capacitor = std::get_if<Capacitor>(&device.body)) {
            c.capacitor(device.name, pins[0], pins[1], capacitor->farad);
        } else if (const auto* source = std::get_if<VoltageSource>(&device.body)) {
            c.voltage_source(device.name, pins[0], pins[1], source->stimulus);
        } else {
            const auto& expression = std::get<BehaviouralSource>(device.body).expression;
            c.behavioural_voltage(device.name, pins[0], pins[1], expression);
        }
    }

    std::map<const Circuit*, Definition> known_;
};

// "i(vin)", "i(v.x1.vin)"
std::string branch_current(const std::string& path) {
    const bool top = path.find('.') == std::string::npos;
    return "i(" + (top ? path : path[path.rfind('.') + 1] + ("." + path)) + ")";
}

// Sum of the currents into every net, of resistors by Ohm's law and of voltage sources as the
// simulator says, and into every transistor; and the largest of them.
struct Balance {
    std::vector<double> sum;
    double largest = 0;
    std::size_t transistors = 0;
};

Balance balance(const FlatCircuit& flat, const Waveforms& waves) {
    const auto volt = [&](std::uint32_t net) {
        return net == 0 ? 0.0 : waves["v(" + flat.net_path(net) + ")"].front();
    };
    Balance result{std::vector<double>(flat.net_count(), 0.0), 0, 0};
    std::map<std::uint32_t, std::uint32_t> transistor_at;  // from its pins behind ammeters
    for (const FlatCircuit::Device& device : flat.devices()) {
        const auto pins = flat.pins(device);
        if (std::holds_alternative<Mosfet>(device.device->body)) {
            // What its four ammeters let through adds up in the net of the first.
            for (const std::uint32_t pin : pins) transistor_at[pin] = pins[0];
            ++result.transistors;
            continue;
        }
        double ampere = 0;  // from the first pin through the device
        if (const auto* resistor = std::get_if<Resistor>(&device.device->body)) {
            ampere = (volt(pins[0]) - volt(pins[1])) / value_of(flat, device, resistor->ohm);
        } else if (!std::holds_alternative<Capacitor>(device.device->body)) {
            ampere = waves[branch_current(flat.device_path(device))].front();
        }
        result.sum[pins[0]] -= ampere;
        result.sum[pins[1]] += ampere;
        result.largest = std::max(result.largest, std::abs(ampere));
    }
    for (const auto& [pin, first] : transistor_at) {
        if (pin != first) result.sum[first] += std::exchange(result.sum[pin], 0.0);
    }
    return result;
}

void check_balance(const FlatCircuit& flat, const Balance& found) {
    CHECK(found.largest > 1e-7);
    for (std::uint32_t net = 1; net < found.sum.size(); ++net) {
        INFO(flat.net_path(net));
        CHECK(std::abs(found.sum[net]) < 1e-9 * found.largest);
    }
}

// Kirchhoff's current law at every net and transistor of a deck, whose ammeters change nothing.
std::size_t check_transistors(Deck deck) {
    const MatrixXd currents = column_currents(run_deck(deck));
    deck.circuit = Ammeters().in(deck.circuit);
    CHECK(relative_error(column_currents(run_deck(deck)), currents) < 1e-6);
    deck.saved = {"all"};
    const FlatCircuit flat(deck.circuit);
    const Balance found = balance(flat, run_deck(deck));
    check_balance(flat, found);
    return found.transistors;
}

}  // namespace

TEST_CASE("the currents into every net of a solved array add up to nothing") {
    const CellKind kind = GENERATE(CellKind::ohmic_resistor, CellKind::ecram);
    Spec spec = ideal_spec(Topology::a, 6, 5, {.row_ohm = 20, .column_ohm = 30});
    spec.array.shape.drive = spec.array.shape.sense = LineEnds::both;
    spec.array.shape.dummy_rows = spec.array.shape.dummy_columns = 1;
    spec.array.terminals = {100, 50};
    spec.cell.kind = kind;
    if (kind == CellKind::ecram) {
        spec.cell.g_min_siemens = 300e-6;
        spec.cell.g_max_siemens = 900e-6;
    }
    Deck deck = any_array_bench(load_design(spec), random_states(spec, 1),
                                random_matrix(6, 1, -kReadVolt, kReadVolt, 2));
    deck.saved = {"all"};
    const FlatCircuit flat(deck.circuit);
    const Balance found = balance(flat, run_deck(deck));
    CHECK(found.sum.size() > 2 * 8 * 7);
    check_balance(flat, found);
}

TEST_CASE("the currents into every net and transistor of a 1T1R array add up to nothing") {
    Spec spec;
    spec.name = "arrays";
    spec.array.rows = 4;
    spec.array.columns = 3;
    // The cells and the transmission gates of the drivers.
    CHECK(check_transistors(array_bench(load_design(spec), random_states(spec, 21),
                                        random_matrix(4, 1, -kReadVolt, kReadVolt, 22), 100)) >=
          4 * 3 + 4 * 2);
    spec.array.shape.dummy_columns = 1;
    spec.array.terminals = {100, 50};
    CHECK(check_transistors(any_array_bench(load_design(spec), random_states(spec, 23),
                                            random_matrix(4, 1, -kReadVolt, kReadVolt, 24))) ==
          4 * 5);
}

TEST_CASE("the currents into every net and transistor of SONOS arrays add up to nothing") {
    const Topology topology = GENERATE(Topology::b, Topology::c);
    Spec spec = sonos_spec(topology);
    spec.array.terminals = {100, 50};
    const std::size_t cells = topology == Topology::b ? 4 * 2 : 4 * 4;
    MatrixXd gates = MatrixXd::Ones(4, 1);
    gates(2, 0) = 0;
    CHECK(check_transistors(any_array_bench(load_design(spec), random_states(spec, 25), gates)) ==
          2 * cells);
}

TEST_CASE("what flows into the source lines of SONOS arrays flows out of the bitlines") {
    const Topology topology = GENERATE(Topology::b, Topology::c);
    Spec spec = sonos_spec(topology);
    Deck deck = any_array_bench(load_design(spec), random_states(spec, 3), random_gates(4, 3, 4));
    const std::size_t bitlines = deck.saved.size();
    const std::vector<std::string> lines = topology == Topology::b
                                               ? std::vector<std::string>{"src"}
                                               : std::vector<std::string>{"srcp", "srcn"};
    for (const std::string& line : lines) deck.saved.push_back("i(v" + line + ")");
    const MatrixXd current = column_currents(run_deck(deck));
    const auto sensed = static_cast<Eigen::Index>(bitlines);
    for (Eigen::Index k = 0; k < current.rows(); ++k) {
        const double out = current.row(k).head(sensed).sum();
        const double in = -current.row(k).tail(current.cols() - sensed).sum();
        CHECK(std::abs(in) > 1e-7);
        CHECK_THAT(in, WithinAbs(out, 1e-6 * std::abs(out)));
    }
}

TEST_CASE("SONOS cells add up in every topology and are off without their input") {
    const Topology topology = GENERATE(Topology::a, Topology::b, Topology::c);
    Spec spec = sonos_spec(topology);
    spec.array.given = {};  // no wires: sums of cells
    const MatrixXd states = random_states(spec, 5);
    MatrixXd inputs(4, 5);
    inputs << MatrixXd::Identity(4, 4), MatrixXd::Ones(4, 1);
    if (topology == Topology::a) inputs *= kReadVolt;
    const MatrixXd current = array_currents(spec, states, inputs);
    for (Eigen::Index j = 0; j < 2; ++j) {
        double sum = 0;
        for (Eigen::Index i = 0; i < 4; ++i) {
            const double target =
                topology == Topology::c ? states(i, 2 * j) - states(i, 2 * j + 1) : states(i, j);
            const double scale =
                topology == Topology::c ? states(i, 2 * j) + states(i, 2 * j + 1) : states(i, j);
            // The closed law by which states become thresholds is good to 12 %.
            CHECK_THAT(current(i, j), WithinAbs(target * kReadVolt, 0.12 * scale * kReadVolt));
            sum += current(i, j);
        }
        CHECK_THAT(current(4, j), WithinAbs(sum, 1e-5 * current.cwiseAbs().maxCoeff()));
    }
    inputs.setZero();
    CHECK(array_currents(spec, states, inputs).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("signed columns are differences of bitlines, dummies beside them change nothing") {
    const Topology topology = GENERATE(Topology::a, Topology::b);
    const ColumnScheme scheme = GENERATE(ColumnScheme::differential, ColumnScheme::offset);
    const int dummies = GENERATE(0, 2);
    Spec spec = ideal_spec(topology, 6, 3);
    spec.array.shape.scheme = scheme;
    spec.array.shape.dummy_rows = spec.array.shape.dummy_columns = dummies;
    MatrixXd states = random_states(spec, 9);
    if (scheme == ColumnScheme::offset) states.rightCols(1).setConstant(55e-6);
    const MatrixXd inputs = topology == Topology::a ? random_matrix(6, 2, -kReadVolt, kReadVolt, 10)
                                                    : random_gates(6, 2, 10);
    const double volt = topology == Topology::a ? 1 : kReadVolt;
    const MatrixXd current = array_currents(spec, states, inputs);
    const MatrixXd expected = volt * inputs.transpose() * states;
    CHECK(relative_error(current, expected) < 1e-6);
}

TEST_CASE("a stuck cell takes its state whatever is programmed") {
    Spec spec = ideal_spec(Topology::b, 4, 2, {.column_ohm = 100});
    spec.array.shape.scheme = ColumnScheme::differential;
    MatrixXd states = random_states(spec, 12);
    const MatrixXd gates = MatrixXd::Ones(4, 1);
    Spec stuck = spec;
    stuck.array.stuck = {{"1,2"}, {"0,0", "3,3"}};
    const MatrixXd found = array_currents(stuck, states, gates);
    states(1, 2) = spec.cell.g_max_siemens;
    states(0, 0) = states(3, 3) = spec.cell.g_min_siemens;
    CHECK(relative_error(found, array_currents(spec, states, gates)) < 1e-12);
}

TEST_CASE("a user's subcircuit is a cell like any other") {
    const mho::test::TemporaryFolder folder;
    const Topology topology = GENERATE(Topology::a, Topology::b);
    // A conductance with a gate of its own and a reference port, ports in an order of its own.
    mho::write_file(folder / "cell.sp",
                    "* a user's cell\n"
                    ".subckt Mine Ref G BL SL params: gs=1u\n"
                    "B1 SL mid i=gs*v(SL,BL)*u(v(G)-1)\n"
                    "V1 mid BL 0\n"
                    "R1 Ref BL 1e9\n"
                    ".ends\n");
    Spec spec = ideal_spec(topology, 4, 3, {.row_ohm = 10, .column_ohm = 40, .source_ohm = 5});
    const MatrixXd states = random_states(spec, 13);
    const MatrixXd inputs = topology == Topology::a ? random_matrix(4, 2, -kReadVolt, kReadVolt, 14)
                                                    : random_gates(4, 2, 14);
    const MatrixXd expected = array_currents(spec, states, inputs);
    spec.cell.kind = CellKind::user_subcircuit;
    spec.cell.user = {.file = folder / "cell.sp",
                      .subckt = "Mine",
                      .ports = {"0.35", "wl", "col", "row"},
                      .state = "gs",
                      .state_unit = "siemens"};
    CHECK(relative_error(array_currents(spec, states, inputs), expected) < 1e-5);
}
