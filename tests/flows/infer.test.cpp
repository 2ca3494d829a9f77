// SPDX-License-Identifier: Apache-2.0
#include "flows/infer.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "flows/dataset.h"
#include "flows/infer_json.h"
#include "flows/inference_notes.h"
#include "flows/made_networks.h"
#include "flows/npy.h"
#include "flows/onnx_builder.h"
#include "flows/thrown_text.h"
#include "support/ideal_card.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using mho::test::ideal_card;
using mho::test::lossy_card;
using mho::test::TemporaryFolder;
using mho::test::thrown_text;
using namespace mho::flows;

namespace {

constexpr int kInferImages = 150;  // three chunks
constexpr int kManyImages = 1100;  // 18 chunks

std::string big_endian(int number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    return bytes;
}

// A 3x3 convolution to 4 channels, relu, and a fully connected layer to 3 classes on 6 x 5 images
// of noise, with every third label 0, 1, 2.
class Case {
  public:
    explicit Case(int images = kInferImages) {
        mho::test::OnnxBuilder model({1, 6, 5});
        model.weights("w1", {4, 1, 3, 3}, mho::test::random_floats(36, 21, -1, 1));
        model.weights("b1", {4}, mho::test::random_floats(4, 22, -1, 1));
        model.weights("w2", {48, 3}, mho::test::random_floats(144, 23, -1, 1));
        model.node("Conv", {"in", "w1", "b1"}, "conv");
        model.node("Relu", {"conv"}, "relu");
        model.node("Flatten", {"relu"}, "flat");
        model.node("Gemm", {"flat", "w2"}, "fc");
        model.output("fc");
        model.write(folder / "net.onnx");
        std::string pixels, labels;
        mho::RandomStream random(3, mho::RandomPurpose::test);
        for (int i = 0; i < images * 30; ++i) pixels += static_cast<char>(random.below(256));
        for (int i = 0; i < images; ++i) labels += static_cast<char>(i % 3);
        mho::write_file(folder / "images-idx3", big_endian(2051) + big_endian(images) +
                                                    big_endian(6) + big_endian(5) + pixels);
        mho::write_file(folder / "labels-idx1", big_endian(2049) + big_endian(images) + labels);
        options.model = folder / "net.onnx";
        options.data = folder.path();
        options.stop = {};
    }
    InferenceReport run(const mho::behavioral::ModelCard& card) const {
        return infer(card, options);
    }

    TemporaryFolder folder;
    InferOptions options;
};

}  // namespace

TEST_CASE("on ideal hardware the network decides as in float") {
    Case made;
    const InferenceReport report = made.run(ideal_card(32, 4));
    CHECK(report.samples == kInferImages);
    CHECK(report.analog.agreement_with_float > 0.98);
    CHECK(std::abs(report.analog.mean - report.accuracy_float) < 0.02);
    CHECK(report.analog.std == 0);
    CHECK(report.notes.empty());
    REQUIRE(report.layers.size() == 2);
    for (const LayerReport& layer : report.layers) {
        // Uniform rounding of inputs to 127 steps: 10 log10(12 * 127^2 * E[x^2]) = 48 dB and more
        // for values spread over the range; outputs are finer.
        CHECK((layer.signal_to_error_db > 40 && layer.signal_to_error_db < 60));
        CHECK(layer.adc_saturated_fraction == 0);
    }
}

TEST_CASE("counts, energy and latency of a report follow from the network and the card") {
    Case made;
    const auto card = lossy_card(16, 4);
    const InferenceReport report = made.run(card);
    CHECK(report.model.parameters == 36 + 4 + 144 + 3);
    CHECK(report.model.macs_per_inference == 4 * 3 * 36 + 48 * 3);
    const LayerReport& conv = report.layers[0];
    CHECK((conv.name == "conv_node" && conv.op == "Conv"));
    CHECK((conv.inputs == 9 && conv.outputs == 4 && conv.positions == 12 && conv.macs == 432));
    CHECK((conv.row_blocks == 2 && conv.column_blocks == 1 && conv.tiles == 2));
    CHECK_THAT(conv.activation_max, WithinAbs(1.0, 1e-6));
    CHECK_THAT(conv.latency_second, WithinRel(12 * 280e-9, 1e-12));
    CHECK_THAT(report.latency_per_inference_second, WithinRel(13 * 280e-9, 1e-12));
    CHECK(report.energy.images_evaluated == kInferImages);
    const auto& breakdown = report.energy.breakdown;
    CHECK_THAT(breakdown.ramp_joule, WithinRel((12 * 2 + 6) * card.energy.ramp_joule, 1e-9));
    CHECK_THAT(report.energy.per_inference_joule, WithinRel(breakdown.total_joule(), 1e-12));
    CHECK_THAT(report.layers[0].energy_joule + report.layers[1].energy_joule,
               WithinRel(report.energy.per_inference_joule, 1e-12));
    CHECK(report.energy.operations_per_inference == 2 * (432 + 144));
    CHECK_THAT(report.energy.tops_per_watt * 1e12 * report.energy.per_inference_joule,
               WithinRel(1152.0, 1e-12));
    // 16 rows are used by the fully connected layer and by the first tile of the convolution.
    CHECK(report.ir_drop.rows_used == 16);
    CHECK((report.ir_drop.ratio.rows() == 16 && report.ir_drop.ratio.cols() == 4));
    CHECK((report.ir_drop.ratio.minCoeff() > 0.9 && report.ir_drop.ratio.maxCoeff() < 1));
}

TEST_CASE("reports have the same bytes for any number of threads and for the same seed only") {
    Case made;
    made.options.trials = 2;
    const auto card = lossy_card(16, 4);
    made.options.threads = 1;
    const std::string one = inference_to_json(made.run(card));
    made.options.threads = 2;
    CHECK(one == inference_to_json(made.run(card)));
    made.options.seed = 2;
    CHECK(one != inference_to_json(made.run(card)));
}

TEST_CASE("trials are different instances and their mean and deviation are reported") {
    Case made;
    made.options.trials = 4;
    auto card = lossy_card(16, 4);
    card.programming.c0 = 5;  // microsiemens: enough to change decisions
    const AnalogAccuracy found = made.run(card).analog;
    REQUIRE(found.per_trial.size() == 4);
    CHECK(std::set<double>(found.per_trial.begin(), found.per_trial.end()).size() > 1);
    double mean = 0, squares = 0;
    for (const double value : found.per_trial) mean += value / 4;
    for (const double value : found.per_trial) squares += (value - mean) * (value - mean);
    CHECK_THAT(found.mean, WithinRel(mean, 1e-12));
    CHECK_THAT(found.std, WithinRel(std::sqrt(squares / 3), 1e-12));
    CHECK(found.agreement_with_float < 1);
    made.options.trials = 1;
    CHECK(made.run(card).analog.per_trial[0] == found.per_trial[0]);
}

TEST_CASE("programming error and read-out noise can be switched off one by one") {
    Case made;
    auto card = lossy_card(16, 4);
    card.programming.c0 = 5;
    const double with_error = made.run(card).layers[0].signal_to_error_db;
    made.options.programming_error = false;
    const double without = made.run(card).layers[0].signal_to_error_db;
    CHECK(without > with_error + 3);
    card.readout.noise_volt_rms = 0.02;
    const double noisy = made.run(card).layers[0].signal_to_error_db;
    CHECK(noisy < without - 3);
    made.options.readout_noise = false;
    const double silent = made.run(card).layers[0].signal_to_error_db;
    CHECK(silent >= without);
    made.options.readout_noise = true;
    card.readout.noise_volt_rms = 0;
    CHECK(made.run(card).layers[0].signal_to_error_db == silent);
}

TEST_CASE("the limit takes the first images") {
    Case made;
    made.options.limit = 70;
    const InferenceReport report = made.run(ideal_card(16, 4));
    CHECK(report.samples == 70);
    CHECK(report.calibration_images == 70);
    CHECK(report.energy.images_evaluated == 70);
}

TEST_CASE("energy of many images is taken from evenly spaced chunks, per image as from all") {
    Case made(kManyImages);
    const auto card = lossy_card(16, 4);
    const InferenceReport report = made.run(card);
    CHECK(report.samples == kManyImages);
    CHECK(report.energy.images_evaluated == 9 * 64);  // every second of 18 chunks, at most 16
    CHECK_THAT(report.energy.breakdown.ramp_joule,
               WithinRel((12 * 2 + 6) * card.energy.ramp_joule, 1e-9));
    made.options.limit = 1000;  // 16 chunks: all of them
    const InferenceReport exact = made.run(card);
    CHECK(exact.energy.images_evaluated == 1000);
    CHECK_THAT(report.energy.per_inference_joule,
               WithinRel(exact.energy.per_inference_joule, 0.01));
}

TEST_CASE("a run that is stopped reports what it has done") {
    Case made;
    made.options.threads = 1;
    made.options.trials = 3;
    std::atomic<int> asked = 0;
    // Asked before each of 3 float chunks, then before each trial and each of its 3 chunks.
    int stop_at = 0;
    made.options.stop = [&] { return ++asked > stop_at; };
    const auto card = lossy_card(16, 4);
    SECTION("within the first trial") {
        stop_at = 6;
        const InferenceReport report = made.run(card);
        CHECK(report.interrupted);
        CHECK((report.samples == 128 && report.trials == 1));
        CHECK(report.energy.images_evaluated == 128);
        CHECK_THAT(report.notes.at(0), ContainsSubstring("interrupted: 128 images"));
        CHECK(nlohmann::json::parse(inference_to_json(report)).at("interrupted") == true);
        // The same as asking for those images, except that the ranges saw all of them.
        CHECK_THAT(report.analog.mean * 128, WithinAbs(std::round(report.analog.mean * 128), 1e-9));
    }
    SECTION("within the second trial") {
        stop_at = 9;
        const InferenceReport report = made.run(card);
        CHECK(report.interrupted);
        CHECK((report.samples == kInferImages && report.trials == 1));
        CHECK(report.analog.per_trial.size() == 1);
    }
    SECTION("before the third trial") {
        stop_at = 11;
        CHECK(made.run(card).trials == 2);
    }
    SECTION("before any image") {
        stop_at = GENERATE(0, 2, 3, 4);
        CHECK_THAT(thrown_text([&] { made.run(card); }), ContainsSubstring("130: interrupted"));
    }
}

TEST_CASE("progress counts all images of all trials") {
    Case made;
    made.options.trials = 2;
    std::size_t last = 0, total = 0;
    std::string remark;
    made.options.progress = [&](std::size_t done, std::size_t all, const std::string& text) {
        CHECK(done > last);
        last = done;
        total = all;
        remark = text;
    };
    made.run(ideal_card(16, 4));
    CHECK((last == 2 * kInferImages && total == 2 * kInferImages));
    CHECK_THAT(remark, ContainsSubstring("analog accuracy"));
}

TEST_CASE("what does not fit is refused before anything runs") {
    Case made;
    auto card = ideal_card(16, 4);
    std::string expected;
    SECTION("trials") {
        made.options.trials = GENERATE(0, -1, 1001);
        expected = "1 to 1000 expected";
    }
    SECTION("card") {
        card.adc.transition_volt.pop_back();
        expected = "adc.transition_volt";
    }
    SECTION("odd rows") {
        card.array.rows = 15;
        expected = "15 rows";
    }
    SECTION("model") {
        made.options.model = made.folder / "none.onnx";
        expected = "none.onnx";
    }
    SECTION("data") {
        made.options.data = made.folder / "none";
        expected = "no such data folder";
    }
    SECTION("percentile") {
        made.options.activation_percentile = 0;
        expected = "percentile";
    }
    CHECK_THAT(thrown_text([&] { infer(card, made.options); }),
               ContainsSubstring("2: ") && ContainsSubstring(expected));
}

TEST_CASE("notes name what limits trust in the numbers") {
    Case made;
    auto card = ideal_card(16, 4);
    card.readout.current_max_ampere = 1e-6;
    card.adc = mho::test::ideal_adc(8, 0.345, 0.355);  // +-1 uA
    card.cell.v_max_volt = 0.09;                       // below the drive amplitude
    card.errors.push_back({"readout", "LSB", 0.1, 0.7, 0.5, 10, "steps"});
    card.errors.push_back({"cell_current", "of full scale", 1e-4, 1e-3, 2e-3, 10, "states"});
    card.validity.push_back({"rows", "rows", 32, 64});
    card.validity.push_back({"columns", "columns", 1, 64});
    const InferenceReport report = made.run(card);
    std::string all;
    for (const std::string& note : report.notes) all += note + "\n";
    CHECK_THAT(all, ContainsSubstring("readout is off by 0.7 LSB"));
    CHECK_THAT(all, !ContainsSubstring("cell_current"));
    CHECK_THAT(all, ContainsSubstring("rows is 16 rows; the card was checked for 32 to 64"));
    CHECK_THAT(all, !ContainsSubstring("columns is"));
    CHECK_THAT(all, ContainsSubstring("drive amplitude is 0.1 V"));
    CHECK_THAT(all, ContainsSubstring("layer conv_node: column currents reach"));
    CHECK_THAT(all, ContainsSubstring("layer fc_node:") && ContainsSubstring("first or last code"));
    CHECK(report.ir_drop.drive_volt == 0.09);
}

TEST_CASE("LeNet on MNIST keeps its reference accuracy in float and most of it on the tiles") {
    MHO_REQUIRE_SHARED(folder, "mnist");
    MHO_REQUIRE_SHARED(model, "models/lenet5_mnist.onnx");
    MHO_REQUIRE_SHARED(classes, "logits/lenet5_mnist_pred.npy");
    const std::vector<double> predicted = read_npy(classes).values;
    const std::vector<int> labels = load_dataset(folder, 200).labels;
    int correct = 0;
    for (std::size_t i = 0; i < 200; ++i) correct += predicted[i] == labels[i];
    InferOptions options;
    options.model = model;
    options.data = folder;
    options.limit = 200;
    options.stop = {};
    const InferenceReport report = infer(lossy_card(64, 64), options);
    CHECK(report.accuracy_float == correct / 200.0);
    CHECK(report.analog.mean > 0.97);
    CHECK(report.layers.size() == 5);
    CHECK(report.layers[2].tiles == 13 * 2);
}
