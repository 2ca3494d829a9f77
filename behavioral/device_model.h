// SPDX-License-Identifier: Apache-2.0
// A memory device as its publication describes it: an immutable value that functions take. Files
// hold it as TOML (docs/formats/device.md, flows/device_toml.h); docs/devices.md tells each
// shipped one. Constants are in the publication's unit, microsiemens or nanoampere; functions on
// arrays (device_program.h, device_state.h) take and give siemens.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "behavioral/formula.h"

namespace mho::behavioral {

// Doses: gray(Si) in values, krad(Si) in files and texts.
constexpr double kGrayPerKrad = 10;

enum class StateUnit {
    microsiemens,
    nanoampere,  // current at one read voltage: the cell counts as a conductance there
};

// Where states lie, in the published unit.
struct StateRange {
    StateUnit unit = StateUnit::microsiemens;
    double low = 0;        // of the states that weights are mapped to; above 0: 0 means no cell
    double high = 0;       // likewise; g in formulas is a share of it
    double read_volt = 1;  // at which currents were measured; without meaning for conductances
    std::optional<double> valid_low;   // of the published fits
    std::optional<double> valid_high;  // likewise
    std::vector<double> levels;        // states that can be programmed, rising; empty: all
    std::string source;
};

enum class Distribution {
    normal,
    uniform,  // of width sqrt(12) sigma
};

// Error of one write, drawn for each cell; a state below 0 becomes 0.
struct ProgrammingError {
    Distribution distribution = Distribution::normal;
    Formula sigma;  // standard deviation against the target
    std::string source;
};

// Mean and spread of the states that started at G, at one time (seconds) or dose (gray).
struct StateMap {
    double at = 0;
    Formula mean;   // of the starting state
    Formula sigma;  // of the mean
};

// Means and spreads measured at some times, straight between them and on beyond the last. The
// spread is that of all causes, programming included. At time 0: the state as programmed.
struct MeasuredDrift {
    std::vector<StateMap> maps;  // of rising time, above 0
};

// A second error some time after the first, as iterative programming leaves it.
struct SecondStep {
    double time_second = 0;
    Formula sigma;
};

// G(t) = G(t0) (t / t0)^-nu with an exponent of its own for each cell.
struct PowerLawDrift {
    double reference_second = 0;   // t0: when a state is at its target
    double programmed_second = 0;  // when the programming error was measured; t0 or later. Earlier
                                   // states are taken as at this time
    double offset_second = 0;      // added to the time since programming
    Formula exponent_mean;         // of the target
    Formula exponent_sigma;
    bool exponent_folded = false;  // its absolute value counts
    std::optional<SecondStep> second_step;
};

// G(t) = end + (G - end) exp(-(t / tau)^beta).
struct RelaxationDrift {
    double tau_second = 0;
    double exponent = 1;
    double end_state = 0;
};

using DriftLaw = std::variant<std::monostate, MeasuredDrift, PowerLawDrift, RelaxationDrift>;

struct Drift {
    DriftLaw law;
    std::optional<double> valid_high;  // highest state that was followed, published unit
    std::string source;
};

enum class Resampling {
    each_read,  // a new number for each multiply
    each_time,  // one number for each time after programming: slow 1/f noise
};

struct ReadNoise {
    Formula sigma;
    Resampling resampling = Resampling::each_read;
    std::string source;
};

// Time runs faster at other temperatures than the reference: by
// exp(activation / k (1 / T_reference - 1 / T)).
struct Retention {
    double activation_ev = 0;
    double reference_celsius = 25;
    std::string source;
};

// I = G V + quadratic V^2 + cubic V^3, ampere with G in siemens and V in volt, |V| <= max_volt.
struct NonlinearCurrent {
    Formula quadratic;  // A/V^2 as function of the state
    Formula cubic;      // A/V^3
    double max_volt = 0;
    std::string source;
};

struct StuckCells {
    double low_probability = 0;   // stuck at the lowest state
    double high_probability = 0;  // stuck at the highest
    std::string source;
};

// Program, read, correct until the reading is within the tolerance. The first write has the
// device's programming error; correction k moves the state by
// gain (target - reading) plus an error of pulse_sigma. All in the published unit.
struct WriteVerify {
    double tolerance = 0;
    int max_pulses = 0;  // with the first write
    double gain = 1;
    Formula pulse_sigma;      // of the state
    double verify_sigma = 0;  // of one reading
    double pulse_second = 0;  // cost of one write and of one reading
    double pulse_joule = 0;
    double read_second = 0;
    double read_joule = 0;
    std::string source;
};

// Trapped charge relaxes with the dose D: V_T = V_n + (V_T0 - V_n) exp(-D / D0), and the
// subthreshold current goes as exp(-V_T), so ln(I / I_n) shrinks by exp(-D / D0). The shift of
// each cell is its mean times 1 + spread N(0, 1).
struct ThresholdRelaxation {
    double neutral_state = 0;  // I_n
    double dose_gray = 0;      // D0, gray(Si)
    double spread = 0;
};

// Means and spreads measured at some doses (gray), straight between them and on beyond the last.
// At no dose the state stays.
struct DoseMaps {
    std::vector<StateMap> maps;    // of rising dose, above 0
    bool spread_is_total = false;  // programming error included; else what the dose adds
};

struct Radiation {
    std::variant<ThresholdRelaxation, DoseMaps> law;
    std::string source;
};

struct DeviceModel {
    std::string name;
    std::string title;
    std::string source;
    std::vector<std::string> notes;  // what a user should know: what is not published
    StateRange state;
    ProgrammingError programming;
    Drift drift;
    std::optional<ReadNoise> read_noise;
    std::optional<Retention> retention;
    std::optional<NonlinearCurrent> current;
    std::optional<StuckCells> stuck;
    std::optional<WriteVerify> write_verify;
    std::optional<Radiation> radiation;
};

// One published unit in siemens: 1e-6, or 1e-9 / read_volt.
double siemens_per_unit(const StateRange& state);
inline double lowest_siemens(const DeviceModel& device) {
    return device.state.low * siemens_per_unit(device.state);
}
inline double highest_siemens(const DeviceModel& device) {
    return device.state.high * siemens_per_unit(device.state);
}

// "uS" or "nA", and as shown to people.
const char* unit_name(StateUnit unit);
const char* unit_symbol(StateUnit unit);

// A value of the device that cannot be: the section and key of its file form, and what is wrong.
struct DeviceProblem {
    std::string section;
    std::string key;
    std::string message;  // "expected ..., found ..."; empty: none found
};

// The first problem: ranges, orders, and formulas that are not finite over the range of states.
DeviceProblem find_problem(const DeviceModel& device);

// Throws bad_input "device 'NAME': [section] key: ..." for the first problem.
void require_valid(const DeviceModel& device);

}  // namespace mho::behavioral
