// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_driver.h"

#include <algorithm>
#include <string>
#include <vector>

#include "calibrate/fit.h"
#include "spice/waveforms.h"

namespace mho::calibrate {
namespace {

constexpr int kLoadPoints = 11;

// Load of a row whose cells are, on the mean, in the middle of their range, at full drive.
double row_load_ampere(const netlist::Spec& spec) {
    return spec.array.columns * 0.5 * (spec.cell.g_min_siemens + spec.cell.g_max_siemens) *
           spec.driver.amplitude_volt;
}

std::vector<double> levels(const netlist::Spec& spec) {
    const double a = spec.driver.amplitude_volt;
    return {-a, -0.5 * a, 0, 0.5 * a, a};
}

// Energy a source delivers; what flows back is not regained.
double delivered_joule(const spice::Waveforms& waves, const std::string& name) {
    const std::vector<double>& time = waves.columns[0];
    const std::vector<double>& volt = waves["v(" + name + ")"];
    const std::vector<double>& ampere = waves["i(v" + name + ")"];
    std::vector<double> watt(time.size());
    for (std::size_t k = 0; k < time.size(); ++k) watt[k] = std::max(0.0, -volt[k] * ampere[k]);
    return spice::integrate(time, watt, time.front(), time.back());
}

}  // namespace

DriverExperiment plan_driver(const netlist::Design& design, Campaign& campaign) {
    const std::vector<double> level_volt = levels(design.spec);
    DriverExperiment experiment;
    experiment.levels = static_cast<int>(level_volt.size());
    experiment.load = campaign.submit(
        driver_bench(design, level_volt, {row_load_ampere(design.spec), kLoadPoints}));
    experiment.switching = campaign.submit(driver_switch_bench(design));
    return experiment;
}

DriverFit fit_driver(const DriverExperiment& experiment, const netlist::Design& design,
                     const Campaign& campaign) {
    const spice::Waveforms& sweep = campaign[experiment.load];
    const std::vector<double> level_volt = levels(design.spec);
    std::vector<double> ohm;
    for (std::size_t k = 0; k < level_volt.size(); ++k) {
        const double reference = design.spec.readout.common_mode_volt + level_volt[k];
        double drop_ampere = 0, ampere_squared = 0;
        for (std::size_t p = 0; p < sweep.points(); ++p) {
            const double ampere = 1e-6 * sweep.columns[0][p];
            drop_ampere += (reference - sweep.columns[k + 1][p]) * ampere;
            ampere_squared += ampere * ampere;
        }
        ohm.push_back(drop_ampere / ampere_squared);
    }
    const FitSummary line = fit_polynomial(level_volt, ohm, 1);
    const spice::Waveforms& waves = campaign[experiment.switching];
    DriverFit fit;
    fit.ohm = line.parameters[0];
    fit.resistance_per_volt = line.parameters[1] / fit.ohm;
    fit.switch_joule = delivered_joule(waves, "en") + delivered_joule(waves, "enb");
    fit.row_farad = -spice::integrate(waves.columns[0], waves["i(vstep)"], waves.columns[0].front(),
                                      waves.columns[0].back()) /
                    design.spec.driver.amplitude_volt;
    return fit;
}

}  // namespace mho::calibrate
