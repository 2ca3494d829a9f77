// SPDX-License-Identifier: Apache-2.0
// The page of a described system, from what infer_system writes.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "flows/infer_system.h"
#include "flows/report.h"
#include "flows/report_data.h"
#include "flows/system_toml.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::flows;

namespace {

std::string result_of(const SystemSpec& spec, bool ablate) {
    InferOptions options;
    const std::filesystem::path folder = std::filesystem::path(MHO_SOURCE_DIR) / "data/digits";
    options.model = folder / "mlp_digits.onnx";
    options.data = folder;
    options.limit = 40;
    options.trials = 2;
    return system_report_to_json(infer_system(spec, options, ablate));
}

}  // namespace

TEST_CASE("the page of a system shows layers, ablations, costs and the system itself") {
    const std::string json = result_of(read_system("sonos-tcas", {"device.error_scale=6"}), true);
    const InferenceResult result = read_inference(json, "out.json");
    CHECK(result.system_name == "sonos-tcas");
    CHECK(result.confidence_95.has_value());
    REQUIRE(result.ablations.size() == 3);
    CHECK(result.ablations[2].name == "spread of cells");
    const Report report = build_report(std::vector<ReportInput>{{"out.json", json}}, "plots");
    for (const char* part : {"on sonos-tcas", "95\u00a0% confidence",
                             "What each non-ideality costs", "device.error_scale = 0",
                             "layer_quality.svg", "ablations.svg", "topology = &quot;b&quot;"}) {
        CHECK_THAT(report.html, ContainsSubstring(part));
    }
    CHECK_THAT(report.html, ContainsSubstring("not known: system"));
    bool quality = false, ablations = false;
    for (const ReportPlot& plot : report.plots) {
        quality = quality || plot.file == "layer_quality.svg";
        ablations = ablations || plot.file == "ablations.svg";
    }
    CHECK(quality);
    CHECK(ablations);
}

TEST_CASE("a page without ablations or costs says nothing of them") {
    const std::string json = result_of(read_system("ideal8"), false);
    const Report report = build_report(std::vector<ReportInput>{{"out.json", json}}, "plots");
    CHECK(report.html.find("What each non-ideality costs") == std::string::npos);
    CHECK_THAT(report.html, ContainsSubstring("Signal to error by layer"));
}
