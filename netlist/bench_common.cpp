// SPDX-License-Identifier: Apache-2.0
#include "netlist/bench_common.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>
#include <vector>

#include "base/error.h"
#include "netlist/adc_subckt.h"
#include "netlist/bit_serial.h"
#include "netlist/current_conveyor.h"
#include "netlist/ramp_adc.h"
#include "netlist/readout_subckt.h"
#include "netlist/row_driver.h"
#include "netlist/sar_adc.h"
#include "netlist/tia.h"
#include "netlist/wordline_driver.h"

namespace mho::netlist {
namespace {

// The technology's name of the layout.
const char* layout_name(CellKind kind) {
    switch (kind) {
        case CellKind::one_selector_one_resistor:
            return "1s1r";
        case CellKind::two_transistor_sonos:
            return "2t_sonos";
        case CellKind::ecram:
            return "ecram";
        case CellKind::one_transistor_one_resistor:
        case CellKind::user_subcircuit:
            return "1t1r";
        case CellKind::ohmic_resistor:
        case CellKind::polynomial_resistor:
        case CellKind::sinh_resistor:
            break;
    }
    return "1r";
}

CellLayout cell_layout(const Design& design) {
    const CellSpec& cell = design.spec.cell;
    if (cell.kind == CellKind::user_subcircuit) {
        return {cell.user.subckt, cell.user.pitch_x_m, cell.user.pitch_y_m, "the spec"};
    }
    return design.technology.cell(layout_name(cell.kind));
}

void require_sar(const Design& design) {
    const AdcSpec& adc = design.spec.adc;
    if (adc.high_volt > core_volt(design)) {
        throw bad_input("{}: [adc] high_volt = {} is above the supply of {} V", design.spec.name,
                        adc.high_volt, core_volt(design));
    }
    const double least = kArrayFaradPerComparatorM * adc.sar.comparator_width_m;
    if (cdac_total_farad(adc) < least * (1 - 1e-9)) {
        throw bad_input(
            "{}: [adc] the array's {:.3g} F are kicked too much by a comparator of {:.3g} m, which "
            "wants {:.3g} F: expected a larger unit_farad or a smaller comparator_width_m",
            design.spec.name, cdac_total_farad(adc), adc.sar.comparator_width_m, least);
    }
    require_in_range(design.technology, *sar_analog(adc, core_volt(design)));
}

void require_integrator(const Design& design) {
    const Spec& spec = design.spec;
    require_in_range(design.technology, *current_conveyor(spec.readout));
    const double most = conveyor_most_ampere(spec.readout);
    const double full = spec.array.rows * spec.cell.g_max_siemens * spec.driver.amplitude_volt;
    if (full > most * (1 + 1e-9)) {
        throw bad_input(
            "{}: [readout] mirror_ratio: expected at least {} for {} rows of g_max_siemens at "
            "amplitude_volt, found {}",
            spec.name, std::ceil(full / kConveyorUnitAmpere * (1 - 1e-9)), spec.array.rows,
            spec.readout.integrator.mirror_ratio);
    }
}

}  // namespace

Design load_design(const Spec& spec) {
    Design design{spec, read_technology(spec.technology), false};
    model_library(design.technology, spec.corner);
    require_temperature(design.technology, spec.temperature_celsius);
    crossbar_wires(design);
    require_in_range(design.technology, make_cell(spec), spec);
    require_in_range(design.technology, *row_driver(spec.driver));
    const double top = spec.readout.common_mode_volt + spec.driver.amplitude_volt;
    if (spec.readout.common_mode_volt <= spec.driver.amplitude_volt || top >= core_volt(design)) {
        throw bad_input(
            "{}: [driver] amplitude_volt = {} about common_mode_volt = {} leaves the "
            "supply range 0 .. {} V",
            spec.name, spec.driver.amplitude_volt, spec.readout.common_mode_volt,
            core_volt(design));
    }
    if (spec.adc.kind == AdcKind::sar) require_sar(design);
    if (spec.driver.kind != DriverKind::levels) {
        require_in_range(design.technology, *pulse_width_driver(gate_line_farad(design)));
    }
    if (spec.readout.kind == ReadoutKind::integrator) require_integrator(design);
    if (spec.readout.kind == ReadoutKind::user_subcircuit) user_readout(spec.readout.user);
    if (spec.adc.kind == AdcKind::user_subcircuit) user_adc(spec.adc);
    return design;
}

Deck start_deck(const Design& design, const std::string& title) {
    const Spec& spec = design.spec;
    Deck deck{.circuit = Circuit("bench")};
    deck.title = fmt::format("{}: {}", spec.name, title);
    deck.comments = {fmt::format("technology {}, corner {}, {} C", design.technology.name,
                                 spec.corner, spec.temperature_celsius)};
    deck.libraries = {model_library(design.technology, spec.corner)};
    deck.osdi_models = design.technology.osdi_models;
    deck.device_calls = device_calls(design.technology);
    for (Library& library : make_cell(spec).libraries) deck.libraries.push_back(std::move(library));
    if (spec.readout.kind == ReadoutKind::user_subcircuit) {
        for (Library& library : user_readout(spec.readout.user).libraries) {
            deck.libraries.push_back(std::move(library));
        }
    }
    // ngspice ignores truncation errors of charges below chgtol, by default 10 fC: more than a
    // logic gate holds. Trip times would then fall on the grid of the largest step.
    // Gear's method: with trapezoids the currents of sources alternate about their true values.
    deck.options = {"reltol=1e-4", "vntol=1e-6", "abstol=1e-11", "chgtol=1e-17", "method=gear"};
    deck.klu = design.klu;
    deck.temperature_celsius = spec.temperature_celsius;
    return deck;
}

void hold(Circuit& c, const std::string& name, const std::string& net, double volt) {
    c.voltage_source(name, c.net(net), kGround, {.dc = volt});
}

double core_volt(const Design& design) {
    return design.technology.supply("core").volt;
}

double io_volt(const Design& design) {
    return design.technology.supply("io").volt;
}

CrossbarWires crossbar_wires(const Design& design) {
    const ArraySpec& array = design.spec.array;
    const GivenWires& given = array.given;
    if (array.wires == WireSource::given) {
        return {.row = {given.row_ohm, given.row_farad},
                .column = {given.column_ohm, given.column_farad},
                .source = {given.source_ohm, given.source_farad}};
    }
    const Topology topology = array.shape.topology;
    const CellLayout cell = cell_layout(design);
    const double height_m = cell.pitch_y_m * (topology == Topology::c ? 2 : 1);
    CrossbarWires wires{.row = wire_segment(design.technology, array.row_layer, cell.pitch_x_m),
                        .column = wire_segment(design.technology, array.column_layer, height_m)};
    if (topology != Topology::a) {
        wires.source = wire_segment(design.technology, array.source_layer, height_m);
    }
    return wires;
}

void hold_gates(Circuit& c, const Design& design, const Cell& cell) {
    const bool all_on = design.spec.array.shape.topology == Topology::a;
    for (std::size_t k = 0; k < cell.ports.size(); ++k) {
        const CellPort& port = cell.ports[k];
        const std::string& name = cell.port_name(k);
        if (port.role == CellPort::Role::select && all_on) {
            hold(c, "v" + name, name, design.spec.cell.wordline_volt);
        } else if (port.role == CellPort::Role::bias) {
            hold(c, "v" + name, name, port.volt);
        }
    }
}

std::string input_expression(const Eigen::MatrixXd& inputs, Eigen::Index row, double offset_volt) {
    if (inputs.cols() == 1) return number_text(offset_volt + inputs(row, 0));
    std::string text = "pwl(v(k)";
    for (Eigen::Index k = 0; k < inputs.cols(); ++k) {
        text += fmt::format(", {}, {}", k, number_text(offset_volt + inputs(row, k)));
    }
    return text + ")";
}

namespace {

// Of its keys those that change no bench may differ.
bool is_plain(const ArraySpec& array) {
    ArraySpec plain;
    plain.rows = array.rows;
    plain.columns = array.columns;
    plain.row_layer = array.row_layer;
    plain.column_layer = array.column_layer;
    plain.source_layer = array.source_layer;
    plain.wires = array.wires;
    plain.given = array.given;
    return array == plain;
}

}  // namespace

bool has_plain_array(const Spec& spec) {
    return is_plain(spec.array);
}

bool has_transistor_drivers(const Spec& spec) {
    return spec.cell.kind == CellKind::one_transistor_one_resistor && is_plain(spec.array);
}

void require_plain_array(const Design& design, const char* bench) {
    if (is_plain(design.spec.array)) return;
    throw bad_input(
        "{}: {} is for arrays of topology \"a\" with plain columns, one driven and one sensed end, "
        "no dummies, no stuck cells and ideal ends; found another [array]",
        design.spec.name, bench);
}

namespace {

std::string user_bias_net(std::size_t port) {
    return fmt::format("readout_bias_{}", port);
}

// Voltages that all read-outs of the user's share.
void add_user_biases(Circuit& c, const Design& design) {
    const UserReadout readout = user_readout(design.spec.readout.user);
    for (std::size_t k = 0; k < readout.ports.size(); ++k) {
        if (readout.ports[k].role != ReadoutPort::Role::bias) continue;
        hold(c, fmt::format("vreadout_bias_{}", k), user_bias_net(k), readout.ports[k].volt);
    }
    // A supply that nothing takes would float.
    if (!readout.has(ReadoutPort::Role::supply)) {
        c.resistor("rvdd_readout", c.net("vdd_readout"), kGround, 1e12);
    }
}

void add_user_amplifier(Circuit& c, const Design& design, const std::string& input,
                        const std::string& output, const std::string& suffix) {
    using Role = ReadoutPort::Role;
    const UserReadout readout = user_readout(design.spec.readout.user);
    if (readout.has(Role::reference)) {
        c.current_source("ibias_readout" + suffix, c.net("vdd_readout"),
                         c.net("bias_readout" + suffix), {.dc = design.spec.readout.bias_ampere});
    }
    std::vector<NetId> nets;
    for (std::size_t k = 0; k < readout.ports.size(); ++k) {
        switch (readout.ports[k].role) {
            case Role::input:
                nets.push_back(c.net(input));
                break;
            case Role::output:
                nets.push_back(c.net(output));
                break;
            case Role::common_mode:
                nets.push_back(c.net("vcm"));
                break;
            case Role::supply:
                nets.push_back(c.net("vdd_readout"));
                break;
            case Role::reference:
                nets.push_back(c.net("bias_readout" + suffix));
                break;
            case Role::ground:
                nets.push_back(kGround);
                break;
            case Role::bias:
                nets.push_back(c.net(user_bias_net(k)));
                break;
        }
    }
    c.instance("xreadout" + suffix, readout.definition, std::move(nets));
}

}  // namespace

void add_readout(Circuit& c, const Design& design) {
    c.section("read-out");
    add_readout_supplies(c, design);
    add_amplifier(c, design, "in", "out");
}

void add_readout_supplies(Circuit& c, const Design& design) {
    hold(c, "vdd_readout", "vdd_readout", core_volt(design));
    hold(c, "vcm", "vcm", design.spec.readout.common_mode_volt);
    if (design.spec.readout.kind == ReadoutKind::user_subcircuit) add_user_biases(c, design);
}

void add_amplifier(Circuit& c, const Design& design, const std::string& input,
                   const std::string& output, const std::string& suffix) {
    const ReadoutSpec& spec = design.spec.readout;
    if (spec.kind == ReadoutKind::user_subcircuit) {
        return add_user_amplifier(c, design, input, output, suffix);
    }
    c.current_source("ibias_readout" + suffix, c.net("vdd_readout"), c.net("bias_readout" + suffix),
                     {.dc = spec.bias_ampere});
    c.instance("xreadout" + suffix, tia(spec),
               {{"in", c.net(input)},
                {"out", c.net(output)},
                {"vcm", c.net("vcm")},
                {"ibias", c.net("bias_readout" + suffix)},
                {"vdd", c.net("vdd_readout")}});
}

void add_converter(Circuit& c, const Design& design, const std::string& input,
                   double release_second, std::optional<double> others_volt) {
    c.section("ramp, shared by the columns");
    add_ramp(c, design, release_second, 1, others_volt);
    c.section("comparator of this column");
    hold(c, "vdd_comparator", "vdd_comparator", core_volt(design));
    add_comparator(c, design, input, "trip");
}

void add_ramp(Circuit& c, const Design& design, double release_second, int comparators,
              std::optional<double> others_volt) {
    const AdcSpec& spec = design.spec.adc;
    constexpr double kEdgeSecond = 50e-12;
    const double vdd = core_volt(design);
    hold(c, "vdd_ramp", "vdd_ramp", vdd);
    hold(c, "vlow", "vlow", spec.low_volt);
    c.voltage_source(
        "vreset", c.net("reset"), kGround,
        {.dc = vdd,
         .waveform = Pwl{{{0, vdd}, {release_second - kEdgeSecond, vdd}, {release_second, 0}}}});
    c.current_source("ibias_ramp", c.net("bias_ramp"), kGround, {.dc = ramp_bias_ampere(spec)});
    c.instance("xramp", ramp_generator(spec),
               {{"ramp", c.net("ramp")},
                {"reset", c.net("reset")},
                {"ibias", c.net("bias_ramp")},
                {"v_low", c.net("vlow")},
                {"vdd", c.net("vdd_ramp")}});
    // By default the others' inputs stand where most sums end, at zero current. As a plain
    // capacitor they would be wrong by 0.08 LSB of 6 bits already for 15: what a pair takes depends
    // on its inputs.
    const int others = spec.shared_by - comparators;
    if (others < 1) return;
    hold(c, "vdd_others", "vdd_others", vdd);
    hold(c, "vothers", "others", others_volt.value_or(design.spec.readout.common_mode_volt));
    c.current_source("ibias_others", c.net("vdd_others"), c.net("bias_others"),
                     {.dc = others * spec.bias_ampere});
    c.instance("xothers", ramp_comparator(others),
               {{"vin", c.net("others")},
                {"ramp", c.net("ramp")},
                {"out", c.net("trip_others")},
                {"ibias", c.net("bias_others")},
                {"vdd", c.net("vdd_others")}});
}

void add_comparator(Circuit& c, const Design& design, const std::string& input,
                    const std::string& output, const std::string& suffix) {
    c.current_source("ibias_comparator" + suffix, c.net("vdd_comparator"),
                     c.net("bias_comparator" + suffix), {.dc = design.spec.adc.bias_ampere});
    c.instance("xcomparator" + suffix, ramp_comparator(),
               {{"vin", c.net(input)},
                {"ramp", c.net("ramp")},
                {"out", c.net(output)},
                {"ibias", c.net("bias_comparator" + suffix)},
                {"vdd", c.net("vdd_comparator")}});
}

void add_row_driver(Circuit& c, const Definition& driver, int row) {
    c.instance(fmt::format("xdriver_{}", row), driver,
               {{"ref", c.net("ref", row)},
                {"row", c.net("row", row)},
                {"en", c.net("vddh")},
                {"enb", kGround},
                {"vddh", c.net("vddh")}});
}

void add_array(Circuit& c, const Definition& array) {
    std::vector<NetId> nets;
    for (const NetId port : array->ports()) nets.push_back(c.net(array->net_name(port)));
    c.instance("xarray", array, std::move(nets));
}

Noise wide_noise(std::string output, std::string input_source, int points_per_decade) {
    return {.output = std::move(output),
            .input_source = std::move(input_source),
            .points_per_decade = points_per_decade,
            .from_hertz = 1e3,
            .to_hertz = 1e11};
}

}  // namespace mho::netlist
