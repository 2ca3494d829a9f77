// SPDX-License-Identifier: Apache-2.0
// Arrays of any cell and topology at dc, many input vectors in one sweep over their index.
#include <fmt/format.h>

#include <string>

#include "base/error.h"
#include "netlist/bench_common.h"

namespace mho::netlist {
namespace {

class AnyArray {
  public:
    AnyArray(const Design& design, const Eigen::MatrixXd& states, const Eigen::MatrixXd& inputs)
        : design_(design),
          array_(design.spec.array),
          inputs_(inputs),
          common_(design.spec.readout.common_mode_volt),
          cell_(make_cell(design.spec)),
          states_(all_states(states)),
          lines_(array_lines(array_.shape, states_.rows(), states_.cols())),
          wires_(crossbar_wires(design)),
          deck_(start_deck(design, title(states))) {}

    Deck build() {
        Circuit& c = deck_.circuit;
        if (inputs_.cols() > 1) sweep_inputs();
        c.section("common mode, gates and biases");
        hold(c, "vcm", "vcm", common_);
        hold_gates(c, design_, cell_);
        c.section("inputs");
        for (std::size_t i = 0; i < lines_.rows.size(); ++i) add_input(i);
        if (array_.shape.topology != Topology::a) add_sources();
        c.section("array");
        add_array(c, crossbar(cell_, states_, array_.shape, wires_));
        c.section("sense nodes");
        add_sense_nodes("");
        if (is_far(array_.shape.sense, wires_.column)) add_sense_nodes("_far");
        // Currents of cells that are off count, so nothing may leak beside them.
        deck_.options = {"reltol=1e-6", "vntol=1e-9", "abstol=1e-15", "gmin=1e-15"};
        return std::move(deck_);
    }

  private:
    void sweep_inputs() {
        deck_.circuit.section("index of the input vector");
        hold(deck_.circuit, "vk", "k", 0);
        const auto last = static_cast<double>(inputs_.cols() - 1);
        deck_.analysis = DcSweep{.source = "vk", .start = 0, .stop = last, .step = 1};
    }

    static bool is_far(LineEnds ends, const WireSegment& wire) {
        return ends == LineEnds::both && wire.ohm > 0;
    }

    Eigen::MatrixXd all_states(const Eigen::MatrixXd& states) const {
        const CellSpec& cell = design_.spec.cell;
        return with_dummies(
            with_stuck(states, array_.stuck, cell.g_max_siemens, cell.g_min_siemens), array_.shape,
            cell.g_min_siemens);
    }

    std::string title(const Eigen::MatrixXd& states) const {
        constexpr const char* kNames[] = {"a", "b", "c"};
        return fmt::format("array of {} x {} cells, topology {}, at dc, {} input vectors",
                           states.rows(), states.cols(),
                           kNames[static_cast<std::size_t>(array_.shape.topology)], inputs_.cols());
    }

    bool is_dummy(std::size_t line, std::size_t count, int dummies) const {
        const auto edge = static_cast<std::size_t>(dummies);
        return line < edge || line >= count - edge;
    }

    // Rows of topology a through their driver's resistance; gate lines straight, as no current
    // flows. Dummies at rest: common mode, or gates off.
    void add_input(std::size_t i) {
        Circuit& c = deck_.circuit;
        const bool gates = array_.shape.topology != Topology::a;
        const std::string& row = lines_.rows[i];
        const double ohm = gates ? 0 : array_.terminals.driver_ohm;
        const double rest = gates ? 0 : common_;
        std::string volt = number_text(rest);
        if (!is_dummy(i, lines_.rows.size(), array_.shape.dummy_rows)) {
            const double scale = gates ? design_.spec.cell.wordline_volt : 1;
            const auto at = static_cast<Eigen::Index>(i) - array_.shape.dummy_rows;
            volt = input_expression(scale * inputs_, at, rest);
        }
        const bool far = is_far(array_.shape.drive, wires_.row);
        c.behavioural_voltage("bin_" + row, c.net("in_" + row), kGround, volt);
        connect("drive_row_" + row, "in_" + row, "row_" + row, ohm);
        if (far) connect("drive_row_" + row + "_far", "in_" + row, "row_" + row + "_far", ohm);
    }

    void add_sources() {
        const double read = design_.spec.driver.amplitude_volt;
        if (array_.shape.topology == Topology::b) {
            add_source_lines("src", common_ + read);
        } else {
            add_source_lines("srcp", common_ + read);
            add_source_lines("srcn", common_ - read);
        }
    }

    void add_source_lines(const std::string& kind, double volt) {
        Circuit& c = deck_.circuit;
        c.section("source lines " + kind);
        hold(c, "v" + kind, kind, volt);
        const bool far = is_far(array_.shape.drive, wires_.source);
        const double ohm = array_.terminals.driver_ohm;
        for (const std::string& bitline : lines_.bitlines) {
            const std::string line = kind + "_" + bitline;
            connect("drive_" + line, kind, line, ohm);
            if (far) connect("drive_" + line + "_far", kind, line + "_far", ohm);
        }
    }

    // From a source to one end of a wire; its current is that of v<name> when there is no resistor.
    void connect(const std::string& name, const std::string& from, const std::string& to,
                 double ohm) {
        Circuit& c = deck_.circuit;
        if (ohm > 0) {
            c.resistor("r" + name, c.net(from), c.net(to), ohm);
        } else {
            c.voltage_source("v" + name, c.net(from), c.net(to), {.dc = 0.0});
        }
    }

    void add_sense_nodes(const std::string& end) {
        Circuit& c = deck_.circuit;
        for (std::size_t j = 0; j < lines_.bitlines.size(); ++j) {
            const std::string line = lines_.bitlines[j] + end;
            const bool dummy = is_dummy(j, lines_.bitlines.size(), array_.shape.dummy_columns);
            const std::string name = (dummy ? "vdummy_" : "vsense_") + line;
            const double ohm = array_.terminals.sense_ohm;
            const NetId column = c.net("col_" + line);
            const NetId sense = ohm > 0 ? c.net("sense_" + line) : column;
            if (ohm > 0) c.resistor("rsense_" + line, column, sense, ohm);
            c.voltage_source(name, sense, c.net("vcm"), {.dc = 0.0});
            if (!dummy) deck_.saved.push_back(current_vector("", name));
        }
    }

    const Design& design_;
    const ArraySpec& array_;
    const Eigen::MatrixXd& inputs_;
    double common_;
    Cell cell_;
    Eigen::MatrixXd states_;
    ArrayLines lines_;
    CrossbarWires wires_;
    Deck deck_;
};

}  // namespace

Deck any_array_bench(const Design& design, const Eigen::MatrixXd& states,
                     const Eigen::MatrixXd& inputs) {
    const ArraySpec& array = design.spec.array;
    const int cells = cell_columns(array.shape, array.columns);
    if (states.rows() != array.rows || states.cols() != cells || inputs.rows() != array.rows ||
        inputs.cols() < 1) {
        throw bad_input(
            "array bench: expected {} x {} states and {} inputs, found {} x {} and {} x {}",
            array.rows, cells, array.rows, states.rows(), states.cols(), inputs.rows(),
            inputs.cols());
    }
    return AnyArray(design, states, inputs).build();
}

}  // namespace mho::netlist
