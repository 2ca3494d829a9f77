// SPDX-License-Identifier: Apache-2.0
#include "netlist/spec_fields.h"

#include <fmt/format.h>

#include <array>
#include <string>

namespace mho::netlist {
namespace {

constexpr NumberRange kWidth{20e-9, 1e-3};
constexpr NumberRange kConductance{1e-12, 1.0};
constexpr NumberRange kVolt{0, 10};
constexpr NumberRange kPositiveVolt{0, 10, true};
constexpr NumberRange kBias{1e-12, 1e-1};
constexpr NumberRange kTolerance{0, 1, true};
constexpr NumberRange kLsbTolerance{0, 100, true};
constexpr NumberRange kCoefficient{-1e6, 1e6};
constexpr NumberRange kPhase{0.5e-9, 1e-3};  // of a clocked block
constexpr IntegerRange kRows{2, 1024, true};
constexpr IntegerRange kArrayRows{1, 2048};
constexpr IntegerRange kDummies{0, 8};
constexpr NumberRange kSmallVolt{0.005, 10};
constexpr NumberRange kOhm{0, 1e12};
constexpr NumberRange kFarad{0, 1e-9};
constexpr IntegerRange kColumns{1, 1024};
constexpr TextRange kAnyText{};
constexpr TextRange kMaybeText{"", true};

// A captureless lambda as a pointer: which member of the spec a key sets.
#define MHO_MEMBER(type, path) +[](Spec& spec) -> type& { return spec.path; }

const std::array kFields{
    SpecField{"", "name", kAnyText, MHO_MEMBER(std::string, name)},

    SpecField{"technology", "name", kAnyText, MHO_MEMBER(std::filesystem::path, technology)},
    SpecField{"technology", "corner", kAnyText, MHO_MEMBER(std::string, corner)},
    SpecField{"technology", "temperature_celsius", NumberRange{-273, 300, true},
              MHO_MEMBER(double, temperature_celsius)},

    SpecField{"cell", "kind", TextRange{"1t1r 1r 1r_polynomial 1r_sinh 2t_sonos 1s1r ecram subckt"},
              MHO_MEMBER(CellKind, cell.kind)},
    SpecField{"cell", "g_min_siemens", kConductance, MHO_MEMBER(double, cell.g_min_siemens)},
    SpecField{"cell", "g_max_siemens", kConductance, MHO_MEMBER(double, cell.g_max_siemens)},
    SpecField{"cell", "access_width_m", kWidth, MHO_MEMBER(double, cell.access_width_m)},
    SpecField{"cell", "access_length_m", kWidth, MHO_MEMBER(double, cell.access_length_m)},
    SpecField{"cell", "wordline_volt", kPositiveVolt, MHO_MEMBER(double, cell.wordline_volt)},

    SpecField{"cell.polynomial", "a2_0", kCoefficient, MHO_MEMBER(double, cell.polynomial.a2_0),
              false},
    SpecField{"cell.polynomial", "a2_1", kCoefficient, MHO_MEMBER(double, cell.polynomial.a2_1),
              false},
    SpecField{"cell.polynomial", "a2_2", kCoefficient, MHO_MEMBER(double, cell.polynomial.a2_2),
              false},
    SpecField{"cell.polynomial", "a2_3", kCoefficient, MHO_MEMBER(double, cell.polynomial.a2_3),
              false},
    SpecField{"cell.polynomial", "a3_0", kCoefficient, MHO_MEMBER(double, cell.polynomial.a3_0),
              false},
    SpecField{"cell.polynomial", "a3_1", kCoefficient, MHO_MEMBER(double, cell.polynomial.a3_1),
              false},
    SpecField{"cell.polynomial", "a3_2", kCoefficient, MHO_MEMBER(double, cell.polynomial.a3_2),
              false},
    SpecField{"cell.polynomial", "a3_3", kCoefficient, MHO_MEMBER(double, cell.polynomial.a3_3),
              false},
    SpecField{"cell.polynomial", "v_max_volt", kPositiveVolt,
              MHO_MEMBER(double, cell.polynomial.v_max_volt), false},
    SpecField{"cell.polynomial", "range_low_siemens", kConductance,
              MHO_MEMBER(double, cell.polynomial.range.low_siemens), false},
    SpecField{"cell.polynomial", "range_high_siemens", kConductance,
              MHO_MEMBER(double, cell.polynomial.range.high_siemens), false},

    SpecField{"cell.sinh", "scale_volt", NumberRange{0.02, 10},
              MHO_MEMBER(double, cell.sinh.scale_volt), false},

    SpecField{"cell.sonos", "trap_width_m", kWidth, MHO_MEMBER(double, cell.sonos.trap_width_m),
              false},
    SpecField{"cell.sonos", "trap_length_m", kWidth, MHO_MEMBER(double, cell.sonos.trap_length_m),
              false},
    SpecField{"cell.sonos", "control_volt", kVolt, MHO_MEMBER(double, cell.sonos.control_volt),
              false},
    SpecField{"cell.sonos", "max_ampere", kBias, MHO_MEMBER(double, cell.sonos.max_ampere), false},
    SpecField{"cell.sonos", "max_shift_volt", kPositiveVolt,
              MHO_MEMBER(double, cell.sonos.max_shift_volt), false},
    SpecField{"cell.sonos", "square_ampere", kBias, MHO_MEMBER(double, cell.sonos.square_ampere),
              false},
    SpecField{"cell.sonos", "slope_factor", NumberRange{1, 5},
              MHO_MEMBER(double, cell.sonos.slope_factor), false},
    SpecField{"cell.sonos", "threshold_volt", NumberRange{-5, 5},
              MHO_MEMBER(double, cell.sonos.threshold_volt), false},
    SpecField{"cell.sonos", "source_factor", NumberRange{0.5, 2},
              MHO_MEMBER(double, cell.sonos.source_factor), false},
    SpecField{"cell.sonos", "series_ohm", kOhm, MHO_MEMBER(double, cell.sonos.series_ohm), false},

    SpecField{"cell.selector", "threshold_volt", kPositiveVolt,
              MHO_MEMBER(double, cell.selector.threshold_volt), false},
    SpecField{"cell.selector", "threshold_ampere", kBias,
              MHO_MEMBER(double, cell.selector.threshold_ampere), false},
    SpecField{"cell.selector", "slope_volt", kSmallVolt,
              MHO_MEMBER(double, cell.selector.slope_volt), false},

    SpecField{"cell.ecram", "gate_ohm", NumberRange{1, 1e15},
              MHO_MEMBER(double, cell.ecram.gate_ohm), false},
    SpecField{"cell.ecram", "gate_farad", kFarad, MHO_MEMBER(double, cell.ecram.gate_farad), false},
    SpecField{"cell.ecram", "range_low_siemens", kConductance,
              MHO_MEMBER(double, cell.ecram.range.low_siemens), false},
    SpecField{"cell.ecram", "range_high_siemens", kConductance,
              MHO_MEMBER(double, cell.ecram.range.high_siemens), false},

    SpecField{"cell.subckt", "file", kMaybeText, MHO_MEMBER(std::filesystem::path, cell.user.file),
              false},
    SpecField{"cell.subckt", "name", kMaybeText, MHO_MEMBER(std::string, cell.user.subckt), false},
    SpecField{"cell.subckt", "ports", ListRange{},
              MHO_MEMBER(std::vector<std::string>, cell.user.ports), false},
    SpecField{"cell.subckt", "state", kMaybeText, MHO_MEMBER(std::string, cell.user.state), false},
    SpecField{"cell.subckt", "state_unit", kAnyText, MHO_MEMBER(std::string, cell.user.state_unit),
              false},
    SpecField{"cell.subckt", "pitch_x_m", kWidth, MHO_MEMBER(double, cell.user.pitch_x_m), false},
    SpecField{"cell.subckt", "pitch_y_m", kWidth, MHO_MEMBER(double, cell.user.pitch_y_m), false},

    SpecField{"array", "rows", kArrayRows, MHO_MEMBER(int, array.rows)},
    SpecField{"array", "columns", kColumns, MHO_MEMBER(int, array.columns)},
    SpecField{"array", "row_layer", kAnyText, MHO_MEMBER(std::string, array.row_layer)},
    SpecField{"array", "column_layer", kAnyText, MHO_MEMBER(std::string, array.column_layer)},
    SpecField{"array", "source_layer", kAnyText, MHO_MEMBER(std::string, array.source_layer),
              false},
    SpecField{"array", "topology", TextRange{"a b c"}, MHO_MEMBER(Topology, array.shape.topology),
              false},
    SpecField{"array", "scheme", TextRange{"plain differential offset"},
              MHO_MEMBER(ColumnScheme, array.shape.scheme), false},
    SpecField{"array", "drive", TextRange{"one both"}, MHO_MEMBER(LineEnds, array.shape.drive),
              false},
    SpecField{"array", "sense", TextRange{"one both"}, MHO_MEMBER(LineEnds, array.shape.sense),
              false},
    SpecField{"array", "dummy_rows", kDummies, MHO_MEMBER(int, array.shape.dummy_rows), false},
    SpecField{"array", "dummy_columns", kDummies, MHO_MEMBER(int, array.shape.dummy_columns),
              false},
    SpecField{"array", "wires", TextRange{"technology given"}, MHO_MEMBER(WireSource, array.wires),
              false},

    SpecField{"array.given", "row_ohm", kOhm, MHO_MEMBER(double, array.given.row_ohm), false},
    SpecField{"array.given", "row_farad", kFarad, MHO_MEMBER(double, array.given.row_farad), false},
    SpecField{"array.given", "column_ohm", kOhm, MHO_MEMBER(double, array.given.column_ohm), false},
    SpecField{"array.given", "column_farad", kFarad, MHO_MEMBER(double, array.given.column_farad),
              false},
    SpecField{"array.given", "source_ohm", kOhm, MHO_MEMBER(double, array.given.source_ohm), false},
    SpecField{"array.given", "source_farad", kFarad, MHO_MEMBER(double, array.given.source_farad),
              false},

    SpecField{"array.terminals", "driver_ohm", kOhm, MHO_MEMBER(double, array.terminals.driver_ohm),
              false},
    SpecField{"array.terminals", "sense_ohm", kOhm, MHO_MEMBER(double, array.terminals.sense_ohm),
              false},

    SpecField{"array.stuck", "on", ListRange{},
              MHO_MEMBER(std::vector<std::string>, array.stuck.on), false},
    SpecField{"array.stuck", "off", ListRange{},
              MHO_MEMBER(std::vector<std::string>, array.stuck.off), false},

    SpecField{"driver", "kind", TextRange{"levels binary pulse_width"},
              MHO_MEMBER(DriverKind, driver.kind), false},
    SpecField{"driver", "bits", IntegerRange{2, 8}, MHO_MEMBER(int, driver.bits)},
    SpecField{"driver", "amplitude_volt", kPositiveVolt, MHO_MEMBER(double, driver.amplitude_volt)},
    SpecField{"driver", "nmos_width_m", kWidth, MHO_MEMBER(double, driver.nmos_width_m), true,
              DriverKind::levels},
    SpecField{"driver", "pmos_width_m", kWidth, MHO_MEMBER(double, driver.pmos_width_m), true,
              DriverKind::levels},
    SpecField{"driver", "clock_hertz", NumberRange{1e6, 1e10},
              MHO_MEMBER(double, driver.clock_hertz), false, DriverKind::pulse_width},

    SpecField{"readout", "kind", TextRange{"transimpedance integrator subckt"},
              MHO_MEMBER(ReadoutKind, readout.kind)},
    SpecField{"readout", "common_mode_volt", kVolt, MHO_MEMBER(double, readout.common_mode_volt)},
    SpecField{"readout", "feedback_ohm", NumberRange{1, 1e12},
              MHO_MEMBER(double, readout.feedback_ohm), true, NoIntegrator{}},
    SpecField{"readout", "bias_ampere", kBias, MHO_MEMBER(double, readout.bias_ampere)},
    SpecField{"readout", "integrate_second", kPhase,
              MHO_MEMBER(double, readout.integrator.integrate_second), true,
              ReadoutKind::integrator},
    SpecField{"readout", "settle_second", kPhase,
              MHO_MEMBER(double, readout.integrator.settle_second), true, ReadoutKind::integrator},
    SpecField{"readout", "share_second", kPhase,
              MHO_MEMBER(double, readout.integrator.share_second), true, ReadoutKind::integrator},
    SpecField{"readout", "sample_second", kPhase,
              MHO_MEMBER(double, readout.integrator.sample_second), true, ReadoutKind::integrator},
    SpecField{"readout", "mirror_ratio", IntegerRange{4, 64},
              MHO_MEMBER(int, readout.integrator.mirror_ratio), true, ReadoutKind::integrator},
    SpecField{"readout", "integrate_farad", NumberRange{20e-15, 100e-12},
              MHO_MEMBER(double, readout.integrator.integrate_farad), true,
              ReadoutKind::integrator},
    SpecField{"readout", "hold_farad", NumberRange{1e-15, 100e-12},
              MHO_MEMBER(double, readout.integrator.hold_farad), true, ReadoutKind::integrator},
    SpecField{"readout", "start_volt", kVolt, MHO_MEMBER(double, readout.integrator.start_volt),
              true, ReadoutKind::integrator},

    SpecField{"readout.subckt", "file", kMaybeText,
              MHO_MEMBER(std::filesystem::path, readout.user.file), false},
    SpecField{"readout.subckt", "name", kMaybeText, MHO_MEMBER(std::string, readout.user.subckt),
              false},
    SpecField{"readout.subckt", "ports", ListRange{},
              MHO_MEMBER(std::vector<std::string>, readout.user.ports), false},

    SpecField{"adc", "kind", TextRange{"ramp sar subckt"}, MHO_MEMBER(AdcKind, adc.kind)},
    SpecField{"adc", "bits", IntegerRange{2, 10}, MHO_MEMBER(int, adc.bits)},
    SpecField{"adc", "clock_hertz", NumberRange{1e3, 1e11}, MHO_MEMBER(double, adc.clock_hertz),
              true, AdcKind::ramp},
    SpecField{"adc", "low_volt", kVolt, MHO_MEMBER(double, adc.low_volt)},
    SpecField{"adc", "high_volt", kPositiveVolt, MHO_MEMBER(double, adc.high_volt)},
    SpecField{"adc", "bias_ampere", kBias, MHO_MEMBER(double, adc.bias_ampere), true,
              AdcKind::ramp},
    SpecField{"adc", "shared_by", kColumns, MHO_MEMBER(int, adc.shared_by), true, AdcKind::ramp},
    SpecField{"adc", "bit_clock_hertz", NumberRange{1e3, 1e10},
              MHO_MEMBER(double, adc.sar.bit_clock_hertz), true, AdcKind::sar},
    SpecField{"adc", "sample_cycles", IntegerRange{1, 100}, MHO_MEMBER(int, adc.sar.sample_cycles),
              true, AdcKind::sar},
    SpecField{"adc", "sampling", TextRange{"top_plate bottom_plate"},
              MHO_MEMBER(SarSampling, adc.sar.sampling), true, AdcKind::sar},
    SpecField{"adc", "cdac", TextRange{"binary split"}, MHO_MEMBER(CdacKind, adc.sar.cdac), true,
              AdcKind::sar},
    SpecField{"adc", "unit_farad", NumberRange{1e-16, 1e-12},
              MHO_MEMBER(double, adc.sar.unit_farad), true, AdcKind::sar},
    SpecField{"adc", "comparator_width_m", NumberRange{0.12e-6, 1e-4},
              MHO_MEMBER(double, adc.sar.comparator_width_m), true, AdcKind::sar},

    SpecField{"adc.subckt", "file", kMaybeText, MHO_MEMBER(std::filesystem::path, adc.user.file),
              false},
    SpecField{"adc.subckt", "name", kMaybeText, MHO_MEMBER(std::string, adc.user.subckt), false},
    SpecField{"adc.subckt", "ports", ListRange{},
              MHO_MEMBER(std::vector<std::string>, adc.user.ports), false},
    SpecField{"adc.subckt", "sample_second", kPhase, MHO_MEMBER(double, adc.user.sample_second),
              false},
    SpecField{"adc.subckt", "convert_second", NumberRange{0.1e-9, 1e-2},
              MHO_MEMBER(double, adc.user.convert_second), false},
    SpecField{"adc.subckt", "clock_hertz", NumberRange{1e3, 1e11},
              MHO_MEMBER(double, adc.user.clock_hertz), false},
    SpecField{"adc.subckt", "bias_ampere", kBias, MHO_MEMBER(double, adc.user.bias_ampere), false},

    SpecField{"programming", "c0", kCoefficient, MHO_MEMBER(double, programming.c0)},
    SpecField{"programming", "c1", kCoefficient, MHO_MEMBER(double, programming.c1)},
    SpecField{"programming", "c2", kCoefficient, MHO_MEMBER(double, programming.c2)},
    SpecField{"programming", "c3", kCoefficient, MHO_MEMBER(double, programming.c3)},
    SpecField{"programming", "source", kAnyText, MHO_MEMBER(std::string, programming.source)},

    SpecField{"calibration", "validation_rows", kRows,
              MHO_MEMBER(int, calibration.validation_rows)},
    SpecField{"calibration", "validation_columns", kColumns,
              MHO_MEMBER(int, calibration.validation_columns)},
    SpecField{"calibration", "held_out_columns", IntegerRange{1, 1000},
              MHO_MEMBER(int, calibration.held_out_columns)},
    SpecField{"calibration", "cell_tolerance", kTolerance,
              MHO_MEMBER(double, calibration.cell_tolerance)},
    SpecField{"calibration", "column_current_tolerance", kTolerance,
              MHO_MEMBER(double, calibration.column_current_tolerance)},
    SpecField{"calibration", "column_current_rms_tolerance", kTolerance,
              MHO_MEMBER(double, calibration.column_current_rms_tolerance)},
    SpecField{"calibration", "readout_tolerance_lsb", kLsbTolerance,
              MHO_MEMBER(double, calibration.readout_tolerance_lsb)},
    SpecField{"calibration", "adc_tolerance_lsb", kLsbTolerance,
              MHO_MEMBER(double, calibration.adc_tolerance_lsb)},
    SpecField{"calibration", "settling_tolerance", kTolerance,
              MHO_MEMBER(double, calibration.settling_tolerance)},
    SpecField{"calibration", "energy_tolerance", kTolerance,
              MHO_MEMBER(double, calibration.energy_tolerance)},
    SpecField{"calibration", "energy_total_tolerance", kTolerance,
              MHO_MEMBER(double, calibration.energy_total_tolerance)},
    SpecField{"calibration", "corners", ListRange{},
              MHO_MEMBER(std::vector<std::string>, calibration.corners), false},
    SpecField{"calibration", "temperatures", NumberListRange{-273, 1000},
              MHO_MEMBER(std::vector<double>, calibration.temperatures), false},
    SpecField{"calibration", "supply_spread", NumberRange{0, 0.5},
              MHO_MEMBER(double, calibration.supply_spread), false},
    SpecField{"calibration", "held_out_conditions", IntegerRange{1, 1000},
              MHO_MEMBER(int, calibration.held_out_conditions), false},
    SpecField{"calibration", "mismatch_draws", IntegerRange{0, 100000},
              MHO_MEMBER(int, calibration.mismatch_draws), false},
    SpecField{"calibration", "adc_draws", IntegerRange{0, 10000},
              MHO_MEMBER(int, calibration.adc_draws), false},
    SpecField{"calibration", "scope", TextRange{"auto converter"},
              MHO_MEMBER(CalibrationScope, calibration.scope), false},
};

#undef MHO_MEMBER

struct ExpectedText {
    std::string operator()(const IntegerRange& range) const {
        return fmt::format("an {}integer from {} to {}", range.even ? "even " : "", range.low,
                           range.high);
    }
    std::string operator()(const NumberRange& range) const {
        return range.above_low
                   ? fmt::format("a number above {} and at most {}", range.low, range.high)
                   : fmt::format("a number from {} to {}", range.low, range.high);
    }
    std::string operator()(const TextRange& range) const {
        if (range.choices.empty()) return "a text";
        std::string text;
        for (const char c : range.choices) text += c == ' ' ? "\", \"" : std::string(1, c);
        const bool several = range.choices.find(' ') != std::string_view::npos;
        return fmt::format("{}\"{}\"", several ? "one of " : "", text);
    }
    std::string operator()(const ListRange&) const { return "an array of texts"; }
    std::string operator()(const NumberListRange& range) const {
        return fmt::format("an array of numbers from {} to {}", range.low, range.high);
    }
};

}  // namespace

std::string SpecField::expected() const {
    return std::visit(ExpectedText{}, range);
}

bool SpecField::applies(const Spec& spec) const {
    struct Has {
        const Spec& spec;
        bool operator()(std::monostate) const { return true; }
        bool operator()(DriverKind kind) const { return spec.driver.kind == kind; }
        bool operator()(ReadoutKind kind) const { return spec.readout.kind == kind; }
        bool operator()(NoIntegrator) const { return spec.readout.kind != ReadoutKind::integrator; }
        bool operator()(AdcKind kind) const { return spec.adc.kind == kind; }
    };
    return std::visit(Has{spec}, only);
}

std::span<const SpecField> spec_fields() {
    return kFields;
}

SpecConflict find_conflict(const Spec& spec) {
    if (spec.cell.g_max_siemens <= spec.cell.g_min_siemens) {
        return {"cell", "g_max_siemens",
                fmt::format("expected more than g_min_siemens = {}, found {}",
                            spec.cell.g_min_siemens, spec.cell.g_max_siemens)};
    }
    if (spec.adc.high_volt <= spec.adc.low_volt) {
        return {"adc", "high_volt",
                fmt::format("expected more than low_volt = {}, found {}", spec.adc.low_volt,
                            spec.adc.high_volt)};
    }
    if (const SpecConflict cell = find_cell_conflict(spec); !cell.message.empty()) return cell;
    if (const SpecConflict array = find_array_conflict(spec); !array.message.empty()) return array;
    if (const SpecConflict found = find_periphery_conflict(spec); !found.message.empty()) {
        return found;
    }
    return find_converter_conflict(spec);
}

}  // namespace mho::netlist
