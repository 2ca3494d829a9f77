// SPDX-License-Identifier: Apache-2.0
// Reading back what write_deck writes gives an equal deck.
#include "netlist/deck_read.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "netlist/benches.h"
#include "netlist/example_circuits.h"
#include "netlist/random_decks.h"

using namespace mho::netlist;

namespace {

Spec small_spec(std::string_view corner) {
    Spec spec;
    spec.name = "small";
    spec.corner = std::string(corner);
    spec.array.rows = 4;
    spec.array.columns = 3;
    return spec;
}

std::vector<Deck> every_read_bench(const Design& design) {
    const std::vector<double> states{5e-6, 10e-6, 20e-6, 1e-6 / 3};
    const std::vector<double> inputs{0.1, -0.05, 0.02, 0.1 / 3};
    const ColumnTiming timing = conversion_timing(design.spec, 30e-9);
    const Eigen::MatrixXd grid = Eigen::MatrixXd::Constant(4, 3, 1e-5 / 3);
    const Eigen::MatrixXd volts = Eigen::MatrixXd::Constant(4, 5, 0.1 / 3);
    return {cell_bench(design, states, {0.1, 11}),
            driver_bench(design, inputs, {50e-6, 5}),
            driver_switch_bench(design),
            array_bench(design, grid, volts, 100),
            readout_bench(design, {20e-6, 5}),
            readout_noise_bench(design),
            adc_bench(design, 0.6, timing),
            column_bench(design, states, inputs, timing),
            macro_bench(design, grid, inputs, timing)};
}

// The first line of `text` that is not that of `other`; empty when there is none.
std::string first_difference(const std::string& text, const std::string& other) {
    std::istringstream lines(text);
    std::istringstream other_lines(other);
    std::string line;
    std::string other_line;
    while (std::getline(lines, line)) {
        if (!std::getline(other_lines, other_line) || line != other_line) return "> " + line;
    }
    return std::getline(other_lines, other_line) ? "< " + other_line : "";
}

void check_round_trip(const Deck& deck) {
    const std::string text = write_deck(deck);
    CAPTURE(text);
    const Deck read = read_deck(text, "deck.cir");
    CHECK(read == deck);
    CHECK(first_difference(write_deck(read), text) == "");
}

}  // namespace

TEST_CASE("every bench is read back as it was written") {
    const bool klu = GENERATE(false, true);
    Design design = load_design(small_spec(klu ? "ff" : "tt"));
    design.klu = klu;
    for (const Deck& deck : every_read_bench(design)) {
        CAPTURE(deck.title);
        CHECK(read_deck(write_deck(deck), "deck.cir") == deck);
        const Deck alone = inline_libraries(deck);
        CHECK(read_deck(write_deck(alone), "deck.cir") == alone);
    }
}

TEST_CASE("the text for in-process use is read back as the same circuit") {
    const Design design = load_design(small_spec("tt"));
    for (Deck deck : every_read_bench(design)) {
        CAPTURE(deck.title);
        const Deck read = read_deck(netlist_text(deck), "deck.cir");
        CHECK(read.analysis == Analysis(OperatingPoint{}));
        deck.analysis = OperatingPoint{};
        deck.measures = {};
        deck.saved = read.saved;
        CHECK(read == deck);
    }
}

TEST_CASE("the example circuits are read back as they were written") {
    Deck deck;
    deck.circuit = mho::test::divider_bench();
    deck.saved = {"v(out)", "i(vin)"};
    check_round_trip(deck);
    deck.circuit = mho::test::transistor_array(5, 4);
    deck.saved = {};
    check_round_trip(deck);
    deck.circuit = Circuit("empty");
    check_round_trip(deck);
}

TEST_CASE("random decks are read back as they were written") {
    for (std::uint32_t number = 0; number < 400; ++number) {
        CAPTURE(number);
        const Deck deck = mho::test::RandomDeck(number).deck();
        const std::string text = write_deck(deck);
        const Deck read = read_deck(text, "deck.cir");
        CHECK(read == deck);
        CHECK(first_difference(write_deck(read), text) == "");
    }
}

TEST_CASE("a deck that is cut or spoilt is read or refused, and nothing else") {
    mho::RandomStream random(2, mho::RandomPurpose::test);
    std::size_t refused = 0;
    constexpr std::string_view kBytes = "(){}'=+-*,. \n\t0159eaxvmrb$;@\x01\xff";
    for (std::uint32_t number = 0; number < 2000; ++number) {
        std::string text = write_deck(mho::test::RandomDeck(number % 50).deck());
        const auto size = static_cast<std::uint32_t>(text.size());
        if (number % 4 == 0) {
            text.resize(random.below(size));
        } else {
            for (std::uint32_t k = 0; k <= number % 3; ++k) {
                const auto length = static_cast<std::uint32_t>(kBytes.size());
                text[random.below(size)] = kBytes[random.below(length)];
            }
        }
        try {
            (void)read_deck(text, "deck.cir");
        } catch (const mho::Error& error) {
            ++refused;
            CHECK(error.kind() == mho::ErrorKind::bad_input);
            CHECK(std::string(error.what()).starts_with("deck.cir:"));
        }
    }
    CHECK(refused > 500);
}
