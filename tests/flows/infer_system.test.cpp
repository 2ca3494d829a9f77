// SPDX-License-Identifier: Apache-2.0
// Whole runs on described systems: LeNet on digits of MNIST for every shipped one.
#include "flows/infer_system.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "flows/infer_float.h"
#include "flows/system_toml.h"
#include "flows/thrown_text.h"
#include "support/shared_data.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::flows;
using Json = nlohmann::json;

namespace {

// The small network that ships with the project.
InferOptions digits(std::size_t limit) {
    InferOptions options;
    const std::filesystem::path folder = std::filesystem::path(MHO_SOURCE_DIR) / "data/digits";
    options.model = folder / "mlp_digits.onnx";
    options.data = folder;
    options.limit = limit;
    options.threads = 2;
    return options;
}

}  // namespace

TEST_CASE("every shipped system runs LeNet on digits of MNIST") {
    MHO_REQUIRE_SHARED(model, "models/lenet5_mnist.onnx");
    MHO_REQUIRE_SHARED(data, "mnist");
    InferOptions options;
    options.model = model;
    options.data = data;
    options.limit = 40;
    options.threads = 2;
    for (const std::string& name : shipped_systems()) {
        INFO(name);
        const SystemSpec spec = read_system(name);
        if (spec.products == Products::floating) {
            CHECK(infer_float(options).accuracy > 0.97);
            continue;
        }
        const SystemReport report = infer_system(spec, options);
        CHECK(report.samples == 40);
        CHECK(report.layers.size() == 5);
        CHECK(report.analog.mean > (name == "hfo2" || name == "pcm" ? 0.5 : 0.9));
        for (const SystemLayerReport& layer : report.layers) {
            CHECK(layer.signal_to_error_db > 0);
            CHECK(layer.adc_saturated_fraction < 0.05);
            CHECK(layer.map.utilisation <= 1);
        }
        CHECK(report.energy_joule.has_value() == spec.cost.conversion_joule.has_value());
        CHECK(report.latency_second.has_value() == spec.cost.slice_second.has_value());
    }
}

TEST_CASE("a report's figures follow from each other, and costs from the cited ones") {
    SystemSpec spec = read_system("isaac", {"weights.bits=8", "inputs.bits=4"});
    InferOptions options = digits(30);
    options.trials = 2;
    const SystemReport report = infer_system(spec, options);
    REQUIRE(report.analog.per_trial.size() == 2);
    CHECK(report.analog.std == 0);  // exact cells: both instances are the same
    CHECK(report.scores.size() == 30 * report.classes);
    std::int64_t conversions = 0;
    for (const SystemLayerReport& layer : report.layers) {
        // 8 bits in slices of 2, 4 one-bit slices of the inputs, a converter per column and part.
        CHECK(layer.conversions == 4 * 4 * layer.map.row_parts * layer.map.shape.outputs);
        CHECK(std::abs(*layer.latency_second - 4 * 100e-9) < 1e-15);
        conversions += layer.conversions;
    }
    const double joule = 1.5625e-12 * static_cast<double>(conversions);
    CHECK(std::abs(*report.energy_joule / joule - 1) < 1e-12);
    const Json json = Json::parse(system_report_to_json(report));
    CHECK(json["schema"] == "mho.inference/1");
    CHECK(json["accuracy"]["analog"]["per_trial"].size() == 2);
    CHECK(json["energy"]["per_inference_joule"] == *report.energy_joule);
    CHECK(json["layers"].size() == report.layers.size());
    const SystemSpec again = parse_system(json["system"]["toml"].get<std::string>(), "json");
    CHECK(system_to_toml(again) == system_to_toml(spec));
}

TEST_CASE("what no publication gives is null with the reason") {
    const Json json =
        Json::parse(system_report_to_json(infer_system(read_system("ideal8"), digits(10))));
    CHECK(json["energy"]["per_inference_joule"].is_null());
    CHECK(json["energy"]["convention"] == "not known: system 'ideal8' gives no cited figure");
    CHECK(json["latency"]["per_inference_second"].is_null());
    CHECK(json["layers"][0]["energy_joule"].is_null());
}

TEST_CASE("ablation switches off one non-ideality after the other") {
    const SystemSpec spec = read_system(
        "sonos-tcas", {"device.error_scale=8", "wire.r_col=0.5", "device.time_second=86400"});
    std::vector<std::string> names;
    for (const Variant& variant : ablated_systems(spec)) {
        CHECK(system_to_toml(variant.spec) != system_to_toml(spec));
        names.push_back(variant.name);
    }
    CHECK(names == std::vector<std::string>{"weight quantisation", "conversion", "spread of cells",
                                            "drift", "wires"});
    InferOptions options = digits(50);
    options.trials = 2;
    const SystemReport report =
        infer_system(read_system("taox", {"device.error_scale=30"}), options, true);
    REQUIRE(report.ablations.size() == 4);
    for (const Ablation& one : report.ablations) {
        CHECK(one.gain == one.without.mean - report.analog.mean);
        CHECK(one.without.per_trial.size() == 2);
    }
    CHECK(report.ablations[3].name == "spread of cells");
    CHECK(report.ablations[3].gain > 0.1);
}

TEST_CASE("an interrupted run reports what was done, or that nothing was") {
    InferOptions options = digits(200);
    options.threads = 1;
    std::size_t told = 0;
    options.progress = [&](std::size_t done, std::size_t, const std::string&) { told = done; };
    options.stop = [&] { return told >= 64; };
    const SystemReport report = infer_system(read_system("ideal8"), options, true);
    CHECK(report.interrupted);
    CHECK(report.samples == 64);
    CHECK(report.ablations.empty());
    options.stop = [] { return true; };
    CHECK_THAT(mho::test::thrown_text([&] { infer_system(read_system("ideal8"), options); }),
               ContainsSubstring("interrupted before any image"));
}

TEST_CASE("runs that make no sense are refused") {
    InferOptions options = digits(10);
    CHECK_THAT(mho::test::thrown_text([&] { infer_system(read_system("digital-float"), options); }),
               ContainsSubstring("single precision"));
    options.trials = 0;
    CHECK_THAT(mho::test::thrown_text([&] { infer_system(read_system("ideal8"), options); }),
               ContainsSubstring("trials = 0, 1 to 1000 expected"));
}
