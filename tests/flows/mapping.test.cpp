// SPDX-License-Identifier: Apache-2.0
#include "flows/mapping.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

#include "behavioral/cell_law.h"
#include "flows/made_networks.h"
#include "flows/thrown_text.h"
#include "support/ideal_card.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;
using mho::test::thrown_text;
using namespace mho::flows;

namespace {

// The weights that the states of all tiles stand for, by the formula of the header.
std::vector<double> weights_in_cells(const Network& network, const MappedLayer& layer,
                                     const Mapping& mapping,
                                     const mho::behavioral::ModelCard& card) {
    const ProductShape& shape = layer.shape;
    std::vector<double> weights(
        static_cast<std::size_t>(shape.inputs * shape.outputs * shape.groups), NAN);
    const auto read = [&](double state) {
        return mho::behavioral::linear_conductance(card.cell, 0.5 * card.driver.amplitude_volt,
                                                   state);
    };
    for (const TilePlacement& tile : layer.tiles) {
        const Eigen::MatrixXd states = target_states(network, layer, tile, card);
        REQUIRE((states.rows() == card.array.rows && states.cols() == card.array.columns));
        for (int k = 0; k < card.array.rows / 2; ++k) {
            for (int m = 0; m < card.array.columns; ++m) {
                const double plus = states(2 * k, m);
                const double minus = states(2 * k + 1, m);
                // One of the two carries nothing; outside the used part neither does.
                REQUIRE(std::min(plus, minus) == card.cell.g_min_siemens);
                if (k >= tile.inputs || m >= tile.outputs) {
                    REQUIRE(plus == minus);
                    continue;
                }
                const int output = tile.group * shape.outputs + tile.first_output + m;
                double& weight =
                    weights[static_cast<std::size_t>(output * shape.inputs + tile.first_input + k)];
                REQUIRE(std::isnan(weight));  // no weight is stored twice
                weight = (read(plus) - read(minus)) /
                         (mapping.g_high_siemens - mapping.g_low_siemens) * layer.weight_max;
            }
        }
    }
    return weights;
}

}  // namespace

TEST_CASE("a weight matrix is cut into blocks of rows/2 inputs and of columns outputs") {
    const auto card = mho::test::ideal_card(64, 32);
    const Mapping mapping = map_network(mho::test::gemm_network(150, 70), card);
    REQUIRE(mapping.layers.size() == 1);
    const MappedLayer& layer = mapping.layers[0];
    CHECK((layer.row_blocks == 5 && layer.column_blocks == 3 && mapping.tile_count == 15));
    CHECK(layer.tiles.size() == 15);
    CHECK((layer.tiles[14].first_input == 128 && layer.tiles[14].inputs == 22));
    CHECK((layer.tiles[14].first_output == 64 && layer.tiles[14].outputs == 6));
    CHECK_THAT(layer.utilisation, WithinRel(150.0 * 70 / (15 * 32 * 32), 1e-12));
}

TEST_CASE("layers that fit exactly or hold a single weight take one tile") {
    const auto card = mho::test::ideal_card(64, 32);
    const Mapping full = map_network(mho::test::gemm_network(32, 32), card);
    CHECK((full.tile_count == 1 && full.layers[0].utilisation == 1));
    const Mapping one = map_network(mho::test::gemm_network(1, 1), card);
    CHECK((one.tile_count == 1 && one.layers[0].tiles[0].inputs == 1));
    CHECK(map_network(mho::test::gemm_network(33, 32), card).tile_count == 2);
    CHECK(map_network(mho::test::gemm_network(2, 3), mho::test::ideal_card(2, 1)).tile_count == 6);
}

TEST_CASE("groups of a convolution and later layers get tiles of their own") {
    const auto card = mho::test::ideal_card(16, 2);
    const Mapping mapping = map_network(mho::test::conv_network(), card);
    REQUIRE(mapping.layers.size() == 2);
    // 18 inputs x 3 outputs per group on 8 inputs x 2 outputs: 3 x 2 tiles for each of two groups.
    CHECK(mapping.layers[0].tiles.size() == 12);
    CHECK(mapping.layers[0].tiles[6].group == 1);
    CHECK(mapping.layers[1].first_tile == 12);
    CHECK(mapping.tile_count == 12 + 23 * 2);
    CHECK(mapping.layers[0].shape.positions == 30);
}

TEST_CASE("the cells of all tiles hold every weight once, as read through the access device") {
    const bool lossy = GENERATE(false, true);
    const auto card = lossy ? mho::test::lossy_card(16, 4) : mho::test::ideal_card(16, 4);
    Network network = mho::test::conv_network();
    std::get<Conv>(network.nodes[0].op).weights[7] = 0;  // both cells at the low end
    const Mapping mapping = map_network(network, card);
    for (const MappedLayer& layer : mapping.layers) {
        const auto found = weights_in_cells(network, layer, mapping, card);
        const auto& expected = weights_of(network.nodes[layer.node]);
        REQUIRE(found.size() == expected.size());
        double worst = 0;
        for (std::size_t i = 0; i < found.size(); ++i) {
            worst = std::max(worst, std::abs(found[i] - static_cast<double>(expected[i])));
        }
        CHECK(worst < 1e-9);
    }
}

TEST_CASE("weights that are all zero map to cells at the low end") {
    Network network = mho::test::gemm_network(3, 2);
    auto& gemm = std::get<Gemm>(network.nodes[0].op);
    gemm.weights.assign(6, 0.0f);
    const auto card = mho::test::ideal_card(8, 2);
    const Mapping mapping = map_network(network, card);
    CHECK(mapping.layers[0].weight_max == 0);
    const auto states = target_states(network, mapping.layers[0], mapping.layers[0].tiles[0], card);
    CHECK((states.array() == card.cell.g_min_siemens).all());
}

TEST_CASE("cards and networks that cannot be mapped are refused") {
    const Network network = mho::test::gemm_network(3, 2);
    CHECK_THAT(thrown_text([&] { map_network(network, mho::test::ideal_card(63, 8)); }),
               ContainsSubstring("63 rows") && ContainsSubstring("even"));
    CHECK_THAT(thrown_text([&] { map_network(network, mho::test::ideal_card(0, 8)); }),
               ContainsSubstring("0 rows"));
    Network digital;
    digital.tensors = {{"in", {3}}, {"out", {3}}};
    digital.nodes = {{"relu", Relu{}, {0}, 1}};
    digital.output = 1;
    CHECK_THAT(thrown_text([&] { map_network(digital, mho::test::ideal_card(8, 8)); }),
               ContainsSubstring("no Conv or Gemm"));
    CHECK_THAT(thrown_text([&] {
                   map_network(mho::test::gemm_network(2000, 1000), mho::test::ideal_card(2, 1));
               }),
               ContainsSubstring("more than 1048576 tiles"));
}
