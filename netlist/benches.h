// SPDX-License-Identifier: Apache-2.0
// Testbenches: complete decks around the blocks of a design, pure functions of spec, technology
// and operating point. What each saves is listed with it; voltages are against ground.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <span>

#include "netlist/cell.h"
#include "netlist/crossbar.h"
#include "netlist/deck.h"
#include "netlist/spec.h"
#include "netlist/technology.h"

namespace mho::netlist {

// What every bench needs.
struct Design {
    Spec spec;
    Technology technology;
    bool klu = false;  // ask for the KLU solver
};

// Reads the technology that the spec names and checks that corner, temperature, layers and device
// sizes exist there and that the rows stay between the rails. Throws bad_input.
Design load_design(const Spec& spec);

// Cells side by side, one for each state, columns held at the common mode. Sweeps the row voltage
// in `points` equal steps from -v_max to +v_max about the common mode. Saves i(vcol_<k>), the
// current out of cell k.
struct CellSweep {
    double v_max_volt = 0;
    int points = 0;
};
Deck cell_bench(const Design& design, std::span<const double> g_siemens, const CellSweep& sweep);

// Cells as topologies b and c hold them, gates on, with their source lines at their levels
// amplitude_volt above (positive cells) or below (negative cells) the common mode. Sweeps the
// voltage of all bitlines, so that source line minus bitline goes in `points` equal steps from 0 to
// v_max, or to -v_max for negative cells. Saves i(vcol_<k>), the current out of cell k.
Deck gated_cell_bench(const Design& design, std::span<const double> g_siemens, CellSign sign,
                      const CellSweep& sweep);

// Row drivers at the given levels (volt about the common mode), each loaded with a current swept
// from -i_max to i_max in `points` steps. Saves v(row_<k>).
struct CurrentSweep {
    double i_max_ampere = 0;
    int points = 0;
};
Deck driver_bench(const Design& design, std::span<const double> level_volt,
                  const CurrentSweep& sweep);

// One row driver switched on at 1 ns and off at 11 ns by ideal gate signals with its row at the
// common mode, and another, always on, whose level steps from the common mode to the amplitude at
// 1 ns. Saves i(ven), i(venb), v(en), v(enb), i(vstep).
Deck driver_switch_bench(const Design& design);

// The whole array with its drivers; each column ends in sense_ohm into a source at the common
// mode. states: rows x columns, siemens. inputs: rows x vectors, volt about the common mode; the
// sweep's index k selects the vector. Saves i(vsense_<j>), the current of column j into the sense
// node.
Deck array_bench(const Design& design, const Eigen::MatrixXd& states, const Eigen::MatrixXd& inputs,
                 double sense_ohm);

// An array of any cell and topology between ideal or resistive ends (spec.array.terminals): dummies
// and stuck cells as the spec says, bitlines held at the common mode. `states`: rows x
// cell_columns(shape, columns), siemens. The sweep's index k selects a column of `inputs`, which
// has as many rows as the array (one column: an operating point): volt about the common mode
// (topology a), or gates, 0 (off) to 1 (wordline_volt); the source lines of b and c then stand
// amplitude_volt above, and for negative cells below, the common mode. Saves i(vsense_<bitline>),
// the current of every bitline but dummies into its sense node, then i(vsense_<bitline>_far) where
// both ends are sensed. Throws bad_input on other sizes.
Deck any_array_bench(const Design& design, const Eigen::MatrixXd& states,
                     const Eigen::MatrixXd& inputs);

// True when the spec's array is one that the benches with transistor drivers and calibration take:
// 1T1R cells, topology a, plain columns, one driven and one sensed end, no dummies, no stuck cells
// and ideal ends.
bool has_transistor_drivers(const Spec& spec);

// The same of cells of any kind.
bool has_plain_array(const Spec& spec);

// One cell pitch of each wire: from the technology's layout of the cell, or as the spec gives them.
// A crossing of topology c is two cells long.
CrossbarWires crossbar_wires(const Design& design);

// The read-out alone; sweeps the current into it. Saves v(out), v(in), i(vdd_readout).
Deck readout_bench(const Design& design, const CurrentSweep& sweep);

// The same at zero current, analysed for noise at its output with the capacitance of a full
// column at its input. Saves onoise_total.
Deck readout_noise_bench(const Design& design);

// Small signals about a current of `ampere` into the read-out, whose output has a comparator of a
// ramp at rest, or a SAR that tracks it: ac of the current is 1. Saves v(in), v(out), of a SAR also
// v(top) and v(xanalog.xcdac.bottom_<bits-1>): between them is what it samples.
Deck readout_small_signal_bench(const Design& design, double ampere);

// Small signals at the port of a column of cells with their drivers at the common mode, held there:
// ac of the port's voltage is 1. Saves i(vport), the current out of the port.
Deck column_port_bench(const Design& design, std::span<const double> states);

// How long the row levels' steps take in transient benches.
inline constexpr double kInputEdgeSecond = 0.1e-9;

// When things happen in a transient bench. `input_second` counts for columns only.
struct ColumnTiming {
    double input_second = 1e-9;  // rows step from the common mode to their levels
    double ramp_second = 0;      // the ramp is released; a SAR samples, a whole number of its
                                 // periods after the inputs' step
    double stop_second = 0;
};
// For a ramp at least its reset, for a SAR its sampling time is waited, in whole periods.
ColumnTiming conversion_timing(const Spec& spec, double settle_second);

// Ramp and comparator converting one voltage, of an ideal source or, with integrators, of a
// sample-and-hold that has sampled it as BitSerialTiming (netlist/bit_serial.h) says. The other
// comparators that share the ramp stand at others_volt, the common mode when not given. Saves
// v(trip), v(ramp), i(vdd_comparator), i(vdd_ramp), with integrators v(in).
Deck adc_bench(const Design& design, double input_volt, const ColumnTiming& timing,
               std::optional<double> others_volt = {});

// One whole read-out column: `states` (siemens) as many cells as rows on one bitline, each with
// its driver, then the read-out, comparator and ramp. inputs in volt about the common mode. Saves
// v(out) of the read-out, v(trip) of the comparator, i(vref_<i>) of every row and the supply
// currents i(vdd_readout), i(vdd_comparator), i(vdd_ramp), and i(vcolumn) into the read-out. With a
// SAR in place of v(trip) and i(vdd_ramp) what sar_bench saves, without v(decision) and v(sample);
// one that samples after the end only tracks, and what readout_small_signal_bench has is saved.
Deck column_bench(const Design& design, std::span<const double> states,
                  std::span<const double> inputs, const ColumnTiming& timing,
                  double max_step_second = 1e-9);

// The whole macro in one transient: the array with a driver for every row, a read-out and a
// comparator for every column, and the ramp that they share. states: rows x columns, siemens, at
// most [adc] shared_by columns; inputs: of the rows, volt about the common mode. Saves v(trip_<j>)
// of every column, i(vref_<i>) of every row, i(vdd_readout), i(vdd_comparator), i(vdd_ramp). With
// SARs, one for every column, in place of v(trip_<j>) and i(vdd_ramp) v(top_<j>),
// v(xanalog_<j>.held), v(bit_<k>_<j>) and i(vdd_switches), i(vref_high), i(vref_low), i(vref_cm).
Deck macro_bench(const Design& design, const Eigen::MatrixXd& states,
                 std::span<const double> inputs, const ColumnTiming& timing);

}  // namespace mho::netlist
