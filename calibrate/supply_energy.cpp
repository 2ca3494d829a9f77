// SPDX-License-Identifier: Apache-2.0
#include "calibrate/supply_energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "spice/waveforms.h"

namespace mho::calibrate {

double supply_joule(const spice::Waveforms& waves, std::string_view name, double volt, Span span) {
    const std::vector<double>& ampere = waves[fmt::format("i(v{})", name)];
    std::vector<double> watt(ampere.size());
    for (std::size_t k = 0; k < ampere.size(); ++k) watt[k] = std::max(0.0, -volt * ampere[k]);
    return spice::integrate(waves.columns.front(), watt, span.from_second, span.to_second);
}

}  // namespace mho::calibrate
