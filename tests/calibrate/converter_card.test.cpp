// SPDX-License-Identifier: Apache-2.0
// Cards of converters alone, with real ngspice runs.
#include "calibrate/converter_card.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <string>

#include "base/error.h"
#include "behavioral/adc_metrics.h"
#include "behavioral/card_json.h"
#include "calibrate/code_energy.h"
#include "netlist/spec_toml.h"
#include "support/temporary_folder.h"

using namespace mho;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinRel;

namespace {

netlist::Spec spec_of(const std::string& text) {
    return netlist::parse_spec("schema = \"mho.spec/1\"\nname = \"alone\"\n" + text, "s.toml");
}

calibrate::CalibrateOptions two_workers(std::uint64_t seed = 1) {
    calibrate::CalibrateOptions options;
    options.workers = 2;
    options.seed = seed;
    return options;
}

// `energy_worst`: of other conversions; the tolerance where it is 0.
void check_card(const behavioral::ModelCard& card, int bits, double energy_worst = 0) {
    CHECK(card.converter_only);
    CHECK(card.adc.bits == bits);
    for (const behavioral::QuantityError& error : card.errors) {
        INFO(error.quantity << " " << error.worst);
        CHECK(error.within());
        CHECK(error.samples > 0);
    }
    const behavioral::ModelCard back =
        behavioral::card_from_json(behavioral::card_to_json(card), "card");
    // Other conversions than those that judged it; the short check's are some of the long one's.
    const test::TemporaryFolder folder;
    calibrate::CalibrateOptions options = two_workers(5);
    options.cache_folder = folder / "cache";
    for (const auto depth : {calibrate::CheckDepth::blocks, calibrate::CheckDepth::all}) {
        for (const behavioral::QuantityError& error :
             calibrate::check(back, options, depth).errors) {
            INFO(error.quantity << " " << error.worst);
            if (energy_worst > 0 && error.quantity == "energy_conversion") {
                CHECK(error.worst < energy_worst);
            } else {
                CHECK(error.within());
            }
        }
    }
}

}  // namespace

TEST_CASE("a ramp alone gives a card with energy, time and mismatch by code") {
    const netlist::Spec spec = spec_of("[adc]\nbits = 7\n[calibration]\nadc_draws = 6\n");
    const calibrate::Calibration made = calibrate::calibrate(spec, two_workers());
    check_card(made.card, 7);
    const behavioral::ConverterModel& converter = made.card.converter;
    CHECK(converter.kind == "ramp");
    // Its second stage conducts until the trip.
    CHECK(converter.code_joule.back() != converter.code_joule.front());
    CHECK_THAT(converter.first_second + 127 * converter.second_per_code,
               WithinRel(converter.conversion_second, 1e-9));
    CHECK(made.card.adc.mismatch.draws == 6);
    CHECK(made.card.adc.mismatch.shapes.size() == 6 * 5);
    CHECK(made.card.errors.size() == 3);
}

TEST_CASE("a SAR alone gives a card whose transitions its codes confirm") {
    const netlist::Spec spec = spec_of("[adc]\nkind = \"sar\"\nbits = 4\nunit_farad = 8e-15\n");
    const calibrate::Calibration made = calibrate::calibrate(spec, two_workers());
    // With 4 bits one code of 16 takes 6 % more in a part of its range.
    check_card(made.card, 4, 0.08);
    CHECK(made.card.converter.kind == "sar");
    CHECK(made.card.adc.noise_volt_rms > 0);
    CHECK(made.card.adc.regeneration_second > 0);
    CHECK(made.card.converter.logic_joule > 0);
}

TEST_CASE("a converter of one's own is found by its codes alone") {
    const std::filesystem::path folder = std::filesystem::path(MHO_SOURCE_DIR) / "examples/byo_adc";
    const netlist::Spec spec = netlist::read_spec(folder / "spec.toml");
    const calibrate::Calibration made = calibrate::calibrate(spec, two_workers());
    check_card(made.card, 3);
    // The ladder, 8 x 200 ohm between the references, takes more than all else, for 4 ns.
    const double ladder = 0.5 * 0.6 / 1600 * 4e-9;
    for (const double joule : made.card.converter.code_joule) {
        CHECK(joule > ladder);
        CHECK(joule < 1.3 * ladder);
    }
    CHECK(behavioral::adc_metrics(made.card.adc).worst_inl_lsb < 0.5);
}

TEST_CASE("what a card of a converter alone cannot have is refused in one line") {
    CHECK_THROWS_MATCHES(
        calibrate::calibrate(spec_of("[adc]\n[calibration]\nmismatch_draws = 5\n"), two_workers()),
        Error, MessageMatches(ContainsSubstring("not for a converter alone")));
    CHECK_THROWS_MATCHES(
        calibrate::calibrate(spec_of("[adc]\n[calibration]\nadc_draws = 1\n"), two_workers()),
        Error, MessageMatches(ContainsSubstring("0 or at least 2")));
    CHECK_THROWS_MATCHES(
        calibrate::calibrate(
            spec_of("[adc]\nkind = \"sar\"\nsampling = \"top_plate\"\n[array]\nrows = 4\n"),
            two_workers()),
        Error, MessageMatches(ContainsSubstring("needs \"bottom_plate\"")));
}

TEST_CASE("energy by code is found again where it is a sum over bits and pairs of high bits") {
    const auto truth = [](std::uint32_t code) {
        const double high = code >> 7 & 1u, next = code >> 6 & 1u;
        return 5e-13 - 1e-15 * code + 4e-14 * high * next;
    };
    std::vector<calibrate::CodeEnergy> measured;
    for (std::uint32_t k = 0; k < 40; ++k) {
        const std::uint32_t code = (k * 53 + 7) % 256;
        measured.push_back({code, truth(code)});
    }
    const std::vector<double> table =
        calibrate::fit_code_energy(netlist::AdcKind::sar, 8, measured);
    REQUIRE(table.size() == 256);
    for (std::uint32_t code = 0; code < 256; ++code) {
        CHECK_THAT(table[code], WithinRel(truth(code), 1e-6));
    }
    const std::vector<double> line = calibrate::interpolate_code_energy(
        4, std::vector<calibrate::CodeEnergy>{{2, 1.0}, {6, 3.0}});
    CHECK(line[0] == 1.0);
    CHECK(line[4] == 2.0);
    CHECK(line[15] == 3.0);
}
