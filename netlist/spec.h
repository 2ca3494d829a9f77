// SPDX-License-Identifier: Apache-2.0
// What a designer asks for: one crossbar array with its drivers, read-out and ADC. Pure values in
// SI units; files hold them as TOML (docs/formats/spec.md, netlist/spec_toml.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "netlist/array_spec.h"
#include "netlist/cell_spec.h"

namespace mho::netlist {

enum class DriverKind { levels, binary, pulse_width };
enum class ReadoutKind { transimpedance, integrator, user_subcircuit };
enum class AdcKind { ramp, sar, user_subcircuit };
enum class SarSampling { top_plate, bottom_plate };
enum class CdacKind { binary, split };
// What a card is of: a column or an array, as cells and array allow, or the converter alone.
enum class CalibrationScope { automatic, converter };

// levels: an analog multiplexer connects each row to one of 2^bits - 1 reference levels, symmetric
// about the common mode (netlist/row_driver.h). The others drive gate lines (topologies b and c)
// with codes 0 .. 2^bits - 1 (netlist/wordline_driver.h): binary bit after bit, the lowest first;
// pulse_width by a pulse of code periods of clock_hertz.
struct DriverSpec {
    int bits = 8;                 // 2 .. 8; of levels, sign included
    double amplitude_volt = 0.1;  // largest distance from the common mode; of source lines
    double nmos_width_m = 48e-6;  // transmission gate of levels
    double pmos_width_m = 6e-6;
    DriverKind kind = DriverKind::levels;
    double clock_hertz = 1e9;  // pulse_width only
    bool operator==(const DriverSpec&) const = default;
};

// What only a current conveyor with integrator has (netlist/integrator.h, netlist/accumulator.h,
// netlist/sample_hold.h). One input bit takes settle, integrate and share; 10 ns of integration is
// the published 40 nm SONOS design's (CAS Mag 2022, FIGURES 2.4), the other figures are judgement.
struct IntegratorSpec {
    double integrate_second = 10e-9;   // of the column's current, for each input bit
    double settle_second = 5e-9;       // from the bit's edge to the start of integration
    double share_second = 5e-9;        // in which the bit's charge is shared with the sum's
    double sample_second = 10e-9;      // in which the sum is sampled
    int mirror_ratio = 8;              // column current over integrated current
    double integrate_farad = 160e-15;  // of the bit's capacitor, and of the sum's
    double hold_farad = 50e-15;
    double start_volt = 0.20;  // both capacitors start here and charge upwards
    bool operator==(const IntegratorSpec&) const = default;
};

// A .subckt of the user's in place of the transimpedance amplifier. `ports` says what each of its
// ports is tied to, in its order: in, out, vcm (the common mode), vdd, ibias (a reference current
// bias_ampere flows into it), 0, or a voltage such as "0.7".
struct UserReadoutSpec {
    std::filesystem::path file;
    std::string subckt;
    std::vector<std::string> ports;
    bool operator==(const UserReadoutSpec&) const = default;
};

// transimpedance: netlist/tia.h. integrator: one current conveyor a column, whose current is
// integrated; input bits are accumulated by charge sharing, and the sum is sampled.
struct ReadoutSpec {
    ReadoutKind kind = ReadoutKind::transimpedance;
    double common_mode_volt = 0.35;  // virtual ground of the columns
    double feedback_ohm = 10e3;      // not of integrators; of a user's the nominal value
    double bias_ampere = 5e-6;       // reference current of the op-amp or conveyor
    IntegratorSpec integrator = {};
    UserReadoutSpec user = {};
    bool operator==(const ReadoutSpec&) const = default;
};

// What only a successive-approximation converter has (netlist/sar_adc.h).
struct SarSpec {
    double bit_clock_hertz = 200e6;  // one bit per period
    int sample_cycles = 2;           // periods in which the input is tracked
    SarSampling sampling = SarSampling::bottom_plate;
    CdacKind cdac = CdacKind::binary;
    double unit_farad = 2e-15;         // of the capacitive DAC
    double comparator_width_m = 1e-6;  // of each input transistor
    bool operator==(const SarSpec&) const = default;
};

// A .subckt of the user's in place of a converter. `ports` says what each of its ports is tied to,
// in its order: in; low and high (low_volt and high_volt); vdd; ibias (a reference current
// bias_ampere flows into it); start (rises when the input has stood for sample_second, and stays);
// clk (rises half a period later, and with clock_hertz); bit_0 .. bit_<bits-1>, or level_1 ..
// level_<2^bits-1> of a thermometer code; 0, or a voltage such as "0.7". Outputs are read
// convert_second after the start.
struct UserAdcSpec {
    std::filesystem::path file;
    std::string subckt;
    std::vector<std::string> ports;
    double sample_second = 5e-9;
    double convert_second = 10e-9;
    double clock_hertz = 1e9;   // of clk, where there is one
    double bias_ampere = 1e-6;  // of ibias, where there is one
    bool operator==(const UserAdcSpec&) const = default;
};

// Ramp: single-slope converter, one ramp shared by `shared_by` columns, one comparator per column.
// SAR and a user's: one whole converter per column; bits and range are common, clock_hertz,
// bias_ampere and shared_by are the ramp's.
struct AdcSpec {
    AdcKind kind = AdcKind::ramp;
    int bits = 8;               // 4 .. 10, of a user's 2 .. 10
    double clock_hertz = 1e9;   // counter clock: one code per period
    double low_volt = 0.10;     // start of the ramp
    double high_volt = 0.60;    // nominal end of the ramp, 2^bits clocks later
    double bias_ampere = 1e-6;  // reference current of one comparator
    int shared_by = 64;         // columns served by one ramp
    SarSpec sar;
    UserAdcSpec user = {};
    bool operator==(const AdcSpec&) const = default;
};

// Statistical error of a programmed conductance, sigma(G) = c0 + c1 G + c2 G^2 + c3 G^3 with sigma
// and G in microsiemens, as published fits are given. All zero: ideal programming.
struct ProgrammingSpec {
    double c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    std::string source = "ideal programming (no error asked for)";  // citation, printed in reports
    bool operator==(const ProgrammingSpec&) const = default;
};

// How hard calibration tries. Tolerances are worst-case over the held-out runs unless their name
// says rms.
struct CalibrationSpec {
    int validation_rows = 64;  // held-out arrays are so large, at most
    int validation_columns = 64;
    int held_out_columns = 6;                // whole read-out columns run as held-out transients
    double cell_tolerance = 2e-3;            // of full scale
    double column_current_tolerance = 3e-3;  // of full scale
    double column_current_rms_tolerance = 1e-3;
    double readout_tolerance_lsb = 0.25;
    double adc_tolerance_lsb = 0.1;
    double settling_tolerance = 0.03;      // relative
    double energy_tolerance = 0.02;        // relative, of each block
    double energy_total_tolerance = 0.01;  // of all blocks together

    // Other conditions that the card is to hold for: all corners and temperatures with the
    // supplies nominal and `supply_spread` above and below. The spec's own corner and temperature
    // belong to them too. All empty: the spec's own condition alone.
    std::vector<std::string> corners;
    std::vector<double> temperatures;  // celsius
    double supply_spread = 0;          // relative; 0: nominal only
    int held_out_conditions = 4;       // between those, drawn from the seed, to judge them
    int mismatch_draws = 0;            // Monte Carlo runs of read-out and driver; 0: none
    int adc_draws = 0;                 // the same of the converter
    CalibrationScope scope = CalibrationScope::automatic;
    bool operator==(const CalibrationSpec&) const = default;
};

struct Spec {
    std::string name;
    std::filesystem::path technology = "generic40";  // shipped name, or a folder with tech.toml
    std::string corner = "tt";
    double temperature_celsius = 27;
    CellSpec cell;
    ArraySpec array;
    DriverSpec driver;
    ReadoutSpec readout;
    AdcSpec adc;
    ProgrammingSpec programming;
    CalibrationSpec calibration;
    bool operator==(const Spec&) const = default;
};

}  // namespace mho::netlist
