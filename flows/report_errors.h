// SPDX-License-Identifier: Apache-2.0
// First-order budget of what disturbs one column conversion, from the card and an IR-drop map.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "behavioral/card.h"
#include "flows/report_data.h"

namespace mho::flows {

struct ErrorSource {
    std::string name;
    double lsb_rms = 0;
    std::string remedy;  // what a designer can change
};

// Root-mean-square errors of a full column in ADC steps, largest first. Each of the R rows is
// driven with an independent voltage, uniform over the driver's range (rms v = amplitude / sqrt 3),
// and each cell's conductance is uniform over its range (standard deviation s). One step is
// I_LSB = q / transimpedance, q the mean code width.
//   programming   v sqrt(R) sqrt(mean over cells of (dI/dg / v)^2 sigma(g)^2) / I_LSB
//   IR drop       v sqrt(R) s std(ratio) / I_LSB; the mean of the map is a gain that scales out
//   quantisation and INL  sqrt(1/12 + mean INL^2)
//   read-out noise  noise / q
std::vector<ErrorSource> error_sources(const behavioral::ModelCard& card,
                                       const std::optional<IrDropData>& ir_drop);

}  // namespace mho::flows
