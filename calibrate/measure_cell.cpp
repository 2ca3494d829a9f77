// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_cell.h"

#include <fmt/format.h>

#include <cmath>

#include "base/random.h"
#include "behavioral/cell_law.h"
#include "calibrate/fit.h"
#include "calibrate/held_out.h"

namespace mho::calibrate {
namespace {

constexpr int kFitStates = 12;
constexpr int kCellFitPoints = 21;
constexpr int kCellCheckStates = 16;
constexpr int kCellCheckPoints = 34;  // no voltage in common with the fit but the ends

std::vector<CellPoint> read_points(const CellExperiment& experiment, const netlist::Design& design,
                                   const Campaign& campaign) {
    const spice::Waveforms& sweep = campaign[experiment.ticket];
    const double common = design.spec.readout.common_mode_volt;
    std::vector<CellPoint> points;
    for (std::size_t k = 0; k < experiment.states.size(); ++k) {
        for (std::size_t p = 0; p < sweep.points(); ++p) {
            // The column source takes the cell's current at its positive end.
            points.push_back(
                {sweep.columns[0][p] - common, experiment.states[k], sweep.columns[k + 1][p]});
        }
    }
    return points;
}

}  // namespace

CellExperiment plan_cell(const netlist::Design& design, Campaign& campaign) {
    const netlist::CellSpec& cell = design.spec.cell;
    CellExperiment experiment;
    for (int k = 0; k < kFitStates; ++k) {
        const double part = static_cast<double>(k) / (kFitStates - 1);
        experiment.states.push_back(cell.g_min_siemens +
                                    part * (cell.g_max_siemens - cell.g_min_siemens));
    }
    experiment.ticket = campaign.submit(
        cell_bench(design, experiment.states, {design.spec.driver.amplitude_volt, kCellFitPoints}));
    return experiment;
}

behavioral::CellLaw fit_cell(const CellExperiment& experiment, const netlist::Design& design,
                             const Campaign& campaign) {
    return fit_cell_law(read_points(experiment, design, campaign));
}

CellExperiment plan_cell_check(const netlist::Design& design, std::uint64_t seed,
                               Campaign& campaign) {
    const netlist::CellSpec& cell = design.spec.cell;
    RandomStream random(seed, RandomPurpose::operating_points, 1);
    CellExperiment experiment;
    for (int k = 0; k < kCellCheckStates; ++k) {
        experiment.states.push_back(random.uniform(cell.g_min_siemens, cell.g_max_siemens));
    }
    experiment.ticket = campaign.submit(cell_bench(
        design, experiment.states, {design.spec.driver.amplitude_volt, kCellCheckPoints}));
    return experiment;
}

void check_cell(const CellExperiment& experiment, const netlist::Design& design,
                const behavioral::CellLaw& law, const Campaign& campaign, Evidence& evidence) {
    HeldOut held_out("cell_current", "of full scale", law.g_max_siemens * law.v_max_volt);
    for (const CellPoint& point : read_points(experiment, design, campaign)) {
        held_out.add(point.i_ampere, cell_current(law, point.v_volt, point.g_siemens));
    }
    held_out.describe(
        fmt::format("{} random states, {} voltages", kCellCheckStates, kCellCheckPoints));
    evidence.errors.push_back(held_out.error(design.spec.calibration.cell_tolerance));
    evidence.points.push_back(held_out.points("A"));
}

}  // namespace mho::calibrate
