// SPDX-License-Identifier: Apache-2.0
#include "flows/report.h"

#include <fmt/format.h>

#include <array>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "flows/report_data.h"
#include "report_fixture.h"
#include "support/temporary_folder.h"
#include "thrown_text.h"

namespace fs = std::filesystem;
using namespace mho::flows;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using OrderedJson = nlohmann::ordered_json;
using mho::test::report_json;
using mho::test::thrown_text;

namespace {

Report report_of(const std::vector<ReportInput>& inputs) {
    return build_report(inputs, "report_plots");
}

Report report_of_json(const OrderedJson& json) {
    return report_of({{"out.json", json.dump()}});
}

// What is wrong with the tags of an HTML text: "" or the first tag that does not fit.
std::string tag_error(const std::string& html) {
    static const std::set<std::string> kVoid{"meta", "br"};
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at)) {
        std::size_t end = at + 1;
        char quote = 0;
        for (; end < html.size() && (quote != 0 || html[end] != '>'); ++end) {
            if (quote != 0) {
                if (html[end] == quote) quote = 0;
            } else if (html[end] == '"' || html[end] == '\'') {
                quote = html[end];
            } else if (html[end] == '<') {
                return fmt::format("'<' inside a tag: {}", html.substr(at, 40));
            }
        }
        if (end >= html.size()) return fmt::format("tag without end: {}", html.substr(at, 40));
        const std::string inside = html.substr(at + 1, end - at - 1);
        at = end;
        if (inside.starts_with("!")) continue;
        const bool closing = inside.starts_with("/");
        std::string name;
        for (std::size_t i = closing ? 1 : 0; i < inside.size() && std::isalnum(inside[i]); ++i) {
            name += inside[i];
        }
        if (name.empty()) return fmt::format("tag without name: {}", inside);
        if (closing) {
            if (open.empty() || open.back() != name) return fmt::format("unexpected </{}>", name);
            open.pop_back();
        } else if (!inside.ends_with("/") && !kVoid.contains(name)) {
            open.push_back(name);
        }
    }
    return open.empty() ? std::string() : fmt::format("not closed: {}", open.back());
}

// With ordinary spaces in place of those that do not break.
std::string plain_spaces(const std::string& text) {
    const std::string kept("\u00a0");
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool found = text.compare(at, kept.size(), kept) == 0;
        plain.push_back(found ? ' ' : text[at]);
        if (found) at += kept.size() - 1;
    }
    return plain;
}

std::size_t occurrences(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace

TEST_CASE("the tag checker finds what it is for") {
    CHECK(tag_error("<p>a<br>b<i x='>'></i></p>").empty());
    CHECK_FALSE(tag_error("<p><i></p></i>").empty());
    CHECK_FALSE(tag_error("<p>").empty());
    CHECK_FALSE(tag_error("<p").empty());
    CHECK_FALSE(tag_error("a < b").empty());
}

TEST_CASE("a report is one whole page that asks for nothing elsewhere") {
    const std::string html = report_of({{"out.json", report_json()}}).html;
    CHECK(tag_error(html) == "");
    CHECK_THAT(html, StartsWith("<!DOCTYPE html>"));
    for (const char* forbidden : {"http", "<script", "<link", "@import", "url(h", " src="}) {
        INFO(forbidden);
        CHECK(html.find(forbidden) == std::string::npos);
    }
}

TEST_CASE("a report holds every section and the numbers of the result") {
    const std::string page = plain_spaces(report_of({{"out.json", report_json()}}).html);
    for (const char* text : {"97.8\u00a0% float",
                             "96.03\u00a0\u00b1\u00a00.31\u00a0% analog",
                             "1000 images",
                             "4.31\u00a0nJ",
                             "160\u00a0ns",
                             "5.92\u00a0TOPS/W",
                             "<td>fc1</td>",
                             ">fc2<",
                             "The layer that hurts most is fc2 (17.3 dB",
                             "24.6\u00a0dB",
                             "16 (8\u00d72)",
                             "What to do",
                             "60 % of the energy goes into the drivers",
                             "2.60 nJ",
                             "The ADC clips in fc2",
                             "IR drop",
                             "worst INL",
                             "Programming error",
                             "Calibration against SPICE",
                             "All 3 quantities are within tolerance",
                             "16x16, 64x32",
                             "Provenance",
                             "0123456789abcdef0123456789abcdef",
                             "ngspice 46, KLU, 58 runs",
                             "27 \u00b0C",
                             "rows = 64",
                             "0.40 % of the conversions give the first or last code"}) {
        INFO(text);
        CHECK(page.find(plain_spaces(text)) != std::string::npos);
    }
}

TEST_CASE("every plot of a report is in the page and a file of its own") {
    const Report report = report_of({{"out.json", report_json()}});
    std::set<std::string> files;
    for (const ReportPlot& plot : report.plots) {
        CHECK(files.insert(plot.file).second);
        CHECK_THAT(plot.svg, StartsWith("<?xml"));
        CHECK(report.html.find("report_plots/" + plot.file) != std::string::npos);
        CHECK(tag_error(plot.svg.substr(plot.svg.find("<svg"))) == "");
    }
    for (const char* file :
         {"accuracy.svg", "energy_blocks.svg", "energy_layers.svg", "error_sources.svg",
          "ir_drop.svg", "adc_transfer.svg", "adc_inl.svg", "adc_dnl.svg", "cell_law.svg",
          "held_out_cell_current.svg", "programming.svg", "calibration_errors.svg",
          "held_out_column_current.svg", "held_out_adc_transition.svg"}) {
        INFO(file);
        CHECK(files.contains(file));
    }
    CHECK(occurrences(report.html, "<svg") == report.plots.size());
}

TEST_CASE("texts of the input are escaped everywhere") {
    OrderedJson json = OrderedJson::parse(report_json());
    const std::string evil = "<script>alert('x')</script>&\"";
    json["model"]["path"] = evil;
    json["data"]["path"] = evil;
    json["layers"][0]["name"] = evil;
    json["layers"][1]["name"] = evil;
    json["layers"][0]["operator"] = evil;
    json["ir_drop"]["layer"] = evil;
    json["energy"]["convention"] = evil;
    json["notes"] = {evil};
    json["card"]["programming"]["source"] = evil;
    json["card"]["errors"][0]["quantity"] = evil;
    json["card"]["held_out"][1]["quantity"] = evil;
    json["card"]["held_out"][1]["unit"] = evil;
    json["card"]["provenance"]["spec_toml"] = evil;
    json["energy"]["breakdown"][evil] = 1e-9;
    const std::string html = report_of({{evil, json.dump()}}).html;
    CHECK(html.find("<script") == std::string::npos);
    CHECK(occurrences(html, "&lt;script") >= 14);
    CHECK(tag_error(html) == "");
}

TEST_CASE("parts that are absent are left out") {
    const Report bare = report_of({{"bare.json", R"({"schema": "mho.inference/1"})"}});
    CHECK(tag_error(bare.html) == "");
    CHECK(bare.plots.empty());
    const OrderedJson whole = OrderedJson::parse(report_json());
    for (const auto& [key, ignored] : whole.items()) {
        if (key == "schema") continue;
        INFO(key);
        OrderedJson json = whole;
        json.erase(key);
        CHECK(tag_error(report_of_json(json).html) == "");
        json[key] = nullptr;
        CHECK_NOTHROW(read_inference(json.dump(), "null.json"));
    }
    OrderedJson json = whole;
    json["layers"][1]["signal_to_error_db"] = nullptr;
    CHECK_THAT(report_of_json(json).html, ContainsSubstring("The layer that hurts most is fc1"));
    json["layers"] = OrderedJson::array();
    CHECK(report_of_json(json).html.find("<h2>Layers") == std::string::npos);
    json = whole;
    json["card"]["programming"]["c0"] = json["card"]["programming"]["c1"] = 0;
    json["card"]["programming"]["c2"] = 0;
    CHECK_THAT(report_of_json(json).html, ContainsSubstring("no programming error"));
}

TEST_CASE("a calibration that misses its tolerance is the first advice") {
    OrderedJson json = OrderedJson::parse(report_json());
    json["card"]["errors"][2]["worst"] = 0.4;
    const std::string html = report_of_json(json).html;
    CHECK_THAT(html, ContainsSubstring("<li><strong>Do not rely on these numbers yet: ADC "
                                       "transition misses its tolerance:</strong>"));
    CHECK_THAT(html, ContainsSubstring("FAIL"));
    CHECK_THAT(html, ContainsSubstring("1 of 3 quantities miss their tolerance"));
}

TEST_CASE("several results are compared, and a card they share is shown once") {
    OrderedJson other = OrderedJson::parse(report_json());
    other["accuracy"]["analog"]["mean"] = 0.931;
    const std::vector<ReportInput> inputs{{"a.json", report_json()}, {"b.json", other.dump()}};
    const Report report = report_of(inputs);
    CHECK(tag_error(report.html) == "");
    CHECK_THAT(report.html, ContainsSubstring("<h2>Comparison</h2>"));
    CHECK_THAT(report.html, ContainsSubstring(">Result: a.json</h2>"));
    CHECK_THAT(report.html, ContainsSubstring(">Result: b.json</h2>"));
    CHECK(occurrences(report.html, "<h2>ADC</h2>") == 1);
    std::set<std::string> files;
    for (const ReportPlot& plot : report.plots) CHECK(files.insert(plot.file).second);
    CHECK(files.contains("ir_drop_2.svg"));

    other["card"]["readout"]["noise_volt_rms"] = 0.002;
    const Report two = report_of({{"a.json", report_json()}, {"b.json", other.dump()}});
    CHECK(occurrences(two.html, "<h2>ADC</h2>") == 2);
}

TEST_CASE("the same results give the same report") {
    const Report a = report_of({{"out.json", report_json()}});
    const Report b = report_of({{"out.json", report_json()}});
    CHECK(a.html == b.html);
}

TEST_CASE("bad results are one clear line that names file and key") {
    const auto message = [](const std::string& text) {
        return thrown_text([&] { report_of({{"bad.json", text}}); });
    };
    CHECK_THAT(message("{\"schema\": "), StartsWith("2: bad.json: not valid JSON"));
    CHECK_THAT(message(""), StartsWith("2: bad.json: not valid JSON"));
    CHECK_THAT(message("[1]"), StartsWith("2: bad.json: expected an object"));
    CHECK_THAT(message("{}"), ContainsSubstring("schema: expected 'mho.inference/1', found ''"));
    CHECK_THAT(message(R"({"schema": "mho.card/1"})"), ContainsSubstring("found 'mho.card/1'"));
    CHECK_THAT(message(R"({"schema": 3})"), ContainsSubstring("schema: expected a text, found 3"));
    CHECK_THAT(thrown_text([] { report_of(std::vector<ReportInput>{}); }),
               StartsWith("2: report: no inference results"));

    const auto changed = [&](const char* pointer, const OrderedJson& value) {
        OrderedJson json = OrderedJson::parse(report_json());
        json[OrderedJson::json_pointer(pointer)] = value;
        return message(json.dump());
    };
    CHECK_THAT(changed("/accuracy/float", 97.8),
               StartsWith("2: bad.json: accuracy.float: expected a fraction 0 .. 1, found 97.8"));
    CHECK_THAT(changed("/accuracy/analog/mean", "high"),
               ContainsSubstring("accuracy.analog.mean: expected a number, found string"));
    CHECK_THAT(changed("/accuracy/analog/per_trial/1", "x"),
               ContainsSubstring("accuracy.analog.per_trial[1]: expected a number"));
    CHECK_THAT(changed("/energy", 3), ContainsSubstring("energy: expected an object"));
    CHECK_THAT(changed("/energy/breakdown/ramp", -1e-12),
               ContainsSubstring("energy.breakdown.ramp: expected a number >= 0"));
    CHECK_THAT(changed("/layers", "none"), ContainsSubstring("layers: expected an array"));
    CHECK_THAT(changed("/layers/1", 4), ContainsSubstring("layers[1]: expected an object"));
    CHECK_THAT(changed("/layers/1/name", 4),
               ContainsSubstring("layers[1].name: expected a text, found 4"));
    CHECK_THAT(changed("/ir_drop/rows", 65),
               ContainsSubstring("ir_drop.rows is 65, but ratio has 64"));
    CHECK_THAT(changed("/ir_drop/ratio/2", {1, 2}), ContainsSubstring("ir_drop.ratio[2]"));
    CHECK_THAT(changed("/ir_drop/ratio/2/0", "x"), ContainsSubstring("ratio[2]"));
    CHECK_THAT(changed("/notes", {1}), ContainsSubstring("notes: expected texts"));
    CHECK_THAT(changed("/card/schema", "mho.card/9"), StartsWith("2: bad.json: card"));
    CHECK_THAT(changed("/card/cell/g_max_siemens", -1), ContainsSubstring("g_max_siemens"));
    // A number beyond double.
    std::string huge = report_json();
    huge.replace(huge.find("0.978"), 5, "1e999");
    CHECK_THAT(message(huge), StartsWith("2: bad.json: "));
}

TEST_CASE("a written report is a page and a folder of plots, or nothing") {
    const mho::test::TemporaryFolder folder;
    const std::vector<ReportInput> inputs{{"out.json", report_json()}};
    write_report(inputs, folder / "report.html");
    CHECK(mho::read_file(folder / "report.html") == report_of(inputs).html);
    CHECK_THAT(mho::read_file(folder.path() / "report_plots" / "adc_transfer.svg"),
               StartsWith("<?xml"));

    GnuplotOptions missing;
    missing.program = "/no/such/gnuplot";
    CHECK_THROWS_WITH(write_report(inputs, folder / "none.html", missing),
                      ContainsSubstring("gnuplot-nox"));
    CHECK_FALSE(fs::exists(folder / "none.html"));
    CHECK_FALSE(fs::exists(folder / "none_plots"));
    CHECK_THAT(thrown_text([&] { write_report(inputs, folder.path() / "missing" / "x.html"); }),
               StartsWith("4: "));
    CHECK_THROWS_WITH(write_report(inputs, folder.path()), ContainsSubstring("is a directory"));
}

TEST_CASE("a report to a full disk is one clear error") {
    if (!fs::exists("/dev/full")) SKIP("no /dev/full here");
    const std::vector<ReportInput> inputs{{"out.json", report_json()}};
    CHECK_THAT(thrown_text([&] { write_report(inputs, "/dev/full"); }), StartsWith("4: /dev/full"));
    CHECK_FALSE(fs::exists("/dev/full_plots"));
}
