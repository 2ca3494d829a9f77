// SPDX-License-Identifier: Apache-2.0
// `mho infer` on a card made by hand: what it prints and writes, and that its options arrive.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/command.h"
#include "base/file.h"
#include "behavioral/card_json.h"
#include "support/ideal_card.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;
using namespace mho::test;
using Json = nlohmann::json;

namespace fs = std::filesystem;

namespace {

class CardFolder {
  public:
    CardFolder() {
        mho::behavioral::ModelCard lossy = lossy_card(64, 32);
        lossy.readout.noise_volt_rms = 2e-3;  // one LSB, not to be lost in the quantisation
        mho::write_file(card(), mho::behavioral::card_to_json(lossy));
    }
    fs::path card() const { return folder_ / "card.json"; }
    fs::path output() const { return folder_ / "out.json"; }

    std::string infer_text(const std::string& options) const {
        const ProgramResult result = run_mho(infer_digits(card(), output()) + " " + options);
        INFO("stderr: " << result.err);
        REQUIRE(result.exit_code == 0);
        CHECK(result.err.empty());
        return mho::read_file(output());
    }
    Json infer(const std::string& options) const { return Json::parse(infer_text(options)); }

  private:
    TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("infer prints the result for people and says where it is") {
    const CardFolder folder;
    const ProgramResult result =
        run_mho(infer_digits(folder.card(), folder.output()) + " --limit 40 --trials 2");
    REQUIRE(result.exit_code == 0);
    for (const char* part : {"40 images", "2 trials", "accuracy", "float", "energy", "TOPS/W",
                             "latency", "signal/error", "fc1", "256 x 48", "fc2", "48 x 10"}) {
        CHECK_THAT(result.out, ContainsSubstring(part));
    }
    CHECK_THAT(result.out, ContainsSubstring("wrote " + folder.output().string()));
    CHECK(result.err.empty());  // no progress bar where no one looks
}

TEST_CASE("infer's figures agree with each other") {
    const CardFolder folder;
    const Json out = folder.infer("--limit 40 --trials 3");
    CHECK(out["samples"] == 40);
    CHECK(out["trials"] == 3);
    const Json& analog = out["accuracy"]["analog"];
    double sum = 0, squares = 0;
    REQUIRE(analog["per_trial"].size() == 3);
    for (const double value : analog["per_trial"]) {
        CHECK(std::abs(value * 40 - std::round(value * 40)) < 1e-9);
        sum += value;
    }
    for (const double value : analog["per_trial"]) squares += std::pow(value - sum / 3, 2);
    CHECK_THAT(analog["mean"].get<double>(), WithinRel(sum / 3, 1e-12));
    CHECK(std::abs(analog["std"].get<double>() - std::sqrt(squares / 2)) < 1e-12);
    CHECK(out["accuracy"]["float"].get<double>() > 0.9);

    const Json& energy = out["energy"];
    double parts = 0, layers = 0, latency = 0;
    for (const double joule : energy["breakdown"]) parts += joule;
    for (const Json& layer : out["layers"]) {
        layers += layer["energy_joule"].get<double>();
        latency += layer["latency_second"].get<double>();
    }
    const double joule = energy["per_inference_joule"].get<double>();
    CHECK(joule > 0);
    CHECK_THAT(parts, WithinRel(joule, 1e-9));
    CHECK_THAT(layers, WithinRel(joule, 1e-9));
    const double operations = 2.0 * (256 * 48 + 48 * 10);
    CHECK_THAT(energy["tops_per_watt"].get<double>(), WithinRel(operations / joule / 1e12, 1e-9));
    CHECK_THAT(energy["convention"].get<std::string>(), ContainsSubstring("2 operations"));
    CHECK_THAT(out["latency"]["per_inference_second"].get<double>(), WithinRel(latency, 1e-9));
    CHECK_THAT(latency, WithinRel(2 * (20e-9 + 260e-9), 1e-9));
}

TEST_CASE("infer's options reach the simulation") {
    const CardFolder folder;
    const auto first_error = [](const Json& out) {
        return out["layers"][0]["signal_to_error_db"].get<double>();
    };
    const Json usual = folder.infer("--limit 30");
    CHECK(first_error(folder.infer("--limit 30 --seed 2")) != first_error(usual));
    const Json sure = folder.infer("--limit 30 --trials 2 --ideal-programming --no-noise");
    CHECK(sure["accuracy"]["analog"]["std"] == 0.0);
    CHECK(first_error(sure) > first_error(folder.infer("--limit 30 --no-noise")));
    CHECK(first_error(sure) > first_error(folder.infer("--limit 30 --ideal-programming")));
    const Json narrow = folder.infer("--limit 30 --percentile 90");
    CHECK(narrow["activation_range"]["percentile"] == 90.0);
    CHECK(narrow["layers"][1]["activation_max"] < usual["layers"][1]["activation_max"]);
}

TEST_CASE("infer writes the same bytes for any number of threads") {
    const CardFolder folder;
    const std::string options = "--limit 200 --trials 2 --threads ";
    const std::string one = folder.infer_text(options + "1");
    CHECK(folder.infer_text(options + "2") == one);
    CHECK(folder.infer_text(options + "7 --quiet") == one);
}

TEST_CASE("infer's result can go to standard output, alone") {
    const CardFolder folder;
    const std::string expected = folder.infer_text("--limit 5");
    const ProgramResult result = run_mho(infer_digits(folder.card(), "-") + " --limit 5");
    CHECK(result.exit_code == 0);
    CHECK(result.out == expected);
    CHECK_THAT(result.err, ContainsSubstring("TOPS/W"));
}

TEST_CASE("an interrupted infer keeps what is done and says so") {
    const CardFolder folder;
    const std::string start = "'" MHO_BINARY_DIR "/mho' " +
                              infer_digits(folder.card(), folder.output()) + " --trials 1000";
    // How long it takes to the first image depends on the machine, so be patient.
    ProgramResult result;
    for (int seconds = 1; seconds <= 64 && !fs::exists(folder.output()); seconds *= 2) {
        result =
            run_shell(start + " & sleep " + std::to_string(seconds) + "; kill -TERM $!; wait $!");
        INFO("stderr: " << result.err);
        REQUIRE(result.exit_code == 130);
        CHECK_THAT(result.err, ContainsSubstring("mho: interrupted"));
    }
    REQUIRE(fs::exists(folder.output()));
    const Json out = Json::parse(mho::read_file(folder.output()));
    CHECK(out["interrupted"] == true);
    CHECK(out["samples"].get<int>() >= 1);
    CHECK(out["trials"].get<int>() >= 1);
    CHECK(out["trials"].get<int>() < 1000);
    CHECK_THAT(result.err, ContainsSubstring("holds what was done"));
    CHECK_THAT(result.out, ContainsSubstring("note: interrupted"));
}
