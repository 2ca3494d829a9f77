// SPDX-License-Identifier: Apache-2.0
// `mho infer --system` and `mho map`: options arrive, results are written, slips are refused.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/command.h"
#include "base/file.h"
#include "behavioral/card_json.h"
#include "behavioral/cards.h"
#include "flows/npy.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;
using Json = nlohmann::json;

namespace {

std::string infer_system(const std::string& system, const std::string& more) {
    return "infer --system " + system + " --model " + quoted(digits_network()) + " --data " +
           quoted(source_path("data/digits")) + " " + more;
}

}  // namespace

TEST_CASE("infer runs a described system and writes what it was, scores and classes") {
    const TemporaryFolder folder;
    const ProgramResult result = run_mho(infer_system(
        "taox",
        "--set array.rows=64 --set device.error_scale=2 --limit 30 --trials 2 --ablate "
        "--logits " +
            quoted(folder / "l.npy") + " --predictions " + quoted(folder / "p.npy") + " -o " +
            quoted(folder / "out.json")));
    INFO("stderr: " << result.err);
    REQUIRE(result.exit_code == 0);
    for (const char* part :
         {"system taox", "2 trials", "signal/error", "without spread of cells", "note: ", "fc1"}) {
        CHECK_THAT(result.out, ContainsSubstring(part));
    }
    const Json out = Json::parse(mho::read_file(folder / "out.json"));
    CHECK(out["system"]["name"] == "taox");
    CHECK_THAT(out["system"]["toml"].get<std::string>(), ContainsSubstring("rows = 64\n"));
    CHECK(out["layers"][0]["row_blocks"] == 4);  // 256 inputs
    CHECK(out["ablations"].size() == 4);
    const auto scores = mho::flows::read_npy(folder / "l.npy");
    const auto classes = mho::flows::read_npy(folder / "p.npy");
    CHECK(scores.shape == std::vector<std::size_t>{30, 10});
    REQUIRE(classes.shape == std::vector<std::size_t>{30});
    for (std::size_t i = 0; i < 30; ++i) {
        const auto row = scores.values.begin() + static_cast<std::ptrdiff_t>(10 * i);
        CHECK(static_cast<double>(std::max_element(row, row + 10) - row) == classes.values[i]);
    }
}

TEST_CASE("a card beside a system gives its converter") {
    const TemporaryFolder folder;
    const std::string card = quoted(folder / "card.json");
    mho::behavioral::ModelCard made = some_card(16, 16);
    const mho::behavioral::AdcMismatch mismatch = made.adc.mismatch;
    made.adc.mismatch = {};
    mho::write_file(folder / "card.json", mho::behavioral::card_to_json(made));
    const ProgramResult with =
        run_mho(infer_system("ideal8", "--limit 40 --card " + card + " -o -"));
    INFO("stderr: " << with.err);
    REQUIRE(with.exit_code == 0);
    const Json out = Json::parse(with.out);
    CHECK_THAT(out["system"]["toml"].get<std::string>(), ContainsSubstring("model = \"card\""));
    const Json without = Json::parse(run_mho(infer_system("ideal8", "--limit 40 -o -")).out);
    // Transitions up to 0.3 of a step off cost some, but not all.
    const auto decibel = [](const Json& json) {
        return json["layers"][0]["signal_to_error_db"].get<double>();
    };
    CHECK(decibel(out) < decibel(without));
    CHECK(decibel(out) > decibel(without) - 6);
    // Instances with offsets of several steps cost more, by the seed.
    made.adc.mismatch = mismatch;
    mho::write_file(folder / "drawn.json", mho::behavioral::card_to_json(made));
    const auto drawn = [&](const std::string& seed) {
        const std::string more =
            "--limit 40 --seed " + seed + " --card " + quoted(folder / "drawn.json") + " -o -";
        return decibel(Json::parse(run_mho(infer_system("ideal8", more)).out));
    };
    CHECK(drawn("1") < decibel(out) - 3);
    CHECK(drawn("1") == drawn("1"));
    CHECK(drawn("1") != drawn("2"));
    check_refused(run_mho(infer_system("ideal8", "--card " + card + " --set adc.bits=6 -o -")),
                  "adc.bits = 6");
}

TEST_CASE("the digital float system is infer without a card") {
    const std::string more = "--limit 20 -o -";
    const ProgramResult named = run_mho(infer_system("digital-float", more));
    const ProgramResult plain = run_mho("infer --model " + quoted(digits_network()) + " --data " +
                                        quoted(source_path("data/digits")) + " " + more);
    CHECK(named.exit_code == 0);
    CHECK(named.out == plain.out);
}

TEST_CASE("a system's bytes do not depend on threads") {
    const auto run = [](const std::string& threads) {
        return run_mho(infer_system("sonos-tcas",
                                    "--set wire.r_col=1 --set noise.readout_lsb=1 "
                                    "--limit 130 -o - --threads " +
                                        threads))
            .out;
    };
    const std::string one = run("1");
    CHECK_THAT(one, ContainsSubstring("per_trial"));
    CHECK(run("3") == one);
}

TEST_CASE("slips on the command line of a system are refused in one line") {
    check_refused(run_mho(infer_system("ideal9", "-o -")), "did you mean 'ideal8'?");
    check_refused(run_mho(infer_system("ideal8", "--set array.rws=4 -o -")),
                  "unknown key 'array.rws' (did you mean 'array.rows'?)");
    check_refused(run_mho(infer_system("ideal8", "--set array.rows=x -o -")),
                  "array.rows: expected a whole number 0 to 65536");
    check_refused(run_mho(infer_system("ideal8", "--card c.json -o -")), "c.json");
    check_refused(run_mho(infer_system("ideal8", "--set adc.model=card -o -")), "--card");
    check_refused(run_mho(infer_system("ideal8", "--no-noise -o -")), "device.read_noise_scale=0");
    check_refused(run_mho("infer --ablate --model " + quoted(digits_network()) + " --data x -o -"),
                  "--set and --ablate are of --system");
    check_refused(run_mho("map --model " + quoted(digits_network()) + " --system nothing"),
                  "no system 'nothing' is shipped");
}

TEST_CASE("map prints layers, arrays and their utilisation") {
    const ProgramResult result =
        run_mho("map --model " + quoted(digits_network()) + " --system isaac --set array.rows=64");
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    for (const char* part :
         {"fc1", "256 x 48", "utilisation", "arrays of 64 x 128 cells (isaac)"}) {
        CHECK_THAT(result.out, ContainsSubstring(part));
    }
}

TEST_CASE("size recommends an array, draws it, and goes on where it was") {
    const TemporaryFolder folder;
    const std::string command = "size --system taox --model " + quoted(digits_network()) +
                                " --data " + quoted(source_path("data/digits")) +
                                " --limit 100 --trials 2 --axis rows=16,64 --axis bits=6,8 -o " +
                                quoted(folder / "size.json");
    const std::string tolerant = command + " --tolerance 5";
    const ProgramResult first = run_mho(tolerant);
    INFO("stderr: " << first.err);
    REQUIRE(first.exit_code == 0);
    CHECK_THAT(first.out, ContainsSubstring("recommended  rows = 64, bits = 6: loses"));
    CHECK(Json::parse(mho::read_file(folder / "size.json"))["schema"] == "mho.size/1");
    CHECK_THAT(mho::read_file(folder / "size.svg"), ContainsSubstring("<svg"));
    CHECK(std::filesystem::exists(folder / "size.json.passes"));
    const std::string before = mho::read_file(folder / "size.json");
    CHECK(run_mho(tolerant).exit_code == 0);
    CHECK(mho::read_file(folder / "size.json") == before);
    CHECK(run_mho(command + " --tolerance 1e-6").exit_code == 1);
    const ProgramResult slip = run_mho(command + " --axis row=1:2");
    CHECK(slip.exit_code == 2);
    CHECK_THAT(slip.err, ContainsSubstring("did you mean 'rows'?"));
}
