// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "behavioral/card.h"

namespace mho::test {

// A fine table of i(v, g), 1 to 40 uS, +-0.12 V.
inline behavioral::CellLaw table_law(const std::function<double(double, double)>& ampere) {
    behavioral::CellLaw law;
    law.kind = "subckt";
    law.g_min_siemens = 1e-6;
    law.g_max_siemens = 40e-6;
    law.v_max_volt = 0.12;
    for (int k = 0; k <= 26; ++k) law.table.state_siemens.push_back((1 + 1.5 * k) * 1e-6);
    for (int k = -24; k <= 24; ++k) law.table.volt.push_back(0.005 * k);
    for (const double g : law.table.state_siemens) {
        for (const double v : law.table.volt) {
            law.table.ampere.push_back(v == 0 ? 0 : ampere(v, g));
        }
    }
    return law;
}

}  // namespace mho::test
