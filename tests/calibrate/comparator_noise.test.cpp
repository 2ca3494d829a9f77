// SPDX-License-Identifier: Apache-2.0
#include "calibrate/comparator_noise.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "calibrate/comparator.h"
#include "calibrate/sar_runs.h"
#include "netlist/sar_adc.h"

using namespace mho;
using namespace mho::calibrate;
using Catch::Matchers::WithinRel;

TEST_CASE("noise of a comparator goes with one over the root of its width") {
    netlist::Spec spec = test::sar_spec(8);
    std::vector<ComparatorDynamics> found;
    for (const double width : {1e-6, 4e-6}) {
        spec.adc.sar.comparator_width_m = width;
        const netlist::Design design = load_design(spec);
        const netlist::DecisionStairs stairs = noise_stairs(spec.adc, 1.1);
        const auto waves = test::run_decks({noise_bench(design, stairs)}).front();
        CHECK(read_comparator(waves, stairs, 1.1).offset_volt.has_value());
        found.push_back(read_dynamics(waves, stairs, 1.1, 300.15));
        // By hand: 4 k T gamma over the charge that a volt at the input brings.
        CHECK_THAT(found.back().noise_volt_rms * found.back().noise_volt_rms *
                       found.back().pair_charge_per_volt,
                   WithinRel(4 * 1.380649e-23 * 300.15 * 2 / 3, 1e-9));
    }
    // The charge goes with the width, as transconductance and load do; integration stays as long.
    CHECK_THAT(found[1].noise_volt_rms, WithinRel(found[0].noise_volt_rms / 2, 0.15));
    CHECK_THAT(found[1].integration_second, WithinRel(found[0].integration_second, 0.2));
    CHECK(found[0].noise_volt_rms > 0.2e-3);
    CHECK(found[0].noise_volt_rms < 3e-3);
}

TEST_CASE("a decision that has longer resolves a smaller margin") {
    const netlist::Design design = test::sar_design(8);
    const netlist::DecisionStairs stairs = noise_stairs(design.spec.adc, 1.1);
    const auto waves = test::run_decks({noise_bench(design, stairs)}).front();
    const ComparatorDynamics dynamics = read_dynamics(waves, stairs, 1.1, 300.15);
    // A fan-out of four takes 21 ps; a loop of two loaded inverters is of that order.
    CHECK(dynamics.regeneration_second > 2e-12);
    CHECK(dynamics.regeneration_second < 60e-12);
    const double tau = dynamics.regeneration_second;
    CHECK_THAT(dynamics.decision_volt_at(1e-9 + tau),
               WithinRel(dynamics.decision_volt_at(1e-9) / std::exp(1.0), 1e-9));
    CHECK(dynamics.decision_volt_at(0.1e-9) > 1e-4);
    CHECK(dynamics.decision_volt_at(2.5e-9) < 1e-9);
}
