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
constexpr IntegerRange kRows{2, 1024, true};
constexpr IntegerRange kColumns{1, 1024};
constexpr TextRange kAnyText{};

// A captureless lambda as a pointer: which member of the spec a key sets.
#define MHO_MEMBER(type, path) +[](Spec& spec) -> type& { return spec.path; }

const std::array kFields{
    SpecField{"", "name", kAnyText, MHO_MEMBER(std::string, name)},

    SpecField{"technology", "name", kAnyText, MHO_MEMBER(std::filesystem::path, technology)},
    SpecField{"technology", "corner", kAnyText, MHO_MEMBER(std::string, corner)},
    SpecField{"technology", "temperature_celsius", NumberRange{-273, 300, true},
              MHO_MEMBER(double, temperature_celsius)},

    SpecField{"cell", "kind", TextRange{"1t1r"}, MHO_MEMBER(CellKind, cell.kind)},
    SpecField{"cell", "g_min_siemens", kConductance, MHO_MEMBER(double, cell.g_min_siemens)},
    SpecField{"cell", "g_max_siemens", kConductance, MHO_MEMBER(double, cell.g_max_siemens)},
    SpecField{"cell", "access_width_m", kWidth, MHO_MEMBER(double, cell.access_width_m)},
    SpecField{"cell", "access_length_m", kWidth, MHO_MEMBER(double, cell.access_length_m)},
    SpecField{"cell", "wordline_volt", kPositiveVolt, MHO_MEMBER(double, cell.wordline_volt)},

    SpecField{"array", "rows", kRows, MHO_MEMBER(int, array.rows)},
    SpecField{"array", "columns", kColumns, MHO_MEMBER(int, array.columns)},
    SpecField{"array", "row_layer", kAnyText, MHO_MEMBER(std::string, array.row_layer)},
    SpecField{"array", "column_layer", kAnyText, MHO_MEMBER(std::string, array.column_layer)},

    SpecField{"driver", "bits", IntegerRange{2, 8}, MHO_MEMBER(int, driver.bits)},
    SpecField{"driver", "amplitude_volt", kPositiveVolt, MHO_MEMBER(double, driver.amplitude_volt)},
    SpecField{"driver", "nmos_width_m", kWidth, MHO_MEMBER(double, driver.nmos_width_m)},
    SpecField{"driver", "pmos_width_m", kWidth, MHO_MEMBER(double, driver.pmos_width_m)},

    SpecField{"readout", "kind", TextRange{"transimpedance"},
              MHO_MEMBER(ReadoutKind, readout.kind)},
    SpecField{"readout", "common_mode_volt", kVolt, MHO_MEMBER(double, readout.common_mode_volt)},
    SpecField{"readout", "feedback_ohm", NumberRange{1, 1e12},
              MHO_MEMBER(double, readout.feedback_ohm)},
    SpecField{"readout", "bias_ampere", kBias, MHO_MEMBER(double, readout.bias_ampere)},

    SpecField{"adc", "kind", TextRange{"ramp sar"}, MHO_MEMBER(AdcKind, adc.kind)},
    SpecField{"adc", "bits", IntegerRange{4, 10}, MHO_MEMBER(int, adc.bits)},
    SpecField{"adc", "clock_hertz", NumberRange{1e3, 1e11}, MHO_MEMBER(double, adc.clock_hertz),
              AdcKind::ramp},
    SpecField{"adc", "low_volt", kVolt, MHO_MEMBER(double, adc.low_volt)},
    SpecField{"adc", "high_volt", kPositiveVolt, MHO_MEMBER(double, adc.high_volt)},
    SpecField{"adc", "bias_ampere", kBias, MHO_MEMBER(double, adc.bias_ampere), AdcKind::ramp},
    SpecField{"adc", "shared_by", kColumns, MHO_MEMBER(int, adc.shared_by), AdcKind::ramp},
    SpecField{"adc", "bit_clock_hertz", NumberRange{1e3, 1e10},
              MHO_MEMBER(double, adc.sar.bit_clock_hertz), AdcKind::sar},
    SpecField{"adc", "sample_cycles", IntegerRange{1, 100}, MHO_MEMBER(int, adc.sar.sample_cycles),
              AdcKind::sar},
    SpecField{"adc", "sampling", TextRange{"top_plate bottom_plate"},
              MHO_MEMBER(SarSampling, adc.sar.sampling), AdcKind::sar},
    SpecField{"adc", "cdac", TextRange{"binary split"}, MHO_MEMBER(CdacKind, adc.sar.cdac),
              AdcKind::sar},
    SpecField{"adc", "unit_farad", NumberRange{1e-16, 1e-12},
              MHO_MEMBER(double, adc.sar.unit_farad), AdcKind::sar},
    SpecField{"adc", "comparator_width_m", NumberRange{0.12e-6, 1e-4},
              MHO_MEMBER(double, adc.sar.comparator_width_m), AdcKind::sar},

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
    SpecField{"calibration", "readout_tolerance_lsb", kLsbTolerance,
              MHO_MEMBER(double, calibration.readout_tolerance_lsb)},
    SpecField{"calibration", "adc_tolerance_lsb", kLsbTolerance,
              MHO_MEMBER(double, calibration.adc_tolerance_lsb)},
    SpecField{"calibration", "settling_tolerance", kTolerance,
              MHO_MEMBER(double, calibration.settling_tolerance)},
    SpecField{"calibration", "energy_tolerance", kTolerance,
              MHO_MEMBER(double, calibration.energy_tolerance)},
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
        std::string text = fmt::format("\"{}\"", range.choices);
        for (std::size_t at = 0; (at = text.find(' ', at)) != std::string::npos; at += 6) {
            text.replace(at, 1, "\" or \"");
        }
        return text;
    }
};

}  // namespace

std::string SpecField::expected() const {
    return std::visit(ExpectedText{}, range);
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
    return {};
}

}  // namespace mho::netlist
