// SPDX-License-Identifier: Apache-2.0
#include "flows/analog_engine.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "flows/activation_range.h"
#include "flows/float_engine.h"
#include "flows/made_networks.h"
#include "flows/onnx_read.h"
#include "support/ideal_card.h"
#include "support/shared_data.h"

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using namespace mho::flows;

namespace {

AnalogNetwork compiled(const Network& network, const Dataset& data,
                       const mho::behavioral::ModelCard& card, std::uint32_t trial = 0) {
    InstanceOptions options;
    options.trial = trial;
    options.threads = 1;
    return compile_network(network, map_network(network, card), activation_ranges(network, data),
                           card, options);
}

// Output code step of one conversion, in units of the layer's products.
double step(const AnalogLayer& layer) {
    return std::abs(layer.tiles[0].decoder().ampere_per_code) * layer.value_per_ampere;
}

std::vector<float> analog_scores(const Network& network, const AnalogNetwork& analog,
                                 const Dataset& data, std::size_t first, std::size_t count,
                                 LayerTally* tally = nullptr) {
    LayerTally sum;
    auto scores = run_batch(network, data.images(first, count), count, [&](const Product& product) {
        analog_product(analog, product, {first, tally != nullptr}, sum);
    });
    if (tally != nullptr) *tally = sum;
    return scores;
}

// Worst |analog - exact| over all products of the network, in steps of the converter, where exact
// is the double-precision product of the weights with the quantised inputs.
double worst_error_in_steps(const Network& network, const AnalogNetwork& analog,
                            const Dataset& data) {
    double worst = 0;
    LayerTally unused;
    run_batch(network, data.images(0, data.size()), data.size(), [&](const Product& product) {
        analog_product(analog, product, {0, false}, unused);
        const AnalogLayer& layer = analog.layers[analog.layer_of_node[product.node]];
        const auto& weights = weights_of(network.nodes[product.node]);
        const auto k = static_cast<std::size_t>(product.shape.inputs);
        const auto m = static_cast<std::size_t>(product.shape.outputs);
        const double unit = layer.activation_max / 127;
        for (std::size_t v = 0; v < product.vectors; ++v) {
            for (std::size_t j = 0; j < m; ++j) {
                const std::size_t row = (static_cast<std::size_t>(product.group) * m + j) * k;
                double exact = 0;
                for (std::size_t i = 0; i < k; ++i) {
                    const double x = static_cast<double>(product.inputs[v * k + i]);
                    exact +=
                        std::nearbyint(x / unit) * unit * static_cast<double>(weights[row + i]);
                }
                const double y = static_cast<double>(product.outputs[v * m + j]);
                worst = std::max(worst, std::abs(y - exact) / step(layer));
            }
        }
        float_product(network, product);
    });
    return worst;
}

}  // namespace

TEST_CASE("ideal tiles give the products of quantised inputs within half a code per row block") {
    // 25 row blocks would pile up rounding; 16 x 4 tiles give 3 for the convolution, 23 for fc.
    const Network network = mho::test::conv_network();
    const Dataset data = mho::test::random_data(network, 5, -1, 1);
    const AnalogNetwork analog = compiled(network, data, mho::test::ideal_card(16, 4));
    const double worst = worst_error_in_steps(network, analog, data);
    CHECK(worst > 0.4);        // the converter does round
    CHECK(worst < 0.55 * 23);  // half a code per row block, and single precision
    const AnalogNetwork whole = compiled(network, data, mho::test::ideal_card(360, 4));
    CHECK(worst_error_in_steps(network, whole, data) < 0.55);
}

TEST_CASE("analog scores equal float ones within the quantisation of inputs and outputs") {
    const Network network = mho::test::gemm_network(40, 7);
    const Dataset data = mho::test::random_data(network, 20, -1, 1);
    const AnalogNetwork analog = compiled(network, data, mho::test::ideal_card(32, 4));
    const auto exact = float_scores(network, data, data.size(), 1);
    const auto found = analog_scores(network, analog, data, 0, data.size());
    // Inputs are off by at most half a drive code each, outputs by half a step in 3 row blocks.
    const auto& weights = weights_of(network.nodes[0]);
    for (std::size_t i = 0; i < found.size(); ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < 40; ++k) {
            sum += std::abs(static_cast<double>(weights[i % 7 * 40 + k]));
        }
        const double bound =
            0.5 * sum * analog.layers[0].activation_max / 127 + 3 * 0.55 * step(analog.layers[0]);
        CHECK(std::abs(static_cast<double>(found[i] - exact[i])) < bound);
    }
}

TEST_CASE("activations beyond the calibrated range are clipped to full drive") {
    const Network network = mho::test::gemm_network(4, 2);
    Dataset data = mho::test::random_data(network, 2, -1, 1);
    std::fill_n(data.pixels.begin(), 4, 1.0f);
    std::fill_n(data.pixels.begin() + 4, 4, 50.0f);
    const auto card = mho::test::ideal_card(8, 2);
    InstanceOptions options;
    const AnalogNetwork analog =
        compile_network(network, map_network(network, card), {1.0}, card, options);
    const auto scores = analog_scores(network, analog, data, 0, 2);
    CHECK((scores[0] == scores[2] && scores[1] == scores[3]));
}

TEST_CASE("a known input offset of the read-out changes nothing but rounding") {
    const Network network = mho::test::gemm_network(40, 7);
    const Dataset data = mho::test::random_data(network, 20, -1, 1);
    auto card = mho::test::ideal_card(32, 4);
    card.readout.input_offset_volt = 2e-3;
    const AnalogNetwork analog = compiled(network, data, card);
    REQUIRE(analog.layers[0].tiles[0].offset_ampere().cwiseAbs().minCoeff() > 50e-9);
    CHECK(worst_error_in_steps(network, analog, data) < 3 * 0.55);
}

TEST_CASE("layers of zero weights or zero inputs give their bias") {
    Network network = mho::test::gemm_network(5, 3);
    Dataset data = mho::test::random_data(network, 2, -1, 1);
    SECTION("weights") {
        std::get<Gemm>(network.nodes[0].op).weights.assign(15, 0.0f);
    }
    SECTION("inputs") {
        data.pixels.assign(data.pixels.size(), 0.0f);
    }
    const AnalogNetwork analog = compiled(network, data, mho::test::lossy_card(16, 4));
    const auto scores = analog_scores(network, analog, data, 0, 2);
    const auto& bias = bias_of(network.nodes[0]);
    for (std::size_t i = 0; i < 6; ++i) CHECK(scores[i] == bias[i % 3]);
}

TEST_CASE("the result of an image depends neither on its batch nor on threads that compiled") {
    const Network network = mho::test::conv_network();
    const Dataset data = mho::test::random_data(network, 40, -1, 1);  // 1200 vectors: two steps
    const auto card = mho::test::lossy_card(16, 4);
    const AnalogNetwork analog = compiled(network, data, card);
    const auto together = analog_scores(network, analog, data, 0, 40);
    for (const std::size_t image : {0u, 17u, 35u, 39u}) {
        const auto alone = analog_scores(network, analog, data, image, 1);
        CHECK(std::equal(alone.begin(), alone.end(),
                         together.begin() + static_cast<std::ptrdiff_t>(3 * image)));
    }
    InstanceOptions two;
    two.threads = 2;
    const AnalogNetwork again = compile_network(network, map_network(network, card),
                                                activation_ranges(network, data), card, two);
    CHECK(together == analog_scores(network, again, data, 0, 40));
    CHECK(together != analog_scores(network, compiled(network, data, card, 1), data, 0, 40));
}

TEST_CASE("read-out noise has the size of the card and is drawn anew for every image") {
    const Network network = mho::test::gemm_network(4, 4);
    Dataset data = mho::test::random_data(network, 4000, -1, 1);
    for (std::size_t i = 0; i < data.pixels.size(); ++i) data.pixels[i] = data.pixels[i % 4];
    auto card = mho::test::ideal_card(8, 4);
    card.readout.noise_volt_rms = 1e-3;  // 109 codes
    const AnalogNetwork analog = compiled(network, data, card);
    const auto scores = analog_scores(network, analog, data, 0, data.size());
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < 4000; ++i) {
        const auto y = static_cast<double>(scores[4 * i]);
        mean += y / 4000;
        square += y * y / 4000;
    }
    const double expected =
        1e-3 / card.readout.transimpedance_ohm * analog.layers[0].value_per_ampere;
    // Standard error of a deviation from 4000 samples: 1.1 %; four of them.
    CHECK_THAT(std::sqrt(square - mean * mean), WithinRel(expected, 0.045));
}

TEST_CASE("conversions at the ends of the converter's range are counted") {
    const Network network = mho::test::gemm_network(40, 7);
    const Dataset data = mho::test::random_data(network, 20, -1, 1);
    auto card = mho::test::ideal_card(32, 4);
    LayerTally tally;
    analog_scores(network, compiled(network, data, card), data, 0, 20, &tally);
    CHECK(tally.conversions == 20 * 7 * 3);  // three row blocks; the unused column does not count
    CHECK(tally.saturated == 0);
    card.adc = mho::test::ideal_adc(4, 0.35 - 1e-6, 0.35 + 1e-6);  // +-0.2 nA
    analog_scores(network, compiled(network, data, card), data, 0, 20, &tally);
    CHECK(tally.saturated > 20 * 7 * 3 * 9 / 10);
}

TEST_CASE("energy is the sum over the tiles' multiplies") {
    const Network network = mho::test::gemm_network(20, 3);
    const Dataset data = mho::test::random_data(network, 9, -1, 1);
    const auto card = mho::test::lossy_card(16, 4);  // three row blocks of 8 inputs
    const AnalogNetwork analog = compiled(network, data, card);
    LayerTally tally;
    analog_scores(network, analog, data, 0, 9, &tally);
    const int multiplies = 9 * 3;
    CHECK_THAT(tally.energy.ramp_joule, WithinRel(multiplies * card.energy.ramp_joule, 1e-12));
    // Unused rows and columns are not switched off.
    CHECK(tally.energy.drivers_joule > multiplies * 16 * card.energy.row_switch_joule);
    CHECK(tally.energy.readout_joule > multiplies * 4 * card.energy.readout_static_watt * 280e-9);
    CHECK(tally.energy.comparator_joule > multiplies * 4 * card.energy.comparator_joule);
    LayerTally none;
    const Product product{0, 0, 0, product_shape(network, network.nodes[0]), {}, {}};
    analog_product(analog, product, {0, true}, none);
    CHECK(none.energy.total_joule() == 0);
}

TEST_CASE("the largest column current is that of the drive and the weights") {
    // One input at full drive, one weight at full scale: I = (g_max - g_min) amplitude.
    Network network = mho::test::gemm_network(1, 1);
    std::get<Gemm>(network.nodes[0].op).weights = {0.5f};
    Dataset data = mho::test::random_data(network, 1, -1, 1);
    const auto card = mho::test::ideal_card(4, 3);
    const AnalogNetwork analog = compiled(network, data, card);
    double largest = 0;
    run_batch(network, data.pixels, 1, [&](const Product& product) {
        largest = largest_column_current(analog, product);
        float_product(network, product);
    });
    CHECK_THAT(largest, WithinRel(40e-6 * 0.1, 1e-6));
}

TEST_CASE("ResNet-20 runs on ideal tiles nearly as in float") {
    MHO_REQUIRE_SHARED(folder, "cifar10");
    MHO_REQUIRE_SHARED(model, "models/resnet20_cifar10_akamaster.onnx");
    const Network network = read_onnx(model);
    const Dataset data = load_dataset(folder, 2);
    auto card = mho::test::ideal_card(128, 64);
    card.driver.bits = 12;
    InstanceOptions options;
    options.energy = false;
    const AnalogNetwork analog = compile_network(network, map_network(network, card),
                                                 activation_ranges(network, data), card, options);
    const auto exact = float_scores(network, data, data.size(), 1);
    const auto found = analog_scores(network, analog, data, 0, data.size());
    double signal = 0, error = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        signal += std::pow(static_cast<double>(exact[i]), 2);
        error += std::pow(static_cast<double>(found[i] - exact[i]), 2);
    }
    // Drivers of 12 and converters of 16 bits leave little after 20 layers.
    CHECK(error < 0.01 * signal);
    CHECK(arg_max_rows(found, 10) == arg_max_rows(exact, 10));
}
