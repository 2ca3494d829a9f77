// SPDX-License-Identifier: Apache-2.0
// The cells of an array: their kinds and the figures of each. docs/circuits.md draws the circuits.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mho::netlist {

enum class CellKind {
    one_transistor_one_resistor,
    ohmic_resistor,
    polynomial_resistor,
    sinh_resistor,
    two_transistor_sonos,
    one_selector_one_resistor,
    ecram,
    user_subcircuit,
};

// States at which a law or a device is known; a spec whose states leave it is refused.
struct StateRange {
    double low_siemens = 0;
    double high_siemens = 0;
    bool operator==(const StateRange&) const = default;
};

// I = G V + a2 V^2 + a3 V^3 with a2 and a3 polynomials of x = log10(G): a2_0 + a2_1 x + a2_2 x^2 +
// a2_3 x^3 (ampere, volt, siemens). Defaults: HfO2 ReRAM of Milo et al., IRPS 2021, in the fit of
// CrossSim v3.2, 50 to 225 uS and |V| <= 0.5 V.
struct PolynomialLaw {
    double a2_0 = 7.063e-3, a2_1 = 5.711e-3, a2_2 = 1.541e-3, a2_3 = 1.388e-4;
    double a3_0 = 1.2968e-3, a3_1 = 6.7919e-4, a3_2 = 8.8710e-5, a3_3 = 0;
    double v_max_volt = 0.5;
    StateRange range{50e-6, 225e-6};
    bool operator==(const PolynomialLaw&) const = default;
};

// I = G v0 sinh(V / v0), G the conductance at 0 V.
struct SinhLaw {
    double scale_volt = 0.5;  // v0; judgement: 0.7 % above a straight line at 0.1 V
    bool operator==(const SinhLaw&) const = default;
};

// Select gate on the source line, charge-trap transistor on the bitline. The state is the current
// at the read voltage over that voltage; it is stored as a shift of the trap transistor's
// threshold. Figures of the 40 nm SONOS array of CrossSim v3.2 (devices/custom/SONOS.py): states
// to 1.6 uA, model valid to 3.2 uA.
struct SonosSpec {
    double trap_width_m = 0.8e-6;
    double trap_length_m = 0.27e-6;
    double control_volt = 1.0;    // gate of the trap transistor in read
    double max_ampere = 3.2e-6;   // of one cell
    double max_shift_volt = 1.5;  // of the threshold, either way; judgement
    // Law of the trap transistor by which states become thresholds (cell_sonos.h). Fitted to nch_io
    // of generic40, tt, 27 C, within 10 % from 0.1 pA to 3 uA.
    double square_ampere = 0.3112e-6;  // specific current of W = L
    double slope_factor = 1.3332;      // n of kT/q ln 10 n
    double threshold_volt = 0.48505;
    double source_factor = 0.9502;  // how far a rise of the source counts
    double series_ohm = 582;        // of the select transistor
    bool operator==(const SonosSpec&) const = default;
};

// Threshold-exponential selector: I = threshold_ampere sinh(V / slope_volt) / sinh(threshold_volt /
// slope_volt). Defaults: judgement, 60 mV per decade above it.
struct SelectorSpec {
    double threshold_volt = 0.4;
    double threshold_ampere = 1e-6;
    double slope_volt = 0.026;
    bool operator==(const SelectorSpec&) const = default;
};

// Read only. The gate stack is a leak and a capacitance to the channel's bitline end. Range of
// states: the ENODe polymer device of FIGURES 1.5 (cross-sim-data); leak and capacitance:
// judgement.
struct EcramSpec {
    double gate_ohm = 1e12;
    double gate_farad = 1e-15;
    StateRange range{298e-6, 978e-6};
    bool operator==(const EcramSpec&) const = default;
};

// A .subckt of the user's. `ports` says what each of its ports is tied to, in its order: row (or
// the source line), col, wl (select gate), 0, or a voltage such as "1.2".
struct UserCellSpec {
    std::filesystem::path file;
    std::string subckt;
    std::vector<std::string> ports;
    std::string state;                          // its parameter that holds the state
    std::string state_unit = "ohm";             // "ohm" or "siemens": how it does
    double pitch_x_m = 1e-6, pitch_y_m = 1e-6;  // of the layout, along row and column
    bool operator==(const UserCellSpec&) const = default;
};

// g_min_siemens to g_max_siemens are the states. Where a kind has a transistor or a gate, access_*
// and wordline_volt are its select transistor's. The other figures are those of one kind each.
struct CellSpec {
    CellKind kind = CellKind::one_transistor_one_resistor;
    double g_min_siemens = 1e-6;
    double g_max_siemens = 40e-6;
    double access_width_m = 0.8e-6;
    double access_length_m = 0.27e-6;
    double wordline_volt = 2.5;  // gate voltage of selected cells
    PolynomialLaw polynomial = {};
    SinhLaw sinh = {};
    SonosSpec sonos = {};
    SelectorSpec selector = {};
    EcramSpec ecram = {};
    UserCellSpec user = {};
    bool operator==(const CellSpec&) const = default;
};

}  // namespace mho::netlist
