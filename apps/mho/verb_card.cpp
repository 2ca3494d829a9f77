// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/mho/card_text.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "behavioral/card_json.h"

namespace mho::apps {
namespace {

struct Options {
    std::string action;
    std::vector<std::filesystem::path> cards;
    double above = 0;
};

behavioral::ModelCard read_card(const std::filesystem::path& path) {
    return behavioral::card_from_json(read_file(path), path.string());
}

void expect_cards(const Options& options, std::size_t count) {
    if (options.cards.size() == count) return;
    throw bad_input("card {}: found {} cards, expected {}", options.action, options.cards.size(),
                    count);
}

int show(const Options& options) {
    expect_cards(options, 1);
    fmt::print("{}", card_text(read_card(options.cards[0])));
    return 0;
}

int diff(const Options& options) {
    expect_cards(options, 2);
    if (!std::isfinite(options.above) || options.above < 0) {
        throw bad_input("--above must be a number >= 0, found {}", options.above);
    }
    const auto differences = behavioral::card_differences(
        read_card(options.cards[0]), read_card(options.cards[1]), options.above);
    if (differences.empty()) {
        if (options.above > 0) fmt::print("nothing differs by more than {:g}\n", options.above);
        return 0;
    }
    fmt::print("{}", differences_text(differences));
    return static_cast<int>(ErrorKind::bad_result);
}

int run(const Options& options) {
    if (options.action == "show") return show(options);
    if (options.action == "diff") return diff(options);
    throw bad_input("card: unknown action '{}'{}; known are diff, show", options.action,
                    did_you_mean(options.action, std::vector<std::string>{"diff", "show"}));
}

}  // namespace

Verb card_verb() {
    return {
        "card", "print a calibration card on one page, or compare two",
        "  mho card show card.json\n"
        "  mho card diff old.json new.json --above 1e-3\n"
        "  lists every key that differs by more than 0.1 %, with both values; exit code 0\n"
        "  when there is none, 1 when there is.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            app.add_option("action", options->action,
                           "show: one page; diff: what two cards have different")
                ->required();
            app.add_option("cards", options->cards, "cards (JSON) of mho calibrate")->required();
            app.add_option("--above", options->above,
                           "relative difference of numbers that counts (default 0: every bit)");
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
