// SPDX-License-Identifier: Apache-2.0
// The way through: a spec, measured in ngspice, gives a card; the card gives accuracy and energy of
// a network; these give a page.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "apps/command.h"
#include "base/file.h"
#include "behavioral/card_json.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;
using Json = nlohmann::json;

namespace fs = std::filesystem;

namespace {

// Runs the program, which has to succeed quietly.
std::string succeed(const std::string& arguments) {
    const ProgramResult result = run_mho(arguments);
    INFO("mho " << arguments << "\n" << result.out << result.err);
    REQUIRE(result.exit_code == 0);
    return result.out;
}

void check_card(const std::string& text) {
    const mho::behavioral::ModelCard card = mho::behavioral::card_from_json(text, "card");
    CHECK(card.array.rows == 32);
    CHECK(card.array.columns == 8);
    CHECK(card.adc.bits == 5);
    CHECK(card.adc.transition_volt.size() == 31);
    CHECK(card.provenance.spec_name == "small");
    CHECK_FALSE(card.provenance.mho_version.empty());
    CHECK_FALSE(card.provenance.ngspice_version.empty());
    CHECK_FALSE(card.provenance.spec_hash.empty());
    CHECK_THAT(card.provenance.spec_toml, ContainsSubstring("rows = 32"));
    CHECK_THAT(card.provenance.technology, ContainsSubstring("generic40"));
    CHECK(card.provenance.seed == 1);
    CHECK(card.provenance.spice_runs > 0);
    REQUIRE_FALSE(card.errors.empty());
    for (const auto& error : card.errors) {
        INFO(error.quantity);
        CHECK(error.within());
        CHECK(error.samples > 0);
        CHECK(error.rms <= error.worst);
        CHECK_FALSE(error.held_out.empty());
    }
    REQUIRE_FALSE(card.validity.empty());
    for (const auto& range : card.validity) {
        INFO(range.quantity);
        CHECK(range.low <= range.high);
    }
    CHECK_FALSE(card.held_out.empty());
}

void check_result(const Json& out) {
    CHECK(out["schema"] == "mho.inference/1");
    CHECK(out["samples"] == 40);
    CHECK(out["accuracy"]["float"].get<double>() > 0.9);
    const double analog = out["accuracy"]["analog"]["mean"].get<double>();
    CHECK(analog > 0.8);  // guesses would give 0.1, a wrong sign or scale in the chain no more
    CHECK(analog <= 1);
    CHECK(out["accuracy"]["analog"]["std"].is_number());
    CHECK(out["energy"]["per_inference_joule"].get<double>() > 0);
    CHECK(out["energy"]["tops_per_watt"].get<double>() > 0);
    CHECK_FALSE(out["energy"]["convention"].get<std::string>().empty());
    CHECK(out["latency"]["per_inference_second"].get<double>() > 0);
    REQUIRE(out["layers"].size() == 2);
    // 256 inputs on 16 row pairs, 48 outputs on 8 columns.
    CHECK(out["layers"][0]["tiles"] == 16 * 6);
    CHECK(out["card"]["provenance"]["spec_name"] == "small");
}

// Names of XML namespaces look like addresses but nothing is fetched from them.
std::string without_namespaces(const std::string& text) {
    return std::regex_replace(text, std::regex(R"re(xmlns(:\w+)?="[^"]*")re"), "");
}

void check_fetches_nothing(const std::string& text) {
    const std::string rest = without_namespaces(text);
    for (const char* fetch : {"http://", "https://", "src=\"", "@import", "<script", "<link"}) {
        CHECK_THAT(rest, !ContainsSubstring(fetch));
    }
}

void check_page(const fs::path& page) {
    const std::string html = mho::read_file(page);
    check_fetches_nothing(html);
    CHECK_THAT(html, ContainsSubstring("</html>"));
    CHECK_THAT(html, ContainsSubstring("<svg"));
    long plots = 0;
    const fs::path folder = page.parent_path() / (page.stem().string() + "_plots");
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        CAPTURE(entry.path().string());
        CHECK(entry.path().extension() == ".svg");
        const std::string svg = mho::read_file(entry.path());
        CHECK_THAT(svg, ContainsSubstring("</svg>"));
        check_fetches_nothing(svg);
        ++plots;
    }
    CHECK(plots >= 3);
}

}  // namespace

TEST_CASE("a spec becomes a card, the card a result, the result a page") {
    const TemporaryFolder folder;
    const std::string spec = quoted(folder / "small.toml");
    mho::write_file(folder / "small.toml", small_spec());

    const std::string told =
        succeed("calibrate " + spec + " --no-cache --workers 2 -o " + quoted(folder / "card.json"));
    CHECK_THAT(told, ContainsSubstring("small: "));
    CHECK_THAT(told, ContainsSubstring("(0 from the cache)"));
    const std::string card = mho::read_file(folder / "card.json");
    check_card(card);

    succeed(infer_digits(folder / "card.json", folder / "out.json") + " --limit 40 --trials 2");
    check_result(Json::parse(mho::read_file(folder / "out.json")));

    CHECK_THAT(
        succeed("report " + quoted(folder / "out.json") + " -o " + quoted(folder / "page.html")),
        ContainsSubstring("wrote " + (folder / "page.html").string()));
    check_page(folder / "page.html");
}

TEST_CASE("the card is the same for any number of workers and from the cache") {
    const TemporaryFolder folder;
    const std::string spec = quoted(folder / "small.toml");
    mho::write_file(folder / "small.toml", small_spec());
    const auto calibrate = [&](const std::string& options) {
        const std::string told =
            succeed("calibrate " + spec + " -o " + quoted(folder / "card.json") + " " + options);
        return std::pair(mho::read_file(folder / "card.json"), told);
    };
    const std::string cache = "--cache " + quoted(folder / "cache");
    const auto [one, first_told] = calibrate("--workers 1 " + cache);
    CHECK_THAT(first_told, ContainsSubstring("(0 from the cache)"));
    CHECK(calibrate("--workers 2 --no-cache").first == one);
    const auto [again, told] = calibrate("--workers 2 " + cache);
    CHECK(again == one);
    CHECK_THAT(told, !ContainsSubstring("(0 from the cache)"));
    CHECK(calibrate("--seed 2 " + cache).first != one);
}

TEST_CASE("a missed tolerance leaves no card unless it is accepted") {
    const TemporaryFolder folder;
    mho::write_file(folder / "strict.toml", small_spec() + "cell_tolerance = 1e-9\n");
    const std::string arguments = "calibrate " + quoted(folder / "strict.toml") + " --cache " +
                                  quoted(folder / "cache") + " -o " + quoted(folder / "card.json");
    const ProgramResult refused = run_mho(arguments);
    CHECK(refused.exit_code == 1);
    CHECK(count_lines(refused.err) == 1);
    CHECK_THAT(refused.err, ContainsSubstring("tolerance"));
    CHECK_THAT(refused.out, ContainsSubstring("MISSED"));
    CHECK_FALSE(fs::exists(folder / "card.json"));
    const ProgramResult accepted = run_mho(arguments + " --accept");
    CHECK(accepted.exit_code == 1);
    CHECK(fs::exists(folder / "card.json"));
}

TEST_CASE("results of several cards stand side by side on one page") {
    const TemporaryFolder folder;
    mho::write_file(folder / "small.toml", small_spec());
    mho::write_file(folder / "fine.toml",
                    std::regex_replace(small_spec(), std::regex("bits = 5"), "bits = 6"));
    std::string results;
    for (const std::string name : {"small", "fine"}) {
        succeed("calibrate " + quoted(folder / (name + ".toml")) + " --no-cache -o " +
                quoted(folder / (name + ".card.json")));
        succeed(infer_digits(folder / (name + ".card.json"), folder / (name + ".json")) +
                " --limit 40");
        results += " " + quoted(folder / (name + ".json"));
    }
    succeed("report" + results + " -o " + quoted(folder / "both.html"));
    check_page(folder / "both.html");
    const std::string html = mho::read_file(folder / "both.html");
    CHECK_THAT(html, ContainsSubstring("small.json"));
    CHECK_THAT(html, ContainsSubstring("fine.json"));
}

TEST_CASE("an interrupted calibration leaves no card, and its finished runs in the cache") {
    const TemporaryFolder folder;
    const std::string start =
        "'" MHO_BINARY_DIR "/mho' calibrate " + quoted(source_path("examples/demo/spec.toml")) +
        " --workers 1 --cache " + quoted(folder / "cache") + " -o " + quoted(folder / "card.json");
    // Too early and the program is not yet listening; how early depends on the machine.
    ProgramResult result;
    for (const char* seconds : {"0.3", "1", "3"}) {
        result = run_shell(start + " & sleep " + seconds + "; kill -TERM $!; wait $!");
        if (fs::exists(folder / "cache") && !fs::is_empty(folder / "cache")) break;
    }
    check_refused(result, "interrupted", 130);
    CHECK_FALSE(fs::exists(folder / "card.json"));
    CHECK_FALSE(fs::is_empty(folder / "cache"));
}
