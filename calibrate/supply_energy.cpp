// SPDX-License-Identifier: Apache-2.0
#include "calibrate/supply_energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "calibrate/sar_conversion.h"
#include "spice/waveforms.h"

namespace mho::calibrate {

double supply_joule(const spice::Waveforms& waves, std::string_view name, double volt, Span span) {
    const std::vector<double>& ampere = waves[fmt::format("i(v{})", name)];
    std::vector<double> watt(ampere.size());
    for (std::size_t k = 0; k < ampere.size(); ++k) watt[k] = std::max(0.0, -volt * ampere[k]);
    return spice::integrate(waves.columns.front(), watt, span.from_second, span.to_second);
}

BlockEnergy block_energy(const spice::Waveforms& waves, const netlist::Design& design,
                         const Eigen::VectorXd& row_volts, Span active) {
    const double vdd = design.technology.supply("core").volt;
    const double common = design.spec.readout.common_mode_volt;
    BlockEnergy energy;
    energy.readout = supply_joule(waves, "dd_readout", vdd, active);
    if (design.spec.adc.kind == netlist::AdcKind::sar) {
        for (const SupplyEnergy& supply : sar_supplies(waves, design, active)) {
            energy.comparator += supply.joule;
        }
    } else {
        energy.comparator = supply_joule(waves, "dd_comparator", vdd, active);
        energy.ramp = supply_joule(waves, "dd_ramp", vdd, active);
    }
    for (Eigen::Index i = 0; i < row_volts.size(); ++i) {
        energy.drivers +=
            supply_joule(waves, fmt::format("ref_{}", i), common + row_volts(i), active);
    }
    return energy;
}

}  // namespace mho::calibrate
