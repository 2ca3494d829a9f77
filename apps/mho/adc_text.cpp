// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/adc_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "behavioral/card_json.h"
#include "calibrate/adc_mismatch.h"
#include "netlist/spec_toml.h"

namespace mho::apps {
namespace {

using calibrate::AdcMeasurement;
using calibrate::AdcStudy;

// One line of the table: a figure of a measurement, in the unit that is shown.
struct Figure {
    const char* name;
    std::function<double(const AdcMeasurement&)> of;
};

std::vector<Figure> figures() {
    return {{"offset LSB", [](const auto& m) { return m.metrics.offset_lsb; }},
            {"gain error %", [](const auto& m) { return 100 * m.metrics.gain_error; }},
            {"worst INL LSB", [](const auto& m) { return m.metrics.worst_inl_lsb; }},
            {"worst DNL LSB", [](const auto& m) { return m.metrics.worst_dnl_lsb; }},
            {"static bits", [](const auto& m) { return m.effective_bits(); }},
            {"energy fJ", [](const auto& m) { return 1e15 * m.joule; }}};
}

std::string spread_text(std::vector<double> values) {
    const auto count = static_cast<double>(values.size());
    double mean = 0;
    for (const double value : values) mean += value / count;
    double square = 0;
    for (const double value : values) square += (value - mean) * (value - mean);
    // One draw has no spread.
    const std::string deviation =
        values.size() > 1 ? fmt::format("{:.3g}", std::sqrt(square / (count - 1))) : "";
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return fmt::format("{:>11.4g}{:>11}{:>11.4g}{:>11.4g}", mean, deviation, *low, *high);
}

nlohmann::ordered_json measurement_json(const AdcMeasurement& measured) {
    nlohmann::ordered_json json;
    json["conversions"] = measured.conversions;
    json["codes_explained"] = measured.explained;
    json["residual_lsb"] = measured.residual_lsb;
    json["turn_spread_lsb"] = measured.turn_spread_lsb;
    for (const Figure& figure : figures()) {
        std::string key = figure.name;
        std::replace(key.begin(), key.end(), ' ', '_');
        std::transform(key.begin(), key.end(), key.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (key == "energy_fj" || key == "gain_error_%") continue;
        json[key] = figure.of(measured);
    }
    json["gain_error"] = measured.metrics.gain_error;
    json["energy_joule"] = measured.joule;
    for (const auto& supply : measured.supplies) json["supply_joule"][supply.source] = supply.joule;
    for (const calibrate::CodeEnergy& one : measured.energies) {
        json["conversion_joule"].push_back({{"code", one.code}, {"joule", one.joule}});
    }
    json["transition_volt"] = measured.model.transition_volt;
    if (!measured.bit_volt.empty()) json["bit_volt"] = measured.bit_volt;
    for (const calibrate::FoundTransition& transition : measured.found) {
        json["found"].push_back({{"code", transition.code},
                                 {"low_volt", transition.low_volt},
                                 {"high_volt", transition.high_volt}});
    }
    json["inl_lsb"] = measured.metrics.inl_lsb;
    json["dnl_lsb"] = measured.metrics.dnl_lsb;
    return json;
}

std::string noise_text(const AdcStudy& study, const netlist::AdcSpec& spec) {
    if (!(study.noise.total_volt() > 0)) return {};
    const double lsb = std::ldexp(spec.high_volt - spec.low_volt, -spec.bits);
    const auto line = [](const char* name, double value, const char* remark) {
        return fmt::format("{:<16}{:>10.4g}  {}\n", name, value, remark);
    };
    if (spec.kind == netlist::AdcKind::ramp) {
        return line("kT/C noise", study.noise.sampling_volt / lsb, "LSB rms, of the ramp's reset") +
               line("ramp noise", study.noise.ramp_volt / lsb,
                    "LSB rms, of the ramp's current in the middle of the range") +
               line("comparator", study.noise.comparator_volt / lsb, "LSB rms, noise at its trip");
    }
    return line("kT/C noise", study.noise.sampling_volt / lsb, "LSB rms, of sampling") +
           line("comparator", study.noise.comparator_volt / lsb, "LSB rms, thermal noise") +
           line("regeneration ps", 1e12 * study.noise.regeneration_second,
                "time constant of the comparator") +
           line("metastable", 2 * study.noise.unresolved_volt / lsb,
                "part of the conversions in which a decision is not taken in time");
}

std::string found_text(const AdcMeasurement& nominal) {
    if (nominal.found.empty()) return {};
    double known = 0;
    for (const calibrate::FoundTransition& transition : nominal.found) {
        known = std::max(known, 0.5 * (transition.high_volt - transition.low_volt));
    }
    return fmt::format(
        "{} transitions found by codes alone, each to {:.3f} LSB: the curve lies within {:.3f} "
        "LSB\n",
        nominal.found.size(), known / nominal.metrics.mean_width_volt, nominal.worst_found_lsb());
}

// Statistics of the first half of the draws against the other half.
std::string inl_spread_text(const AdcStudy& study) {
    constexpr int kInstances = 4000;
    const std::size_t half = study.samples.size() / 2;
    const std::vector<double>& edges = study.nominal.model.transition_volt;
    const bool rises =
        std::adjacent_find(edges.begin(), edges.end(), std::greater_equal<>()) == edges.end();
    if (half < 4 || !rises) return {};
    AdcStudy first = study;
    first.samples.resize(half);
    const std::vector<AdcMeasurement> others(study.samples.begin() + static_cast<long>(half),
                                             study.samples.end());
    const calibrate::InlSpread spread =
        calibrate::inl_spread(calibrate::adc_model(first), study.nominal, others, 1, kInstances);
    return fmt::format(
        "worst INL of the last {} draws: rms {:.4f}, sigma {:.4f} LSB; of {} instances by the "
        "statistics of the first {}: {:.4f} and {:.4f}\n",
        others.size(), spread.draws_lsb, spread.draws_sigma_lsb, kInstances, half, spread.model_lsb,
        spread.model_sigma_lsb);
}

}  // namespace

std::string adc_table(const AdcStudy& study, const netlist::AdcSpec& spec) {
    std::string text = fmt::format("{:<16}{:>10}", "", "nominal");
    if (!study.samples.empty()) {
        text += fmt::format("   {} draw{}: mean{:>10}{:>11}{:>11}", study.samples.size(),
                            study.samples.size() == 1 ? "" : "s",
                            study.samples.size() == 1 ? "" : "sigma", "least", "most");
    }
    text += "\n";
    for (const Figure& figure : figures()) {
        text += fmt::format("{:<16}{:>10.4g}", figure.name, figure.of(study.nominal));
        std::vector<double> drawn;
        for (const AdcMeasurement& sample : study.samples) drawn.push_back(figure.of(sample));
        if (!drawn.empty()) text += "     " + spread_text(std::move(drawn));
        text += "\n";
    }
    for (const auto& supply : study.nominal.supplies) {
        text +=
            fmt::format("{:<16}{:>10.4g}  of the energy, fJ\n", supply.source, 1e15 * supply.joule);
    }
    text += fmt::format("{:<16}{:>10.4g}  fJ, an estimate that is not in the energy\n", "logic",
                        1e15 * study.logic_joule);
    text += fmt::format("{:<16}{:>10.4g}\n", "time ns", 1e9 * study.conversion_second);
    text += noise_text(study, spec);
    const double bits = study.nominal.effective_bits(study.noise.total_volt());
    text += fmt::format("{:<16}{:>10.4g}  {}\n", "effective bits", bits,
                        study.noise.total_volt() > 0 ? "with noise" : "without noise");
    text += fmt::format("{:<16}{:>10.4g}\n", "fJ per step",
                        1e15 * study.nominal.joule / std::exp2(bits));
    std::size_t conversions = study.nominal.conversions, explained = study.nominal.explained;
    double residual = study.nominal.residual_lsb;
    double overlap = std::max(0.0, -study.nominal.turn_spread_lsb);
    for (const AdcMeasurement& sample : study.samples) {
        conversions += sample.conversions;
        explained += sample.explained;
        residual = std::max(residual, sample.residual_lsb);
        overlap = std::max(overlap, -sample.turn_spread_lsb);
    }
    text += fmt::format(
        "curves fitted to {} conversions, {} of which give the curve's code; largest "
        "residual {:.3f} LSB\n",
        conversions, explained, residual);
    text += found_text(study.nominal);
    text += inl_spread_text(study);
    if (overlap > 0) {
        text += fmt::format(
            "the comparator decided margins up to {:.2f} LSB apart the other way "
            "round: its kick-back depends on the code\n",
            overlap);
    }
    return text;
}

std::string adc_json(const AdcStudy& study, const netlist::Spec& spec) {
    nlohmann::ordered_json json;
    json["schema"] = "mho.adc/1";
    json["spec"] = netlist::spec_to_toml(spec);
    json["conversion_second"] = study.conversion_second;
    json["sampling_noise_volt"] = study.noise.sampling_volt;
    json["comparator_noise_volt"] = study.noise.comparator_volt;
    json["ramp_noise_volt"] = study.noise.ramp_volt;
    json["regeneration_second"] = study.noise.regeneration_second;
    json["unresolved_volt"] = study.noise.unresolved_volt;
    json["logic_joule_estimate"] = study.logic_joule;
    json["effective_bits"] = study.nominal.effective_bits(study.noise.total_volt());
    // A card has no converter with missing codes.
    const std::vector<double>& edges = study.nominal.model.transition_volt;
    if (std::adjacent_find(edges.begin(), edges.end(), std::greater_equal<>()) == edges.end()) {
        json["adc"] =
            nlohmann::ordered_json::parse(behavioral::adc_to_json(calibrate::adc_model(study)));
    }
    json["nominal"] = measurement_json(study.nominal);
    json["samples"] = nlohmann::ordered_json::array();
    for (const AdcMeasurement& sample : study.samples) {
        json["samples"].push_back(measurement_json(sample));
    }
    return json.dump(1) + "\n";
}

}  // namespace mho::apps
