// SPDX-License-Identifier: Apache-2.0
#include "netlist/bench_integrator_noise.h"

#include "base/error.h"
#include "netlist/bench_common.h"
#include "netlist/bit_serial.h"
#include "netlist/integrator.h"

namespace mho::netlist {
namespace {

void require_integrator(const Design& design) {
    if (design.spec.readout.kind == ReadoutKind::integrator) return;
    throw bad_input("{}: [readout] kind: expected \"integrator\" for this bench, found another",
                    design.spec.name);
}

}  // namespace

Deck integrator_noise_bench(const Design& design) {
    require_integrator(design);
    const Spec& spec = design.spec;
    Deck deck = start_deck(design, "noise of an integrator's current");
    deck.klu = false;  // ngspice 46 refuses .noise with KLU
    Circuit& c = deck.circuit;
    hold(c, "vdd_readout", "vdd_readout", core_volt(design));
    hold(c, "vcm", "vcm", spec.readout.common_mode_volt);
    hold(c, "vstart", "v_start", spec.readout.integrator.start_volt);
    hold(c, "vread", "read", spec.readout.common_mode_volt + spec.driver.amplitude_volt);
    hold(c, "vintegrate", "integrate", core_volt(design));
    hold(c, "vclear_bit", "clear_bit", 0);
    c.section("half of a column's cells, and its wire");
    const double middle = 0.5 * (spec.cell.g_min_siemens + spec.cell.g_max_siemens);
    c.resistor("rcells", c.net("read"), c.net("col"), 2 / (spec.array.rows * middle));
    c.capacitor("cwire", c.net("col"), kGround,
                spec.array.rows * crossbar_wires(design).column.farad);
    add_integrator(c, design, "col", "");
    c.section("holds the bit's capacitor");
    c.resistor("rhold", c.net("bit"), c.net("v_start"), kBitHoldOhm);
    c.current_source("iin", kGround, c.net("bit"), {.dc = 0.0, .ac = 1});
    deck.saved = {"inoise_spectrum"};
    deck.analysis = wide_noise("bit", "iin");
    return deck;
}

Deck hold_noise_bench(const Design& design) {
    require_integrator(design);
    Deck deck = start_deck(design, "noise of buffer and sample-and-hold");
    deck.klu = false;
    Circuit& c = deck.circuit;
    hold(c, "vdd_hold", "vdd_hold", core_volt(design));
    hold(c, "vsample", "sample", core_volt(design));
    const AdcSpec& adc = design.spec.adc;
    hold(c, "vsum", "sum", 0.5 * (design.spec.readout.integrator.start_volt + adc.high_volt));
    add_hold(c, design, "sum", "");
    c.current_source("iin", kGround, c.net("hold"), {.dc = 0.0, .ac = 1});
    deck.saved = {"onoise_total"};
    deck.analysis = wide_noise("hold", "iin");
    return deck;
}

}  // namespace mho::netlist
