// SPDX-License-Identifier: Apache-2.0
// The whole array at dc, many input vectors in one sweep over their index.
#include <fmt/format.h>

#include "base/error.h"
#include "netlist/bench_common.h"
#include "netlist/cell.h"
#include "netlist/row_driver.h"

namespace mho::netlist {
Deck array_bench(const Design& design, const Eigen::MatrixXd& states, const Eigen::MatrixXd& inputs,
                 double sense_ohm) {
    const Spec& spec = design.spec;
    if (states.size() == 0 || inputs.cols() == 0 || states.rows() != inputs.rows()) {
        throw bad_input("array bench: {} x {} states with {} x {} inputs", states.rows(),
                        states.cols(), inputs.rows(), inputs.cols());
    }
    require_plain_array(design, "the bench with transistor drivers");
    Deck deck = start_deck(design, fmt::format("array of {} x {} at dc, {} input vectors",
                                               states.rows(), states.cols(), inputs.cols()));
    Circuit& c = deck.circuit;
    c.section("index of the input vector, supplies, selected wordlines");
    hold(c, "vk", "k", 0);
    hold(c, "vddh", "vddh", io_volt(design));
    const Cell cell = make_cell(spec);
    hold_gates(c, design, cell);
    hold(c, "vcm", "vcm", spec.readout.common_mode_volt);
    c.section("reference levels and row drivers");
    const Definition driver = row_driver(spec.driver);
    for (int i = 0; i < states.rows(); ++i) {
        c.behavioural_voltage(fmt::format("bref_{}", i), c.net("ref", i), kGround,
                              input_expression(inputs, i, spec.readout.common_mode_volt));
        add_row_driver(c, driver, i);
    }
    c.section("array");
    add_array(c, crossbar(cell, states, {}, crossbar_wires(design)));
    c.section("sense nodes");
    for (int j = 0; j < states.cols(); ++j) {
        const std::string name = fmt::format("vsense_{}", j);
        const NetId column = c.net("col", j);
        const NetId sense = sense_ohm > 0 ? c.net("sense", j) : column;
        if (sense_ohm > 0) c.resistor(fmt::format("rsense_{}", j), column, sense, sense_ohm);
        c.voltage_source(name, sense, c.net("vcm"), {.dc = 0.0});
        deck.saved.push_back(current_vector("", name));
    }
    deck.analysis = DcSweep{
        .source = "vk", .start = 0, .stop = static_cast<double>(inputs.cols() - 1), .step = 1};
    return deck;
}

}  // namespace mho::netlist
