// SPDX-License-Identifier: Apache-2.0
#include "calibrate/campaign.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "base/parallel.h"

namespace mho::calibrate {
namespace {

// Of one run: the largest arrays take minutes, and several times that on a busy machine.
constexpr double kTimeoutSecond = 3600;

spice::Job job_of(const netlist::Deck& deck) {
    spice::Job job;
    job.netlist = netlist::netlist_text(deck);
    job.analysis = netlist::analysis_command(deck.analysis);
    job.vectors = deck.saved;
    job.label = deck.title;
    job.timeout_second = kTimeoutSecond;
    for (const auto& model : deck.osdi_models) job.osdi_models.push_back(model.string());
    return job;
}

// How long a run takes beside others, by the size of its netlist and how often it is solved. Rough,
// for the order in which runs start only.
double effort(const spice::Job& job) {
    constexpr double kTransient = 20;  // of other analyses
    const bool is_transient = job.analysis.find("tran") != std::string::npos;
    return static_cast<double>(job.netlist.size()) * (is_transient ? kTransient : 1);
}

// Longest runs first, so that no worker has one left to do when the others are done.
std::vector<std::size_t> starting_order(const std::vector<spice::Job>& jobs) {
    std::vector<std::size_t> order(jobs.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&jobs](std::size_t a, std::size_t b) {
        return effort(jobs[a]) > effort(jobs[b]);
    });
    return order;
}

}  // namespace

Campaign::Campaign(spice::Pool& pool, ProgressCallback progress, std::size_t planned)
    : pool_(pool), progress_(std::move(progress)), planned_(planned) {}

Campaign::Ticket Campaign::submit(const netlist::Deck& deck) {
    pending_.push_back(job_of(deck));
    return results_.size() + pending_.size() - 1;
}

std::vector<Campaign::Ticket> Campaign::submit_all(
    std::size_t count, const std::function<netlist::Deck(std::size_t)>& make_deck) {
    const std::size_t before = pending_.size();
    pending_.resize(before + count);
    parallel_for(count, 0, [&](std::size_t k) { pending_[before + k] = job_of(make_deck(k)); });
    std::vector<Ticket> tickets(count);
    std::iota(tickets.begin(), tickets.end(), results_.size() + before);
    return tickets;
}

void Campaign::run() {
    const std::size_t before = results_.size();
    const ProgressCallback shifted = [this, before](std::size_t done, std::size_t total,
                                                    const std::string& remark) {
        if (progress_) progress_(before + done, std::max(planned_, before + total), remark);
    };
    const std::vector<std::size_t> order = starting_order(pending_);
    std::vector<spice::Job> jobs;
    for (const std::size_t k : order) jobs.push_back(std::move(pending_[k]));
    std::vector<spice::Waveforms> found = spice::run_all(pool_, jobs, shifted);
    results_.resize(before + found.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
        results_[before + order[k]] = std::move(found[k]);
    }
    pending_.clear();
}

}  // namespace mho::calibrate
