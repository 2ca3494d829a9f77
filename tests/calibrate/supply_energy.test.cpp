// SPDX-License-Identifier: Apache-2.0
#include "calibrate/supply_energy.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

using namespace mho;
using Catch::Matchers::WithinRel;

TEST_CASE("energy is voltage times the charge that leaves the source; what returns is lost") {
    // ngspice counts current into the positive end: delivering is negative.
    spice::Waveforms waves;
    waves.names = {"time", "i(vdd)"};
    waves.columns = {{0, 1e-9, 2e-9, 2e-9, 4e-9}, {-1e-3, -1e-3, -3e-3, 2e-3, 2e-3}};
    CHECK_THAT(calibrate::supply_joule(waves, "dd", 1.1, {0, 1e-9}), WithinRel(1.1e-12, 1e-12));
    CHECK_THAT(calibrate::supply_joule(waves, "dd", 1.1, {1e-9, 2e-9}), WithinRel(2.2e-12, 1e-12));
    CHECK(calibrate::supply_joule(waves, "dd", 1.1, {2e-9, 4e-9}) == 0);
    CHECK_THAT(calibrate::supply_joule(waves, "dd", 1.1, {0.5e-9, 3e-9}),
               WithinRel(1.1 * (0.5e-12 + 2e-12), 1e-12));
}
