// SPDX-License-Identifier: Apache-2.0
#include "flows/inference_notes.h"

#include <fmt/format.h>

#include <string_view>

namespace mho::flows {
namespace {

constexpr double kNotableSaturation = 1e-3;  // of a layer's conversions

const behavioral::ValidityRange* find_range(const behavioral::ModelCard& card,
                                            std::string_view quantity) {
    for (const auto& range : card.validity) {
        if (range.quantity == quantity) return &range;
    }
    return nullptr;
}

void check_range(const behavioral::ModelCard& card, std::string_view quantity, double value,
                 std::vector<std::string>& notes) {
    const behavioral::ValidityRange* range = find_range(card, quantity);
    if (range == nullptr || (value >= range->low && value <= range->high)) return;
    notes.push_back(fmt::format("{} is {:.4g}{}{}; the card was checked for {:.4g} to {:.4g}",
                                quantity, value, range->unit.empty() ? "" : " ", range->unit,
                                range->low, range->high));
}

void note_card_errors(const behavioral::ModelCard& card, std::vector<std::string>& notes) {
    for (const auto& error : card.errors) {
        if (error.within()) continue;
        notes.push_back(fmt::format(
            "calibration: {} is off by {:.3g} {} at worst against SPICE; {:.3g} was asked for",
            error.quantity, error.worst, error.unit, error.tolerance));
    }
}

void note_layer(const LayerReport& layer, const behavioral::ModelCard& card,
                std::vector<std::string>& notes) {
    const double limit = card.readout.current_max_ampere;
    if (layer.column_current_max_ampere > limit) {
        notes.push_back(
            fmt::format("layer {}: column currents reach {:.3g} uA; the read-out was "
                        "fitted up to {:.3g} uA",
                        layer.name, layer.column_current_max_ampere * 1e6, limit * 1e6));
    }
    if (layer.adc_saturated_fraction > kNotableSaturation) {
        notes.push_back(
            fmt::format("layer {}: {:.2f} % of the conversions give the first or last code",
                        layer.name, layer.adc_saturated_fraction * 100));
    }
}

}  // namespace

std::vector<std::string> inference_notes(const InferenceReport& report) {
    std::vector<std::string> notes;
    const behavioral::ModelCard& card = report.card;
    if (report.interrupted) {
        notes.push_back(
            fmt::format("interrupted: {} images, {} trial(s) done", report.samples, report.trials));
    }
    note_card_errors(card, notes);
    check_range(card, "rows", card.array.rows, notes);
    check_range(card, "columns", card.array.columns, notes);
    check_range(card, "temperature", card.provenance.temperature_celsius, notes);
    if (card.driver.amplitude_volt > card.cell.v_max_volt) {
        notes.push_back(
            fmt::format("drive amplitude is {:.4g} V; the cell was fitted up to {:.4g} V",
                        card.driver.amplitude_volt, card.cell.v_max_volt));
    }
    for (const LayerReport& layer : report.layers) note_layer(layer, card, notes);
    return notes;
}

}  // namespace mho::flows
