// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_cell_table.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/cell_law.h"
#include "calibrate/cell_table_fit.h"
#include "calibrate/held_out.h"

namespace mho::calibrate {
namespace {

using netlist::CellSign;
using netlist::Topology;

constexpr int kFitPoints = 32;    // on each side of 0 V
constexpr int kCheckPoints = 17;  // no voltage in common with the fit but the ends
constexpr int kCheckStates = 16;
// Bitlines of topology c go to either side of the common mode; of their reach this much is known.
constexpr double kReach = 1.5;

double reach_volt(const netlist::Spec& spec) {
    return spec.driver.amplitude_volt * (spec.array.shape.topology == Topology::c ? kReach : 1.0);
}

std::vector<double> sweep_volts(const netlist::Spec& spec, int points) {
    std::vector<double> volts;
    for (int k = spec.array.shape.topology == Topology::b ? 0 : -points; k <= points; ++k) {
        volts.push_back(reach_volt(spec) * k / points);
    }
    return volts;
}

void require_points(const spice::Waveforms& sweep, std::size_t points) {
    if (sweep.points() == points) return;
    throw simulator_error("cells at dc: {} points, expected {}", sweep.points(), points);
}

// Slopes of the current at the read voltage, over a fall of the source line and a rise of the
// bitline, for cells across the range: the ratio of their sums.
double source_weight(const netlist::Design& design, const behavioral::CellLaw& law,
                     Campaign& campaign) {
    constexpr int kPoints = 33;
    constexpr int kStates = 8;
    const netlist::Spec& spec = design.spec;
    const double volt = spec.driver.amplitude_volt;
    std::vector<double> states;
    for (int k = 1; k <= kStates; ++k) {
        states.push_back(spec.cell.g_min_siemens +
                         k * (spec.cell.g_max_siemens - spec.cell.g_min_siemens) / kStates);
    }
    const Campaign::Ticket ticket = campaign.submit(cell_bench(design, states, {volt, kPoints}));
    campaign.run();
    const spice::Waveforms& sweep = campaign[ticket];
    require_points(sweep, kPoints);
    const double step = 2 * volt / (kPoints - 1);
    double source = 0, bitline = 0;
    for (std::size_t k = 0; k < states.size(); ++k) {
        const std::vector<double>& ampere = sweep.columns[k + 1];
        const std::size_t last = ampere.size() - 1;
        source += (1.5 * ampere[last] - 2 * ampere[last - 1] + 0.5 * ampere[last - 2]) / step;
        bitline += behavioral::cell_slope(law, volt, states[k]);
    }
    return source / bitline;
}

}  // namespace

bool is_gated(const netlist::Spec& spec) {
    return spec.array.shape.topology != Topology::a;
}

std::string_view kind_name(netlist::CellKind kind) {
    using netlist::CellKind;
    switch (kind) {
        case CellKind::ohmic_resistor:
            return "1r";
        case CellKind::polynomial_resistor:
            return "1r_polynomial";
        case CellKind::sinh_resistor:
            return "1r_sinh";
        case CellKind::two_transistor_sonos:
            return "2t_sonos";
        case CellKind::one_selector_one_resistor:
            return "1s1r";
        case CellKind::ecram:
            return "ecram";
        case CellKind::user_subcircuit:
            return "subckt";
        case CellKind::one_transistor_one_resistor:
            break;
    }
    return "1t1r";
}

CellSweepRun plan_cell_sweep(const netlist::Design& design, std::vector<double> states, int points,
                             Campaign& campaign) {
    CellSweepRun run;
    run.states = std::move(states);
    run.volt = sweep_volts(design.spec, points);
    const Topology topology = design.spec.array.shape.topology;
    const double reach = reach_volt(design.spec);
    if (topology == Topology::a) {
        run.ticket = campaign.submit(cell_bench(design, run.states, {reach, 2 * points + 1}));
        return run;
    }
    const netlist::CellSweep sweep{reach, points + 1};
    run.ticket = campaign.submit(gated_cell_bench(design, run.states, CellSign::positive, sweep));
    if (topology == Topology::c) {
        run.negative_ticket =
            campaign.submit(gated_cell_bench(design, run.states, CellSign::negative, sweep));
    }
    return run;
}

std::vector<std::vector<double>> read_cell_sweep(const CellSweepRun& run,
                                                 const netlist::Design& design,
                                                 const Campaign& campaign) {
    const bool both = design.spec.array.shape.topology == Topology::c;
    const spice::Waveforms& sweep = campaign[run.ticket];
    require_points(sweep, both ? run.volt.size() / 2 + 1 : run.volt.size());
    std::vector<std::vector<double>> curves;
    for (std::size_t k = 0; k < run.states.size(); ++k) {
        std::vector<double> curve;
        if (both) {
            const spice::Waveforms& negative = campaign[run.negative_ticket];
            require_points(negative, sweep.points());
            const std::vector<double>& ampere = negative.columns[k + 1];
            curve.assign(ampere.rbegin(), ampere.rend() - 1);
        }
        const std::vector<double>& ampere = sweep.columns[k + 1];
        curve.insert(curve.end(), ampere.begin(), ampere.end());
        curves.push_back(std::move(curve));
    }
    return curves;
}

behavioral::CellLaw measure_cell_law(const netlist::Design& design, Campaign& campaign) {
    const netlist::Spec& spec = design.spec;
    const std::vector<double> volt = sweep_volts(spec, kFitPoints);
    const MeasureCurves measure = [&](std::span<const double> states) {
        const CellSweepRun run =
            plan_cell_sweep(design, {states.begin(), states.end()}, kFitPoints, campaign);
        campaign.run();
        return read_cell_sweep(run, design, campaign);
    };
    behavioral::CellLaw law;
    law.kind = kind_name(spec.cell.kind);
    law.g_min_siemens = spec.cell.g_min_siemens;
    law.g_max_siemens = spec.cell.g_max_siemens;
    law.v_max_volt = reach_volt(spec);
    law.table = fit_cell_table(volt, law.g_min_siemens, law.g_max_siemens,
                               spec.calibration.cell_tolerance, measure)
                    .table;
    if (is_gated(spec)) law.source_weight = source_weight(design, law, campaign);
    return law;
}

CellSweepRun plan_cell_table_check(const netlist::Design& design, std::uint64_t seed,
                                   Campaign& campaign) {
    const netlist::CellSpec& cell = design.spec.cell;
    RandomStream random(seed, RandomPurpose::operating_points, 1);
    std::vector<double> states;
    for (int k = 0; k < kCheckStates; ++k) {
        states.push_back(random.uniform(cell.g_min_siemens, cell.g_max_siemens));
    }
    return plan_cell_sweep(design, std::move(states), kCheckPoints, campaign);
}

void check_cell_table(const CellSweepRun& run, const netlist::Design& design,
                      const behavioral::CellLaw& law, const Campaign& campaign,
                      Evidence& evidence) {
    HeldOut held_out("cell_current", "of full scale",
                     cell_current(law, law.v_max_volt, law.g_max_siemens));
    const std::vector<std::vector<double>> curves = read_cell_sweep(run, design, campaign);
    for (std::size_t k = 0; k < curves.size(); ++k) {
        for (std::size_t p = 0; p < run.volt.size(); ++p) {
            held_out.add(curves[k][p], cell_current(law, run.volt[p], run.states[k]));
        }
    }
    held_out.describe(
        fmt::format("{} random states, {} voltages", run.states.size(), run.volt.size()));
    evidence.errors.push_back(held_out.error(design.spec.calibration.cell_tolerance));
    evidence.points.push_back(held_out.points("A"));
}

}  // namespace mho::calibrate
