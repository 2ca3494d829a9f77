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
constexpr int kHeldOutStates = 16;
constexpr int kFitPoints = 21;
constexpr int kHeldOutPoints = 34;  // no voltage in common with the fit but the ends

std::vector<CellPoint> read_points(const std::vector<double>& states, double common_volt,
                                   const spice::Waveforms& sweep) {
    std::vector<CellPoint> points;
    for (std::size_t k = 0; k < states.size(); ++k) {
        for (std::size_t p = 0; p < sweep.points(); ++p) {
            // The column source takes the cell's current at its positive end.
            points.push_back({sweep.columns[0][p] - common_volt, states[k],
                              sweep.columns[k + 1][p]});
        }
    }
    return points;
}

}  // namespace

CellExperiment plan_cell(const netlist::Design& design, std::uint64_t seed, Campaign& campaign) {
    const netlist::CellSpec& cell = design.spec.cell;
    const double v_max = design.spec.driver.amplitude_volt;
    CellExperiment experiment;
    for (int k = 0; k < kFitStates; ++k) {
        const double part = static_cast<double>(k) / (kFitStates - 1);
        experiment.fit_states.push_back(cell.g_min_siemens +
                                        part * (cell.g_max_siemens - cell.g_min_siemens));
    }
    RandomStream random(seed, RandomPurpose::operating_points, 1);
    for (int k = 0; k < kHeldOutStates; ++k) {
        experiment.held_out_states.push_back(
            random.uniform(cell.g_min_siemens, cell.g_max_siemens));
    }
    experiment.fit =
        campaign.submit(cell_bench(design, experiment.fit_states, {v_max, kFitPoints}));
    experiment.held_out =
        campaign.submit(cell_bench(design, experiment.held_out_states, {v_max, kHeldOutPoints}));
    return experiment;
}

behavioral::CellLaw fit_cell(const CellExperiment& experiment, const netlist::Design& design,
                             const Campaign& campaign, Evidence& evidence) {
    const double common = design.spec.readout.common_mode_volt;
    behavioral::CellLaw law =
        fit_cell_law(read_points(experiment.fit_states, common, campaign[experiment.fit]));
    HeldOut held_out("cell_current", "of full scale", law.g_max_siemens * law.v_max_volt);
    for (const CellPoint& point :
         read_points(experiment.held_out_states, common, campaign[experiment.held_out])) {
        held_out.add(point.i_ampere, cell_current(law, point.v_volt, point.g_siemens));
    }
    held_out.describe(fmt::format("{} random states, {} voltages", kHeldOutStates,
                                  kHeldOutPoints));
    evidence.errors.push_back(held_out.error(design.spec.calibration.cell_tolerance));
    evidence.points.push_back(held_out.points("A"));
    evidence.validity.push_back(
        {"cell_conductance", "S", law.g_min_siemens, law.g_max_siemens});
    evidence.validity.push_back({"cell_voltage", "V", -law.v_max_volt, law.v_max_volt});
    return law;
}

}  // namespace mho::calibrate
