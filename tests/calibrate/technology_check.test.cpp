// SPDX-License-Identifier: Apache-2.0
// The shipped technology in ngspice: it lies in the ranges that its tech.toml cites, and behaves
// as transistors and gates do over corners, temperature and load.
#include "calibrate/technology_check.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "netlist/bench_device.h"
#include "support/temporary_folder.h"

using namespace mho;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;
using netlist::Figure;
using netlist::kInverter;

namespace {

const netlist::Technology& generic40() {
    static const netlist::Technology technology = netlist::read_technology("generic40");
    return technology;
}

const netlist::Inverter& inverter() {
    static const netlist::Inverter core = *netlist::read_checks(generic40()).inverter;
    return core;
}

calibrate::CalibrateOptions two_workers() {
    calibrate::CalibrateOptions options;
    options.workers = 2;
    return options;
}

const std::vector<double> kTemperatures{-40, 27, 85, 125};

// All corners at all temperatures, measured once for all tests.
const calibrate::TechnologyMeasurement& measured(const std::string& corner, double celsius) {
    static const std::vector<calibrate::TechnologyMeasurement> all = [] {
        std::vector<netlist::ProcessPoint> points;
        for (const std::string& name : generic40().corners) {
            for (const double temperature : kTemperatures) points.push_back({name, temperature});
        }
        // Every test is a process of its own; the first one's runs serve them all.
        calibrate::CalibrateOptions options = two_workers();
        options.cache_folder = MHO_BINARY_DIR "/test_cache";
        return calibrate::check_technology(generic40(), inverter(), points, options).measurements;
    }();
    for (const calibrate::TechnologyMeasurement& candidate : all) {
        if (candidate.point.corner == corner && candidate.point.temperature_celsius == celsius) {
            return candidate;
        }
    }
    throw bad_input("{} at {} C was not measured", corner, celsius);
}

std::vector<std::string> device_names() {
    std::vector<std::string> names;
    for (const netlist::DeviceLimits& device : generic40().devices) names.push_back(device.name);
    return names;
}

double thermal_slope_volt(double celsius) {
    constexpr double kBoltzmannOverCharge = 8.617333262e-5;  // V/K, CODATA 2018
    return kBoltzmannOverCharge * (celsius + 273.15) * std::log(10.0);
}

}  // namespace

TEST_CASE("the shipped technology lies in every range it cites") {
    const netlist::TechnologyChecks checks = netlist::read_checks(generic40());
    const auto& nominal = measured("tt", checks.temperature_celsius);
    REQUIRE_FALSE(checks.ranges.empty());
    for (const netlist::FigureRange& range : checks.ranges) {
        const double value = nominal.at(range.subject, range.figure);
        INFO(range.subject << " " << kind_of(range.figure).key << " = " << value << ", "
                           << range.low << " .. " << range.high);
        CHECK(range.holds(value));
    }
}

TEST_CASE("every figure of every device and of the inverter is measured once") {
    const auto& nominal = measured("tt", 27);
    std::set<std::pair<std::string, Figure>> seen;
    for (const auto& figure : nominal.figures) {
        CHECK(std::isfinite(figure.value));
        CHECK(figure.value > 0);
        CHECK(seen.emplace(figure.subject, figure.figure).second);
    }
    CHECK(seen.size() == 4 * netlist::device_figures().size() + netlist::gate_figures().size());
    CHECK_THROWS_WITH(nominal.at("nfet", Figure::i_on), ContainsSubstring("'nfet'"));
}

TEST_CASE("slow, typical and fast corners are in order for every device at every temperature") {
    for (const double celsius : kTemperatures) {
        for (const std::string& device : device_names()) {
            INFO(device << " at " << celsius << " C");
            const bool is_p = generic40().device(device).is_p;
            const auto at = [&](const char* corner, Figure figure) {
                return measured(corner, celsius).at(device, figure);
            };
            CHECK(at("ss", Figure::i_on) < 0.97 * at("tt", Figure::i_on));
            CHECK(at("tt", Figure::i_on) < 0.97 * at("ff", Figure::i_on));
            CHECK(at("ss", Figure::i_off) < 0.7 * at("tt", Figure::i_off));
            CHECK(at("tt", Figure::i_off) < 0.7 * at("ff", Figure::i_off));
            CHECK(at("ss", Figure::vth_linear) > at("tt", Figure::vth_linear) + 0.03);
            CHECK(at("tt", Figure::vth_linear) > at("ff", Figure::vth_linear) + 0.03);
            // Crossed corners: first letter n, second p.
            CHECK(at(is_p ? "fs" : "sf", Figure::i_on) < at("tt", Figure::i_on));
            CHECK(at("tt", Figure::i_on) < at(is_p ? "sf" : "fs", Figure::i_on));
        }
    }
}

TEST_CASE("every device leaks more and turns on earlier when hot, at every corner") {
    for (const std::string& corner : generic40().corners) {
        for (const std::string& device : device_names()) {
            INFO(device << " " << corner);
            for (std::size_t i = 1; i < kTemperatures.size(); ++i) {
                const auto& cold = measured(corner, kTemperatures[i - 1]);
                const auto& hot = measured(corner, kTemperatures[i]);
                CHECK(cold.at(device, Figure::i_off) < 0.25 * hot.at(device, Figure::i_off));
                CHECK(cold.at(device, Figure::vth_linear) > hot.at(device, Figure::vth_linear));
                CHECK(cold.at(device, Figure::vth_saturated) >
                      hot.at(device, Figure::vth_saturated));
            }
        }
    }
}

TEST_CASE("thresholds fall evenly with temperature, down to the coldest") {
    for (const std::string& corner : generic40().corners) {
        for (const std::string& device : device_names()) {
            INFO(device << " " << corner);
            for (std::size_t i = 1; i < kTemperatures.size(); ++i) {
                const double per_kelvin =
                    (measured(corner, kTemperatures[i - 1]).at(device, Figure::vth_linear) -
                     measured(corner, kTemperatures[i]).at(device, Figure::vth_linear)) /
                    (kTemperatures[i] - kTemperatures[i - 1]);
                // Bulk MOSFETs lose about 0.5 to 1 mV per kelvin.
                CHECK(per_kelvin > 0.6e-3);
                CHECK(per_kelvin < 1.1e-3);
            }
        }
    }
}

TEST_CASE("subthreshold slopes are one and the same multiple of kT/q ln 10") {
    for (const std::string& device : device_names()) {
        for (const double celsius : kTemperatures) {
            const double ideality =
                measured("tt", celsius).at(device, Figure::slope) / thermal_slope_volt(celsius);
            INFO(device << " at " << celsius << " C: " << ideality);
            // 1 is the thermal limit; 1.5 is a gate that has lost a third of its hold.
            CHECK(ideality > 1.2);
            CHECK(ideality < 1.5);
            CHECK_THAT(ideality, WithinRel(measured("tt", 27).at(device, Figure::slope) /
                                               thermal_slope_volt(27),
                                           0.03));
        }
    }
}

TEST_CASE("drain barriers fall more in short thin-oxide devices than in long thick-oxide ones") {
    for (const char* n_or_p : {"nch", "pch"}) {
        const auto& nominal = measured("tt", 27);
        CHECK(nominal.at(n_or_p, Figure::dibl) >
              2 * nominal.at(fmt::format("{}_io", n_or_p), Figure::dibl));
        CHECK(nominal.at(n_or_p, Figure::vth_saturated) < nominal.at(n_or_p, Figure::vth_linear));
    }
}

TEST_CASE("gates are slower at the slow corner and faster at the fast one") {
    for (const double celsius : kTemperatures) {
        const auto at = [&](const char* corner, Figure figure) {
            return measured(corner, celsius).at(kInverter, figure);
        };
        CHECK(at("ss", Figure::fo4) > 1.1 * at("tt", Figure::fo4));
        CHECK(at("ff", Figure::fo4) < 0.9 * at("tt", Figure::fo4));
        CHECK(at("ss", Figure::ring) < 0.9 * at("tt", Figure::ring));
        CHECK(at("ff", Figure::ring) > 1.1 * at("tt", Figure::ring));
    }
}

TEST_CASE("delay grows in proportion to fan-out, and the ring runs at its value for one") {
    spice::PoolOptions how;
    how.workers = 2;
    spice::Pool pool(how);
    calibrate::Campaign campaign(pool, {}, 4);
    const auto& nominal = measured("tt", 27);
    const double scale = gate_time_second(nominal, generic40(), inverter());
    CHECK(scale > 1e-12);
    CHECK(scale < 3e-12);
    const std::vector<int> fan_outs{1, 2, 3, 4};
    std::vector<calibrate::Campaign::Ticket> tickets;
    for (const int fan_out : fan_outs) {
        tickets.push_back(campaign.submit(
            netlist::fan_out_bench(generic40(), {"tt", 27}, inverter(), fan_out, scale)));
    }
    campaign.run();
    std::vector<double> delay;
    for (const auto ticket : tickets) {
        delay.push_back(calibrate::fan_out_delay_second(campaign[ticket], 1.1));
    }
    CHECK_THAT(delay[3], WithinRel(nominal.at(kInverter, Figure::fo4), 1e-6));
    // Linear delay model d = tau (p + h): equal steps, and an intercept p of the drain's own load.
    const double tau = (delay[3] - delay[0]) / 3;
    for (std::size_t i = 1; i < delay.size(); ++i) {
        CHECK_THAT(delay[i] - delay[i - 1], WithinRel(tau, 0.1));
    }
    const double parasitic = delay[0] / tau - 1;
    INFO("tau " << tau << " s, p " << parasitic);
    CHECK(parasitic > 0.5);
    CHECK(parasitic < 2);
    const double period = 2 * netlist::kRingStages * delay[0];
    CHECK_THAT(1 / nominal.at(kInverter, Figure::ring), WithinRel(period, 0.05));
}

TEST_CASE("gate capacitance is that of the oxide and the overlaps") {
    // Models: electrical oxide of toxe, and overlap of channel ends; the card is ours, its figures
    // stand in models.lib. Accumulated inversion charge lies below the oxide, so a little less.
    constexpr double kOxide = 3.9 * 8.8541878128e-12;  // F/m
    const std::map<std::string, double> thickness_m{
        {"nch", 1.85e-9}, {"pch", 1.95e-9}, {"nch_io", 5.6e-9}, {"pch_io", 5.8e-9}};
    for (const auto& [device, oxide_m] : thickness_m) {
        const double area = kOxide / oxide_m * generic40().device(device).min_length_m * 1e-6;
        const double found = measured("tt", 27).at(device, Figure::c_gate);
        INFO(device << ": " << found << " F/um, oxide alone " << area << " F/um");
        CHECK(found > 0.9 * area);
        CHECK(found < 0.9 * area + 0.7e-15);
    }
}

TEST_CASE("a measurement does not depend on how many are made at once") {
    const std::vector<netlist::ProcessPoint> one{{"sf", 85}};
    calibrate::CalibrateOptions options;
    options.workers = 1;
    const calibrate::TechnologyCheck alone =
        calibrate::check_technology(generic40(), inverter(), one, options);
    CHECK(alone.runs.spice_runs == 14);
    const auto& among = measured("sf", 85);
    REQUIRE(alone.measurements.size() == 1);
    REQUIRE(alone.measurements[0].figures.size() == among.figures.size());
    for (std::size_t i = 0; i < among.figures.size(); ++i) {
        CHECK(alone.measurements[0].figures[i].subject == among.figures[i].subject);
        CHECK(alone.measurements[0].figures[i].value == among.figures[i].value);
    }
}

TEST_CASE("without an inverter only transistors are measured") {
    const std::vector<netlist::ProcessPoint> one{{"tt", 27}};
    const calibrate::TechnologyCheck check =
        calibrate::check_technology(generic40(), std::nullopt, one, two_workers());
    CHECK(check.runs.spice_runs == 12);
    CHECK_THROWS_WITH(check.measurements[0].at(kInverter, Figure::fo4),
                      ContainsSubstring("'inverter'"));
}

TEST_CASE("points that a technology does not have are refused before a run") {
    const auto refused = [](const netlist::ProcessPoint& point, const std::string& part) {
        const std::vector<netlist::ProcessPoint> points{point};
        CHECK_THROWS_WITH(
            calibrate::check_technology(generic40(), inverter(), points, two_workers()),
            ContainsSubstring(part));
    };
    refused({"typ", 27}, "'typ'");
    refused({"tt", 126}, "found 126");
    refused({"tt", std::nan("")}, "found nan");
}

TEST_CASE("a device that never turns off is named with what could not be measured") {
    const test::TemporaryFolder folder;
    write_file(folder / "m.lib", ".lib tt\n.model nd nmos level=1 vto=-3 kp=1e-4\n.endl\n");
    write_file(folder / "tech.toml", R"(name = "depletion"
[models]
file = "m.lib"
corners = ["tt"]
default_corner = "tt"
min_temp_c = 0
max_temp_c = 100
source = "made for a test"
[supply.core]
volt = 1.0
source = "s"
[device.nd]
polarity = "n"
supply = "core"
min_l_m = 1e-6
max_l_m = 1e-5
min_w_m = 1e-6
max_w_m = 1e-5
max_volt = 1.1
source = "s"
)");
    const netlist::Technology technology = netlist::read_technology(folder.path());
    const netlist::TechnologyChecks checks = netlist::read_checks(technology);
    CHECK_FALSE(checks.inverter);
    const std::vector<netlist::ProcessPoint> one{{"tt", 27}};
    CHECK_THROWS_WITH(
        calibrate::check_technology(technology, checks.inverter, one, two_workers()),
        ContainsSubstring("nd at tt, 27 C") && ContainsSubstring("rises through 1e-07 A"));
}
