// SPDX-License-Identifier: Apache-2.0
#include "calibrate/campaign.h"

#include <algorithm>
#include <string>
#include <utility>

namespace mho::calibrate {
namespace {

// Of one run: the largest arrays take minutes, and several times that on a busy machine.
constexpr double kTimeoutSecond = 3600;

}  // namespace

Campaign::Campaign(spice::Pool& pool, ProgressCallback progress, std::size_t planned)
    : pool_(pool), progress_(std::move(progress)), planned_(planned) {}

Campaign::Ticket Campaign::submit(const netlist::Deck& deck) {
    spice::Job job;
    job.netlist = netlist::netlist_text(deck);
    job.analysis = netlist::analysis_command(deck.analysis);
    job.vectors = deck.saved;
    job.label = deck.title;
    job.timeout_second = kTimeoutSecond;
    for (const auto& model : deck.osdi_models) job.osdi_models.push_back(model.string());
    pending_.push_back(std::move(job));
    return results_.size() + pending_.size() - 1;
}

void Campaign::run() {
    const std::size_t before = results_.size();
    const ProgressCallback shifted = [this, before](std::size_t done, std::size_t total,
                                                    const std::string& remark) {
        if (progress_) progress_(before + done, std::max(planned_, before + total), remark);
    };
    for (spice::Waveforms& waveforms : spice::run_all(pool_, pending_, shifted)) {
        results_.push_back(std::move(waveforms));
    }
    pending_.clear();
}

}  // namespace mho::calibrate
