// SPDX-License-Identifier: Apache-2.0
// A successive-approximation converter: capacitors, switch and comparator in ngspice, clock and
// register in C++.
#include <fmt/format.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <limits>

#include "spice/lockstep_decks.h"
#include "spice/waveforms.h"

using namespace mho::spice;
using namespace mho::spice::test;

namespace {

constexpr int kBits = 6;
constexpr double kReferenceVolt = 1.0;
constexpr double kPeriod = 1e-9;
constexpr double kRise = 20e-12;
constexpr std::size_t kInput = 0, kSample = 1, kFirstPlate = 2;  // sources

// Top-plate sampling: the input is sampled against bottom plates at the reference; a plate pulled
// to ground takes its bit's weight from the top plate, which the comparator watches for its sign.
LockstepJob sar_job() {
    std::string deck =
        "SAR\nVin in 0 external\nVsample s 0 external\nS1 in x s 0 sw\nCdummy x 0 2f\n"
        "Bcmp c 0 v=0.5+0.5*tanh(1e5*v(x))\nRcmp c cmp 1k\nCcmp cmp 0 20f\n"
        ".model sw sw(vt=0.5 vh=0 ron=100 roff=1e15)\n";
    LockstepJob job;
    job.sources = {{"vin", 0.0}, {"vsample", 0.0}};
    for (int bit = 0; bit < kBits; ++bit) {
        deck += fmt::format("Vp{0} p{0} 0 external\nC{0} x p{0} {1}f\n", bit, 2 << bit);
        job.sources.push_back({fmt::format("vp{}", bit), kReferenceVolt});
    }
    job.job = make_job(deck + ".ic v(x)=0\n.end\n", "", {"v(x)", "v(cmp)"});
    job.observed = {"v(cmp)"};
    return job;
}

// One conversion: sample, hold, then a clock per bit. Converts `inputs` one after the other.
class SarLogic {
  public:
    SarLogic(std::vector<double> inputs, std::vector<int>& codes)
        : inputs_(std::move(inputs)), codes_(&codes) {}

    LockstepAction operator()(const LockstepEvent& event) {
        LockstepAction action;
        if (!event.at_edge) return action;
        if (bit_ >= 0 && bit_ < kBits) decide(event.observed[0] > 0.5, action);
        if (bit_ == 0 || bit_ == kDone) {
            if (bit_ == 0) codes_->push_back(code_);
            begin(action);
        } else if (bit_ == kBits + 1) {
            action.drives.push_back({kSample, 0, kRise});  // hold
            --bit_;
        } else {
            --bit_;
            action.drives.push_back({kFirstPlate + static_cast<std::size_t>(bit_), 0, kRise});
        }
        return action;
    }

  private:
    static constexpr int kDone = kBits + 2;

    void decide(bool above, LockstepAction& action) {
        if (above) {
            code_ |= 1 << bit_;
        } else {
            action.drives.push_back(
                {kFirstPlate + static_cast<std::size_t>(bit_), kReferenceVolt, kRise});
        }
    }

    void begin(LockstepAction& action) {
        bit_ = kDone;
        if (codes_->size() >= inputs_.size()) return;
        for (std::size_t bit = 0; bit < kBits; ++bit) {
            action.drives.push_back({kFirstPlate + bit, kReferenceVolt, kRise});
        }
        action.drives.push_back({kInput, inputs_[codes_->size()], kRise});
        action.drives.push_back({kSample, 1, kRise});
        code_ = 0;
        bit_ = kBits + 1;
    }

    std::vector<double> inputs_;
    std::vector<int>* codes_;
    int bit_ = kDone;  // under test; kBits: held, kBits + 1: sampling
    int code_ = 0;
};

std::vector<int> converted(const std::vector<double>& inputs) {
    LockstepJob job = sar_job();
    const double stop = static_cast<double>(inputs.size() * (kBits + 2) + 2) * kPeriod;
    job.job.analysis = fmt::format("tran 0.1n {:.17g}", stop);
    job.edge_second = clock_edges(kPeriod, kPeriod, stop);
    std::vector<int> codes;
    job.make_block = [&] {
        codes.clear();
        return SarLogic(inputs, codes);
    };
    const JobResult result = run_lockstep(job);
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    return codes;
}

}  // namespace

TEST_CASE("a SAR with its logic in C++ gives the ideal code for every input") {
    constexpr double kLsb = kReferenceVolt / (1 << kBits);
    std::vector<double> inputs;
    std::vector<int> expected;
    for (int code = 0; code < 1 << kBits; ++code) {
        // In the middle of the code and close to both of its transitions.
        for (const double part : {0.5, 0.02, 0.98}) {
            inputs.push_back((code + part) * kLsb);
            expected.push_back(code);
        }
    }
    CHECK(converted(inputs) == expected);
}
