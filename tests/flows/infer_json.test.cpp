// SPDX-License-Identifier: Apache-2.0
#include "flows/infer_json.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "behavioral/card_json.h"
#include "flows/thrown_text.h"
#include "support/ideal_card.h"

using Catch::Matchers::ContainsSubstring;
using Json = nlohmann::json;
using namespace mho::flows;

namespace {

InferenceReport sample() {
    InferenceReport report;
    report.mho_version = "1.2.3";
    report.model = {"net.onnx", "net", 100, 200};
    report.data = {"folder", "idx"};
    report.samples = 50;
    report.seed = 18446744073709551615u;
    report.trials = 2;
    report.accuracy_float = 0.75;
    report.analog = {0.5, 0.125, {0.375, 0.625}, 0.875};
    report.energy = {1e-6, {1e-7, 2e-7, 3e-7, 4e-7}, 400, 4e-4, 50};
    report.latency_per_inference_second = 1e-3;
    LayerReport layer;
    layer.name = "conv";
    layer.op = "Conv";
    layer.inputs = 9;
    layer.energy_joule = 1e-6;
    layer.signal_to_error_db = 30.5;
    report.layers.push_back(layer);
    report.ir_drop = {"conv", 0, 2, 1, 0.1, Eigen::MatrixXd::Constant(4, 2, 0.98765432)};
    report.ir_drop.ratio(3, 1) = 0.5;
    report.card = mho::test::ideal_card(4, 2);
    report.notes = {"a note"};
    return report;
}

}  // namespace

TEST_CASE("every number of a report stands in its JSON under the documented key") {
    const std::string text = inference_to_json(sample());
    CHECK(text.back() == '\n');
    const Json json = Json::parse(text);
    CHECK(json.at("schema") == "mho.inference/1");
    CHECK(json.at("mho_version") == "1.2.3");
    CHECK(json.at("/model/path"_json_pointer) == "net.onnx");
    CHECK(json.at("/model/parameters"_json_pointer) == 100);
    CHECK(json.at("/model/macs_per_inference"_json_pointer) == 200);
    CHECK(json.at("/data/format"_json_pointer) == "idx");
    CHECK(json.at("samples") == 50);
    CHECK(json.at("seed") == 18446744073709551615u);
    CHECK(json.at("trials") == 2);
    CHECK(json.at("interrupted") == false);
    CHECK(json.at("/accuracy/float"_json_pointer) == 0.75);
    CHECK(json.at("/accuracy/analog/mean"_json_pointer) == 0.5);
    CHECK(json.at("/accuracy/analog/std"_json_pointer) == 0.125);
    CHECK(json.at("/accuracy/analog/per_trial"_json_pointer) == Json({0.375, 0.625}));
    CHECK(json.at("/accuracy/analog/agreement_with_float"_json_pointer) == 0.875);
    CHECK(json.at("/energy/per_inference_joule"_json_pointer) == 1e-6);
    CHECK(json.at("/energy/breakdown"_json_pointer) ==
          Json({{"drivers", 1e-7}, {"readout", 2e-7}, {"comparator", 3e-7}, {"ramp", 4e-7}}));
    CHECK(json.at("/energy/tops_per_watt"_json_pointer) == 4e-4);
    CHECK(json.at("/energy/images_evaluated"_json_pointer) == 50);
    CHECK_THAT(json.at("/energy/convention"_json_pointer).get<std::string>(),
               ContainsSubstring("2 operations"));
    CHECK(json.at("/latency/per_inference_second"_json_pointer) == 1e-3);
    CHECK(json.at("/layers/0/operator"_json_pointer) == "Conv");
    CHECK(json.at("/layers/0/signal_to_error_db"_json_pointer) == 30.5);
    CHECK(json.at("/ir_drop/rows"_json_pointer) == 4);
    CHECK(json.at("/ir_drop/ratio/0/0"_json_pointer) == 0.987654);
    CHECK(json.at("/ir_drop/ratio/3/1"_json_pointer) == 0.5);
    CHECK(json.at("notes") == Json({"a note"}));
}

TEST_CASE("the card inside a report reads back as the card it was") {
    const InferenceReport report = sample();
    const Json json = Json::parse(inference_to_json(report));
    const auto card = mho::behavioral::card_from_json(json.at("card").dump(), "report");
    CHECK(mho::behavioral::card_to_json(card) == mho::behavioral::card_to_json(report.card));
}

TEST_CASE("a report with text that is not UTF-8 is refused") {
    InferenceReport report = sample();
    report.model.path = "\xff.onnx";
    CHECK_THAT(mho::test::thrown_text([&] { inference_to_json(report); }),
               ContainsSubstring("2: inference report"));
}
