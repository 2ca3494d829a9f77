// SPDX-License-Identifier: Apache-2.0
#include "flows/device_toml.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "behavioral/device_state.h"
#include "flows/device_csv.h"
#include "flows/thrown_text.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;
using namespace mho::behavioral;
using namespace mho::flows;
using mho::test::TemporaryFolder;
using mho::test::thrown_text;

namespace {

const std::string kPlain = R"(schema = "mho.device/1"
name = "mine"
title = "Mine"
source = "measured"

[state]
unit = "uS"
low = 1
high = 101
source = "measured"

[programming]
sigma = "1 + 0.01*G"
source = "measured"
)";

DeviceModel parsed(const std::string& more) {
    return parse_device(kPlain + more, "my.toml");
}

// The message for a file with one text replaced and another put at its end.
std::string refused(const std::string& from, const std::string& to, const std::string& more = "") {
    std::string text = kPlain + more;
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    return thrown_text([&] { parse_device(text, "my.toml"); });
}

std::string refused_more(const std::string& more) {
    return refused("mine", "mine", more);
}

}  // namespace

TEST_CASE("the least device has a name, states, an error and its sources") {
    const DeviceModel device = parsed("");
    CHECK(device.name == "mine");
    CHECK(device.state.high == 101);
    CHECK(device.programming.sigma.at(100, 101) == 2);
    CHECK(device.programming.distribution == Distribution::normal);
    CHECK_FALSE(device.read_noise);
    CHECK_FALSE(device.radiation);
    CHECK(std::holds_alternative<std::monostate>(device.drift.law));
}

TEST_CASE("every section of a device file is read") {
    const DeviceModel device = parsed(R"(distribution = "uniform"
[drift]
kind = "measured"
valid_high = 50
source = "s"
[drift.later]
day = 2
mean = "0.8*G"
sigma = 3
[drift.soon]
second = 10
mean = "0.9*G"
sigma = "2"
[read_noise]
sigma = 0.5
resampled = "each_time"
source = "s"
[retention]
activation_ev = 1.1
reference_celsius = 85
source = "s"
[current]
quadratic = "1e-6"
cubic = "2e-6*G"
max_volt = 0.3
source = "s"
[stuck]
low_probability = 0.01
source = "s"
[write_verify]
tolerance = 0.5
max_pulses = 9
pulse_sigma = 1
read_joule = 1e-12
source = "s"
[radiation]
kind = "measured"
spread_is = "total"
source = "s"
[radiation.a]
dose_krad = 10
mean = "G + 1"
sigma = 2
)");
    CHECK(device.programming.distribution == Distribution::uniform);
    const auto& drift = std::get<MeasuredDrift>(device.drift.law);
    REQUIRE(drift.maps.size() == 2);
    CHECK(drift.maps[0].at == 10);
    CHECK(drift.maps[1].at == 172800);
    CHECK(drift.maps[1].mean.at(10, 101) == 8);
    CHECK(device.drift.valid_high == 50);
    CHECK(device.read_noise->resampling == Resampling::each_time);
    CHECK(device.retention->activation_ev == 1.1);
    CHECK(device.current->max_volt == 0.3);
    CHECK(device.stuck->low_probability == 0.01);
    CHECK(device.stuck->high_probability == 0);
    CHECK(device.write_verify->max_pulses == 9);
    CHECK(device.write_verify->gain == 1);
    CHECK(device.write_verify->read_joule == 1e-12);
    const auto& dose = std::get<DoseMaps>(device.radiation->law);
    CHECK(dose.spread_is_total);
    CHECK(dose.maps[0].at == 100);
}

TEST_CASE("power-law, relaxation and threshold laws are read with their defaults") {
    const DeviceModel power = parsed(
        "[drift]\nkind = \"power_law\"\nreference_second = 20\nexponent_mean = 0.06\n"
        "exponent_sigma = 0\nexponent_folded = true\nsource = \"s\"\n");
    const auto& law = std::get<PowerLawDrift>(power.drift.law);
    CHECK(law.programmed_second == 20);
    CHECK(law.exponent_folded);
    CHECK_FALSE(law.second_step);
    const DeviceModel relaxing = parsed(
        "[drift]\nkind = \"relaxation\"\ntau_second = 1e6\nend_state = 3\nsource = \"s\"\n"
        "[radiation]\nkind = \"threshold\"\nneutral_state = 50\ndose_krad = 20\nsource = \"s\"\n");
    CHECK(std::get<RelaxationDrift>(relaxing.drift.law).exponent == 1);
    CHECK(std::get<ThresholdRelaxation>(relaxing.radiation->law).dose_gray == 200);
}

TEST_CASE("levels are a number of equal steps or a list of states") {
    CHECK(parsed("").state.levels.empty());
    const auto with = [](const std::string& levels) {
        std::string text = kPlain;
        text.insert(text.find("high = 101"), "levels = " + levels + "\n");
        return parse_device(text, "my.toml").state.levels;
    };
    CHECK(with("5") == std::vector<double>{1, 26, 51, 76, 101});
    CHECK(with("[1, 2.5, 101]") == std::vector<double>{1, 2.5, 101});
    CHECK_THAT(thrown_text([&] { with("1"); }), ContainsSubstring("[state] levels: expected 2 to"));
    CHECK_THAT(thrown_text([&] { with("[1, \"a\"]"); }),
               ContainsSubstring("[state] levels: expected an array of finite numbers, found an "
                                 "array"));
    CHECK_THAT(thrown_text([&] { with("[5, 2]"); }),
               ContainsSubstring("rising states from low to high, found 2"));
}

TEST_CASE("currents need the voltage at which they were read") {
    std::string text = kPlain;
    text.replace(text.find("\"uS\""), 4, "\"nA\"");
    CHECK_THAT(thrown_text([&] { parse_device(text, "my.toml"); }),
               ContainsSubstring("my.toml:6: missing key 'read_volt' in [state]"));
    text.insert(text.find("low"), "read_volt = 0.1\n");
    CHECK_THAT(highest_siemens(parse_device(text, "my.toml")), WithinRel(1.01e-6, 1e-12));
    CHECK_THAT(refused("low", "read_volt = 1\nlow"), ContainsSubstring("no read_volt beside"));
}

TEST_CASE("a slip in a device file is one line with file, line and key") {
    CHECK(refused("mho.device/1", "mho.device/2") ==
          "2: my.toml:1: schema: expected \"mho.device/1\", found \"mho.device/2\"");
    CHECK_THAT(refused("title", "titel"),
               ContainsSubstring("my.toml:3: unknown key 'titel' (did you mean 'title'?)"));
    CHECK_THAT(refused("sigma", "sigam"),
               ContainsSubstring("my.toml:13: unknown key 'sigam' in [programming] (did you mean "
                                 "'sigma'?)"));
    CHECK_THAT(refused("[programming]", "[programing]"),
               ContainsSubstring("unknown section [programing] (did you mean 'programming'?)"));
    CHECK_THAT(refused("low = 1\n", ""), ContainsSubstring("missing key 'low' in [state]"));
    CHECK_THAT(refused("low = 1", "low = \"a\""),
               ContainsSubstring("my.toml:8: [state] low: expected a finite number, found \"a\""));
    CHECK_THAT(refused("low = 1\n", "low = -1\n"),
               ContainsSubstring("my.toml:8: [state] low: expected a positive number, found -1"));
    CHECK_THAT(refused("high = 101", "high = 1"),
               ContainsSubstring("my.toml:9: [state] high: expected more than low = 1, found 1"));
    CHECK_THAT(refused("\"uS\"", "\"mS\""),
               ContainsSubstring("[state] unit: expected one of uS, nA, found \"mS\""));
    CHECK_THAT(refused("1 + 0.01*G", "1 + * G"),
               ContainsSubstring("my.toml:13: [programming] sigma: formula '1 + * G': expected a "
                                 "number"));
    CHECK_THAT(refused("1 + 0.01*G", "ln(G - 50)"),
               ContainsSubstring("my.toml:13: [programming] sigma: expected a finite value at "
                                 "every state"));
    CHECK_THAT(refused("\"1 + 0.01*G\"", "true"),
               ContainsSubstring("[programming] sigma: expected a finite number, found true"));
    CHECK_THAT(refused("name = \"mine\"", "name = \"mine"), ContainsSubstring("not valid TOML"));
}

TEST_CASE("a slip in a section of behaviour is one line too") {
    CHECK_THAT(refused_more("[drift]\nkind = \"log\"\n"),
               ContainsSubstring("kind: expected one of measured, power_law, relaxation, found "
                                 "\"log\""));
    CHECK_THAT(refused_more("[drift]\nkind = \"measured\"\nsource = \"s\"\n"),
               ContainsSubstring("[drift] time: expected at least one table or file"));
    const std::string measured = "[drift]\nkind = \"measured\"\nsource = \"s\"\n[drift.a]\n";
    CHECK_THAT(refused_more(measured + "mean = 1\nsigma = 1\n"),
               ContainsSubstring("missing key 'second' in [drift.a]"));
    CHECK_THAT(refused_more(measured + "day = 1\nsecond = 2\nmean = 1\nsigma = 1\n"),
               ContainsSubstring("no second beside day"));
    CHECK_THAT(refused_more(measured + "day = 0\nmean = 1\nsigma = 1\n"),
               ContainsSubstring("[drift.a] day: expected a positive number"));
    CHECK_THAT(refused_more("[drift.a.b]\nday = 1\n"), ContainsSubstring("unknown section"));
    CHECK_THAT(
        refused_more("[write_verify]\ntolerance = 1\nmax_pulses = 0.5\n"),
        ContainsSubstring("max_pulses: expected a whole number from 1 to 100000, found 0.5"));
    CHECK_THAT(refused_more("[drift]\nkind = \"power_law\"\nreference_second = 20\n"
                            "exponent_mean = 0\nexponent_sigma = 0\nexponent_folded = 1\n"
                            "source = \"s\"\n"),
               ContainsSubstring("exponent_folded: expected true or false, found 1"));
    CHECK_THAT(refused_more("[retention]\nactivation_ev = 1\nreference_celsius = 25\n"),
               ContainsSubstring("missing key 'source' in [retention]"));
}

TEST_CASE("tables of measurements are read from CSV files beside the device") {
    const TemporaryFolder folder;
    mho::write_file(folder / "error.csv", "# of 100 cells\nstate,sigma\n1, 0.5\n\n101, 2.5\n");
    mho::write_file(folder / "dose.csv",
                    "dose_krad,state,mean,sigma\n10,1,2,0.1\n10,101,105,1.1\n"
                    "20,101,110,2.2\n20,1,3,0.2\n");
    mho::write_file(folder / "drift.csv", "second,state,mean,sigma\r\n60,1,1,1\r\n60,101,90,2\r\n");
    std::string text = kPlain;
    text.replace(text.find("sigma = \"1 + 0.01*G\""), 20, "csv = \"error.csv\"");
    text +=
        "[drift]\nkind = \"measured\"\ncsv = \"drift.csv\"\nsource = \"s\"\n"
        "[radiation]\nkind = \"measured\"\ncsv = \"dose.csv\"\nsource = \"s\"\n";
    mho::write_file(folder / "my.toml", text);
    const DeviceModel device = read_device(folder / "my.toml");
    CHECK_THAT(device.programming.sigma.at(51, 101), WithinRel(1.5, 1e-12));
    const Eigen::ArrayXd state = Eigen::ArrayXd::Constant(1, 51.0);
    CHECK_THAT(drift_statistics(device, state, 60).mean(0), WithinRel(45.5, 1e-12));
    CHECK_THAT(dose_statistics(device, state, 200).mean(0), WithinRel(56.5, 1e-12));
    CHECK_THAT(dose_statistics(device, state, 150).mean(0), WithinRel((53.5 + 56.5) / 2, 1e-12));
    CHECK_THAT(dose_statistics(device, state, 200).sigma(0), WithinRel(1.2, 1e-12));
}

TEST_CASE("a slip in a CSV table is one line with file and line") {
    const auto maps = [](const std::string& text) {
        return thrown_text([&] { read_state_maps(text, "d.csv", "dose_krad", 10); });
    };
    const std::string head = "dose_krad,state,mean,sigma\n";
    CHECK_THAT(maps(""), ContainsSubstring("d.csv:1: expected the header 'dose_krad,state,mean,"
                                           "sigma', found nothing"));
    CHECK_THAT(maps("dose,state,mean,sigma\n"), ContainsSubstring("d.csv:1: expected the header"));
    CHECK_THAT(maps(head), ContainsSubstring("no rows"));
    CHECK_THAT(maps(head + "1,2,3\n"), ContainsSubstring("d.csv:2: expected 4 values"));
    CHECK_THAT(maps(head + "1,2,3,x\n"), ContainsSubstring("d.csv:2: expected a finite number, "
                                                           "found 'x'"));
    CHECK_THAT(maps(head + "1,2,3,inf\n"), ContainsSubstring("found 'inf'"));
    CHECK_THAT(maps(head + "1,2,3,4\n"), ContainsSubstring("d.csv:2: expected at least two"));
    CHECK_THAT(maps(head + "0,2,3,4\n"), ContainsSubstring("above 0, found 0"));
    CHECK_THAT(maps(head + "1,2,3,4\n1,2,5,4\n"),
               ContainsSubstring("d.csv:3: expected rising states and means, found 2 after 2"));
    CHECK_THAT(maps(head + "1,2,3,4\n1,4,3,4\n"),
               ContainsSubstring("d.csv:3: expected rising states and means, found 3 after 3"));
    CHECK_THAT(thrown_text([] { read_sigma_table("state,sigma\n1,2\n", "e.csv"); }),
               ContainsSubstring("e.csv:2: expected at least two states"));
}

TEST_CASE("a table that is not there, or stands beside a formula, is refused by line") {
    CHECK_THAT(refused("sigma = \"1 + 0.01*G\"", "csv = \"no.csv\""),
               ContainsSubstring("my.toml:13: [programming] csv: no.csv"));
    CHECK_THAT(refused("source = \"measured\"\n\n[state]", "source = \"measured\"\n\n[state]",
                       "csv = \"no.csv\"\n"),
               ContainsSubstring("no sigma beside csv"));
}

TEST_CASE("a device that is not shipped is refused with the nearest name") {
    CHECK_THAT(thrown_text([] { read_device("sonos-iedn"); }),
               ContainsSubstring("no device 'sonos-iedn' is shipped (did you mean 'sonos-iedm'?)"));
    CHECK_THAT(thrown_text([] { read_device("/no/such.toml"); }),
               ContainsSubstring("/no/such.toml"));
}
