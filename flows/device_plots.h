// SPDX-License-Identifier: Apache-2.0
// Plots of a device as values. States are in the unit of its publication; random cells come from
// program() with a fixed seed.
#pragma once

#include <string>
#include <vector>

#include "behavioral/device_model.h"
#include "flows/plot.h"

namespace mho::flows {

// Programmed states over their targets, some cells for each of some targets.
XyPlot target_plot(const behavioral::DeviceModel& device);

// Standard deviations over the state: programming, later times, one read.
XyPlot sigma_plot(const behavioral::DeviceModel& device);

// Shift of the mean state over the time since programming, as a share of the highest state, for
// states across the range; and the standard deviation likewise. Only for devices that drift.
XyPlot drift_plot(const behavioral::DeviceModel& device);
XyPlot drift_spread_plot(const behavioral::DeviceModel& device);

// The mean state over time at the reference temperature and at higher ones, for the highest state.
// Only for devices with drift and retention.
XyPlot retention_plot(const behavioral::DeviceModel& device);

// Cumulative distribution of cells of some targets, new and after the longest time shown.
XyPlot distribution_plot(const behavioral::DeviceModel& device);

// Shift of the mean over the dose, and what the dose adds to the spread. Only with radiation.
XyPlot dose_plot(const behavioral::DeviceModel& device);
XyPlot dose_spread_plot(const behavioral::DeviceModel& device);

// Symbol of the unit of the device's states.
inline std::string unit_of(const behavioral::DeviceModel& device) {
    return behavioral::unit_symbol(device.state.unit);
}

// Current over voltage for some states. Only with a non-linear current.
XyPlot current_plot(const behavioral::DeviceModel& device);

// Share of cells that are done after so many pulses. Only with write-verify.
XyPlot pulses_plot(const behavioral::DeviceModel& device);

// True when states change with time.
bool drifts(const behavioral::DeviceModel& device);

// The longest time that drift_plot shows: the last that was measured, or a year of a power law, or
// ten time constants. 0 without drift.
double longest_second(const behavioral::DeviceModel& device);

// "5 days", "1 s".
std::string duration_text(double second);

// `count` states from the lowest to the highest, published unit.
std::vector<double> states_across(const behavioral::DeviceModel& device, int count);

}  // namespace mho::flows
