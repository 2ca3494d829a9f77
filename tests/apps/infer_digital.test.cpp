// SPDX-License-Identifier: Apache-2.0
// `mho infer` without a card: the network alone.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/command.h"
#include "base/file.h"
#include "behavioral/card_json.h"
#include "flows/npy.h"
#include "support/ideal_card.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;
using Json = nlohmann::json;

namespace fs = std::filesystem;

namespace {

std::string digital(const fs::path& output) {
    return "infer --model " + quoted(digits_network()) + " --data " +
           quoted(source_path("data/digits")) + " -o " + quoted(output) + " ";
}

}  // namespace

TEST_CASE("infer without a card gives float accuracy, scores and classes that agree") {
    const TemporaryFolder folder;
    const fs::path output = folder / "out.json", logits = folder / "l.npy",
                   classes = folder / "p.npy";
    const ProgramResult result = run_mho(digital(output) + "--limit 90 --logits " + quoted(logits) +
                                         " --predictions " + quoted(classes));
    INFO("stderr: " << result.err);
    REQUIRE(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK_THAT(result.out, ContainsSubstring("on 90 images") && ContainsSubstring("float") &&
                               ContainsSubstring("wrote " + logits.string()));
    const Json out = Json::parse(mho::read_file(output));
    CHECK(out["schema"] == "mho.inference/1");
    CHECK(out["samples"] == 90);
    CHECK(out["interrupted"] == false);
    CHECK(out["accuracy"]["float"].get<double>() > 0.9);
    CHECK_FALSE(out["accuracy"].contains("analog"));

    const auto scores = mho::flows::read_npy(logits), best = mho::flows::read_npy(classes);
    CHECK(scores.element_type == "<f4");
    CHECK(best.element_type == "<u2");
    REQUIRE(scores.shape == std::vector<std::size_t>{90, 10});
    REQUIRE(best.shape == std::vector<std::size_t>{90});
    for (std::size_t i = 0; i < 90; ++i) {
        for (std::size_t c = 0; c < 10; ++c) {
            const auto top = static_cast<std::size_t>(best.values[i]);
            CHECK(scores.values[10 * i + c] <= scores.values[10 * i + top]);
        }
    }
}

TEST_CASE("infer without a card agrees with the float part of a run on tiles") {
    const TemporaryFolder folder;
    const fs::path card = folder / "card.json", output = folder / "out.json";
    mho::write_file(card, mho::behavioral::card_to_json(ideal_card(64, 32)));
    REQUIRE(run_mho(digital(output) + "--limit 200 --threads 1").exit_code == 0);
    const Json alone = Json::parse(mho::read_file(output));
    REQUIRE(run_mho(digital(output) + "--limit 200 --card " + quoted(card)).exit_code == 0);
    const Json both = Json::parse(mho::read_file(output));
    CHECK(alone["accuracy"]["float"] == both["accuracy"]["float"]);
    CHECK(alone["model"] == both["model"]);
    CHECK(alone["data"] == both["data"]);
}

TEST_CASE("a normalisation that the network was not trained with changes the result") {
    const TemporaryFolder folder;
    const fs::path logits = folder / "l.npy";
    const auto first_score = [&](const std::string& options) {
        const ProgramResult result =
            run_mho(digital("-") + "--limit 1 --logits " + quoted(logits) + " " + options);
        REQUIRE(result.exit_code == 0);
        return mho::flows::read_npy(logits).values[0];
    };
    CHECK(first_score("") == first_score("--normalize unit"));
    CHECK(first_score("") != first_score("--normalize signed"));
    mho::write_file(folder / "own.toml", "divisor = 127.5\nmean = 1\n");
    CHECK(first_score("--normalize " + quoted(folder / "own.toml")) ==
          first_score("--normalize signed"));
}

TEST_CASE("options of infer that do not go together are refused") {
    const TemporaryFolder folder;
    const fs::path output = folder / "out.json", card = folder / "card.json";
    mho::write_file(card, mho::behavioral::card_to_json(ideal_card(16, 16)));
    check_refused(run_mho(digital(output) + "--card " + quoted(card) + " --logits l.npy"),
                  "without --card");
    check_refused(run_mho(digital(output) + "--normalize unti"), "'unti' is not known");
    check_refused(run_mho(digital(output) + "--logits " + quoted(folder.path())), "directory");
    check_refused(run_mho(digital(output) + "--normalize imagenet"), "3 values of mean");
    CHECK(count_entries(folder.path()) == 1);
}
