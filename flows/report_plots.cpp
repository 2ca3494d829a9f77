// SPDX-License-Identifier: Apache-2.0
#include "flows/report_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "behavioral/cell_law.h"
#include "behavioral/programming.h"
#include "flows/report_units.h"

namespace mho::flows {
namespace {

constexpr int kCurvePoints = 101;

std::vector<double> scaled(std::vector<double> values, double factor) {
    for (double& value : values) value *= factor;
    return values;
}

// "sigma (µS)", or the text alone without a unit.
std::string labelled(const std::string& what, const std::string& unit) {
    return unit.empty() ? what : fmt::format("{} ({})", what, unit);
}

// Decimals that show the largest of some bars with three digits.
int decimals_for(const std::vector<double>& values) {
    const double largest = *std::max_element(values.begin(), values.end());
    if (largest >= 100) return 0;
    return largest >= 10 ? 1 : 2;
}

BarPlot energy_plot(const std::string& title, std::vector<std::string> categories,
                    const std::vector<double>& joule) {
    const Scale scale = engineering_scale(joule, "J");
    BarPlot plot;
    plot.title = title;
    plot.value_label = labelled("energy per inference", scale.unit);
    plot.categories = std::move(categories);
    plot.series.push_back({"", scaled(joule, scale.factor), {}});
    if (!joule.empty()) plot.decimals = decimals_for(plot.series[0].values);
    return plot;
}

XyPlot code_plot(const char* quantity, const std::vector<double>& values) {
    XyPlot plot;
    plot.title = fmt::format("ADC {}", quantity);
    plot.x_label = "code";
    plot.y_label = fmt::format("{} (LSB)", quantity);
    plot.zero_line = true;
    Series series{"", Mark::line, {}, values};
    double largest = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
        series.x.push_back(static_cast<double>(k + 1));
        largest = std::max(largest, std::abs(values[k]));
    }
    // Never zoomed so far that a good converter looks ragged.
    const double limit = std::max(0.1, 1.15 * largest);
    plot.y_range = Range{-limit, limit};
    plot.x_range = Range{0, static_cast<double>(values.size() + 1)};
    plot.series.push_back(std::move(series));
    return plot;
}

// A staircase: code k from transition k-1 to transition k.
Series staircase(const std::vector<double>& transitions, double low, double high, double factor) {
    Series series;
    series.x.push_back(low * factor);
    series.y.push_back(0);
    for (std::size_t k = 0; k < transitions.size(); ++k) {
        for (const double code : {static_cast<double>(k), static_cast<double>(k + 1)}) {
            series.x.push_back(transitions[k] * factor);
            series.y.push_back(code);
        }
    }
    series.x.push_back(high * factor);
    series.y.push_back(static_cast<double>(transitions.size()));
    return series;
}

}  // namespace

std::string spaced(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name.starts_with("adc ") ? "ADC" + name.substr(3) : name;
}

BarPlot accuracy_plot(std::span<const InferenceResult> results) {
    BarPlot plot;
    plot.title = "Accuracy";
    plot.value_label = "top-1 accuracy (%)";
    plot.value_max = 112;
    plot.decimals = 1;
    BarSeries exact{"float", {}, {}};
    BarSeries analog{"analog", {}, {}};
    for (const InferenceResult& result : results) {
        if (!result.accuracy_float || !result.accuracy_analog) continue;
        if (result.samples.value_or(0) >= 10000 || result.trials.value_or(1) > 1) plot.decimals = 2;
        plot.categories.push_back(result.name);
        exact.values.push_back(100 * *result.accuracy_float);
        exact.errors.push_back(0);
        analog.values.push_back(100 * *result.accuracy_analog);
        analog.errors.push_back(100 * result.accuracy_analog_std.value_or(0));
    }
    exact.errors.clear();
    plot.series = {exact, analog};
    return plot;
}

BarPlot layer_quality_plot(const InferenceResult& result) {
    BarPlot plot;
    plot.title = "Signal to error by layer";
    plot.value_label = "signal to error (dB)";
    plot.decimals = 1;
    BarSeries series;
    for (const LayerResult& layer : result.layers) {
        if (layer.digital || !layer.signal_to_error_db) continue;
        plot.categories.push_back(layer.name);
        series.values.push_back(std::max(0.0, *layer.signal_to_error_db));
    }
    plot.series = {series};
    return plot;
}

BarPlot ablation_plot(const InferenceResult& result) {
    BarPlot plot;
    plot.title = "Accuracy without one non-ideality";
    plot.value_label = "top-1 accuracy (%)";
    plot.value_max = 112;
    plot.decimals = 2;
    BarSeries series;
    const auto add = [&](const std::string& name, double mean, const std::optional<double>& std) {
        plot.categories.push_back(name);
        series.values.push_back(100 * mean);
        series.errors.push_back(100 * std.value_or(0));
    };
    if (result.accuracy_float) add("float", *result.accuracy_float, {});
    add("as it is", result.accuracy_analog.value_or(0), result.accuracy_analog_std);
    for (const AblationResult& one : result.ablations) {
        if (one.mean) add("without " + one.name, *one.mean, one.std);
    }
    plot.series = {series};
    return plot;
}

BarPlot energy_block_plot(const InferenceResult& result) {
    std::vector<std::string> blocks;
    std::vector<double> joule;
    for (const NamedEnergy& part : result.energy_blocks) {
        blocks.push_back(spaced(part.block));
        joule.push_back(part.joule);
    }
    return energy_plot("Energy by block", std::move(blocks), joule);
}

BarPlot energy_layer_plot(const InferenceResult& result) {
    std::vector<std::string> layers;
    std::vector<double> joule;
    for (const LayerResult& layer : result.layers) {
        if (!layer.energy_joule) continue;
        layers.push_back(layer.name);
        joule.push_back(*layer.energy_joule);
    }
    return energy_plot("Energy by layer", std::move(layers), joule);
}

BarPlot error_source_plot(std::span<const ErrorSource> sources) {
    BarPlot plot;
    plot.title = "Error sources of one conversion";
    plot.value_label = "rms error (LSB)";
    plot.series.emplace_back();
    for (const ErrorSource& source : sources) {
        plot.categories.push_back(source.name);
        plot.series[0].values.push_back(source.lsb_rms);
    }
    plot.decimals = decimals_for(plot.series[0].values);
    return plot;
}

HeatMap ir_drop_plot(const IrDropData& map) {
    HeatMap plot;
    plot.title = fmt::format("IR drop in {}", map.layer.empty() ? "one tile" : map.layer);
    plot.x_label = "column";
    plot.y_label = "row";
    plot.value_label = "cell voltage / row drive";
    plot.rows = map.rows;
    plot.columns = map.columns;
    plot.values = map.ratio;
    return plot;
}

XyPlot adc_transfer_plot(const behavioral::AdcModel& adc) {
    const std::size_t codes = adc.transition_volt.size() + 1;
    const double width = (adc.ideal_high_volt - adc.ideal_low_volt) / static_cast<double>(codes);
    std::vector<double> ideal;
    for (std::size_t k = 1; k < codes; ++k) {
        ideal.push_back(adc.ideal_low_volt + static_cast<double>(k) * width);
    }
    const double low = std::min(adc.ideal_low_volt, adc.transition_volt.front() - width);
    const double high = std::max(adc.ideal_high_volt, adc.transition_volt.back() + width);
    const Scale scale = engineering_scale(std::max(std::abs(low), std::abs(high)), "V");
    XyPlot plot;
    plot.title = fmt::format("ADC transfer, {} bits", adc.bits);
    plot.x_label = labelled("read-out voltage", scale.unit);
    plot.y_label = "code";
    plot.x_range = Range{low * scale.factor, high * scale.factor};
    plot.y_range = Range{0, static_cast<double>(codes)};
    Series modelled = staircase(adc.transition_volt, low, high, scale.factor);
    modelled.label = "calibrated";
    Series nominal = staircase(ideal, low, high, scale.factor);
    nominal.label = "nominal";
    nominal.mark = Mark::dashes;
    plot.series = {std::move(modelled), std::move(nominal)};
    return plot;
}

XyPlot inl_plot(const behavioral::AdcMetrics& metrics) {
    return code_plot("INL", metrics.inl_lsb);
}
XyPlot dnl_plot(const behavioral::AdcMetrics& metrics) {
    return code_plot("DNL", metrics.dnl_lsb);
}

XyPlot cell_law_plot(const behavioral::ModelCard& card) {
    const behavioral::CellLaw& cell = card.cell;
    const double reference = std::min(card.driver.amplitude_volt, cell.v_max_volt) / 2;
    const Scale volt = engineering_scale(cell.v_max_volt, "V");
    XyPlot plot;
    plot.title = "Cell: conductance over its linear value";
    plot.x_label = labelled("row minus column voltage", volt.unit);
    plot.y_label = "deviation of I/V (%)";
    plot.x_range = Range{-cell.v_max_volt * volt.factor, cell.v_max_volt * volt.factor};
    plot.zero_line = true;
    for (const double share : {0.0, 0.5, 1.0}) {
        const double g = cell.g_min_siemens + share * (cell.g_max_siemens - cell.g_min_siemens);
        if (g <= 0) continue;
        const double linear = behavioral::linear_conductance(cell, reference, g);
        Series series{"G = " + engineering(g, "S"), Mark::line, {}, {}};
        for (int i = 0; i < kCurvePoints; ++i) {
            const double v = cell.v_max_volt * (2.0 * i / (kCurvePoints - 1) - 1);
            series.x.push_back(v * volt.factor);
            series.y.push_back(100 * (behavioral::chord_conductance(cell, v, g) / linear - 1));
        }
        plot.series.push_back(std::move(series));
    }
    return plot;
}

XyPlot programming_plot(const behavioral::ModelCard& card) {
    const behavioral::CellLaw& cell = card.cell;
    Series series;
    for (int i = 0; i < kCurvePoints; ++i) {
        const double g =
            cell.g_min_siemens + (cell.g_max_siemens - cell.g_min_siemens) * i / (kCurvePoints - 1);
        series.x.push_back(g);
        series.y.push_back(behavioral::sigma_siemens(card.programming, g));
    }
    const Scale x = engineering_scale(series.x, "S");
    const Scale y = engineering_scale(series.y, "S");
    XyPlot plot;
    plot.title = "Programming error";
    plot.x_label = labelled("target conductance", x.unit);
    plot.y_label = labelled("standard deviation", y.unit);
    const double top = *std::max_element(series.y.begin(), series.y.end()) * y.factor;
    if (top > 0) plot.y_range = Range{0, 1.1 * top};
    plot.series.push_back({"", Mark::line, scaled(series.x, x.factor), scaled(series.y, y.factor)});
    return plot;
}

XyPlot residual_plot(const behavioral::HeldOutPoints& points) {
    std::vector<double> residuals;
    for (std::size_t i = 0; i < points.spice.size() && i < points.model.size(); ++i) {
        residuals.push_back(points.model[i] - points.spice[i]);
    }
    const Scale x = engineering_scale(points.spice, points.unit);
    const Scale y = engineering_scale(residuals, points.unit);
    XyPlot plot;
    plot.title = "Held-out error: " + spaced(points.quantity);
    plot.x_label = labelled("SPICE", x.unit);
    plot.y_label = labelled("model \u2212 SPICE", y.unit);
    plot.zero_line = true;
    plot.series.push_back(
        {"", Mark::points, scaled(points.spice, x.factor), scaled(residuals, y.factor)});
    return plot;
}

BarPlot tolerance_plot(std::span<const behavioral::QuantityError> errors) {
    BarPlot plot;
    plot.title = "Worst held-out error over its tolerance";
    plot.value_label = "share of the tolerance (%)";
    plot.decimals = 0;
    plot.series.emplace_back();
    for (const behavioral::QuantityError& error : errors) {
        if (!(error.tolerance > 0)) continue;
        plot.categories.push_back(spaced(error.quantity));
        plot.series[0].values.push_back(100 * error.worst / error.tolerance);
    }
    return plot;
}

}  // namespace mho::flows
