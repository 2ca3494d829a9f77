// SPDX-License-Identifier: Apache-2.0
#include "calibrate/integrator_noise.h"

#include <cmath>
#include <vector>

#include "behavioral/array_noise.h"
#include "calibrate/measurement.h"
#include "calibrate/ramp_noise.h"
#include "netlist/bench_integrator_noise.h"

namespace mho::calibrate {

IntegratorNoiseExperiment plan_integrator_noise(const netlist::Design& design, Campaign& campaign) {
    return {campaign.submit(integrator_noise_bench(design)),
            campaign.submit(hold_noise_bench(design))};
}

IntegratorNoise read_integrator_noise(const IntegratorNoiseExperiment& experiment,
                                      const netlist::Design& design, const Campaign& campaign) {
    const netlist::IntegratorSpec& spec = design.spec.readout.integrator;
    const double temperature = kelvin(design.spec);
    const double energy = behavioral::kBoltzmannJoulePerKelvin * temperature;
    const spice::Waveforms& waves = campaign[experiment.current];
    const std::vector<double> density =
        without_resistor(waves["inoise_spectrum"], netlist::kBitHoldOhm, temperature);
    IntegratorNoise noise;
    noise.current_volt = integrated_current_noise(waves.columns.front(), density,
                                                  spec.integrate_farad, spec.integrate_second);
    const double reset = energy / spec.integrate_farad;
    noise.reset_volt = std::sqrt(reset);
    noise.hold_volt = campaign[experiment.hold]["onoise_total"].front();
    const double bit = noise.current_volt * noise.current_volt + reset;
    double sum = reset;
    for (int k = 0; k < design.spec.driver.bits; ++k) sum = (sum + bit) / 4 + reset / 2;
    noise.held_volt = std::sqrt(sum + noise.hold_volt * noise.hold_volt);
    return noise;
}

}  // namespace mho::calibrate
