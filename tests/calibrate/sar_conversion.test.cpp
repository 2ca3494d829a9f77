// SPDX-License-Identifier: Apache-2.0
// The SAR converter in ngspice: its XSPICE logic against the C++ state machine, its DAC against
// charge balance.
#include "calibrate/sar_conversion.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <cstdlib>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/sar_logic.h"
#include "calibrate/campaign.h"
#include "calibrate/sar_runs.h"
#include "netlist/bench_converter.h"
#include "netlist/sar_adc.h"
#include "spice/waveforms.h"
#include "support/run_program.h"

using namespace mho;
using namespace mho::calibrate;
using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::run_decks;
using test::sar_design;

namespace {

// Repeats the conversion with the state machine and the simulated decisions.
void check_is_state_machine(const SarConversion& conversion, int bits) {
    behavioral::SarLogic logic(bits);
    (void)logic.clock(false, false);
    for (const SarTrial& trial : conversion.trials) {
        CHECK(logic.controls().code == trial.code);
        (void)logic.clock(false, trial.taken);
    }
    CHECK(logic.controls().done);
    CHECK(logic.controls().code == conversion.code);
}

// The logic between an ideal DAC and an ideal comparator, converting `volt` of 0 .. 1 V.
Deck ideal_analog(int bits, double volt) {
    const Design design = sar_design(bits);
    const SarTiming timing = sar_timing(design.spec.adc);
    Deck deck = sar_bench(design, 0.3);
    Deck ideal{.title = "ideal analog", .libraries = {sar_logic_models(1.1)}};
    Circuit& c = ideal.circuit;
    for (const Device& device : deck.circuit.devices()) {
        const auto* source = std::get_if<VoltageSource>(&device.body);
        if (source == nullptr || (device.name != "vclk" && device.name != "vtrack")) continue;
        c.voltage_source(device.name, c.net(deck.circuit.net_name(device.pins[0])), kGround,
                         source->stimulus);
    }
    std::string dac = "0";
    std::vector<NetId> nets;
    const Definition logic = sar_logic(bits);
    for (const NetId port : logic->ports()) nets.push_back(c.net(logic->net_name(port)));
    for (int bit = 0; bit < bits; ++bit) {
        dac += fmt::format("+{}*v(bit_{})", std::ldexp(1 / 1.1, bit - bits), bit);
        ideal.saved.push_back(fmt::format("v(bit_{})", bit));
    }
    c.behavioural_voltage("bdecision", c.net("decision"), kGround,
                          fmt::format("{}>{}?1.1:0", number_text(volt), dac));
    c.instance("xlogic", logic, std::move(nets));
    ideal.analysis = Transient{.step_second = 1e-10, .stop_second = timing.stop_second()};
    return ideal;
}

std::uint32_t code_at_end(const spice::Waveforms& waves, int bits) {
    std::uint32_t code = 0;
    for (int bit = 0; bit < bits; ++bit) {
        const double volt = waves[fmt::format("v(bit_{})", bit)].back();
        CHECK((std::abs(volt) < 1e-6 || std::abs(volt - 1.1) < 1e-6));
        if (volt > 0.5) code |= 1u << bit;
    }
    return code;
}

}  // namespace

TEST_CASE("XSPICE logic on ideal circuits gives the codes of the state machine") {
    const int bits = GENERATE(4, 7, 10);
    RandomStream random(1, RandomPurpose::test, static_cast<std::uint32_t>(bits));
    std::vector<double> volts{1e-6, 1 - 1e-6, 0.5 + 1e-6, 0.5 - 1e-6};
    for (int k = 0; k < 12; ++k) volts.push_back(random.uniform());
    std::vector<Deck> decks;
    for (const double volt : volts) decks.push_back(ideal_analog(bits, volt));
    const auto waves = run_decks(decks);
    for (std::size_t k = 0; k < volts.size(); ++k) {
        CAPTURE(volts[k]);
        CHECK(code_at_end(waves[k], bits) == behavioral::ideal_sar_code(bits, 0, 1, volts[k]));
    }
}

TEST_CASE("a SAR of transistors goes through the states of the machine and is monotone") {
    const SarSampling sampling = GENERATE(SarSampling::top_plate, SarSampling::bottom_plate);
    const CdacKind kind = GENERATE(CdacKind::binary, CdacKind::split);
    const Design design = sar_design(4, sampling, kind);
    const AdcSpec& adc = design.spec.adc;
    const double lsb = (adc.high_volt - adc.low_volt) / 16;
    std::vector<Deck> decks;
    std::vector<double> volts;
    for (const double code : {-0.5, 0.5, 3.5, 7.5, 8.5, 12.5, 15.5}) {
        volts.push_back(adc.low_volt + code * lsb);
        decks.push_back(sar_bench(design, volts.back()));
    }
    const auto waves = run_decks(decks);
    std::uint32_t last = 0;
    for (std::size_t k = 0; k < volts.size(); ++k) {
        CAPTURE(volts[k]);
        const SarConversion conversion = sar_conversion(waves[k], design);
        check_is_state_machine(conversion, 4);
        // Inputs in the middle of codes: offset and gain error stay below half an LSB of 31 mV.
        CHECK(conversion.code ==
              behavioral::ideal_sar_code(4, adc.low_volt, adc.high_volt, volts[k]));
        CHECK(conversion.code >= last);
        last = conversion.code;
        for (const SupplyEnergy& supply : conversion.supplies) CHECK(supply.joule >= 0);
        CHECK(conversion.joule() > 0);
    }
}

TEST_CASE("the charge on a floating top plate stays, and the bits step it by their weights") {
    const SarSampling sampling = GENERATE(SarSampling::top_plate, SarSampling::bottom_plate);
    const Design design = sar_design(6, sampling);
    const AdcSpec& adc = design.spec.adc;
    const SarTiming timing = sar_timing(adc);
    Deck deck = sar_bench(design, 0.22);
    const auto bottom = [](const std::string& id) {
        return fmt::format("v(xanalog.xcdac.bottom_{})", id);
    };
    for (int bit = 0; bit < 6; ++bit) deck.saved.push_back(bottom(std::to_string(bit)));
    const bool ends = sampling == SarSampling::bottom_plate;
    if (ends) deck.saved.push_back(bottom("end"));
    const spice::Waveforms waves = run_decks({deck}).front();
    const auto at = [&](const std::string& vector, double second) {
        return spice::value_at(waves["time"], waves[vector], second);
    };
    const double unit = adc.sar.unit_farad;
    const auto charge = [&](double second) {
        const double top = at("v(top)", second);
        double sum = unit * (top - (ends ? at(bottom("end"), second) : adc.high_volt));
        for (int bit = 0; bit < 6; ++bit) {
            sum += std::ldexp(unit, bit) * (top - at(bottom(std::to_string(bit)), second));
        }
        return sum;
    };
    // What else hangs on the plate: gate of the comparator and drains of the switch.
    constexpr double kParasiticFarad = 6e-15;
    const double start = timing.decision_second(0) - 1e-11;
    const SarConversion conversion = sar_conversion(waves, design);
    const double total = cdac_total_farad(adc);
    const double span = adc.high_volt - adc.low_volt;
    double least = 1, most = 0;
    for (int k = 1; k < 6; ++k) {
        const double second = timing.decision_second(k) - 1e-11;
        const double moved = at("v(top)", second) - at("v(top)", start);
        CHECK_THAT(charge(second) - charge(start),
                   WithinAbs(0, kParasiticFarad * std::abs(moved) + 1e-18));
        const auto now = static_cast<std::size_t>(k);
        const double codes = static_cast<double>(conversion.trials[now].code) -
                             static_cast<double>(conversion.trials[0].code);
        const double ideal = (ends ? 1 : -1) * span * codes * unit / total;
        least = std::min(least, moved / ideal);
        most = std::max(most, moved / ideal);
    }
    // All steps are the ideal ones times C / (C + parasitics).
    CHECK(least > total / (total + kParasiticFarad));
    CHECK(most < 1);
    CHECK(most - least < 0.003);
}

TEST_CASE("the deck of a conversion runs in stock ngspice, whatever its make") {
    if (std::system("command -v ngspice >/dev/null 2>&1") != 0) SKIP("ngspice is not installed");
    const Design design = sar_design(4, SarSampling::bottom_plate, CdacKind::split);
    const test::TemporaryFolder folder;
    Deck deck = sar_bench(design, 0.1 + 0.5 * 10.5 / 16);
    const double done = sar_timing(design.spec.adc).done_second();
    for (int bit = 3; bit >= 0; --bit) {
        deck.measures.push_back(
            {fmt::format("end_{}", bit),
             fmt::format("find v(bit_{}) at={}", bit, number_text(done + 1e-9))});
    }
    write_file(folder / "sar.cir", write_deck(inline_libraries(deck)));
    const auto result =
        test::run_shell("cd '" + folder.path().string() + "' && HOME=. ngspice -b sar.cir 2>&1");
    INFO(result.out);
    CHECK(result.exit_code == 0);
    std::uint32_t code = 0;
    for (int bit = 3; bit >= 0; --bit) {
        const std::size_t at = result.out.find(fmt::format("end_{}", bit));
        REQUIRE(at != std::string::npos);
        const double volt = std::stod(result.out.substr(result.out.find('=', at) + 1));
        if (volt > 0.5) code |= 1u << bit;
    }
    CHECK(code == 10);
}

TEST_CASE("a bit between its levels is an error that names it") {
    const Design design = sar_design(4);
    const double stop = sar_timing(design.spec.adc).stop_second();
    spice::Waveforms waves{{"time"}, {{0, stop}}};
    for (const std::string& vector : sar_bench(design, 0.3).saved) {
        waves.names.push_back(vector);
        waves.columns.push_back({0.5, 0.5});
    }
    CHECK_THROWS_WITH(sar_conversion(waves, design),
                      ContainsSubstring("0.500 V") && ContainsSubstring("neither low nor high"));
    for (auto& column : waves.columns) column = {0, stop};
    CHECK(sar_conversion(waves, design).code == 0);
}
