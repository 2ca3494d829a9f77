// SPDX-License-Identifier: Apache-2.0
#include "calibrate/ramp_noise.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "calibrate/sar_runs.h"
#include "netlist/bench_ramp_noise.h"
#include "netlist/ramp_adc.h"

using namespace mho;
using namespace mho::calibrate;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

constexpr double kBoltzmann = 1.380649e-23;

netlist::Spec ramp_spec() {
    netlist::Spec spec;
    spec.name = "test";
    spec.adc.bits = 6;
    spec.adc.shared_by = 16;
    return spec;
}

RampNoise noise_of(const netlist::Spec& spec) {
    spice::PoolOptions options;
    options.workers = 2;
    spice::Pool pool(options);
    Campaign campaign(pool, {}, 4);
    return measure_ramp_noise(load_design(spec), campaign);
}

// Rising frequencies with the density of white noise times (f / corner)^(power / 2).
struct Spectrum {
    std::vector<double> hertz, density;
    Spectrum(double white, double corner, double power) {
        for (double f = 1; f < 1e13; f *= 1.122) {
            hertz.push_back(f);
            density.push_back(white * std::pow(f / corner, power / 2));
        }
    }
};

}  // namespace

TEST_CASE("white noise current leaves the root of S t / 2 C^2 on a capacitor") {
    const Spectrum white(1e-12, 1, 0);
    for (const double second : {1e-9, 1e-6}) {
        CHECK_THAT(integrated_current_noise(white.hertz, white.density, 2e-12, second),
                   WithinRel(1e-12 * std::sqrt(second / 2) / 2e-12, 2e-3));
    }
    // That of a resistor, for a time much shorter than R C: root of 2 k T t / R over C.
    const double ohm = 1e6, farad = 1e-12, second = 1e-9;
    const Spectrum thermal(std::sqrt(4 * kBoltzmann * 300 / ohm), 1, 0);
    CHECK_THAT(integrated_current_noise(thermal.hertz, thermal.density, farad, second),
               WithinRel(std::sqrt(2 * kBoltzmann * 300 * second / ohm) / farad, 2e-3));
}

TEST_CASE("flicker noise current grows on a capacitor as the time, but for a logarithm") {
    // Between 1 Hz and 1 / t, S = K / f leaves about K t^2 ln(1 / (2 pi f t)) + ... : from one time
    // to ten times it the square grows by 100 (L - ln 10) / L with L = 3/2 - Euler - ln(2 pi t).
    const Spectrum flicker(1e-12, 1, -1);
    const auto square = [&](double second) {
        return std::pow(integrated_current_noise(flicker.hertz, flicker.density, 1e-12, second), 2);
    };
    const double level = 1.5 - std::numbers::egamma - std::log(2 * std::numbers::pi * 1e-6);
    CHECK_THAT(square(1e-6), WithinRel(1e-24 * 1e-12 / 1e-24 * level, 0.02));
    CHECK_THAT(square(1e-5) / square(1e-6),
               WithinRel(100 * (level - std::numbers::ln10) / level, 0.01));
}

TEST_CASE("the noise of a ramp goes with temperature, bias and slope") {
    const netlist::Spec spec = ramp_spec();
    const RampNoise cool = noise_of(spec);
    // Some tens of microvolt to a millivolt: an LSB of 6 bits is 7.8 mV.
    CHECK(cool.comparator_volt > 30e-6);
    CHECK(cool.comparator_volt < 2e-3);
    CHECK_THAT(cool.reset_volt,
               WithinRel(std::sqrt(kBoltzmann * 300.15 / ramp_total_farad(spec.adc)), 1e-6));
    // The mirror's transistors: 4 k T gamma gm and more, of a current of 2 I / V_ov.
    CHECK(cool.source_volt > 1e-6);
    CHECK(cool.source_volt < 1e-3);
    netlist::Spec hot = spec;
    hot.temperature_celsius = 125;
    const RampNoise warm = noise_of(hot);
    CHECK(warm.comparator_volt > cool.comparator_volt);
    CHECK_THAT(warm.reset_volt / cool.reset_volt, WithinRel(std::sqrt(398.15 / 300.15), 1e-9));
    // More current, less noise: the pair's transconductance grows.
    netlist::Spec strong = spec;
    strong.adc.bias_ampere *= 2;
    CHECK(noise_of(strong).comparator_volt < cool.comparator_volt);
    // A current for half of the time on half of the capacitor: the root of 2 more, but for flicker
    // noise.
    netlist::Spec fast = spec;
    fast.adc.clock_hertz *= 2;
    const double ratio = noise_of(fast).source_volt / cool.source_volt;
    CHECK(ratio > 1.2);
    CHECK(ratio < 1.6);
}

TEST_CASE("the noise of the comparator in ngspice is that of a resistor where one is put") {
    // The same analysis, with k T / C in closed form.
    netlist::Deck deck;
    deck.title = "k T / C";
    deck.circuit.voltage_source("vin", deck.circuit.net("in"), netlist::kGround,
                                {.dc = 0.0, .ac = 1});
    deck.circuit.resistor("r1", deck.circuit.net("in"), deck.circuit.net("v2"), 10e3);
    deck.circuit.capacitor("c1", deck.circuit.net("v2"), netlist::kGround, 1e-12);
    const netlist::Deck bench = ramp_comparator_noise_bench(load_design(ramp_spec()), 0.35, 0.35);
    deck.analysis = bench.analysis;
    std::get<netlist::Noise>(deck.analysis).input_source = "vin";
    deck.saved = bench.saved;
    const auto waves = test::run_decks({deck});
    CHECK_THAT(waves.front()["onoise_total"].front(),
               WithinRel(std::sqrt(kBoltzmann * 300.15 / 1e-12), 1e-2));
}

TEST_CASE("a SAR has no ramp's noise") {
    const netlist::Design design = test::sar_design(6);
    CHECK_THROWS_WITH(ramp_trip_bench(design, {}), ContainsSubstring("needs [adc] kind \"ramp\""));
    CHECK_THROWS_AS(ramp_source_noise_bench(design), Error);
    CHECK_THROWS_WITH(ramp_trip_bench(load_design(ramp_spec()), {.points = 2}),
                      ContainsSubstring("at least 3 points, found 2"));
}
