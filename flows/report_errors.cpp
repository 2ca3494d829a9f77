// SPDX-License-Identifier: Apache-2.0
#include "flows/report_errors.h"

#include <algorithm>
#include <cmath>

#include "behavioral/adc_metrics.h"
#include "behavioral/cell_law.h"
#include "behavioral/programming.h"

namespace mho::flows {
namespace {

constexpr int kStates = 33;  // over the conductance range

double state(const behavioral::CellLaw& cell, int index) {
    return cell.g_min_siemens + (cell.g_max_siemens - cell.g_min_siemens) * index / (kStates - 1);
}

double mean_square(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value * value;
    return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

double deviation(const std::vector<double>& values) {
    double mean = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    std::vector<double> centred = values;
    for (double& value : centred) value -= mean;
    return std::sqrt(mean_square(centred));
}

}  // namespace

std::vector<ErrorSource> error_sources(const behavioral::ModelCard& card,
                                       const std::optional<IrDropData>& ir_drop) {
    const behavioral::AdcMetrics adc = behavioral::adc_metrics(card.adc);
    const double lsb_ampere = adc.mean_width_volt / card.readout.transimpedance_ohm;
    const double v = std::min(card.driver.amplitude_volt, card.cell.v_max_volt) / std::sqrt(3.0);
    const double column = v * std::sqrt(static_cast<double>(card.array.rows)) / lsb_ampere;

    std::vector<double> conductances;
    std::vector<double> programming;
    for (int i = 0; i < kStates; ++i) {
        const double g = state(card.cell, i);
        const double step = 1e-3 * (card.cell.g_max_siemens - card.cell.g_min_siemens);
        const double slope = (behavioral::linear_conductance(card.cell, v, g + step) -
                              behavioral::linear_conductance(card.cell, v, g)) /
                             step;
        conductances.push_back(behavioral::linear_conductance(card.cell, v, g));
        programming.push_back(slope * behavioral::sigma_siemens(card.programming, g));
    }
    std::vector<ErrorSource> sources;
    sources.push_back({"programming error", column * std::sqrt(mean_square(programming)),
                       "program with verify to a tighter target, or use the part of the "
                       "conductance range where sigma(G) is small"});
    if (ir_drop) {
        sources.push_back({"IR drop", column * deviation(conductances) * deviation(ir_drop->ratio),
                           "smaller tiles, wider wires, stronger drivers or lower cell "
                           "conductance"});
    }
    sources.push_back({"quantisation and INL", std::sqrt(1.0 / 12 + mean_square(adc.inl_lsb)),
                       "more ADC bits, or a transimpedance that fills more of the ADC range"});
    sources.push_back({"read-out noise", card.readout.noise_volt_rms / adc.mean_width_volt,
                       "more read-out current, less bandwidth, or averaging"});
    std::stable_sort(sources.begin(), sources.end(),
                     [](const auto& a, const auto& b) { return a.lsb_rms > b.lsb_rms; });
    return sources;
}

}  // namespace mho::flows
