// SPDX-License-Identifier: Apache-2.0
// The plots of a report as values, from inference results and cards.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "behavioral/adc_metrics.h"
#include "behavioral/card.h"
#include "flows/plot.h"
#include "flows/report_data.h"
#include "flows/report_errors.h"

namespace mho::flows {

// Float and analog accuracy of the results that have both, with the deviation over trials.
BarPlot accuracy_plot(std::span<const InferenceResult> results);

// Signal to error of each layer that is not digital; no bars when none is known.
BarPlot layer_quality_plot(const InferenceResult& result);
// Accuracy as it is, and without one non-ideality each.
BarPlot ablation_plot(const InferenceResult& result);
BarPlot energy_block_plot(const InferenceResult& result);
BarPlot energy_layer_plot(const InferenceResult& result);  // layers that tell their energy
BarPlot error_source_plot(std::span<const ErrorSource> sources);
HeatMap ir_drop_plot(const IrDropData& map);

XyPlot adc_transfer_plot(const behavioral::AdcModel& adc);
XyPlot inl_plot(const behavioral::AdcMetrics& metrics);
XyPlot dnl_plot(const behavioral::AdcMetrics& metrics);

// Chord conductance I/V over its linearised value at half the drive, for three states.
XyPlot cell_law_plot(const behavioral::ModelCard& card);
// sigma(G) of programming over the conductance range.
XyPlot programming_plot(const behavioral::ModelCard& card);

// Model minus SPICE over SPICE.
XyPlot residual_plot(const behavioral::HeldOutPoints& points);
// Worst held-out errors as a share of their tolerance.
BarPlot tolerance_plot(std::span<const behavioral::QuantityError> errors);

// "column_current" as "column current".
std::string spaced(std::string name);

}  // namespace mho::flows
