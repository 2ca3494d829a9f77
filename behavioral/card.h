// SPDX-License-Identifier: Apache-2.0
// The calibrated model of one array with its read-out: plain numbers in SI units, each group with
// the range it was fitted in and the error measured on SPICE runs it was not fitted to. A card is
// all that inference knows of the hardware (docs/formats/card.md; behavioral/card_json.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mho::behavioral {

// Measured current of a cell over voltage and state, behavioral/cell_table.h says how it is
// interpolated. States and voltages rise strictly, at least 2 of each, 0 V is one of the voltages;
// `ampere` holds all voltages of the first state, then of the next: 0 at 0 V, rising with the
// voltage, and of a larger magnitude for a larger state.
struct CellTable {
    std::vector<double> state_siemens = {};
    std::vector<double> volt = {};
    std::vector<double> ampere = {};
    bool empty() const { return ampere.empty(); }
};

// Current of one cell between row and column. Of 1T1R cells (programmable resistor of conductance
// g, then an access transistor): the resistance of the access device is a polynomial of the voltage
// u that falls over it, estimated to first order:
//   u = v g R0 / (1 + g R0),   R(u) = R0 (1 + a1 u + a2 u^2),   I = g v / (1 + g R(u)).
// Of all other cells, and where inputs drive gates: `table`, which is then not empty.
// v is the row voltage minus the column voltage, |v| <= v_max_volt; in topologies b and c the
// source line minus the bitline, as the bitline moves and the source line stands still. Positive
// cells of topology c live at v > 0 and negative ones at v < 0.
struct CellLaw {
    double access_ohm = 0;               // R0
    double access_per_volt = 0;          // a1
    double access_per_volt_squared = 0;  // a2
    double g_min_siemens = 0;
    double g_max_siemens = 0;
    double v_max_volt = 0;
    std::string kind = {};  // as specs name it, for readers; empty: 1t1r
    CellTable table = {};
    // Of R0, a1 and a2, from the scatter of the fit; empty: not known.
    std::vector<double> access_standard_error = {};
    // Topologies b and c: how much a drop of the source line counts beside one of the bitline.
    double source_weight = 1;
};

// How inputs reach the cells: voltages of the rows (a), gates (b), gates of a positive and a
// negative cell at each crossing (c); docs/circuits.md draws them.
enum class ArrayTopology { a, b, c };

// The wires and terminations of topology A: rows driven at column 0, columns sensed at the last
// row; one segment before the first cell, between neighbours and after the last cell. In b and c
// row_segment_ohm and driver_ohm are the source lines' (behavioral/gated_nodes.h), and `columns`
// counts bitlines.
struct ArrayModel {
    int rows = 0;
    int columns = 0;
    double row_segment_ohm = 0;
    double column_segment_ohm = 0;
    double driver_ohm = 0;                      // output resistance of a row driver
    double sense_ohm = 0;                       // input resistance of the read-out
    ArrayTopology topology = ArrayTopology::a;  // kernels are named after theirs and do not ask
};

// Output voltage for a column current i flowing into the read-out:
//   V(i) = offset_volt - transimpedance_ohm * (i + b2 i^2 + b3 i^3),  |i| <= current_max_ampere.
// The input stands at the common mode plus input_offset_volt plus ArrayModel::sense_ohm * i.
struct ReadoutModel {
    double input_offset_volt = 0;
    double transimpedance_ohm = 0;
    double offset_volt = 0;               // output at zero current
    double quadratic_per_ampere = 0;      // b2
    double cubic_per_ampere_squared = 0;  // b3
    double current_max_ampere = 0;
    double noise_volt_rms = 0;  // at the output, per conversion
};

// How instances of one converter differ: standard deviations over draws of random mismatch
// (behavioral/adc_instance.h says what is drawn).
struct AdcMismatch {
    int draws = 0;                           // that they come from; 0: not measured
    double offset_volt_rms = 0;              // common to all transitions
    double gain_rms = 0;                     // of the mean code width, relative
    std::vector<double> bit_volt_rms = {};   // SAR: of each bit's step, bit 0 first
    std::vector<double> bend_volt_rms = {};  // ramp: of Legendre polynomials of degree 2, 3, ...
    // Ramp: offset, gain and bends of every draw as multiples of those, about their means; they
    // depend on each other, and not as normal numbers do. Empty: they are independent normal ones.
    std::vector<double> shapes = {};
};

// Code k is given for transition[k-1] <= V < transition[k]; transitions rise strictly.
struct AdcModel {
    int bits = 0;
    std::vector<double> transition_volt;  // 2^bits - 1 values
    double ideal_low_volt = 0;            // nominal first and last code edge
    double ideal_high_volt = 0;
    double noise_volt_rms = 0;       // at the input, per conversion; 0: not measured
    double regeneration_second = 0;  // the comparator's time constant; 0: not measured
    double unresolved_volt = 0;      // a margin that it does not resolve in the time that it has
    AdcMismatch mismatch = {};
};

// What a card of a converter alone, or of a column with a SAR, says beside its AdcModel. Energy and
// time of a conversion from the start of sampling (ramp: of the reset); the share of a ramp that
// serves several columns is one column's.
struct ConverterModel {
    std::string kind = {};                // as specs name it: ramp, sar, subckt
    std::vector<double> code_joule = {};  // 2^bits values: a conversion that gives this code
    double first_second = 0;              // until code 0 is known
    double second_per_code = 0;           // and each further code later
    double conversion_second = 0;         // until the next conversion can start
    double logic_joule = 0;               // an estimate from counts of gates, in no other number
};

// Row drive: codes -(2^(bits-1)-1) .. +(2^(bits-1)-1) give code * amplitude / (2^(bits-1)-1) volt
// about the common mode.
struct DriverModel {
    int bits = 0;
    double amplitude_volt = 0;
    double common_mode_volt = 0;
    // A driver's resistance at v volt about the common mode is
    // ArrayModel::driver_ohm * (1 + resistance_per_volt * v).
    double resistance_per_volt = 0;
};

// Energy of one multiply, by block. Active time T is TimingModel::settle + conversion. Of
// comparator and ramp nothing where the card has ConverterModel::code_joule: the energy of each
// column's converter by its code. A reference level that delivers current is charged its voltage
// times that current; one that sinks current gives nothing back.
struct EnergyModel {
    double row_switch_joule = 0;      // per row: gates of the row multiplexer
    double row_farad = 0;             // per row: what a step to v > 0 charges, from its level
    double readout_static_watt = 0;   // per column, at zero current
    double readout_sourced_volt = 0;  // extra power per ampere that flows out of the read-out
    double readout_sunk_volt = 0;     // extra power per ampere that flows into the read-out
    double comparator_joule = 0;      // per column and conversion, code 0
    double comparator_joule_per_code = 0;
    double comparator_joule_per_square_code = 0;
    double ramp_joule = 0;   // per conversion of one ramp generator
    int ramp_shared_by = 1;  // columns per ramp generator
};

// The read-out for small signals about an input current of `ampere` (behavioral/settling.h), s in
// radian per second: input impedance and transfer to the output, volt per ampere,
//   (b0 + b1 s + ..) / (1 + d1 s + d2 s^2 + ..), with d one coefficient longer than each b.
struct ReadoutDynamics {
    double ampere = 0;
    std::vector<double> denominator;  // d1, d2, ..: second, second^2, ..
    std::vector<double> input_ohm;    // b0, ..: ohm, ohm second, ..
    std::vector<double> transfer_ohm;
};

// Dynamics measured at another condition, by rising current, and the weight that the settling times
// with them have here.
struct MixedDynamics {
    double weight = 0;
    std::vector<ReadoutDynamics> at_currents;
};

// Settling follows from the columns' conductances and capacitances and the read-out's dynamics at
// some currents; without dynamics only settle_second is known.
struct TimingModel {
    double edge_second = 0;    // of the row levels' steps, linear
    double column_farad = 0;   // per cell, at its node of the column: wire and access transistor
    ReadoutDynamics sourcing;  // at a current out of the read-out, zero, and one into it
    ReadoutDynamics resting;
    ReadoutDynamics sinking;
    std::vector<ReadoutDynamics> between;  // at currents between these, rising
    double settle_second = 0;      // what is waited: for the largest column sum that the mapping of
                                   // signed weights allows, and at least for the ramp's reset;
                                   // a SAR samples at its end
    double conversion_second = 0;  // ramp with the counter's delay; decisions of a SAR
    // Between conditions (behavioral/conditions.h), in place of the dynamics above; weights add up
    // to 1.
    std::vector<MixedDynamics> mixed;
};

// Columns of topology b read by integrators, one input bit after another, the lowest first
// (netlist/bench_bit_serial.h draws them; behavioral/bit_serial.h computes with this). With I_k the
// current of a column while bit k stands on its gates, and I_(-1) = 0:
//   V_k = bit(I_k) + memory_ohm (I_(k-1) - I_k)  above the start voltage, bit() straight lines
//         through the points (bit_ampere, bit_volt), and on along the last,
//   S_k = sum_offset_volt + sum_keep S_(k-1) + sum_take V_k,  S_(-1) = 0,
// and what the converter sees is held_offset_volt + held_gain S_(bits-1). A column without cells is
// the reference, at whose trip the counter starts. Noise is that of the held voltage.
struct IntegratorModel {
    int bits = 0;  // of the inputs; 0: the card has no such read-out
    // A column stands at the common mode plus this plus ArrayModel::sense_ohm * I.
    double input_offset_volt = 0;
    double start_volt = 0;
    std::vector<double> bit_ampere, bit_volt;  // currents rise strictly from 0
    double memory_ohm = 0;                     // what a column still has of the bit before
    double sum_offset_volt = 0, sum_keep = 0, sum_take = 0;
    double held_offset_volt = 0, held_gain = 0;
    double noise_volt_rms = 0;
    double current_max_ampere = 0;
};

// Energy of one multiply of such a macro, by block; the reference column is one more column in all
// of them. Sums go over bits.
struct BitSerialEnergy {
    double gate_joule = 0;        // a gate line that rises and falls again
    double cell_volt_second = 0;  // of the source lines, per ampere in a column during one bit
    double cell_swing_joule = 0;  // of one cell whose gate rises and falls
    double integrator_joule = 0;  // per column
    double integrator_volt_second = 0;  // more, per ampere in a column during one bit
    double accumulator_joule = 0;       // per column
    double hold_joule = 0;              // per column, with its buffer
    double hold_joule_per_volt = 0;     // more, per volt that a column holds
    double comparator_joule = 0;        // per column at code 0, and by the code that it gives
    double comparator_joule_per_code = 0;
    double comparator_joule_per_square_code = 0;
    double ramp_joule = 0;  // per multiply
};

// What comparators that share a ramp do to each other: one whose input lies u volt below a column's
// makes that column's counter larger by the value at u of straight lines through (volt, count),
// level outside. The converter's table was measured beside `others` comparators at others_volt. In
// the macro the reference column's counter is larger by reference_count than all that says.
struct RampSharing {
    int others = 0;
    double others_volt = 0;
    double reference_count = 0;
    std::vector<double> volt, count;  // u rises strictly; at least 2
};

struct BitSerialModel {
    IntegratorModel integrator;
    AdcModel adc;
    RampSharing sharing;
    BitSerialEnergy energy;
    double multiply_second = 0;  // from the first bit to the end of the ramp
};

// sigma(G) = c0 + c1 G + c2 G^2 + c3 G^3, sigma and G in microsiemens, clipped below at 0.
struct ProgrammingModel {
    double c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    std::string source;
};

// A parameter of the card at other conditions: one value for each corner, temperature and supply
// of ConditionModel, supplies running fastest, then temperatures. `quantity` is the key of a number
// ("array.driver_ohm"), or "adc.shift_<k>": the counter for the same input is later by
// sum over k of shift_k x^k codes, x from -1 to 1 over the converter's nominal range.
struct ConditionTable {
    std::string quantity;
    std::vector<double> values;
};

// What the card becomes at other conditions (behavioral/conditions.h). Temperatures and supplies
// rise and are the grid that was measured; the card itself stands at the nominal one. Empty when
// nothing else was measured.
struct ConditionModel {
    std::vector<std::string> corners;
    std::vector<double> temperature_celsius;
    std::vector<double> supply;  // as parts of the nominal supplies
    std::vector<ConditionTable> tables;
};

// Differences between instances of one design: standard deviations of normal distributions, 0 when
// not measured. The card itself is an instance without mismatch.
struct MismatchModel {
    double readout_offset_volt = 0;    // of the virtual ground and of the output with it
    double readout_gain_relative = 0;  // of the transimpedance
    double driver_relative = 0;        // of a driver's resistance
    int draws = 0;                     // Monte Carlo runs that they come from
};

// Error of one modelled quantity on held-out SPICE runs.
struct QuantityError {
    std::string quantity;  // "cell_current", "column_current", "readout", "adc_transition", ...
    std::string unit;      // what rms, worst and tolerance are in: "of full scale", "LSB", ...
    double rms = 0;
    double worst = 0;
    double tolerance = 0;  // asked of `worst` by the spec
    int samples = 0;
    std::string held_out;      // which circuits: sizes, states, inputs
    double rms_tolerance = 0;  // asked of `rms`; 0: nothing
    bool within() const {
        return worst <= tolerance && (rms_tolerance == 0 || rms <= rms_tolerance);
    }
};

// A range inside which a quantity was fitted and checked.
struct ValidityRange {
    std::string quantity;
    std::string unit;
    double low = 0;
    double high = 0;
};

// Pairs (SPICE, model) of held-out runs, kept for the report's plots.
struct HeldOutPoints {
    std::string quantity;
    std::string unit;
    std::vector<double> spice;
    std::vector<double> model;
};

struct Provenance {
    std::string mho_version;
    std::string ngspice_version;  // with its solver: "46, KLU"
    std::string spec_name;
    std::string spec_hash;   // content hash of spec and technology files
    std::string spec_toml;   // the spec itself, so that a card can be re-measured
    std::string technology;  // name and corner
    double temperature_celsius = 0;
    std::uint64_t seed = 0;
    int spice_runs = 0;
};

struct ModelCard {
    CellLaw cell;
    ArrayModel array;
    DriverModel driver;
    // Of a card of an array alone (array_only) read-out, converter, energy and timing were not
    // measured: they hold nothing, and the file does not have them. Its columns may still be read
    // by integrators: `bit_serial` then has bits.
    bool array_only = false;
    BitSerialModel bit_serial;
    // Of a card of a converter alone `converter` and `adc` were measured, and nothing else but
    // validity, errors, held-out runs and provenance is in the file.
    bool converter_only = false;
    ConverterModel converter;  // empty: of a column with a ramp, or an array alone
    ReadoutModel readout;
    AdcModel adc;
    EnergyModel energy;
    TimingModel timing;
    ProgrammingModel programming;
    ConditionModel conditions;
    MismatchModel mismatch;
    std::vector<ValidityRange> validity;
    std::vector<QuantityError> errors;
    std::vector<HeldOutPoints> held_out;
    Provenance provenance;
};

}  // namespace mho::behavioral
