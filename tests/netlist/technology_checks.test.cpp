// SPDX-License-Identifier: Apache-2.0
#include "netlist/technology_checks.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "support/temporary_folder.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;

namespace {

// Lines 1 to 19.
const std::string kModels = R"(name = "t"
[models]
file = "m.lib"
corners = ["TT", "ff"]
default_corner = "TT"
min_temp_c = -40
max_temp_c = 125
source = "s"
[supply.core]
volt = 1.2
source = "s"
[supply.io]
volt = 2.5
source = "s"
)";

std::string device(const std::string& name, const std::string& polarity,
                   const std::string& supply) {
    return "[device." + name + "]\npolarity = \"" + polarity + "\"\nsupply = \"" + supply +
           "\"\nmin_l_m = 60e-9\nmax_l_m = 1e-6\nmin_w_m = 150e-9\nmax_w_m = 5e-6\n"
           "max_volt = 1.3\nsource = \"s\"\n";
}

const std::string kPair = device("n_thick", "n", "io") + device("n1", "n", "core") +
                          device("n2", "n", "core") + device("p1", "p", "core");

TechnologyChecks read_checks_text(const std::string& text) {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "tech.toml", text);
    mho::write_file(folder / "m.lib", ".lib TT\n.endl\n");
    return read_checks(read_technology(folder.path()));
}

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("every device and the inverter of the shipped technology have ranges with a source") {
    const Technology technology = read_technology("generic40");
    const TechnologyChecks checks = read_checks(technology);
    CHECK(checks.temperature_celsius == 27);
    std::set<std::string> subjects;
    for (const FigureRange& range : checks.ranges) {
        INFO(range.subject << " " << kind_of(range.figure).key);
        subjects.insert(range.subject);
        CHECK(range.low < range.high);
        CHECK(range.source.size() > 10);
    }
    CHECK(subjects == std::set<std::string>{"nch", "pch", "nch_io", "pch_io", "inverter"});
    for (const FigureKind& kind : device_figures()) CHECK(checks.find("nch", kind.figure));
    for (const FigureKind& kind : gate_figures()) CHECK(checks.find(kInverter, kind.figure));
    CHECK(checks.inverter == Inverter{"nch", "pch", 120e-9, 240e-9});
    CHECK(ranges_apply(technology, checks, {"TT", 27}));
    CHECK_FALSE(ranges_apply(technology, checks, {"ff", 27}));
    CHECK_FALSE(ranges_apply(technology, checks, {"tt", 85}));
    CHECK_THROWS_AS(ranges_apply(technology, checks, {"xx", 27}), mho::Error);
}

TEST_CASE("a technology without check tables has an inverter of its first core devices") {
    const TechnologyChecks checks = read_checks_text(kModels + kPair);
    CHECK(checks.ranges.empty());
    CHECK(checks.temperature_celsius == 27);
    CHECK(checks.inverter == Inverter{"n1", "p1", 150e-9, 300e-9});
    CHECK(checks.find("n1", Figure::i_on) == nullptr);
}

TEST_CASE("a technology without a core pair has no inverter") {
    CHECK_FALSE(read_checks_text(kModels + device("n1", "n", "core")).inverter);
    CHECK_FALSE(
        read_checks_text(kModels + device("n1", "n", "core") + device("p1", "p", "io")).inverter);
}

TEST_CASE("check tables name ranges, temperature, and the inverter's devices and widths") {
    const TechnologyChecks checks = read_checks_text(kModels + kPair + R"([check]
temperature_celsius = 25
[check.n2]
i_on_ampere_per_um = { low = 4e-4, high = 6e-4, source = "a book" }
[check.n2.i_off_ampere_per_um]
low = 0
high = 1e-9
source = "another"
[check.inverter]
n_device = "n2"
p_width_m = 450e-9
fo4_second = { low = 1e-11, high = 2e-11, source = "s" }
)");
    CHECK(checks.temperature_celsius == 25);
    CHECK(checks.inverter == Inverter{"n2", "p1", 150e-9, 450e-9});
    REQUIRE(checks.ranges.size() == 3);
    const FigureRange* on = checks.find("n2", Figure::i_on);
    REQUIRE(on != nullptr);
    CHECK(on->source == "a book");
    CHECK(on->holds(4e-4));
    CHECK(on->holds(6e-4));
    CHECK_FALSE(on->holds(3.9e-4));
    CHECK_FALSE(on->holds(6.1e-4));
    CHECK(checks.find("n2", Figure::i_off)->high == 1e-9);
    CHECK(checks.find("n1", Figure::i_on) == nullptr);
    CHECK(checks.find(kInverter, Figure::fo4) != nullptr);
}

TEST_CASE("every slip in a check table is one line with file, line and key") {
    const auto refused = [](const std::string& tables, const std::string& part) {
        const std::string text = kModels + kPair;
        CHECK_THROWS_WITH(read_checks_text(text + tables), ContainsSubstring("tech.toml:") &&
                                                               ContainsSubstring(part) &&
                                                               !ContainsSubstring("\n"));
    };
    const std::string range = "i_on_ampere_per_um = { low = 1, high = 2, source = \"s\" }\n";
    const std::size_t before = lines_in(kModels + kPair);
    refused("[check.n3]\n" + range,
            std::to_string(before + 1) + ": [check.n3]: unknown 'n3' (did you mean 'n");
    refused("[check.n1]\nion_ampere_per_um = { low = 1, high = 2, source = \"s\" }\n",
            std::to_string(before + 2) +
                ": [check.n1.ion_ampere_per_um]: unknown 'ion_ampere_per_um' (did you mean "
                "'i_on_ampere_per_um'?)");
    refused("[check.n1]\nfo4_second = { low = 1, high = 2, source = \"s\" }\n",
            "unknown 'fo4_second'");
    refused("[check.inverter]\n" + range, "unknown 'i_on_ampere_per_um'");
    refused("[check.n1]\ni_on_ampere_per_um = 5e-4\n",
            std::to_string(before + 2) + ": [check.n1] i_on_ampere_per_um: expected { low = ..");
    refused("[check.n1]\ni_on_ampere_per_um = { low = 1, source = \"s\" }\n",
            "missing key 'high' in [check.n1.i_on_ampere_per_um]");
    refused("[check.n1]\ni_on_ampere_per_um = { low = 1, high = 2 }\n", "missing key 'source'");
    refused("[check.n1]\ni_on_ampere_per_um = { low = 2, high = 1, source = \"s\" }\n",
            "high: expected at least low, found 1");
    refused("[check.n1]\ni_on_ampere_per_um = { low = -1, high = 1, source = \"s\" }\n",
            "low: expected a number not below 0");
    refused("[check.n1]\ni_on_ampere_per_um = { low = 1, high = inf, source = \"s\" }\n",
            "high: expected a finite number");
    refused("[check.n1]\ni_on_ampere_per_um = { low = 1, high = 2, source = \"s\", max = 3 }\n",
            "unknown 'max'");
    refused(
        "[check.n1.i_on_ampere_per_um]\nlow = 1\nhigh = 2\nsource = \"s\"\n"
        "[check.n1.i_on_ampere_per_um.deep]\nx = 1\n",
        "known are low, high, source");
    refused("[check]\ntemperature = 27\n",
            ": [check]: unknown 'temperature'; known are temperature_celsius");
    refused("[check]\ntemperature_celsius = \"warm\"\n", "found \"warm\"");
    refused("[check.inverter]\nn_device = \"p1\"\n",
            "n_device: expected an n device of the technology, found \"p1\"");
    refused("[check.inverter]\nn_width_m = 1e-9\n", "n_width_m: expected 1.5e-07 .. 5e-06 m");
}

TEST_CASE("an inverter asked of a technology without a core pair is refused") {
    const std::string text = kModels + device("n1", "n", "io") + device("p1", "p", "io");
    CHECK_THROWS_WITH(
        read_checks_text(text + "[check.inverter]\nn_device = \"n1\"\n"),
        ContainsSubstring("tech.toml:") && ContainsSubstring("it needs n_device and p_device"));
    CHECK(read_checks_text(text + "[check.inverter]\nn_device = \"n1\"\np_device = \"p1\"\n")
              .inverter == Inverter{"n1", "p1", 150e-9, 300e-9});
}
