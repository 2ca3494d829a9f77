// SPDX-License-Identifier: Apache-2.0
// Converter circuits, ranges from files, I-V curves, groups, biases, copies and settling of
// described systems, each against a reference or a setting that must give the same.
#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "base/file.h"
#include "behavioral/device_state.h"
#include "flows/described_system.h"
#include "flows/device_toml.h"
#include "flows/float_engine.h"
#include "flows/made_networks.h"
#include "flows/npy.h"
#include "flows/system_engine.h"
#include "flows/system_quality.h"
#include "flows/system_toml.h"
#include "flows/thrown_text.h"
#include "support/temporary_folder.h"

using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using namespace mho::flows;
using namespace mho::test;

namespace {

// A network with data, run on systems.
struct Rig {
    Network network;
    Dataset data;

    std::vector<float> run(const std::vector<std::string>& changes, std::uint32_t trial = 0) const {
        const SystemPlan plan = plan_system(network, data, system_with(changes));
        const SystemInstance made = program_system(network, plan, 7, trial, 2);
        return run_batch(
            network, data.images(0, data.size()), data.size(),
            [&](const Product& product) { system_product(network, plan, made, product, 0); },
            groups_together(plan));
    }
    std::vector<float> exact() const { return float_scores(network, data, data.size(), 2); }
};

Rig dense(int inputs, int outputs, std::size_t images) {
    Rig rig{gemm_network(inputs, outputs), {}};
    rig.data = mho::test::random_data(rig.network, images, 0, 1);
    return rig;
}

// 3 x 3 convolution of `channels` channels by themselves, on 6 x 5 pixels.
Rig depthwise(int channels) {
    Conv conv;
    conv.groups = conv.channels_in = conv.channels_out = channels;
    conv.window.kernel = {3, 3};
    conv.window.pad_begin = {1, 1};
    conv.window.pad_end = {1, 1};
    conv.weights = random_floats(static_cast<std::size_t>(channels * 9), 3, -1, 1);
    conv.bias = random_floats(static_cast<std::size_t>(channels), 4, -1, 1);
    Rig rig;
    rig.network.tensors = {
        {"in", {channels, 6, 5}}, {"c", {channels, 6, 5}}, {"out", {channels * 30}}};
    rig.network.nodes = {{"conv", conv, {0}, 1}, {"flat", Flatten{}, {1}, 2}};
    rig.network.output = 2;
    rig.data = mho::test::random_data(rig.network, 3, 0, 1);
    return rig;
}

double difference(const std::vector<float>& a, const std::vector<float>& b) {
    REQUIRE(a.size() == b.size());
    double sum = 0, size = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
        size += std::pow(static_cast<double>(b[i]), 2);
    }
    return std::sqrt(sum / size);
}

}  // namespace

TEST_CASE("converter circuits without errors are ideal, and their errors cost and differ") {
    const Rig rig = dense(100, 20, 40);
    const std::vector<std::string> ideal{"adc.range=calibrated", "adc.bits=7"};
    const auto plain = rig.run(ideal);
    const double coarse = difference(plain, rig.exact());
    for (const std::string model : {"ramp", "sar", "pipeline", "cyclic"}) {
        INFO(model);
        auto changes = ideal;
        changes.insert(changes.end(), {"adc.model=" + model, "adc.gain_db=300"});
        // A sum beside a transition may fall either way: no more than a few codes do.
        CHECK(difference(rig.run(changes), plain) < coarse / 5);
        changes.insert(changes.end(), {"adc.sigma_capacitor=0.2", "adc.sigma_c1=0.05",
                                       "adc.sigma_comparator=0.05"});
        const auto one = rig.run(changes), two = rig.run(changes, 1);
        CHECK(difference(one, plain) > coarse / 2);
        CHECK(difference(one, two) > coarse / 2);
        CHECK(rig.run(changes) == one);
    }
    CHECK_THAT(thrown_text([] { system_with({"adc.model=sar"}); }),
               ContainsSubstring("needs adc.range"));
    CHECK_THAT(thrown_text([] {
                   system_with({"adc.model=card", "adc.range=maximum"});
               }),
               ContainsSubstring("--card"));
}

TEST_CASE("ranges of a file count cells and inputs at their top") {
    const Rig rig = dense(100, 20, 40);
    const TemporaryFolder folder;
    const auto limits = folder / "limits.npy", inputs = folder / "inputs.npy";
    mho::write_file(limits, npy_bytes({{1, 2}, {-100, 100}, "<f8"}));
    const auto by_rule = rig.run({"adc.range=maximum", "adc.bits=12"});
    const std::vector<std::string> by_file{"adc.range=file", "adc.bits=12",
                                           "adc.file=" + limits.string()};
    CHECK(rig.run(by_file) == by_rule);
    // As far below 0 as above.
    mho::write_file(limits, npy_bytes({{1, 2}, {-40, 100}, "<f8"}));
    auto symmetric = by_file;
    symmetric.push_back("adc.symmetric=true");
    CHECK(rig.run(symmetric) == by_rule);
    // Inputs of half the range are clipped there.
    mho::write_file(inputs, npy_bytes({{1, 2}, {0, 0.5}, "<f8"}));
    Rig clipped = rig;
    for (float& x : clipped.data.pixels) x = std::min(x, 0.5f);
    CHECK(difference(rig.run({"inputs.file=" + inputs.string()}), clipped.exact()) < 0.01);
    CHECK_THAT(thrown_text([] { system_with({"adc.range=file"}); }), ContainsSubstring("adc.file"));
    const Rig two = {conv_network(), mho::test::random_data(conv_network(), 2, 0, 1)};
    CHECK_THAT(thrown_text([&] { two.run(by_file); }), ContainsSubstring("2 products"));
}

TEST_CASE("cells with an I-V curve carry their currents at every level of the input") {
    const Rig rig = dense(30, 7, 20);
    const std::vector<std::string> changes{"device.name=hfo2", "device.error_scale=0",
                                           "device.read_volt=0.4"};
    const auto found = rig.run(changes);
    // The same, cell by cell in double precision.
    const auto device = read_device("hfo2");
    const Gemm& gemm = std::get<Gemm>(rig.network.nodes[0].op);
    double w_max = 0, x_max = 0;
    for (const float w : gemm.weights) w_max = std::max(w_max, std::abs(static_cast<double>(w)));
    for (const float x : rig.data.pixels) x_max = std::max(x_max, static_cast<double>(x));
    const double low = lowest_siemens(device), step = (highest_siemens(device) - low) / 127;
    std::vector<float> expected;
    for (std::size_t s = 0; s < rig.data.size(); ++s) {
        for (std::size_t j = 0; j < 7; ++j) {
            double sum = 0;
            for (std::size_t i = 0; i < 30; ++i) {
                const double w =
                    std::nearbyint(static_cast<double>(gemm.weights[j * 30 + i]) / w_max * 127);
                const double code =
                    std::nearbyint(static_cast<double>(rig.data.pixels[s * 30 + i]) / x_max * 255);
                const double volt = 0.4 * code / 255;
                const double ampere =
                    mho::behavioral::cell_current(device, low + std::max(w, 0.0) * step, volt) -
                    mho::behavioral::cell_current(device, low + std::max(-w, 0.0) * step, volt);
                sum += ampere / (step * 0.4 / 255);
            }
            expected.push_back(static_cast<float>(sum * w_max / 127 * x_max / 255) + gemm.bias[j]);
        }
    }
    CHECK(difference(found, expected) < 1e-4);
    auto ohmic = changes;
    ohmic.push_back("device.ohmic=true");
    CHECK(difference(rig.run(ohmic), found) > 0.02);
    // Bits one after the other at the read voltage: the curve's share of every bit is the same.
    auto bits = changes;
    bits.insert(bits.end(), {"inputs.slice_bits=1", "inputs.negative=twos_complement"});
    auto summed = bits;
    summed.push_back("inputs.sum=analog");
    CHECK(difference(rig.run(bits), rig.run(summed)) < 1e-4);
    CHECK(difference(rig.run(bits), rig.run(ohmic)) > 0.02);
}

TEST_CASE("what the curve of cells behind wires misses is measured and small") {
    const Rig rig = dense(40, 12, 6);
    const auto curve_error = [&](std::vector<std::string> changes) {
        changes.insert(changes.end(), {"device.name=hfo2", "device.read_volt=0.3"});
        const SystemPlan plan = plan_system(rig.network, rig.data, system_with(changes));
        const SystemInstance made = program_system(rig.network, plan, 7, 0, 1);
        return system_quality(rig.network, rig.data, plan, made, 6, {})[0].curve_error;
    };
    CHECK_FALSE(curve_error({}));  // exact
    CHECK_FALSE(curve_error({"device.ohmic=true", "wire.r_row=2", "wire.r_col=2"}));
    const auto mild = curve_error({"wire.r_row=1", "wire.r_col=1"});
    const auto strong = curve_error({"wire.r_row=10", "wire.r_col=10"});
    REQUIRE(mild);
    REQUIRE(strong);
    CHECK(*mild > 0);
    CHECK(*mild < 0.002);
    CHECK(*strong > *mild);
    CHECK(*strong < 0.05);
    for (const std::string topology : {"b", "c"}) {
        const auto gated = curve_error({"wire.r_col=1", "wire.topology=" + topology,
                                        "inputs.slice_bits=1", "inputs.negative=twos_complement"});
        REQUIRE(gated);
        CHECK(*gated > 0);
        CHECK(*gated < 0.01);
    }
}

TEST_CASE("groups of a convolution give the same alone, side by side and in shared arrays") {
    const Rig rig = depthwise(75);
    const auto alone = rig.run({"weights.sign=offset"});  // one after the other
    const auto beside = rig.run({});
    const auto shared = rig.run({"array.groups=0"});
    const auto some = rig.run({"array.groups=0", "array.rows=100", "array.columns=64"});
    CHECK(difference(beside, rig.exact()) < 0.01);
    CHECK(difference(alone, beside) < 1e-5);
    CHECK(beside == shared);
    CHECK(beside == some);
    // Converters see the sums of one group.
    CHECK(difference(rig.run({"adc.range=maximum", "adc.bits=12"}), rig.exact()) < 0.01);
    CHECK(rig.run({"adc.range=maximum"}) ==
          rig.run({"adc.range=maximum", "weights.subtraction=analog", "array.rows=9"}));
    CHECK(difference(rig.run({"adc.range=calibrated"}), rig.exact()) < 0.02);
    // Cells that belong to no weight have their lowest state and its errors in shared arrays only.
    const std::vector<std::string> hfo2{"device.name=hfo2", "device.ohmic=true"};
    auto together = hfo2;
    together.push_back("array.groups=0");
    CHECK(difference(rig.run(together), rig.exact()) > 2 * difference(rig.run(hfo2), rig.exact()));
    // Drift is undone from all that a block holds.
    const std::vector<std::string> pcm{"device.name=pcm", "device.error_scale=0",
                                       "device.time_second=1e6", "device.compensation=true"};
    CHECK(difference(rig.run(pcm), rig.exact()) < 0.05);
}

TEST_CASE("the map counts arrays and cells of shared groups, partly filled ones included") {
    const Rig rig = depthwise(75);
    const auto layer = [&](const std::vector<std::string>& changes) {
        return map_system(rig.network, system_with(changes))[0];
    };
    const LayerMap alone = layer({"array.rows=100", "array.columns=64"});
    CHECK(alone.arrays == 150);
    CHECK(alone.utilisation == Approx(9.0 / 6400));
    const LayerMap shared = layer({"array.rows=100", "array.columns=64", "array.groups=0"});
    CHECK(shared.groups_in_array == 11);
    CHECK(shared.arrays == 14);  // 7 of each sign
    CHECK(shared.utilisation == Approx(75 * 9.0 / (7 * 6400)));
    const LayerMap copies =
        layer({"array.rows=100", "array.columns=64", "array.groups=4", "array.copies=3"});
    CHECK(copies.arrays == 19 * 2 * 3);
    const LayerMap tiles =
        map_system(gemm_network(300, 40), system_with({"array.rows=128", "array.columns=32"}))[0];
    CHECK(tiles.row_parts == 3);
    CHECK(tiles.column_blocks == 2);
    CHECK(tiles.utilisation == Approx(300.0 * 40 / (6 * 128 * 32)));
    const LayerMap bias =
        map_system(gemm_network(300, 40), system_with({"weights.bias=array", "array.rows=301"}))[0];
    CHECK(bias.row_parts == 1);
    CHECK(bias.utilisation == 1);
}

TEST_CASE("biases in the array are the digital ones, and have the cells' errors") {
    for (const Rig& rig : {dense(30, 7, 20), depthwise(40),
                           Rig{conv_network(), mho::test::random_data(conv_network(), 5, -1, 1)}}) {
        const std::vector<std::string> fine{"weights.bits=16", "inputs.bits=16"};
        auto array = fine;
        array.push_back("weights.bias=array");
        CHECK(difference(rig.run(fine), rig.exact()) < 1e-3);
        CHECK(difference(rig.run(array), rig.exact()) < 1e-3);
        array.push_back("adc.range=calibrated");
        array.push_back("adc.bits=16");
        CHECK(difference(rig.run(array), rig.exact()) < 1e-3);
    }
    // A bias much larger than a weight takes several rows.
    Rig rig = dense(30, 7, 20);
    std::get<Gemm>(rig.network.nodes[0].op).bias.assign(7, 5.5f);
    const SystemSpec spec = system_with({"weights.bias=array"});
    const SystemPlan plan = plan_system(rig.network, rig.data, spec);
    CHECK(plan.layers[0].map.bias_rows == 6);
    CHECK(difference(rig.run({"weights.bias=array"}), rig.exact()) < 0.01);
}

TEST_CASE("copies of a convolution share its positions and have errors of their own") {
    const Rig rig = depthwise(40);
    CHECK(rig.run({"array.copies=3"}) == rig.run({}));
    const auto one = rig.run({"device.name=taox"});
    const auto two = rig.run({"device.name=taox", "array.copies=2"});
    std::size_t first = 0, second = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {  // 30 positions of each channel
        (i % 30 < 15 ? first : second) += one[i] == two[i] ? 0 : 1;
    }
    CHECK(first == 0);
    CHECK(second > one.size() / 4);
}

TEST_CASE("sums that are taken before currents settle lack what a resistor and a capacitor lack") {
    const Rig rig = dense(1, 1, 20);
    const std::vector<std::string> array{"device.r_min=1e4", "wire.r_driver=1000",
                                         "weights.rounded=false", "inputs.bits=0"};
    const auto outputs = [&](std::vector<std::string> more) {
        more.insert(more.end(), array.begin(), array.end());
        auto y = rig.run(more);
        const float bias = std::get<Gemm>(rig.network.nodes[0].op).bias[0];
        for (float& one : y) one -= bias;
        return y;
    };
    const double tau = 1e-12 / (1e-3 + 1e-4);  // the one cell is at its highest state
    const auto settled = outputs({});
    const auto early = outputs({"timing.row_farad=1e-12", "timing.settle_second=1e-9"});
    const auto mean =
        outputs({"timing.row_farad=1e-12", "timing.settle_second=1e-9", "timing.integrates=true"});
    const double part = 1 - std::exp(-1e-9 / tau);
    const double mean_part = 1 - tau / 1e-9 * part;
    for (std::size_t i = 0; i < settled.size(); ++i) {
        const auto final = static_cast<double>(settled[i]);
        CHECK(static_cast<double>(early[i]) == Approx(part * final).epsilon(1e-4).margin(1e-6));
        CHECK(static_cast<double>(mean[i]) == Approx(mean_part * final).epsilon(1e-4).margin(1e-6));
    }
    CHECK(difference(outputs({"timing.row_farad=1e-12", "timing.settle_second=1e-6"}), settled) <
          1e-6);
    CHECK_THAT(thrown_text([] { system_with({"timing.settle_second=1e-9"}); }),
               ContainsSubstring("row_farad"));
}

TEST_CASE("levels and stuck cells of a system are those of a device that has them") {
    const Rig rig = dense(60, 10, 20);
    const std::vector<std::string> taox{"device.name=taox", "device.error_scale=0"};
    const auto with = [&](const std::string& more) {
        auto changes = taox;
        changes.push_back(more);
        return difference(rig.run(changes), rig.exact());
    };
    const double plain = difference(rig.run(taox), rig.exact());
    CHECK(with("device.levels=128") == Approx(plain).epsilon(0.05));  // as the weights' integers
    CHECK(with("device.levels=16") > 4 * plain);
    CHECK(with("device.levels=4") > 3 * with("device.levels=16"));
    // Stuck cells count as errors; of weights w a part p at the top adds about sqrt(p).
    const std::vector<std::string> stuck{"device.name=generic-verify"};
    auto more = stuck;
    more.push_back("device.stuck_high=0.05");
    CHECK(difference(rig.run(more), rig.exact()) > 3 * difference(rig.run(stuck), rig.exact()));
    CHECK_THAT(thrown_text([] { system_with({"device.stuck_low=0.1"}); }),
               ContainsSubstring("need device.name"));
    const SystemPlan plan = plan_system(rig.network, rig.data, system_with(stuck));
    const SystemInstance made = program_system(rig.network, plan, 7, 0, 2);
    CHECK(made.writing.cells == 2 * 60 * 10);
    CHECK(made.writing.pulses > made.writing.cells);
}

TEST_CASE("pairs whose cells both move give the same weights with the errors of middle states") {
    const Rig rig = dense(60, 10, 20);
    const auto both = [&](std::vector<std::string> changes) {
        const double one_sided = difference(rig.run(changes), rig.exact());
        changes.push_back("weights.pairs=two_sided");
        return std::pair{one_sided, difference(rig.run(changes), rig.exact())};
    };
    const auto exact = both({});
    CHECK(exact.second == Approx(exact.first).epsilon(1e-3));
    const auto sliced = both({"weights.slice_bits=2", "device.on_off=20"});
    CHECK(sliced.second == Approx(sliced.first).epsilon(1e-3));
    // SONOS errs little at low states, so middle ones cost.
    const auto sonos = both({"device.name=sonos-iedm", "device.read_noise_scale=0"});
    CHECK(sonos.second > 1.1 * sonos.first);
    CHECK_THAT(thrown_text([] {
                   system_with({"weights.sign=offset", "weights.pairs=two_sided"});
               }),
               ContainsSubstring("two_sided"));
}

TEST_CASE("a scale for each output keeps the resolution of outputs with small weights") {
    Rig rig = dense(60, 10, 20);
    auto& weights = std::get<Gemm>(rig.network.nodes[0].op).weights;
    for (std::size_t i = 0; i < 60; ++i) weights[i] *= 0.01f;  // of the first output
    std::get<Gemm>(rig.network.nodes[0].op).bias.assign(10, 0.0f);
    const auto exact = rig.exact();
    const auto error_of_first = [&](const std::vector<std::string>& changes) {
        const auto found = rig.run(changes);
        double worst = 0, size = 0;
        for (std::size_t s = 0; s < rig.data.size(); ++s) {
            worst = std::max(worst, std::abs(static_cast<double>(found[10 * s] - exact[10 * s])));
            size = std::max(size, std::abs(static_cast<double>(exact[10 * s])));
        }
        return worst / size;
    };
    CHECK(error_of_first({}) > 0.05);
    for (const std::string sign : {"differential", "offset"}) {
        const std::vector<std::string> column{"weights.scale=column", "weights.sign=" + sign};
        CHECK(error_of_first(column) < 0.02);
        CHECK(difference(rig.run(column), exact) < 0.01);
    }
    std::get<Gemm>(rig.network.nodes[0].op).bias.assign(10, 0.4f);
    CHECK(difference(rig.run({"weights.scale=column", "weights.bias=array"}), rig.exact()) < 0.01);
    const Rig groups = depthwise(75);
    CHECK(difference(groups.run({"weights.scale=column"}), groups.exact()) <=
          1.1 * difference(groups.run({}), groups.exact()));
}
