// SPDX-License-Identifier: Apache-2.0
#include "behavioral/tile.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "behavioral/array_cases.h"
#include "behavioral/array_nodes.h"
#include "behavioral/cards.h"
#include "behavioral/cell_law.h"
#include "behavioral/readout.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

RowMatrixXf random_inputs(Index batch, Index inputs, std::uint32_t id = 0) {
    mho::RandomStream random(31, mho::RandomPurpose::test, id);
    return RowMatrixXf::NullaryExpr(batch, inputs,
                                    [&] { return static_cast<float>(random.below(255)) - 127.0f; });
}

// Column and row currents of one batch, plainly: reference solver, double precision.
struct Plain {
    MatrixXd column_ampere, row_ampere, drive;
};
Plain plain_currents(const ModelCard& card, const MatrixXd& state, const RowMatrixXf& x) {
    const double read = 0.5 * card.driver.amplitude_volt;
    const MatrixXd g = state.unaryExpr([&](double s) {
        return 0.5 * (cell_current(card.cell, read, s) - cell_current(card.cell, -read, s)) / read;
    });
    Plain out{MatrixXd(x.rows(), state.cols()), MatrixXd(x.rows(), state.rows()),
              MatrixXd(x.rows(), state.rows())};
    for (Index i = 0; i < x.cols(); ++i) {
        out.drive.col(2 * i) = x.col(i).cast<double>() * (card.driver.amplitude_volt / 127);
        out.drive.col(2 * i + 1) = -out.drive.col(2 * i);
    }
    const MatrixXd above_input = (out.drive.array() - card.readout.input_offset_volt).matrix();
    const auto solved = solve_nodes(g, card.array, above_input);
    for (Index b = 0; b < x.rows(); ++b) {
        out.column_ampere.row(b) = solved[static_cast<std::size_t>(b)].column_ampere.transpose();
        out.row_ampere.row(b) = solved[static_cast<std::size_t>(b)].row_ampere.transpose();
    }
    // What drivers of another resistance at their levels take away.
    const Index rows = state.rows();
    const auto unit = solve_nodes(g, card.array, MatrixXd::Identity(rows, rows));
    for (Index i = 0; i < rows; ++i) {
        const Eigen::RowVectorXd response =
            unit[static_cast<std::size_t>(i)].column_ampere.transpose();
        const double loss =
            card.driver.resistance_per_volt * card.array.driver_ohm * response.sum();
        out.column_ampere -= loss * out.drive.col(i).cwiseAbs2() * response;
    }
    return out;
}

int counted_code(const AdcModel& adc, double volt) {
    int code = 0;
    for (const double t : adc.transition_volt) code += volt >= t ? 1 : 0;
    return code;
}

}  // namespace

TEST_CASE("codes are those of the chain worked step by step") {
    const auto [rows, columns, batch] = GENERATE(
        table<int, int, int>({{2, 1, 1}, {2, 5, 3}, {16, 8, 128}, {38, 53, 129}, {64, 64, 300}}));
    const ModelCard card = some_card(rows, columns, static_cast<std::uint32_t>(rows + batch));
    const MatrixXd state = ordinary(rows, columns);
    const Tile tile = compile_tile(card, state);
    REQUIRE(tile.inputs() == rows / 2);
    REQUIRE(tile.columns() == columns);
    REQUIRE(tile.input_code_max() == 127);
    REQUIRE(tile.output_code_max() == 255);
    const RowMatrixXf x = random_inputs(batch, rows / 2);
    RowMatrixXf codes(batch, columns), ampere(batch, columns);
    tile.run(x, codes);
    tile.currents(x, ampere);
    const Plain plain = plain_currents(card, state, x);
    // Sums of up to 32 products in single precision, then about 0.35 V in single precision.
    const double sum_scale = tile.ampere_per_code().cwiseAbs().colwise().sum().maxCoeff() * 127 +
                             tile.offset_ampere().cwiseAbs().maxCoeff();
    const double ampere_error = 1e-6 * sum_scale;
    const double volt_error = ampere_error * card.readout.transimpedance_ohm * 1.1 + 1e-6;
    CHECK((ampere.cast<double>() - plain.column_ampere).cwiseAbs().maxCoeff() < ampere_error);
    int wrong = 0, close = 0;
    for (Index b = 0; b < batch; ++b) {
        for (Index j = 0; j < columns; ++j) {
            const double volt = readout_volt(card.readout, plain.column_ampere(b, j));
            const auto code = static_cast<int>(codes(b, j));
            if (code == counted_code(card.adc, volt)) continue;
            ++close;
            wrong += code < counted_code(card.adc, volt - volt_error) ||
                     code > counted_code(card.adc, volt + volt_error);
        }
    }
    CHECK(wrong == 0);
    CHECK(close <= 1 + batch * columns / 100);
}

TEST_CASE("a sample's codes do not depend on the batch around it") {
    ModelCard card = some_card(64, 48);
    const Tile tile = compile_tile(card, ordinary(64, 48));
    const Index batch = 301;
    const RowMatrixXf x = random_inputs(batch, 32);
    RowMatrixXf whole(batch, 48);
    tile.run(x, whole, NoiseStream{7, 3, 1000});
    for (const Index part : {1, 7, 128, 200}) {
        RowMatrixXf pieces(batch, 48);
        for (Index begin = 0; begin < batch; begin += part) {
            const Index count = std::min(part, batch - begin);
            tile.run(x.middleRows(begin, count), pieces.middleRows(begin, count),
                     NoiseStream{7, 3, 1000 + static_cast<std::uint32_t>(begin)});
        }
        CHECK(pieces == whole);
    }
    RowMatrixXf threaded(batch, 48);
    mho::parallel_for(7, 4, [&](std::size_t k) {
        const Index begin = static_cast<Index>(k) * 43;
        tile.run(x.middleRows(begin, 43), threaded.middleRows(begin, 43),
                 NoiseStream{7, 3, 1000 + static_cast<std::uint32_t>(begin)});
    });
    CHECK(threaded == whole);
}

TEST_CASE("inputs and outputs may be blocks of larger matrices") {
    const Tile tile = compile_tile(some_card(16, 5), ordinary(16, 5));
    const RowMatrixXf wide = random_inputs(140, 20);
    const RowMatrixXf x = wide.middleCols(3, 8);
    RowMatrixXf codes(140, 5), wide_codes = RowMatrixXf::Constant(140, 9, -1);
    tile.run(x, codes);
    tile.run(wide.middleCols(3, 8), wide_codes.middleCols(2, 5));
    CHECK(wide_codes.middleCols(2, 5) == codes);
    CHECK((wide_codes.leftCols(2).array() == -1).all());
    CHECK((wide_codes.rightCols(2).array() == -1).all());
    RowMatrixXf none(0, 5);
    tile.run(RowMatrixXf(0, 8), none);
}

TEST_CASE("read-out noise has the card's deviation and follows its stream") {
    ModelCard card = some_card(2, 50);
    card.readout.input_offset_volt = 0;
    card.readout.noise_volt_rms = 3e-3;  // and the converter's, independent: 5 mV
    card.adc.noise_volt_rms = 4e-3;
    card.adc.transition_volt.clear();
    for (int k = 1; k < 256; ++k) card.adc.transition_volt.push_back(0.25 + k * 0.2 / 256);
    card.readout.offset_volt = 0.35 + 0.5 * 0.2 / 256;  // the middle of code 128
    const Tile tile = compile_tile(card, ordinary(2, 50));
    const Index batch = 400;
    const RowMatrixXf x = RowMatrixXf::Zero(batch, 1);
    RowMatrixXf first(batch, 50), again(batch, 50), other(batch, 50), silent(batch, 50);
    tile.run(x, first, NoiseStream{1, 2, 0});
    tile.run(x, again, NoiseStream{1, 2, 0});
    tile.run(x, silent);
    CHECK(first == again);
    CHECK((silent.array() == 128).all());
    for (const NoiseStream& stream :
         {NoiseStream{2, 2, 0}, NoiseStream{1, 3, 0}, NoiseStream{1, 2, 9999}}) {
        tile.run(x, other, stream);
        CHECK(other != first);
    }
    // LSB 0.78 mV: sigma 6.4 LSB plus the uniform 1/12; five standard errors of 20,000 draws.
    const double mean = first.cast<double>().mean();
    const double variance = (first.cast<double>().array() - mean).square().mean();
    const double expected = std::pow(5e-3 / (0.2 / 256), 2) + 1.0 / 12;
    CHECK_THAT(mean, WithinAbs(128, 5 * std::sqrt(expected / 20000)));
    CHECK_THAT(variance, WithinRel(expected, 5 * std::sqrt(2.0 / 20000)));
}

TEST_CASE("energy is the sum of the blocks' formulas over the batch") {
    const auto [rows, columns] = GENERATE(table<int, int>({{2, 1}, {16, 20}, {38, 53}}));
    ModelCard card = some_card(rows, columns, 5);
    card.energy.comparator_joule_per_square_code = 2e-19;
    const MatrixXd state = ordinary(rows, columns);
    const Tile tile = compile_tile(card, state);
    REQUIRE(tile.has_energy());
    const Index batch = 131;
    const RowMatrixXf x = random_inputs(batch, rows / 2, 4);
    RowMatrixXf codes(batch, columns), without(batch, columns);
    TileEnergy energy{1, 2, 3, 4};  // replaced, not added to
    tile.run(x, codes, {}, &energy);
    tile.run(x, without);
    CHECK(codes == without);
    const Plain plain = plain_currents(card, state, x);
    const double active = card.timing.settle_second + card.timing.conversion_second;
    TileEnergy expected;
    for (Index b = 0; b < batch; ++b) {
        for (Index k = 0; k < rows; ++k) {
            const double level = card.driver.common_mode_volt + plain.drive(b, k);
            const double step = std::max(0.0, plain.drive(b, k));
            expected.drivers_joule += std::max(0.0, level * plain.row_ampere(b, k)) * active +
                                      card.energy.row_switch_joule +
                                      card.energy.row_farad * step * level;
        }
        for (Index j = 0; j < columns; ++j) {
            const double i = plain.column_ampere(b, j);
            expected.readout_joule += (card.energy.readout_static_watt +
                                       (i > 0 ? i * card.energy.readout_sunk_volt
                                              : -i * card.energy.readout_sourced_volt)) *
                                      active;
            expected.comparator_joule +=
                card.energy.comparator_joule +
                card.energy.comparator_joule_per_code * static_cast<double>(codes(b, j)) +
                card.energy.comparator_joule_per_square_code *
                    std::pow(static_cast<double>(codes(b, j)), 2);
        }
        expected.ramp_joule += card.energy.ramp_joule * std::ceil(columns / 16.0);
    }
    CHECK_THAT(energy.drivers_joule, WithinRel(expected.drivers_joule, 1e-5));
    CHECK_THAT(energy.readout_joule, WithinRel(expected.readout_joule, 1e-5));
    CHECK_THAT(energy.comparator_joule, WithinRel(expected.comparator_joule, 1e-5));
    CHECK_THAT(energy.ramp_joule, WithinRel(expected.ramp_joule, 1e-12));
    TileEnergy twice = energy;
    twice += energy;
    CHECK_THAT(twice.total_joule(), WithinRel(2 * energy.total_joule(), 1e-12));
}

TEST_CASE("a tile used in part gives the whole one's codes there, and the whole one's energy") {
    const auto [inputs, columns] =
        GENERATE(table<int, int>({{1, 1}, {5, 6}, {19, 8}, {3, 53}, {19, 53}}));
    const ModelCard card = some_card(38, 53, 5);
    const MatrixXd state = ordinary(38, 53);
    const Tile whole = compile_tile(card, state);
    const Tile part = compile_tile(card, state, {{}, RowResponse::build, inputs, columns});
    REQUIRE(part.inputs() == inputs);
    REQUIRE(part.columns() == columns);
    CHECK(part.ampere_per_code() == whole.ampere_per_code().topLeftCorner(inputs, columns));
    CHECK(part.offset_ampere() == whole.offset_ampere().head(columns));
    const Index batch = 131;
    RowMatrixXf x = random_inputs(batch, 19, 4);
    x.rightCols(19 - inputs).setZero();
    RowMatrixXf whole_codes(batch, 53), codes(batch, columns), ampere(batch, columns);
    RowMatrixXf whole_ampere(batch, 53);
    TileEnergy whole_energy, energy;
    whole.run(x, whole_codes, {}, &whole_energy);
    part.run(x.leftCols(inputs), codes, {}, &energy);
    // Sums may be rounded in another order.
    const auto differ = (codes.array() != whole_codes.leftCols(columns).array());
    CHECK((codes - whole_codes.leftCols(columns)).cwiseAbs().maxCoeff() <= 1);
    CHECK(differ.count() <= 1 + codes.size() / 1000);
    whole.currents(x, whole_ampere);
    part.currents(x.leftCols(inputs), ampere);
    CHECK((ampere - whole_ampere.leftCols(columns)).cwiseAbs().maxCoeff() <
          1e-6f * whole_ampere.cwiseAbs().maxCoeff());
    CHECK_THAT(energy.drivers_joule, WithinRel(whole_energy.drivers_joule, 1e-5));
    CHECK_THAT(energy.readout_joule, WithinRel(whole_energy.readout_joule, 1e-5));
    CHECK_THAT(energy.comparator_joule, WithinRel(whole_energy.comparator_joule, 1e-5));
    CHECK_THAT(energy.ramp_joule, WithinRel(whole_energy.ramp_joule, 1e-12));
}

TEST_CASE("counting energy changes no code, and counts noise of columns that are not used") {
    ModelCard card = some_card(16, 20);
    card.readout.noise_volt_rms = 0.05;
    const Tile tile = compile_tile(card, ordinary(16, 20), {{}, RowResponse::build, 5, 6});
    const Index batch = 200;
    const RowMatrixXf x = random_inputs(batch, 5);
    RowMatrixXf codes(batch, 6), metered(batch, 6);
    TileEnergy energy, silent;
    tile.run(x, codes, NoiseStream{1, 2, 3});
    tile.run(x, metered, NoiseStream{1, 2, 3}, &energy);
    CHECK(codes == metered);
    tile.run(x, metered, {}, &silent);
    CHECK(energy.readout_joule == silent.readout_joule);
    const double used = static_cast<double>(codes.sum()) - static_cast<double>(metered.sum());
    const double all =
        (energy.comparator_joule - silent.comparator_joule) / card.energy.comparator_joule_per_code;
    CHECK(std::abs(all - used) > 1);  // codes of the other 14 columns moved, too
}

TEST_CASE("the decoder's line gives the current back to within the converter's steps") {
    ModelCard card = some_card(16, 4);
    card.readout.quadratic_per_ampere = card.readout.cubic_per_ampere_squared = 0;
    card.adc.transition_volt.clear();
    for (int k = 1; k < 256; ++k) card.adc.transition_volt.push_back(0.1 + k * 0.5 / 256);
    const Decoder line = make_decoder(card);
    const double lsb = 0.5 / 256 / card.readout.transimpedance_ohm;
    CHECK_THAT(line.ampere_per_code, WithinRel(-lsb, 1e-12));
    // Code 100 spans 0.1 + 100 .. 101 steps of 0.5/256 V.
    const double middle = 0.1 + 100.5 * 0.5 / 256;
    CHECK_THAT(line.ampere(100),
               WithinAbs((card.readout.offset_volt - middle) / card.readout.transimpedance_ohm,
                         1e-9 * lsb));
    const Tile tile = compile_tile(card, ordinary(16, 4));
    CHECK(tile.decoder().ampere_per_code == line.ampere_per_code);
    const RowMatrixXf x = random_inputs(50, 8);
    RowMatrixXf codes(50, 4), ampere(50, 4);
    tile.run(x, codes);
    tile.currents(x, ampere);
    for (Index k = 0; k < codes.size(); ++k) {
        if (codes(k) == 0 || codes(k) == 255) continue;
        CHECK(std::abs(line.ampere(static_cast<double>(codes(k))) -
                       static_cast<double>(ampere(k))) < 0.501 * lsb);
    }
}

TEST_CASE("the decoder falls back on all codes when the fitted range covers less than two") {
    ModelCard card = some_card(2, 1);
    card.readout.current_max_ampere = 1e-9;
    const Decoder line = make_decoder(card);
    CHECK(line.ampere_per_code < 0);
    CHECK(std::isfinite(line.ampere_at_code_zero));
}

TEST_CASE("columns that draw more than the read-out can carry saturate the code") {
    const ModelCard card = some_card(64, 2);
    const Tile tile = compile_tile(
        card,
        MatrixXd::Constant(64, 2, card.cell.g_max_siemens)
            .cwiseProduct((MatrixXd(64, 2) << MatrixXd::NullaryExpr(64, 2, [](Index i, Index) {
                               return 1.0 - static_cast<double>(i % 2);
                           })).finished()));
    RowMatrixXf x(2, 32), codes(2, 2);
    x.row(0).setConstant(127);
    x.row(1).setConstant(-127);
    tile.run(x, codes);
    CHECK((codes.row(0).array() == 0).all());
    CHECK((codes.row(1).array() == 255).all());
}

TEST_CASE("tiles refuse odd rows, wrong shapes, broken cards and energy they cannot tell") {
    const MatrixXd state = ordinary(4, 3);
    CHECK_THROWS_WITH(compile_tile(some_card(3, 3), ordinary(3, 3)),
                      ContainsSubstring("3 rows, expected an even number"));
    CHECK_THROWS_WITH(compile_tile(some_card(4, 3), ordinary(4, 4)),
                      ContainsSubstring("expected 4 rows x 3 columns"));
    ModelCard broken = some_card(4, 3);
    broken.adc.bits = 7;
    CHECK_THROWS_WITH(compile_tile(broken, state), ContainsSubstring("card: adc.transition_volt"));
    CHECK_THROWS_WITH(compile_tile(some_card(4, 3), state, {5.0, RowResponse::skip}),
                      ContainsSubstring("linearised at 5 V"));
    CHECK_THROWS_WITH(compile_tile(some_card(4, 3), state, {{}, RowResponse::skip, 3, 3}),
                      ContainsSubstring("3 inputs used, expected 1 to 2"));
    CHECK_THROWS_WITH(compile_tile(some_card(4, 3), state, {{}, RowResponse::skip, 2, 0}),
                      ContainsSubstring("0 columns used, expected 1 to 3"));
    const Tile tile = compile_tile(some_card(4, 3), state, {{}, RowResponse::skip});
    CHECK_FALSE(tile.has_energy());
    RowMatrixXf codes(2, 3);
    TileEnergy energy;
    CHECK_THROWS_WITH(tile.run(RowMatrixXf::Zero(2, 2), codes, {}, &energy),
                      ContainsSubstring("without its row response"));
    CHECK_THROWS_WITH(tile.run(RowMatrixXf::Zero(2, 4), codes), ContainsSubstring("2 x 4"));
    CHECK_THROWS_WITH(tile.run(RowMatrixXf::Zero(3, 2), codes), ContainsSubstring("2 x 3"));
    CHECK_THROWS_AS(tile.currents(RowMatrixXf::Zero(2, 3), codes), mho::Error);
}

TEST_CASE(
    "an instance's drivers, read-outs and converters move its codes as circuits of them would") {
    ModelCard card = some_card(64, 5);
    card.adc.mismatch = {};
    const MatrixXd state = ordinary(64, 5);
    const RowMatrixXf x = random_inputs(8, 32);
    const Tile nominal = compile_tile(card, state);
    RowMatrixXf same(8, 5), moved(8, 5);

    // One row's driver of another resistance: the codes of the array that has it.
    TileOptions options;
    options.spread = TileSpread{Eigen::RowVectorXd::Zero(5),
                                Eigen::RowVectorXd::Zero(5),
                                Eigen::RowVectorXd::Zero(5),
                                Eigen::VectorXd::Constant(64, 0.1),
                                {}};
    const Tile weaker = compile_tile(card, state, options);
    RowMatrixXf before(8, 5), after(8, 5), exact(8, 5);
    nominal.run(x, before);
    weaker.run(x, after);
    ModelCard other = card;
    other.array.driver_ohm *= 1.1;
    compile_tile(other, state).run(x, exact);
    CHECK((exact - before).norm() > 0);
    CHECK((after - exact).cwiseAbs().maxCoeff() <= 1);
    // What the digital side knows is still the card's.
    CHECK(weaker.ampere_per_code() == nominal.ampere_per_code());

    // A voltage added before the converters is what its transitions lie lower.
    options.spread->driver_relative.resize(0);
    options.spread->output_volt.setConstant(4e-3);
    compile_tile(card, state, options).run(x, moved);
    for (double& volt : card.adc.transition_volt) volt -= 4e-3;
    compile_tile(card, state).run(x, same);
    CHECK((moved - same).cwiseAbs().maxCoeff() <= 1);
    CHECK((moved - before).minCoeff() >= 0);
}

TEST_CASE("spreads are drawn of what a card knows, the same for the same stream") {
    ModelCard card = some_card(64, 130);
    card.adc.mismatch = {3, 0.01, 0.02, {}, {1e-4}, {}};
    const auto draw = [&](std::uint64_t seed) {
        mho::RandomStream random(seed, mho::RandomPurpose::test);
        return draw_spread(card, random);
    };
    const auto one = draw(1), again = draw(1), other = draw(2);
    REQUIRE(one);
    CHECK(one->output_volt == again->output_volt);
    CHECK(one->output_volt != other->output_volt);
    CHECK(one->driver_relative.size() == 64);
    CHECK(one->transition_volt != card.adc.transition_volt);
    // Comparators differ, their ramp is one for ramp_shared_by columns.
    const double sigma = std::sqrt(one->output_volt.squaredNorm() / 130);
    CHECK_THAT(sigma, WithinRel(0.01, 0.3));
    card.mismatch.readout_gain_relative = 0;
    const auto ramps = draw(1);
    const auto by_ramp = static_cast<Index>(card.energy.ramp_shared_by);
    CHECK(ramps->relative_gain(0) == ramps->relative_gain(by_ramp - 1));
    CHECK(ramps->relative_gain(0) != ramps->relative_gain(by_ramp));
    card.mismatch = {};
    card.adc.mismatch = {};
    CHECK_FALSE(draw(1));
}
