// SPDX-License-Identifier: Apache-2.0
#include "behavioral/bit_serial.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "behavioral/bit_serial_cards.h"
#include "behavioral/cards.h"

using namespace mho::behavioral;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::MatrixXd;
using Eigen::MatrixXi;
using mho::test::bit_serial_card;

namespace {

const MatrixXd kStates = (MatrixXd(3, 2) << 10e-6, 40e-6, 20e-6, 30e-6, 5e-6, 15e-6).finished();
const MatrixXi kCodes = (MatrixXi(3, 1) << 5, 7, 2).finished();

}  // namespace

TEST_CASE(
    "bits weigh powers of two: the counter is that of the product of codes and conductances") {
    const ModelCard card = bit_serial_card();
    const BitSerialProducts products = bit_serial_products(card, kStates, kCodes);
    for (int j = 0; j < 2; ++j) {
        double product = 0;
        for (int i = 0; i < 3; ++i) product += kCodes(i, 0) * kStates(i, j) * 0.1;
        // Halved after every bit: the last counts one half, the first one eighth.
        const double expected = 30e3 * product / 8 / 0.01;
        CHECK_THAT(products.counter(0, j), WithinRel(expected, 1e-6));
        CHECK(products.codes(0, j) == static_cast<int>(expected));
    }
}

TEST_CASE("vectors of a batch do not depend on each other") {
    const ModelCard card = bit_serial_card();
    MatrixXi codes(3, 3);
    codes << 0, 5, 7, 0, 7, 7, 0, 2, 7;
    const BitSerialProducts products = bit_serial_products(card, kStates, codes);
    const BitSerialProducts alone = bit_serial_products(card, kStates, kCodes);
    CHECK(products.counter.row(1) == alone.counter.row(0));
    CHECK(products.counter.row(0).isZero());
    CHECK(products.energy[1].total() == alone.energy[0].total());
}

TEST_CASE("what is left of the bit before counts with the difference of their currents") {
    IntegratorModel model = bit_serial_card().bit_serial.integrator;
    model.memory_ohm = 100;
    const double a = 3e-6, b = 11e-6, c = 1e-6;
    const double first = 30e3 * a - 100 * a;
    const double second = 30e3 * b + 100 * (a - b);
    const double third = 30e3 * c + 100 * (b - c);
    const double ampere[] = {a, b, c};
    CHECK_THAT(held_volt(model, ampere),
               WithinRel(0.1 + first / 8 + second / 4 + third / 2, 1e-12));
    CHECK_THROWS_WITH(held_volt(model, std::span(ampere, 2)),
                      "integrator: expected the currents of 3 bits, found 2");
}

TEST_CASE("an integrated bit follows its points, and the last line beyond them") {
    IntegratorModel model = bit_serial_card().bit_serial.integrator;
    model.bits = 1;
    model.sum_keep = 0;
    model.sum_take = 1;
    model.held_offset_volt = 0;
    model.bit_volt = {0.01, 0.13, 0.45};  // 30 kohm, then 20 kohm
    const auto held = [&](double ampere) { return held_volt(model, std::span(&ampere, 1)); };
    CHECK_THAT(held(0), WithinAbs(0.01, 1e-15));
    CHECK_THAT(held(2e-6), WithinAbs(0.07, 1e-12));
    CHECK_THAT(held(4e-6), WithinAbs(0.13, 1e-12));
    CHECK_THAT(held(12e-6), WithinAbs(0.29, 1e-12));
    CHECK_THAT(held(30e-6), WithinAbs(0.65, 1e-12));
}

TEST_CASE("comparators on one ramp push each other's counters, and the reference's") {
    ModelCard card = bit_serial_card();
    const MatrixXd before = bit_serial_products(card, kStates, kCodes).counter;
    // One that lies below adds 0.2 periods, one above nothing: a step, for all columns apart.
    card.bit_serial.sharing.volt = {-1e-9, 1e-9};
    card.bit_serial.sharing.count = {0, 0.2};
    card.bit_serial.sharing.others_volt = 1;  // above all, when the converter was measured
    const MatrixXd after = bit_serial_products(card, kStates, kCodes).counter;
    // The reference has nothing below it, the lower column the reference, the upper one both.
    const int low = before(0, 0) < before(0, 1) ? 0 : 1;
    CHECK_THAT(after(0, low) - before(0, low), WithinAbs(0.2, 1e-9));
    CHECK_THAT(after(0, 1 - low) - before(0, 1 - low), WithinAbs(0.4, 1e-9));
    card.bit_serial.sharing.reference_count = 0.5;
    const MatrixXd late = bit_serial_products(card, kStates, kCodes).counter;
    CHECK_THAT(after(0, 0) - late(0, 0), WithinAbs(0.5, 1e-9));
}

TEST_CASE("a multiply's energy is that of its blocks, and gates count as often as they rise") {
    const ModelCard card = bit_serial_card();
    MatrixXi codes(3, 2);
    codes << 5, 7, 5, 7, 0, 7;
    const BitSerialProducts products = bit_serial_products(card, kStates, codes);
    CHECK_THAT(products.energy[0].gate_lines, WithinRel(4e-15, 1e-12));  // 101 rises twice
    CHECK_THAT(products.energy[1].gate_lines, WithinRel(3e-15, 1e-12));
    CHECK_THAT(products.energy[0].integrators, WithinRel(3e-12, 1e-12));  // with the reference
    CHECK_THAT(products.energy[0].total(), WithinRel(4e-15 + 3e-12 + 3e-13 + 2e-12, 1e-12));
}

TEST_CASE("codes end where the ramp does") {
    ModelCard card = bit_serial_card();
    CHECK(bit_serial_code_max(card.bit_serial) == 53);  // it starts at 0.1 V, code 10
    card.bit_serial.integrator.bit_volt = {0, 1.2, 6};
    const BitSerialProducts products = bit_serial_products(card, kStates, kCodes);
    CHECK(products.codes(0, 1) == 53);
}

TEST_CASE("what cannot be multiplied is refused") {
    const ModelCard card = bit_serial_card();
    MatrixXi codes = kCodes;
    codes(1, 0) = 8;
    CHECK_THROWS_WITH(bit_serial_products(card, kStates, codes),
                      "bit-serial inputs: expected codes from 0 to 7, found 8");
    codes(1, 0) = -1;
    CHECK_THROWS_WITH(bit_serial_products(card, kStates, codes), ContainsSubstring("found -1"));
    ModelCard other = mho::test::some_card(4, 3);
    CHECK_THROWS_WITH(bit_serial_products(other, kStates, kCodes),
                      ContainsSubstring("the card's columns are not read by integrators"));
}
