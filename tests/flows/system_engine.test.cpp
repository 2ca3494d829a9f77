// SPDX-License-Identifier: Apache-2.0
// Products on described systems against integer arithmetic and the physics of each option.
#include "flows/system_engine.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "flows/described_system.h"
#include "flows/float_engine.h"
#include "flows/made_networks.h"
#include "flows/system_toml.h"

using namespace mho::flows;
using namespace mho::test;

namespace {

struct Bench {
    Network network = gemm_network(300, 40);
    Dataset data = mho::test::random_data(network, 70, 0, 1);

    std::vector<float> run(const std::vector<std::string>& changes, std::uint32_t trial = 0,
                           std::size_t threads = 2) const {
        PlanOptions options;
        options.threads = threads;
        const SystemPlan plan = plan_system(network, data, system_with(changes), options);
        const SystemInstance made = program_system(network, plan, 7, trial, threads);
        std::vector<float> outputs;
        for (std::size_t c = 0; c < chunk_count(data.size()); ++c) {
            const Chunk chunk = chunk_at(c, data.size());
            const auto part = run_batch(
                network, data.images(chunk.first, chunk.count), chunk.count,
                [&](const Product& product) {
                    system_product(network, plan, made, product, chunk.first);
                },
                groups_together(plan));
            outputs.insert(outputs.end(), part.begin(), part.end());
        }
        return outputs;
    }
    std::vector<float> exact() const { return float_scores(network, data, data.size(), 2); }
};

double rms_difference(const std::vector<float>& a, const std::vector<float>& b) {
    REQUIRE(a.size() == b.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
    }
    return std::sqrt(sum / static_cast<double>(a.size()));
}

double largest(const std::vector<float>& values) {
    double most = 0;
    for (const float v : values) most = std::max(most, std::abs(static_cast<double>(v)));
    return most;
}

// Integer weights and codes of 8 bits, sums in double precision.
std::vector<float> quantised_reference(const Bench& bench) {
    const Gemm& gemm = std::get<Gemm>(bench.network.nodes[0].op);
    const auto inputs = static_cast<std::size_t>(gemm.inputs);
    const double w_step = largest(gemm.weights) / 127, x_step = largest(bench.data.pixels) / 255;
    std::vector<float> outputs;
    for (std::size_t s = 0; s < bench.data.size(); ++s) {
        for (std::size_t m = 0; m < static_cast<std::size_t>(gemm.outputs); ++m) {
            double sum = 0;
            for (std::size_t k = 0; k < inputs; ++k) {
                const auto w = static_cast<double>(gemm.weights[m * inputs + k]);
                const auto x = static_cast<double>(bench.data.pixels[s * inputs + k]);
                sum += std::nearbyint(w / w_step) * std::nearbyint(x / x_step);
            }
            outputs.push_back(static_cast<float>(sum * w_step * x_step) + gemm.bias[m]);
        }
    }
    return outputs;
}

// Error of each setting against the float network.
double error(const Bench& bench, const std::vector<std::string>& changes) {
    return rms_difference(bench.run(changes), bench.exact());
}

}  // namespace

TEST_CASE("without errors a system computes what integers of its bits give") {
    const Bench bench;
    const std::vector<float> reference = quantised_reference(bench);
    const double tolerance = 1e-5 * largest(reference);
    // A code next to a rounding boundary may fall either way in single precision.
    const double allowed = tolerance + 1e-3;
    CHECK(rms_difference(bench.run({}), reference) < tolerance);
    CHECK(rms_difference(bench.run({"array.rows=64"}), reference) < tolerance);
    CHECK(rms_difference(bench.run({"weights.sign=offset"}), reference) < allowed);
    CHECK(rms_difference(bench.run({"weights.sign=offset", "weights.offset_removal=unit_column"}),
                         reference) < allowed);
    CHECK(rms_difference(bench.run({"weights.slice_bits=2", "inputs.slice_bits=1"}), reference) <
          tolerance);
    CHECK(rms_difference(bench.run({"inputs.slice_bits=1", "inputs.sum=analog"}), reference) <
          tolerance);
    // A finite on/off ratio cancels in pairs and is known with an offset.
    CHECK(rms_difference(bench.run({"device.on_off=10"}), reference) < allowed);
    CHECK(rms_difference(bench.run({"device.on_off=10", "weights.sign=offset"}), reference) <
          allowed);
}

TEST_CASE("a converter with a code for every sum changes nothing") {
    const Bench bench;
    const auto plain = bench.run({"weights.bits=4", "inputs.bits=4"});
    CHECK(bench.run({"weights.bits=4", "inputs.bits=4", "adc.range=granular", "adc.bits=18"}) ==
          plain);
    const auto coarse =
        bench.run({"weights.bits=4", "inputs.bits=4", "adc.range=granular", "adc.bits=6"});
    CHECK(rms_difference(coarse, plain) > 0);
}

TEST_CASE("grouped convolutions, signed inputs and digital layers agree with the float network") {
    const Network network = conv_network();
    const Dataset data = mho::test::random_data(network, 5, -1, 1);
    const std::vector<float> exact = float_scores(network, data, data.size(), 1);
    const auto run = [&](const std::vector<std::string>& changes) {
        const SystemPlan plan = plan_system(network, data, system_with(changes));
        CHECK(plan.layers[0].signed_inputs);
        CHECK_FALSE(plan.layers[1].signed_inputs);  // after relu
        const SystemInstance made = program_system(network, plan, 1, 0, 1);
        return run_batch(
            network, data.images(0, data.size()), data.size(),
            [&](const Product& p) { system_product(network, plan, made, p, 0); },
            groups_together(plan));
    };
    const double scale = largest(exact);
    CHECK(rms_difference(run({"weights.bits=16", "inputs.bits=16"}), exact) < 1e-3 * scale);
    CHECK(rms_difference(run({}), exact) < 0.05 * scale);
    CHECK(rms_difference(run({"digital_layers=[\"first\", \"last\"]"}), exact) < 1e-6 * scale);
    CHECK(rms_difference(run({"inputs.slice_bits=1", "inputs.negative=twos_complement",
                              "inputs.sum=analog", "weights.bits=16", "inputs.bits=16"}),
                         exact) < 1e-3 * scale);
}

TEST_CASE("more bits of weights, inputs and converters lower the error") {
    const Bench bench;
    CHECK(error(bench, {"weights.bits=4"}) > 4 * error(bench, {"weights.bits=8"}));
    CHECK(error(bench, {"inputs.bits=4"}) > 4 * error(bench, {"inputs.bits=8"}));
    double before = HUGE_VAL;
    for (const std::string bits : {"4", "6", "8", "10"}) {
        const double now = error(bench, {"adc.range=calibrated", "adc.bits=" + bits});
        CHECK(now < before);
        before = now;
    }
    CHECK(error(bench, {"adc.range=maximum"}) > error(bench, {"adc.range=calibrated"}));
    // Ranges narrower than the sums clip.
    CHECK(error(bench, {"adc.range=calibrated", "adc.bits=12", "adc.percentile=80"}) >
          2 * error(bench, {"adc.range=calibrated", "adc.bits=12"}));
    CHECK(error(bench, {"weights.percentile=80"}) > error(bench, {}));
}

TEST_CASE("the error of programming scales, and differs from instance to instance") {
    const Bench bench;
    const auto without = bench.run({"device.name=taox", "device.error_scale=0"});
    CHECK(rms_difference(without, quantised_reference(bench)) < 1e-3 * largest(without));
    const auto once = bench.run({"device.name=taox"});
    const double spread = rms_difference(once, without);
    CHECK(spread > 0);
    const auto half = bench.run({"device.name=taox", "device.error_scale=0.5"});
    CHECK(std::abs(rms_difference(half, without) / spread - 0.5) < 0.01);
    CHECK(rms_difference(bench.run({"device.name=taox"}, 1), once) > spread / 2);
}

TEST_CASE("read noise is new for each sample and scales") {
    const Bench bench;
    const std::vector<std::string> still{"device.name=sonos-iedm", "device.read_noise_scale=0"};
    const auto quiet = bench.run(still);
    const double once = rms_difference(bench.run({"device.name=sonos-iedm"}), quiet);
    const double twice =
        rms_difference(bench.run({"device.name=sonos-iedm", "device.read_noise_scale=2"}), quiet);
    CHECK(once > 0);
    CHECK(std::abs(twice / once - 2) < 0.1);
}

TEST_CASE("noise of the read-out counts in steps of the converter") {
    const Bench bench;
    const std::vector<std::string> plain{"adc.range=calibrated", "adc.bits=12"};
    const auto quiet = bench.run(plain);
    const auto noisy = [&](const std::string& lsb) {
        auto changes = plain;
        changes.push_back("noise.readout_lsb=" + lsb);
        return rms_difference(bench.run(changes), quiet);
    };
    CHECK(std::abs(noisy("40") / noisy("10") - 4) < 0.4);
}

TEST_CASE("drift of phase-change cells shrinks outputs, and compensation undoes most of it") {
    const Bench bench;
    const std::string still = "device.error_scale=0";
    const auto fresh = bench.run({"device.name=pcm", still});
    const auto later = bench.run({"device.name=pcm", still, "device.time_second=1e6"});
    const auto compensated =
        bench.run({"device.name=pcm", still, "device.time_second=1e6", "device.compensation=true"});
    CHECK(rms_difference(compensated, fresh) < rms_difference(later, fresh) / 2);
}

TEST_CASE("wires lower the currents, the more the longer the line") {
    const Bench bench;
    const std::vector<std::string> exact{"device.r_min=1e4", "device.on_off=100"};
    const auto drop = [&](std::vector<std::string> more) {
        more.insert(more.end(), exact.begin(), exact.end());
        return rms_difference(bench.run(more), bench.run(exact));
    };
    const double one = drop({"wire.r_row=0.02", "wire.r_col=0.02"});
    CHECK(one > 0);
    CHECK(drop({"wire.r_row=0.08", "wire.r_col=0.08"}) > 2 * one);
    CHECK(drop({"wire.r_row=0.02", "wire.r_col=0.02", "array.rows=32"}) < one);
    CHECK(drop({"wire.r_row=1e-9", "wire.r_col=1e-9"}) < 1e-6 * one + 1e-3);
}

TEST_CASE("results depend neither on threads nor on what ran before") {
    const Bench bench;
    const std::vector<std::string> all{"device.name=sonos-iedm", "adc.range=calibrated",
                                       "adc.percentile=99.9", "noise.readout_lsb=0.5",
                                       "array.rows=128"};
    const auto one = bench.run(all, 3, 1);
    CHECK(bench.run(all, 3, 4) == one);
    CHECK(bench.run(all, 4, 1) != one);
}

TEST_CASE("whole convolutions give the bits of their windows one by one") {
    const Network network = conv_network();
    const Dataset data = mho::test::random_data(network, 5, -1, 1);
    const std::vector<std::vector<std::string>> systems{
        {},
        {"device.name=sonos-iedm", "adc.range=calibrated", "noise.readout_lsb=0.5"},
        {"device.name=taox", "wire.r_row=1", "wire.r_col=1", "array.rows=10", "adc.range=maximum"},
        {"weights.slice_bits=2", "inputs.slice_bits=1", "adc.range=maximum"},
        {"device.name=sonos-iedm", "inputs.slice_bits=2", "inputs.sum=analog"},
        {"weights.sign=offset", "device.on_off=10", "device.r_min=1e4"},
        {"device.name=sonos-iedm", "inputs.slice_bits=1", "inputs.negative=twos_complement",
         "wire.topology=b", "wire.r_col=1"}};
    for (const auto& changes : systems) {
        INFO((changes.empty() ? "exact" : changes[0]));
        const SystemPlan plan = plan_system(network, data, system_with(changes));
        const SystemInstance made = program_system(network, plan, 7, 2, 1);
        const auto one_by_one = run_batch(
            network, data.images(0, 5), 5,
            [&](const Product& product) { system_product(network, plan, made, product, 64); },
            groups_together(plan));
        CHECK(system_scores(network, plan, made, data.images(0, 5), 64, 5) == one_by_one);
    }
}
