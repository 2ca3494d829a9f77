// SPDX-License-Identifier: Apache-2.0
// The calibrated model of one array with its read-out: plain numbers in SI units, each group with
// the range it was fitted in and the error measured on SPICE runs it was not fitted to. A card is
// all that inference knows of the hardware (docs/formats/card.md; behavioral/card_json.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mho::behavioral {

// Current of one cell between row and column (1T1R: programmable resistor of conductance g, then
// an access transistor). The resistance of the access device is a polynomial of the voltage u that
// falls over it, estimated to first order:
//   u = v g R0 / (1 + g R0),   R(u) = R0 (1 + a1 u + a2 u^2),   I = g v / (1 + g R(u)).
// v is the row voltage minus the column voltage, |v| <= v_max_volt.
struct CellLaw {
    double access_ohm = 0;               // R0
    double access_per_volt = 0;          // a1
    double access_per_volt_squared = 0;  // a2
    double g_min_siemens = 0;
    double g_max_siemens = 0;
    double v_max_volt = 0;
};

// The wires and terminations of topology A: rows driven at column 0, columns sensed at the last
// row; one segment before the first cell, between neighbours and after the last cell.
struct ArrayModel {
    int rows = 0;
    int columns = 0;
    double row_segment_ohm = 0;
    double column_segment_ohm = 0;
    double driver_ohm = 0;  // output resistance of a row driver
    double sense_ohm = 0;   // input resistance of the read-out
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

// Energy of one multiply, by block. Active time T is TimingModel::settle + conversion.
// A reference level that delivers current is charged its voltage times that current; one that
// sinks current gives nothing back.
struct EnergyModel {
    double row_switch_joule = 0;      // per row: gates of the row multiplexer
    double row_farad = 0;             // per row: what a step to v > 0 charges, from its level
    double readout_static_watt = 0;   // per column, at zero current
    double readout_sourced_volt = 0;  // extra power per ampere that flows out of the read-out
    double readout_sunk_volt = 0;     // extra power per ampere that flows into the read-out
    double comparator_joule = 0;      // per column and conversion, code 0
    double comparator_joule_per_code = 0;
    double ramp_joule = 0;   // per conversion of one ramp generator
    int ramp_shared_by = 1;  // columns per ramp generator
};

// Settling of array and read-out to half an LSB after a step near full scale is
// settle_base_second + settle_second_per_siemens * (sum of a column's conductances).
struct TimingModel {
    double settle_base_second = 0;
    double settle_second_per_siemens = 0;
    double settle_second = 0;      // what is waited: for the largest column sum that the mapping of
                                   // signed weights allows, and at least for the ramp's reset
    double conversion_second = 0;  // ramp with the counter's delay
};

// sigma(G) = c0 + c1 G + c2 G^2 + c3 G^3, sigma and G in microsiemens, clipped below at 0.
struct ProgrammingModel {
    double c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    std::string source;
};

// Error of one modelled quantity on held-out SPICE runs.
struct QuantityError {
    std::string quantity;  // "cell_current", "column_current", "readout", "adc_transition", ...
    std::string unit;      // what rms, worst and tolerance are in: "of full scale", "LSB", ...
    double rms = 0;
    double worst = 0;
    double tolerance = 0;  // asked of `worst` by the spec
    int samples = 0;
    std::string held_out;  // which circuits: sizes, states, inputs
    bool within() const { return worst <= tolerance; }
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
    ReadoutModel readout;
    AdcModel adc;
    EnergyModel energy;
    TimingModel timing;
    ProgrammingModel programming;
    std::vector<ValidityRange> validity;
    std::vector<QuantityError> errors;
    std::vector<HeldOutPoints> held_out;
    Provenance provenance;
};

}  // namespace mho::behavioral
