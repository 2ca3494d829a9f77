// SPDX-License-Identifier: Apache-2.0
// The transistors of a SAR with its logic in C++, stepping in lockstep with ngspice, against the
// same transistors with XSPICE logic in one deck.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "behavioral/sar_logic.h"
#include "calibrate/sar_conversion.h"
#include "calibrate/sar_runs.h"
#include "netlist/bench_converter.h"
#include "spice/lockstep.h"

using namespace mho;
using namespace mho::netlist;

namespace {

constexpr double kSupplyVolt = 1.1;
constexpr double kEdgeSecond = 20e-12;

// The bench without its XSPICE logic and the two clocks that only the logic needs.
spice::LockstepJob without_logic(const Deck& bench, int bits, bool tracking) {
    Deck deck = bench;
    deck.libraries.pop_back();
    Circuit c(bench.circuit.name());
    for (const Device& device : bench.circuit.devices()) {
        if (device.name == "xlogic" || device.name == "vclk" || device.name == "vtrack") continue;
        std::vector<NetId> nets;
        for (const NetId pin : device.pins) nets.push_back(c.net(bench.circuit.net_name(pin)));
        if (const auto* source = std::get_if<VoltageSource>(&device.body)) {
            c.voltage_source(device.name, nets[0], nets[1], source->stimulus);
        } else {
            c.instance(device.name, std::get<Instance>(device.body).definition, nets);
        }
    }
    deck.circuit = c;
    spice::LockstepJob job;
    std::string text = netlist_text(deck);
    const std::size_t end = text.rfind(".end");
    std::string drives = "vsample sample 0 external\n";
    job.sources.push_back({"vsample", tracking ? kSupplyVolt : 0});
    for (int bit = 0; bit < bits; ++bit) {
        drives += fmt::format("vbit_{0} bit_{0} 0 external\n", bit);
        job.sources.push_back(
            {fmt::format("vbit_{}", bit), tracking && bit == bits - 1 ? kSupplyVolt : 0});
    }
    job.job.netlist = text.insert(end, drives);
    job.job.analysis = analysis_command(deck.analysis);
    job.job.vectors = {"v(top)"};
    job.job.label = deck.title;
    job.observed = {"v(decision)"};
    return job;
}

// The state machine on the converter's nets; the code is left in `code`.
spice::LockstepBlock logic_block(const SarTiming& timing, std::uint32_t& code) {
    return [timing, &code, logic = behavioral::SarLogic(timing.bits),
            started = false](const spice::LockstepEvent& event) mutable {
        spice::LockstepAction action;
        if (!event.at_edge) return action;
        const double half = 0.5 * timing.period_second;
        const bool track = event.time_second > timing.start_second() - half &&
                           event.time_second < timing.sampled_second() - half;
        started = started || track;
        if (!started) return action;
        const behavioral::SarControls& now =
            logic.clock(track, event.observed[0] > 0.5 * kSupplyVolt);
        action.drives.push_back({0, now.sample ? kSupplyVolt : 0, kEdgeSecond});
        for (int bit = 0; bit < timing.bits; ++bit) {
            action.drives.push_back({static_cast<std::size_t>(bit) + 1,
                                     (now.code >> bit & 1u) != 0 ? kSupplyVolt : 0, kEdgeSecond});
        }
        if (now.done) code = now.code;
        return action;
    };
}

}  // namespace

TEST_CASE("a SAR of transistors gives the same codes with C++ logic as with XSPICE logic") {
    const SarSampling sampling = GENERATE(SarSampling::bottom_plate, SarSampling::top_plate);
    const int bits = GENERATE(4, 6);
    const Design design = test::sar_design(bits, sampling);
    const AdcSpec& adc = design.spec.adc;
    const SarTiming timing = sar_timing(adc);
    spice::PoolOptions options;
    options.workers = 1;
    spice::Pool pool(options);
    std::vector<Deck> decks;
    CAPTURE(bits);
    const std::vector<double> codes =
        bits == 4 ? std::vector<double>{0.5, 3.4, 6.6, 7.9, 8.1, 11.5, 14.4, 15.6}
                  : std::vector<double>{5.4, 31.3, 42.6};
    for (const double code : codes) {
        decks.push_back(sar_bench(design, adc.low_volt + std::ldexp(0.5 * code, -bits)));
    }
    const auto waves = test::run_decks(decks);
    for (std::size_t k = 0; k < decks.size(); ++k) {
        CAPTURE(codes[k]);
        std::uint32_t code = ~0u;
        spice::LockstepJob job = without_logic(decks[k], adc.bits, timing.lead_cycles == 0);
        job.edge_second =
            spice::clock_edges(timing.period_second, timing.period_second, timing.stop_second());
        job.make_block = [&] { return logic_block(timing, code); };
        const spice::JobResult result = pool.run_lockstep({&job, 1}).front();
        INFO(result.message);
        REQUIRE(result.status == spice::JobStatus::ok);
        CHECK(code == calibrate::sar_conversion(waves[k], design).code);
        CHECK(code == static_cast<std::uint32_t>(codes[k]));
    }
}
