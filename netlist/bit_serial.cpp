// SPDX-License-Identifier: Apache-2.0
#include "netlist/bit_serial.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "netlist/accumulator.h"
#include "netlist/array_shape.h"
#include "netlist/bench_common.h"
#include "netlist/integrator.h"
#include "netlist/io_gates.h"
#include "netlist/ramp_adc.h"
#include "netlist/sample_hold.h"

namespace mho::netlist {
namespace {

constexpr double kEdgeSecond = 50e-12;
constexpr double kGapSecond = 100e-12;       // between the end of a phase and the next
constexpr double kBufferBiasFraction = 0.2;  // reference current of a buffer over bias_ampere

double longest_pulse_second(const DriverSpec& spec) {
    return (std::ldexp(1.0, spec.bits) - 1) / spec.clock_hertz;
}

// High in one phase of every step.
Stimulus in_every_step(const BitSerialTiming& timing, double from, double to, double volt) {
    Pwl wave{{{0, 0}}};
    for (int k = 0; k < timing.steps; ++k) {
        const double at = timing.step_start(k);
        wave.points.emplace_back(at + from, 0);
        wave.points.emplace_back(at + from + kEdgeSecond, volt);
        wave.points.emplace_back(at + to - kEdgeSecond, volt);
        wave.points.emplace_back(at + to, 0);
    }
    return {.dc = 0.0, .waveform = std::move(wave)};
}

}  // namespace

Stimulus high_between(double rise_second, double fall_second, double volt) {
    if (rise_second <= 0) {
        return {.dc = volt,
                .waveform = Pwl{{{0, volt}, {fall_second - kEdgeSecond, volt}, {fall_second, 0}}}};
    }
    return {.dc = 0.0,
            .waveform = Pwl{{{0, 0},
                             {rise_second, 0},
                             {rise_second + kEdgeSecond, volt},
                             {fall_second - kEdgeSecond, volt},
                             {fall_second, 0}}}};
}

BitSerialTiming bit_serial_timing(const Spec& spec) {
    const IntegratorSpec& i = spec.readout.integrator;
    BitSerialTiming timing;
    timing.settle_second = i.settle_second;
    timing.integrate_second = i.integrate_second;
    timing.share_second = i.share_second;
    timing.sample_second = i.sample_second;
    timing.steps = spec.driver.bits;
    if (!accumulates(spec)) {
        timing.steps = 1;
        timing.share_second = 0;
        timing.integrate_second = longest_pulse_second(spec.driver) + 2 * i.settle_second;
    }
    timing.ramp_second =
        std::max(timing.sample_stop() + i.settle_second, ramp_reset_second(spec.adc));
    return timing;
}

bool accumulates(const Spec& spec) {
    return spec.driver.kind != DriverKind::pulse_width;
}

double accumulated_ohm(const Spec& spec) {
    const double ohm = integrator_ohm(spec.readout);
    if (!accumulates(spec)) {
        return ohm * longest_pulse_second(spec.driver) / spec.readout.integrator.integrate_second;
    }
    return ohm * (1 - std::ldexp(1.0, -spec.driver.bits));
}

void add_integrator_supplies(Circuit& c, const Design& design, const BitSerialTiming& timing) {
    const double vdd = core_volt(design);
    hold(c, "vdd_readout", "vdd_readout", vdd);
    hold(c, "vdd_hold", "vdd_hold", vdd);
    hold(c, "vcm", "vcm", design.spec.readout.common_mode_volt);
    hold(c, "vstart", "v_start", design.spec.readout.integrator.start_volt);
    const double settle = timing.settle_second;
    const double integrated = settle + timing.integrate_second;
    c.voltage_source("vclear_bit", c.net("clear_bit"), kGround,
                     in_every_step(timing, 0, settle - kGapSecond, vdd));
    c.voltage_source("vintegrate", c.net("integrate"), kGround,
                     in_every_step(timing, settle, integrated, vdd));
    c.voltage_source("vsample", c.net("sample"), kGround,
                     high_between(timing.sample_start(), timing.sample_stop(), vdd));
    if (!accumulates(design.spec)) return;
    hold(c, "vdd_accumulator", "vdd_accumulator", vdd);
    c.voltage_source(
        "vshare", c.net("share"), kGround,
        in_every_step(timing, integrated + kGapSecond, timing.step_second() - kGapSecond, vdd));
    c.voltage_source("vclear_sum", c.net("clear_sum"), kGround,
                     high_between(0, timing.integrate_start(0), vdd));
}

void add_integrator(Circuit& c, const Design& design, const std::string& column,
                    const std::string& suffix) {
    const ReadoutSpec& spec = design.spec.readout;
    c.current_source("ibias_readout" + suffix, c.net("vdd_readout"), c.net("bias_readout" + suffix),
                     {.dc = spec.bias_ampere});
    c.instance("xintegrator" + suffix, integrator(spec, !accumulates(design.spec)),
               {{"in", c.net(column)},
                {"bit", c.net("bit" + suffix)},
                {"v_start", c.net("v_start")},
                {"integrate", c.net("integrate")},
                {"reset", c.net("clear_bit")},
                {"vcm", c.net("vcm")},
                {"ibias", c.net("bias_readout" + suffix)},
                {"vdd", c.net("vdd_readout")}});
}

void add_hold(Circuit& c, const Design& design, const std::string& input,
              const std::string& suffix) {
    const ReadoutSpec& spec = design.spec.readout;
    c.current_source("ibias_buffer" + suffix, c.net("vdd_hold"), c.net("bias_buffer" + suffix),
                     {.dc = kBufferBiasFraction * spec.bias_ampere});
    c.instance("xbuffer" + suffix, unity_buffer(),
               {{"in", c.net(input)},
                {"out", c.net("buffered" + suffix)},
                {"ibias", c.net("bias_buffer" + suffix)},
                {"vdd", c.net("vdd_hold")}});
    c.instance("xhold" + suffix, sample_hold(spec),
               {{"in", c.net("buffered" + suffix)},
                {"out", c.net("hold" + suffix)},
                {"sample", c.net("sample")},
                {"vdd", c.net("vdd_hold")}});
}

void add_integrator_column(Circuit& c, const Design& design, const std::string& column,
                           const std::string& suffix) {
    add_integrator(c, design, column, suffix);
    if (!accumulates(design.spec)) {
        add_hold(c, design, "bit" + suffix, suffix);
        return;
    }
    c.instance("xaccumulator" + suffix, accumulator(design.spec.readout),
               {{"bit", c.net("bit" + suffix)},
                {"sum", c.net("sum" + suffix)},
                {"v_start", c.net("v_start")},
                {"share", c.net("share")},
                {"reset", c.net("clear_sum")},
                {"vdd", c.net("vdd_accumulator")}});
    add_hold(c, design, "sum" + suffix, suffix);
}

double gate_line_farad(const Design& design) {
    const Spec& spec = design.spec;
    const ArrayShape& shape = spec.array.shape;
    const int cells = cell_columns(shape, spec.array.columns);
    const int crossings = shape.topology == Topology::c ? cells / 2 : cells;
    const bool has_gate = spec.cell.kind == CellKind::one_transistor_one_resistor ||
                          spec.cell.kind == CellKind::two_transistor_sonos;
    const double gate = has_gate ? spec.cell.access_width_m * kIoGateFaradPerM *
                                       spec.cell.access_length_m / kIoGateLength
                                 : 0;
    const double edge = 2.0 * shape.dummy_columns;
    return (crossings + edge) * crossbar_wires(design).row.farad + (cells + edge) * gate;
}

}  // namespace mho::netlist
