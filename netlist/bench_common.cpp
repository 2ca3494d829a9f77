// SPDX-License-Identifier: Apache-2.0
#include "netlist/bench_common.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/error.h"
#include "netlist/cell_1t1r.h"
#include "netlist/ramp_adc.h"
#include "netlist/row_driver.h"
#include "netlist/sar_adc.h"
#include "netlist/tia.h"

namespace mho::netlist {

namespace {

void require_sar(const Design& design) {
    const AdcSpec& adc = design.spec.adc;
    if (adc.high_volt > core_volt(design)) {
        throw bad_input("{}: [adc] high_volt = {} is above the supply of {} V", design.spec.name,
                        adc.high_volt, core_volt(design));
    }
    require_in_range(design.technology, *sar_analog(adc, core_volt(design)));
}

}  // namespace

Design load_design(const Spec& spec) {
    Design design{spec, read_technology(spec.technology), false};
    model_library(design.technology, spec.corner);
    require_temperature(design.technology, spec.temperature_celsius);
    crossbar_wires(design);
    require_in_range(design.technology, *cell_1t1r(spec.cell));
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
    return design;
}

Deck start_deck(const Design& design, const std::string& title) {
    const Spec& spec = design.spec;
    Deck deck{.circuit = Circuit("bench")};
    deck.title = fmt::format("{}: {}", spec.name, title);
    deck.comments = {fmt::format("technology {}, corner {}, {} C", design.technology.name,
                                 spec.corner, spec.temperature_celsius)};
    deck.libraries = {model_library(design.technology, spec.corner)};
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
    const CellLayout& cell = design.technology.cell("1t1r");
    return {
        .row = wire_segment(design.technology, design.spec.array.row_layer, cell.pitch_x_m),
        .column = wire_segment(design.technology, design.spec.array.column_layer, cell.pitch_y_m)};
}

void add_readout(Circuit& c, const Design& design) {
    const ReadoutSpec& spec = design.spec.readout;
    c.section("read-out");
    hold(c, "vdd_readout", "vdd_readout", core_volt(design));
    hold(c, "vcm", "vcm", spec.common_mode_volt);
    c.current_source("ibias_readout", c.net("vdd_readout"), c.net("bias_readout"),
                     {.dc = spec.bias_ampere});
    c.instance("xreadout", tia(spec),
               {{"in", c.net("in")},
                {"out", c.net("out")},
                {"vcm", c.net("vcm")},
                {"ibias", c.net("bias_readout")},
                {"vdd", c.net("vdd_readout")}});
}

void add_converter(Circuit& c, const Design& design, const std::string& input,
                   double release_second) {
    const AdcSpec& spec = design.spec.adc;
    constexpr double kEdgeSecond = 50e-12;
    const double vdd = core_volt(design);
    c.section("ramp, shared by the columns");
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
    if (ramp_load_farad(spec) > 0) {
        c.capacitor("cothers", c.net("ramp"), kGround, ramp_load_farad(spec));
    }
    c.section("comparator of this column");
    hold(c, "vdd_comparator", "vdd_comparator", vdd);
    c.current_source("ibias_comparator", c.net("vdd_comparator"), c.net("bias_comparator"),
                     {.dc = spec.bias_ampere});
    c.instance("xcomparator", ramp_comparator(),
               {{"vin", c.net(input)},
                {"ramp", c.net("ramp")},
                {"out", c.net("trip")},
                {"ibias", c.net("bias_comparator")},
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

}  // namespace mho::netlist
