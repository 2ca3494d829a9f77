// SPDX-License-Identifier: Apache-2.0
// What `mho device show` tells of a device: a text, or a page with plots.
#pragma once

#include <filesystem>
#include <string>

#include "behavioral/device_model.h"
#include "flows/plot_run.h"
#include "flows/report.h"

namespace mho::flows {

// States, errors at five of them, and every section with its source, for a terminal.
std::string device_text(const behavioral::DeviceModel& device);

// The page and its plots in memory; `plots_folder` is the folder's name as the captions tell it.
// Throws Error(system) when gnuplot is missing or fails.
Report build_device_page(const behavioral::DeviceModel& device, const std::string& plots_folder,
                         const GnuplotOptions& gnuplot = {});

// The page, and each plot as `<stem>_plots/<name>.svg` beside it, like write_report.
void write_device_page(const behavioral::DeviceModel& device, const std::filesystem::path& html,
                       const GnuplotOptions& gnuplot = {});

}  // namespace mho::flows
