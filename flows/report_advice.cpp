// SPDX-License-Identifier: Apache-2.0
#include "flows/report_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "flows/report_errors.h"
#include "flows/report_plots.h"
#include "flows/report_units.h"

namespace mho::flows {
namespace {

// From here on a share is worth a designer's attention.
constexpr double kSaturationLimit = 1e-3;
constexpr double kLowUtilisation = 0.5;

void advise_calibration(const InferenceResult& result, std::vector<Advice>& advice) {
    if (!result.card) return;
    for (const behavioral::QuantityError& error : result.card->errors) {
        if (error.within()) continue;
        advice.push_back({fmt::format("Do not rely on these numbers yet: {} misses its tolerance",
                                      spaced(error.quantity)),
                          fmt::format("its worst held-out error is {:.3g} {}, {:.3g} is allowed. "
                                      "Recalibrate, or narrow the range the card is used in.",
                                      error.worst, error.unit, error.tolerance)});
    }
}

void advise_accuracy(const InferenceResult& result, std::vector<Advice>& advice) {
    const std::optional<AccuracyLoss> loss = accuracy_loss(result);
    if (!loss) return;
    const std::string figure = fmt::format("{:.2f} \u00b1 {:.2f} points (one standard error)",
                                           100 * loss->loss, 100 * loss->error);
    if (!loss->measurable()) {
        advice.push_back({"The analog array costs no measurable accuracy",
                          "float minus analog is " + figure +
                              ". There is room to spend accuracy on energy, latency or area; more "
                              "images would show a smaller loss."});
        return;
    }
    std::string detail = "float minus analog is " + figure + ".";
    if (const LayerResult* layer = weakest_layer(result)) {
        detail += fmt::format(
            " The layer that hurts most is {}: its signal is only {:.1f} dB above its error.",
            layer->name, *layer->signal_to_error_db);
    }
    advice.push_back({"Accuracy is lost in the array", detail});
}

void advise_saturation(const InferenceResult& result, std::vector<Advice>& advice) {
    const LayerResult* worst = nullptr;
    for (const LayerResult& layer : result.layers) {
        if (layer.adc_saturated_fraction &&
            (!worst || *layer.adc_saturated_fraction > *worst->adc_saturated_fraction)) {
            worst = &layer;
        }
    }
    if (!worst || *worst->adc_saturated_fraction <= kSaturationLimit) return;
    advice.push_back(
        {fmt::format("The ADC clips in {}", worst->name),
         result.system_name.empty()
             ? fmt::format("{:.2g} % of its conversions end at the first or last code. Lower the "
                           "transimpedance, drive fewer rows at once, or widen the ADC range.",
                           100 * *worst->adc_saturated_fraction)
             : fmt::format("{:.2g} % of its sums lie beyond the range of the converter. Raise "
                           "adc.percentile, or let fewer rows share an array.",
                           100 * *worst->adc_saturated_fraction)});
}

void advise_errors(const InferenceResult& result, std::vector<Advice>& advice) {
    if (!result.card) return;
    const std::vector<ErrorSource> sources = error_sources(*result.card, result.ir_drop);
    double square = 0;
    for (const ErrorSource& source : sources) square += source.lsb_rms * source.lsb_rms;
    const ErrorSource& first = sources.front();
    if (square <= 0) return;
    advice.push_back(
        {"Largest error of a conversion: " + first.name,
         fmt::format("{:.2g} LSB rms, {:.0f} % of the error power of all sources. "
                     "To reduce it: {}.",
                     first.lsb_rms, 100 * first.lsb_rms * first.lsb_rms / square, first.remedy)});
}

std::string block_remedy(std::string_view block, const behavioral::ModelCard* card) {
    if (block == "drivers") {
        return "lower the drive amplitude or the cell conductance, or shorten the active time: "
               "current flows through the array as long as it is driven";
    }
    if (block == "readout") {
        return "shorten the active time or bias the amplifiers lower: they draw static current "
               "while the array settles and the ADC converts";
    }
    if (block == "comparator") return "fewer bits, or a comparator that stops once it has fired";
    if (block == "ramp") {
        return card ? fmt::format(
                          "share a ramp generator among more than the {} column(s) it "
                          "serves now, or convert in fewer steps",
                          card->energy.ramp_shared_by)
                    : "share a ramp generator among more columns, or convert in fewer steps";
    }
    return {};
}

void advise_energy(const InferenceResult& result, std::vector<Advice>& advice) {
    double total = 0;
    for (const NamedEnergy& part : result.energy_blocks) total += part.joule;
    if (total <= 0) return;
    const auto largest = std::max_element(
        result.energy_blocks.begin(), result.energy_blocks.end(),
        [](const NamedEnergy& a, const NamedEnergy& b) { return a.joule < b.joule; });
    std::string detail = fmt::format("{} of {} per inference.", engineering(largest->joule, "J"),
                                     engineering(total, "J"));
    const std::string remedy = block_remedy(largest->block, result.card ? &*result.card : nullptr);
    if (!remedy.empty()) detail += " To reduce it: " + remedy + ".";
    advice.push_back({fmt::format("{:.0f} % of the energy goes into the {}",
                                  100 * largest->joule / total, spaced(largest->block)),
                      detail});
}

void advise_time(const InferenceResult& result, std::vector<Advice>& advice) {
    if (!result.card) return;
    const behavioral::TimingModel& timing = result.card->timing;
    const double active = timing.settle_second + timing.conversion_second;
    if (active <= 0) return;
    const bool converting = timing.conversion_second > timing.settle_second;
    const double larger = std::max(timing.conversion_second, timing.settle_second);
    advice.push_back(
        {fmt::format("{:.0f} % of a multiply's time is {}", 100 * larger / active,
                     converting ? "conversion" : "settling"),
         fmt::format("settling takes {}, conversion {}. {}", engineering(timing.settle_second, "s"),
                     engineering(timing.conversion_second, "s"),
                     converting
                         ? "A faster converter clock or fewer bits shorten it, and with it all "
                           "static energy."
                         : "Wider wires, lower capacitance or a faster read-out shorten "
                           "it, and with it all static energy.")});
}

void advise_utilisation(const InferenceResult& result, std::vector<Advice>& advice) {
    const LayerResult* worst = nullptr;
    for (const LayerResult& layer : result.layers) {
        if (layer.utilisation && layer.tiles.value_or(0) > 0 &&
            (!worst || *layer.utilisation < *worst->utilisation)) {
            worst = &layer;
        }
    }
    if (!worst || *worst->utilisation >= kLowUtilisation) return;
    advice.push_back(
        {fmt::format("{} fills only {:.0f} % of its tiles", worst->name, 100 * *worst->utilisation),
         "smaller tiles, or several layers in one, would leave fewer cells idle."});
}

}  // namespace

std::optional<AccuracyLoss> accuracy_loss(const InferenceResult& result) {
    if (!result.accuracy_float || !result.accuracy_analog) return std::nullopt;
    const double exact = *result.accuracy_float;
    const double analog = *result.accuracy_analog;
    AccuracyLoss loss;
    loss.loss = exact - analog;
    double variance = 0;
    if (const double samples = result.samples.value_or(0); samples > 0) {
        const double per_image =
            result.agreement_with_float
                ? std::max(0.0, 1 - *result.agreement_with_float - loss.loss * loss.loss)
                : exact * (1 - exact) + analog * (1 - analog);
        variance += per_image / samples;
    }
    if (result.accuracy_analog_std && result.trials.value_or(0) >= 1) {
        variance += *result.accuracy_analog_std * *result.accuracy_analog_std / *result.trials;
    }
    loss.error = std::sqrt(variance);
    return loss;
}

const LayerResult* weakest_layer(const InferenceResult& result) {
    const LayerResult* weakest = nullptr;
    for (const LayerResult& layer : result.layers) {
        if (layer.signal_to_error_db &&
            (!weakest || *layer.signal_to_error_db < *weakest->signal_to_error_db)) {
            weakest = &layer;
        }
    }
    return weakest;
}

std::vector<Advice> advise(const InferenceResult& result) {
    std::vector<Advice> advice;
    advise_calibration(result, advice);
    advise_accuracy(result, advice);
    advise_saturation(result, advice);
    advise_errors(result, advice);
    advise_energy(result, advice);
    advise_time(result, advice);
    advise_utilisation(result, advice);
    return advice;
}

}  // namespace mho::flows
