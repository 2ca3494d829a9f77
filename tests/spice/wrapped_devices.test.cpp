// SPDX-License-Identifier: Apache-2.0
// A process design kit whose transistors have other names, sizes in micrometres, and subcircuits
// around them: circuits stay as they are.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "netlist/benches.h"
#include "netlist/circuit_check.h"
#include "netlist/mismatch.h"
#include "spice/bench_runs.h"
#include "support/temporary_folder.h"

using namespace mho;
using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::WithinRel;

namespace {

void replace(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

std::string wrapper(const std::string& name, const std::string& model) {
    return fmt::format(
        ".subckt {0} d g s b w=1 l=1 nf=1 m=1 dvt=0\n"
        "mcore d g s b {1} w={{w*1e-6}} l={{l*1e-6}} nf={{nf}} m={{m}} "
        "delvto={{dvt}}\n.ends {0}\n",
        name, model);
}

// generic40 as a kit: core devices wrapped, I/O devices under names of their own. `keys` are added
// to the core devices.
Technology kit(const mho::test::TemporaryFolder& folder, const std::string& keys) {
    const Technology generic = read_technology("generic40");
    std::string models = read_file(generic.model_file);
    for (const char* name : {"nch_io", "pch_io"}) {
        replace(models, fmt::format(".model {} ", name), fmt::format(".model kit_{} ", name));
    }
    write_file(folder / "models.lib", models);
    write_file(folder / "kit.lib", ".lib typical\n.lib 'models.lib' tt\n" +
                                       wrapper("nfet_svt", "nch") + wrapper("pfet_svt", "pch") +
                                       ".endl typical\n");
    std::string toml = read_file(generic.folder / "tech.toml");
    replace(toml, "file = \"models.lib\"", "file = \"kit.lib\"");
    replace(toml, "corners = [\"tt\", \"ff\", \"ss\", \"fs\", \"sf\"]", "corners = [\"typical\"]");
    replace(toml, "default_corner = \"tt\"", "default_corner = \"typical\"");
    replace(toml, "[device.nch]\n", "[device.nch]\nsubcircuit = \"nfet_svt\"\n" + keys);
    replace(toml, "[device.pch]\n", "[device.pch]\nsubcircuit = \"pfet_svt\"\n" + keys);
    replace(toml, "[device.nch_io]\n", "[device.nch_io]\nmodel = \"kit_nch_io\"\n");
    replace(toml, "[device.pch_io]\n", "[device.pch_io]\nmodel = \"kit_pch_io\"\n");
    write_file(folder / "tech.toml", toml);
    return read_technology(folder.path());
}

constexpr const char* kMicrometres = "unit_m = 1e-6\nthreshold_shift_parameter = \"dvt\"\n";

Spec small_spec() {
    Spec spec;
    spec.name = "kit";
    spec.array.rows = 4;
    return spec;
}

// A conversion of 0.3 V: drivers of the ramp, comparator, all in core devices.
double trip(const Design& design, const Deck& deck, const ColumnTiming& timing) {
    return spice::test::counter_at_trip(spice::test::run_deck(deck), design, timing);
}

}  // namespace

TEST_CASE("a column of a kit with wrapped and renamed transistors works as the plain one does") {
    const mho::test::TemporaryFolder folder;
    (void)kit(folder, kMicrometres);
    Spec wrapped_spec = small_spec();
    wrapped_spec.technology = folder.path();
    wrapped_spec.corner = "typical";
    const Design plain = load_design(small_spec());
    const Design wrapped = load_design(wrapped_spec);
    const std::vector<double> states{5e-6, 10e-6, 20e-6, 40e-6};
    const std::vector<double> inputs{0.1, -0.05, 0.02, 0.1};
    const ColumnTiming timing = conversion_timing(plain.spec, 50e-9);
    const Deck deck = column_bench(wrapped, states, inputs, timing);
    const std::string text = write_deck(deck);
    CHECK_THAT(text, ContainsSubstring("\nxmn1 ") && ContainsSubstring(" nfet_svt w={") &&
                         ContainsSubstring("/1e-06} l={") && ContainsSubstring(" kit_nch_io w="));
    const double expected = trip(plain, column_bench(plain, states, inputs, timing), timing);
    CHECK_THAT(trip(wrapped, deck, timing), WithinRel(expected, 1e-4));
    SECTION("with one draw of mismatch too") {
        const MismatchDraw draw{.seed = 3, .sample = 5};
        const Deck drawn = with_mismatch(deck, wrapped.technology, draw);
        const Deck plain_drawn =
            with_mismatch(column_bench(plain, states, inputs, timing), plain.technology, draw);
        const double shifted = trip(plain, plain_drawn, timing);
        CHECK(std::abs(shifted - expected) > 0.1);
        CHECK_THAT(trip(wrapped, drawn, timing), WithinRel(shifted, 1e-4));
    }
}

TEST_CASE("a wrapped transistor without a threshold parameter is refused mismatch, by name") {
    const mho::test::TemporaryFolder folder;
    (void)kit(folder, "unit_m = 1e-6\n");
    Spec spec = small_spec();
    spec.technology = folder.path();
    spec.corner = "typical";
    const Design design = load_design(spec);
    const Deck deck = adc_bench(design, 0.3, conversion_timing(spec, 50e-9));
    CHECK_NOTHROW(netlist_text(deck));
    CHECK_THROWS_MATCHES(
        netlist_text(with_mismatch(deck, design.technology, {.seed = 1, .sample = 0})), Error,
        MessageMatches(ContainsSubstring("subcircuit '") &&
                       ContainsSubstring("has no parameter for a threshold shift")));
}
