// SPDX-License-Identifier: Apache-2.0
// The whole calibration on a small array, with real ngspice runs.
#include "calibrate/calibrate.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "behavioral/adc_metrics.h"
#include "behavioral/card_json.h"
#include "netlist/spec_toml.h"
#include "support/temporary_folder.h"

using namespace mho;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

netlist::Spec small_spec() {
    netlist::Spec spec;
    spec.name = "small";
    spec.array.rows = 8;
    spec.array.columns = 4;
    spec.adc.bits = 5;
    spec.adc.shared_by = 4;
    spec.calibration.held_out_columns = 3;
    return spec;
}

calibrate::Calibration run(const netlist::Spec& spec, std::size_t workers = 2,
                           std::uint64_t seed = 1) {
    calibrate::CalibrateOptions options;
    options.workers = workers;
    options.seed = seed;
    return calibrate::calibrate(spec, options);
}

const behavioral::QuantityError& error_of(const behavioral::ModelCard& card,
                                          const std::string& quantity) {
    for (const behavioral::QuantityError& error : card.errors) {
        if (error.quantity == quantity) return error;
    }
    throw std::runtime_error("no error of " + quantity);
}

}  // namespace

TEST_CASE("a calibrated card holds every model within its tolerance, and says where it is from") {
    const netlist::Spec spec = small_spec();
    const calibrate::Calibration result = run(spec);
    const behavioral::ModelCard& card = result.card;
    for (const char* quantity : {"cell_current", "column_current", "readout", "adc_transition",
                                 "settling", "column_code", "energy"}) {
        const behavioral::QuantityError& error = error_of(card, quantity);
        INFO(quantity << ": rms " << error.rms << ", worst " << error.worst);
        CHECK(error.within());
        CHECK(error.samples >= 3);
        CHECK(error.worst > 0);  // SPICE and model never agree to the last bit
        CHECK(error.rms <= error.worst);
        CHECK_FALSE(error.held_out.empty());
    }
    // Every quantity but those of single sizes has points of its own.
    CHECK(card.held_out.size() + 2 == card.errors.size());
    CHECK(error_of(card, "column_current_8x4").samples ==
          error_of(card, "column_current").samples - error_of(card, "column_current_4x2").samples);
    CHECK(card.provenance.spec_hash.size() == 32);
    CHECK(netlist::parse_spec(card.provenance.spec_toml, "card") == spec);
    CHECK(card.provenance.spice_runs == static_cast<int>(result.runs.spice_runs));
    CHECK(result.runs.cached_runs == 0);

    // Physics that the spec foretells.
    CHECK_THAT(card.readout.transimpedance_ohm, WithinRel(spec.readout.feedback_ohm, 0.03));
    CHECK_THAT(card.readout.offset_volt, WithinAbs(spec.readout.common_mode_volt, 5e-3));
    const behavioral::AdcMetrics metrics = behavioral::adc_metrics(card.adc);
    CHECK(std::abs(metrics.gain_error) < 0.05);
    CHECK(metrics.worst_inl_lsb < 1);
    CHECK(card.cell.access_ohm > 0);
    CHECK(card.cell.access_ohm < 1 / spec.cell.g_max_siemens);
    CHECK_THAT(card.timing.conversion_second, WithinRel(34e-9, 1e-9));
    CHECK(card.energy.readout_static_watt > 0);
}

TEST_CASE("the card's bytes depend neither on the number of workers nor on the cache") {
    const netlist::Spec spec = small_spec();
    const test::TemporaryFolder folder;
    calibrate::CalibrateOptions options;
    options.workers = 1;
    options.cache_folder = folder / "cache";
    const calibrate::Calibration one = calibrate::calibrate(spec, options);
    options.workers = 2;
    const calibrate::Calibration cached = calibrate::calibrate(spec, options);
    CHECK(cached.runs.cached_runs == cached.runs.spice_runs);
    const std::string text = behavioral::card_to_json(one.card);
    CHECK(behavioral::card_to_json(cached.card) == text);
    CHECK(behavioral::card_to_json(run(spec, 2).card) == text);
}

TEST_CASE("a check with the card's seed finds the card's errors, with another one others alike") {
    const netlist::Spec spec = small_spec();
    const behavioral::ModelCard card = run(spec).card;
    calibrate::CalibrateOptions options;
    options.seed = card.provenance.seed;
    const calibrate::CardCheck same = calibrate::check(card, options);
    REQUIRE(same.errors.size() == card.errors.size());
    for (std::size_t k = 0; k < card.errors.size(); ++k) {
        CHECK(same.errors[k].quantity == card.errors[k].quantity);
        CHECK(same.errors[k].worst == card.errors[k].worst);
    }
    options.seed = 99;
    const calibrate::CardCheck other = calibrate::check(card, options);
    for (const behavioral::QuantityError& error : other.errors) {
        INFO(error.quantity << ": worst " << error.worst);
        CHECK(error.within());
        if (error.quantity == "readout") continue;  // its currents are not random
        CHECK(error.worst != error_of(card, error.quantity).worst);
    }

    // A card that describes the circuit wrongly is found out.
    behavioral::ModelCard wrong = card;
    wrong.cell.access_ohm *= 1.2;
    wrong.readout.offset_volt += 5e-3;
    const calibrate::CardCheck found = calibrate::check(wrong, options);
    for (const behavioral::QuantityError& error : found.errors) {
        if (error.quantity == "cell_current" || error.quantity == "adc_transition") {
            CHECK(error.within() == (error.quantity == "adc_transition"));
        }
        if (error.quantity == "readout") CHECK(error.worst > 0.3);  // of a 5-bit LSB
    }

    wrong = card;
    wrong.provenance.spec_hash = std::string(32, '0');
    CHECK_THROWS_AS(calibrate::check(wrong, options), Error);
}

TEST_CASE("another seed draws other held-out circuits and fits the same blocks") {
    const netlist::Spec spec = small_spec();
    const behavioral::ModelCard a = run(spec, 2, 1).card;
    const behavioral::ModelCard b = run(spec, 2, 2).card;
    CHECK(a.cell.access_ohm == b.cell.access_ohm);
    CHECK(a.adc.transition_volt == b.adc.transition_volt);
    CHECK(a.provenance.spec_hash == b.provenance.spec_hash);
    for (std::size_t k = 0; k < a.held_out.size(); ++k) {
        if (a.held_out[k].quantity == "readout") continue;  // a fixed grid between the fit's points
        CHECK(a.held_out[k].spice != b.held_out[k].spice);
    }
}

TEST_CASE("a hot slow chip is measured as one: larger access resistance than a cold fast one") {
    netlist::Spec slow = small_spec(), fast = small_spec();
    slow.corner = "ss";
    slow.temperature_celsius = 125;
    fast.corner = "ff";
    fast.temperature_celsius = 0;
    const behavioral::ModelCard a = run(slow).card, b = run(fast).card;
    CHECK(a.cell.access_ohm > 1.1 * b.cell.access_ohm);
    CHECK(a.array.driver_ohm > 1.1 * b.array.driver_ohm);
    CHECK(a.provenance.spec_hash != b.provenance.spec_hash);
    CHECK(error_of(a, "column_code").within());
    CHECK(error_of(b, "column_code").within());
}

TEST_CASE("specs that no circuit can be built from are refused in one line") {
    const auto complaint = [](auto change) {
        netlist::Spec spec = small_spec();
        change(spec);
        try {
            run(spec);
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::bad_input);
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK(complaint([](auto& s) { s.corner = "tf"; }).find("tf") != std::string::npos);
    CHECK(complaint([](auto& s) { s.technology = "no_such_tech"; }).find("no_such_tech") !=
          std::string::npos);
    CHECK(complaint([](auto& s) { s.driver.amplitude_volt = 0.5; }).find("amplitude_volt") !=
          std::string::npos);
    CHECK(complaint([](auto& s) { s.array.row_layer = "m99"; }).find("m99") != std::string::npos);
    CHECK(complaint([](auto& s) { s.temperature_celsius = 400; }) != "accepted");
}
