// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/card_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/mho/spice_options.h"
#include "behavioral/adc_instance.h"
#include "behavioral/adc_metrics.h"

namespace mho::apps {
namespace {

using behavioral::ModelCard;

std::string cell_law_text(const behavioral::CellLaw& cell) {
    const std::string range =
        fmt::format("{:.4g} .. {:.4g} uS, +-{:.4g} V", cell.g_min_siemens * 1e6,
                    cell.g_max_siemens * 1e6, cell.v_max_volt);
    if (!cell.table.empty()) {
        return fmt::format("{}: {}; table of {} states and {} voltages", cell.kind, range,
                           cell.table.state_siemens.size(), cell.table.volt.size());
    }
    const std::string error = cell.access_standard_error.empty()
                                  ? std::string()
                                  : fmt::format(" +- {:.2g}", cell.access_standard_error.front());
    return fmt::format("{}; access {:.4g}{} ohm", range, cell.access_ohm, error);
}

void add_line(std::string& text, std::string_view name, const std::string& value) {
    text += fmt::format("{:<12} {}\n", name, value);
}

std::string array_text(const ModelCard& card) {
    constexpr const char* kWires[] = {"row", "source line", "source line"};
    constexpr const char* kTopologies[] = {"", ", topology b", ", topology c"};
    const auto& array = card.array;
    const auto topology = static_cast<std::size_t>(array.topology);
    std::string text;
    add_line(text, "array",
             fmt::format("{} x {}{}; {} segment {:.4g} ohm, column segment {:.4g} ohm", array.rows,
                         array.columns, kTopologies[topology], kWires[topology],
                         array.row_segment_ohm, array.column_segment_ohm));
    add_line(text, "cell", cell_law_text(card.cell));
    if (card.array_only) {
        add_line(text, "ends",
                 fmt::format("+-{:.4g} V behind {:.4g} ohm; sensed through {:.4g} ohm",
                             card.driver.amplitude_volt, array.driver_ohm, array.sense_ohm));
        if (card.bit_serial.integrator.bits == 0) {
            add_line(text, "not in it", "read-out, converter, energy, timing");
        }
    }
    return text;
}

double lsb_volt_of(const behavioral::AdcModel& adc) {
    return std::ldexp(adc.ideal_high_volt - adc.ideal_low_volt, -adc.bits);
}

// Transfer curve, noise and mismatch of the converter, as far as they were measured.
std::string converter_lines(const behavioral::AdcModel& adc, const std::string& kind) {
    const behavioral::AdcMetrics metrics = behavioral::adc_metrics(adc);
    const double lsb = lsb_volt_of(adc);
    std::string text;
    add_line(text, "converter",
             fmt::format("{}{} bits, {:.4g} .. {:.4g} V; INL {:.3g} LSB, DNL {:.3g} LSB, "
                         "offset {:+.3g} LSB, gain {:+.3g} %",
                         kind.empty() ? "" : kind + ", ", adc.bits, adc.ideal_low_volt,
                         adc.ideal_high_volt, metrics.worst_inl_lsb, metrics.worst_dnl_lsb,
                         metrics.offset_lsb, 100 * metrics.gain_error));
    if (adc.noise_volt_rms > 0) {
        add_line(text, "  noise",
                 fmt::format("{:.3g} LSB rms at the input", adc.noise_volt_rms / lsb));
    }
    if (adc.regeneration_second > 0) {
        add_line(
            text, "  comparator",
            fmt::format("regenerates with {:.3g} ps; {:.2g} of all conversions have a decision "
                        "that is not taken in time",
                        1e12 * adc.regeneration_second, behavioral::metastable_part(adc)));
    }
    const behavioral::AdcMismatch& mismatch = adc.mismatch;
    if (mismatch.draws == 0) return text;
    std::string line =
        fmt::format("{} draws: offset {:.3g} LSB", mismatch.draws, mismatch.offset_volt_rms / lsb);
    if (mismatch.gain_rms > 0) line += fmt::format(", gain {:.3g} %", 100 * mismatch.gain_rms);
    const auto listed = [&](const char* name, const std::vector<double>& volts) {
        if (volts.empty()) return;
        line += fmt::format(", {}", name);
        for (const double volt : volts) line += fmt::format(" {:.2g}", volt / lsb);
        line += " LSB";
    };
    listed("steps of bits 0 ..", mismatch.bit_volt_rms);
    listed("bends of degree 2 ..", mismatch.bend_volt_rms);
    add_line(text, "  mismatch", line + " (sigma)");
    return text;
}

std::string conversion_energy_text(const behavioral::ConverterModel& converter) {
    const auto [low, high] =
        std::minmax_element(converter.code_joule.begin(), converter.code_joule.end());
    std::string energy =
        fmt::format("{:.4g} .. {:.4g} fJ a conversion, by code", 1e15 * *low, 1e15 * *high);
    if (converter.logic_joule > 0) {
        energy += fmt::format("; logic {:.3g} fJ more, an estimate", 1e15 * converter.logic_joule);
    }
    return energy;
}

std::string converter_text(const ModelCard& card) {
    const behavioral::ConverterModel& converter = card.converter;
    std::string text = converter_lines(card.adc, converter.kind);
    add_line(text, "energy", conversion_energy_text(converter));
    std::string time = fmt::format("{:.4g} ns a conversion", 1e9 * converter.conversion_second);
    if (converter.second_per_code > 0) {
        time += fmt::format("; code k is known after {:.4g} + k {:.4g} ns",
                            1e9 * converter.first_second, 1e9 * converter.second_per_code);
    }
    add_line(text, "timing", time);
    add_line(text, "not in it", "cells, array, drivers, read-out");
    return text;
}

std::string mismatch_text(const behavioral::MismatchModel& mismatch, double lsb_volt) {
    std::string text;
    if (mismatch.draws == 0) return text;
    add_line(text, "mismatch",
             fmt::format("{} draws: read-out offset {:.3g} LSB, gain {:.3g} %; driver resistance "
                         "{:.3g} % (sigma)",
                         mismatch.draws, mismatch.readout_offset_volt / lsb_volt,
                         100 * mismatch.readout_gain_relative, 100 * mismatch.driver_relative));
    return text;
}

std::string column_text(const ModelCard& card) {
    const double lsb_volt = lsb_volt_of(card.adc);
    const auto& array = card.array;
    const auto& driver = card.driver;
    const auto& readout = card.readout;
    const auto& energy = card.energy;
    const auto& timing = card.timing;
    std::string text;
    const auto line = [&text](std::string_view name, const std::string& value) {
        add_line(text, name, value);
    };
    line("driver",
         fmt::format("{} bits, +-{:.4g} V; {:.4g} ohm, {:+.3g} %/V", driver.bits,
                     driver.amplitude_volt, array.driver_ohm, 100 * driver.resistance_per_volt));
    line("read-out",
         fmt::format("{:.5g} ohm, input {:.4g} ohm, +-{:.4g} uA; noise {:.3g} LSB rms",
                     readout.transimpedance_ohm, array.sense_ohm, readout.current_max_ampere * 1e6,
                     readout.noise_volt_rms / lsb_volt));
    text += converter_lines(card.adc, card.converter.kind);
    const std::string converter =
        card.converter.kind.empty()
            ? fmt::format("comparator {:.3g} pJ, ramp {:.3g} pJ for {} columns",
                          energy.comparator_joule * 1e12, energy.ramp_joule * 1e12,
                          energy.ramp_shared_by)
            : "converter " + conversion_energy_text(card.converter);
    line("energy",
         fmt::format("row switch {:.3g} fJ, read-out {:.3g} uW, {}", energy.row_switch_joule * 1e15,
                     energy.readout_static_watt * 1e6, converter));
    line("timing", fmt::format("settling {:.4g} ns, conversion {:.4g} ns",
                               timing.settle_second * 1e9, timing.conversion_second * 1e9));
    return text + mismatch_text(card.mismatch, lsb_volt);
}

std::string bit_serial_text(const behavioral::BitSerialModel& model) {
    const behavioral::IntegratorModel& integrator = model.integrator;
    const double lsb_volt = lsb_volt_of(model.adc);
    std::string text;
    add_line(text, "inputs", fmt::format("{} bits, one after another", integrator.bits));
    add_line(text, "integrator",
             fmt::format("{:.5g} V from a bit of {:.4g} uA, {:.3g} ohm of the bit before; sum "
                         "{:.5g} of the last and "
                         "{:.5g} of the bit; noise {:.3g} LSB rms",
                         integrator.bit_volt.back(), integrator.bit_ampere.back() * 1e6,
                         integrator.memory_ohm, integrator.sum_keep, integrator.sum_take,
                         integrator.noise_volt_rms / lsb_volt));
    text += converter_lines(model.adc, "");
    add_line(text, "energy",
             fmt::format("of a column: integrator {:.3g} pJ, hold {:.3g} pJ, comparator {:.3g} pJ; "
                         "gate line {:.3g} fJ a swing; ramp {:.3g} pJ",
                         model.energy.integrator_joule * 1e12, model.energy.hold_joule * 1e12,
                         model.energy.comparator_joule * 1e12, model.energy.gate_joule * 1e15,
                         model.energy.ramp_joule * 1e12));
    add_line(text, "timing", fmt::format("{:.4g} ns a multiply", model.multiply_second * 1e9));
    return text;
}

std::string models_text(const ModelCard& card) {
    if (card.converter_only) return converter_text(card);
    std::string text = array_text(card);
    if (!card.array_only) text += column_text(card);
    if (card.bit_serial.integrator.bits > 0) text += bit_serial_text(card.bit_serial);
    add_line(text, "programming", card.programming.source);
    return text;
}

}  // namespace

std::string card_text(const ModelCard& card) {
    const behavioral::Provenance& from = card.provenance;
    std::string text = fmt::format("{}: {}, {:g} C\n\n", from.spec_name, from.technology,
                                   from.temperature_celsius);
    text += models_text(card);
    text += "\nvalid for\n";
    for (const behavioral::ValidityRange& range : card.validity) {
        text += fmt::format("  {:<18} {:.6g} .. {:.6g} {}\n", range.quantity, range.low, range.high,
                            range.unit);
    }
    text += fmt::format("\n{}", errors_text(card.errors));
    if (any_missed(card.errors)) text += "A quantity misses its tolerance.\n";
    text += fmt::format("\nmho {}, ngspice {}, seed {}, {} SPICE runs, spec {}\n", from.mho_version,
                        from.ngspice_version, from.seed, from.spice_runs, from.spec_hash);
    return text;
}

std::string differences_text(std::span<const behavioral::CardDifference> differences) {
    std::size_t path = 4;
    for (const auto& difference : differences) path = std::max(path, difference.path.size());
    std::string text =
        fmt::format("{:<{}}  {:>10}  {}\n", "key", path, "relative", "first -> second");
    for (const auto& difference : differences) {
        text += fmt::format(
            "{:<{}}  {:>10}  {} -> {}\n", difference.path, path,
            std::isfinite(difference.relative) ? fmt::format("{:.2e}", difference.relative) : "",
            difference.first, difference.second);
    }
    return text;
}

}  // namespace mho::apps
