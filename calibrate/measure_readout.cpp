// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_readout.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "behavioral/readout.h"
#include "calibrate/fit.h"
#include "calibrate/held_out.h"

namespace mho::calibrate {
namespace {

constexpr int kReadoutFitPoints = 41;
constexpr int kReadoutCheckPoints = 28;

behavioral::ReadoutModel fit_transfer(const spice::Waveforms& sweep, double current_max_ampere) {
    const FitSummary fit = fit_polynomial(sweep.columns[0], sweep["v(out)"], 3);
    behavioral::ReadoutModel model;
    model.offset_volt = fit.parameters[0];
    model.transimpedance_ohm = -fit.parameters[1];
    model.quadratic_per_ampere = fit.parameters[2] / fit.parameters[1];
    model.cubic_per_ampere_squared = fit.parameters[3] / fit.parameters[1];
    model.current_max_ampere = current_max_ampere;
    return model;
}

// Power over current on each side of zero, by least squares through the static power.
void fit_power(const spice::Waveforms& sweep, double supply_volt, ReadoutFit& fit) {
    const std::vector<double>& input = sweep.columns[0];
    const std::vector<double>& supply = sweep["i(vdd_readout)"];
    const std::size_t middle = input.size() / 2;
    fit.static_watt = -supply[middle] * supply_volt;
    double sunk = 0, sourced = 0, square = 0;
    for (std::size_t k = 0; k < input.size(); ++k) {
        const double rise = -supply[k] * supply_volt - fit.static_watt;
        (input[k] > 0 ? sunk : sourced) += rise * std::abs(input[k]);
        if (input[k] > 0) square += input[k] * input[k];
    }
    fit.sunk_volt = sunk / square;
    fit.sourced_volt = sourced / square;
}

}  // namespace

ReadoutExperiment plan_readout(const netlist::Design& design, Campaign& campaign) {
    const double i_max = full_scale_ampere(design.spec);
    return {campaign.submit(readout_bench(design, {i_max, kReadoutFitPoints})),
            campaign.submit(readout_noise_bench(design))};
}

ReadoutFit fit_readout(const ReadoutExperiment& experiment, const netlist::Design& design,
                       const Campaign& campaign) {
    const spice::Waveforms& sweep = campaign[experiment.sweep];
    ReadoutFit fit;
    fit.model = fit_transfer(sweep, full_scale_ampere(design.spec));
    const FitSummary input = fit_polynomial(sweep.columns[0], sweep["v(in)"], 1);
    fit.model.input_offset_volt = input.parameters[0] - design.spec.readout.common_mode_volt;
    fit.sense_ohm = input.parameters[1];
    fit.model.noise_volt_rms = campaign[experiment.noise]["onoise_total"].front();
    fit_power(sweep, design.technology.supply("core").volt, fit);
    return fit;
}

ReadoutExperiment plan_readout_check(const netlist::Design& design, Campaign& campaign) {
    const double i_max = full_scale_ampere(design.spec);
    return {campaign.submit(readout_bench(design, {0.97 * i_max, kReadoutCheckPoints}))};
}

void check_readout(const ReadoutExperiment& experiment, const netlist::Design& design,
                   const behavioral::ReadoutModel& model, const Campaign& campaign,
                   Evidence& evidence) {
    const spice::Waveforms& sweep = campaign[experiment.sweep];
    HeldOut held_out("readout", "LSB", lsb_volt(design.spec));
    for (std::size_t k = 0; k < sweep.points(); ++k) {
        held_out.add(sweep["v(out)"][k], readout_volt(model, sweep.columns[0][k]));
    }
    held_out.describe(fmt::format("{} other input currents", kReadoutCheckPoints));
    evidence.errors.push_back(held_out.error(design.spec.calibration.readout_tolerance_lsb));
    evidence.points.push_back(held_out.points("V"));
}

}  // namespace mho::calibrate
