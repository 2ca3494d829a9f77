// SPDX-License-Identifier: Apache-2.0
#include "behavioral/sar_logic.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/random.h"

using mho::behavioral::ideal_sar_code;
using mho::behavioral::SarControls;
using mho::behavioral::SarLogic;

TEST_CASE("a SAR machine tracks with its first trial on the switches") {
    SarLogic logic(4);
    CHECK(logic.controls() == SarControls{true, 8, false});
    CHECK(logic.clock(true, true) == SarControls{true, 8, false});
    CHECK(logic.clock(true, false) == SarControls{true, 8, false});
    CHECK(logic.trial_bit() == -1);
}

TEST_CASE("a SAR machine takes one decision at each edge and then rests") {
    SarLogic logic(3);
    CHECK(logic.clock(false, true) == SarControls{false, 4, false});  // nothing to decide yet
    CHECK(logic.trial_bit() == 2);
    CHECK(logic.clock(false, false) == SarControls{false, 2, false});
    CHECK(logic.clock(false, true) == SarControls{false, 3, false});
    CHECK(logic.trial_bit() == 0);
    CHECK(logic.clock(false, true) == SarControls{false, 3, true});
    CHECK(logic.clock(false, false) == SarControls{false, 3, true});
    CHECK(logic.clock(true, false) == SarControls{true, 4, false});
}

TEST_CASE("tracking ends a conversion at any edge") {
    SarLogic logic(8);
    for (int k = 0; k < 4; ++k) (void)logic.clock(false, true);
    CHECK(logic.clock(true, true) == SarControls{true, 128, false});
    CHECK(logic.clock(false, true) == SarControls{false, 128, false});
}

TEST_CASE("with an ideal DAC and comparator the code is the floor of the input in LSB") {
    const int bits = GENERATE(1, 4, 8, 10, 16);
    const auto codes = static_cast<double>(1u << bits);
    mho::RandomStream random(1, mho::RandomPurpose::test, static_cast<std::uint32_t>(bits));
    for (int k = 0; k < 200; ++k) {
        const double volt = random.uniform(0.05, 0.65);
        const double expected = std::floor((volt - 0.1) / (0.5 / codes));
        const double code = ideal_sar_code(bits, 0.1, 0.6, volt);
        CHECK(code == std::min(std::max(expected, 0.0), codes - 1));
    }
    CHECK(ideal_sar_code(bits, 0.1, 0.6, 0.1 - 1e-9) == 0);
    CHECK(ideal_sar_code(bits, 0.1, 0.6, 0.7) == codes - 1);
}

TEST_CASE("a SAR machine is refused a number of bits it cannot have") {
    CHECK_THROWS_AS(SarLogic(0), mho::Error);
    CHECK_THROWS_AS(SarLogic(17), mho::Error);
    CHECK_THROWS_AS(ideal_sar_code(-3, 0, 1, 0.5), mho::Error);
}
