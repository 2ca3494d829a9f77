// SPDX-License-Identifier: Apache-2.0
#include "spice/lockstep_run.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "spice/request.h"
#include "spice/text.h"

namespace mho::spice {
namespace {

constexpr double kApart = 10;  // resolutions between two instants

std::string name_of(const LockstepJob& job) {
    return fmt::format("lockstep job '{}'", job.job.label);
}

void check_sources(const LockstepJob& job) {
    if (job.sources.empty()) throw bad_input("{}: no external source", name_of(job));
    std::set<std::string> names;
    for (const ExternalSource& source : job.sources) {
        const std::string name = lower_case(source.name);
        if (!name.starts_with('v') && !name.starts_with('i')) {
            throw bad_input("{}: source '{}', expected one that begins with v or i", name_of(job),
                            source.name);
        }
        if (!names.insert(name).second) {
            throw bad_input("{}: source '{}' twice", name_of(job), source.name);
        }
        if (!std::isfinite(source.initial)) {
            throw bad_input("{}: source '{}' starts at {}, expected a finite value", name_of(job),
                            source.name, source.initial);
        }
    }
}

void check_edges(const LockstepJob& job, double apart_second) {
    double earliest = 0;
    for (const double edge : job.edge_second) {
        if (!(edge >= earliest) || !std::isfinite(edge)) {
            throw bad_input("{}: clock edge at {:g} s, expected one not before {:g} s",
                            name_of(job), edge, earliest);
        }
        earliest = edge + apart_second;
    }
}

}  // namespace

void check(const LockstepJob& job) {
    if (!job.make_block) throw bad_input("{}: no block", name_of(job));
    if (!job.job.alterations.names.empty() || !job.job.inputs.names.empty()) {
        throw bad_input("{}: a lockstep run takes no alterations or inputs", name_of(job));
    }
    check_edges(job, kApart * lockstep_resolution_second(job.job));
    check_sources(job);
    for (const std::string& name : job.observed) {
        if (parse_vector(name).first == kAllVectors) {
            throw bad_input("{}: observes 'all', expected single vectors", name_of(job));
        }
    }
}

LockstepRun::LockstepRun(const LockstepJob& job)
    : job_(&job),
      resolution_second_(lockstep_resolution_second(job.job)),
      block_(job.make_block()) {
    if (!block_) throw bad_input("{}: no block", name_of(job));
}

LockstepOrder LockstepRun::order() const {
    return {job_->job, job_->sources, job_->observed, resolution_second_};
}

// True when the next edge is now.
bool LockstepRun::take_edge() {
    const std::vector<double>& edges = job_->edge_second;
    if (edges_taken_ == edges.size()) return false;
    if (edges[edges_taken_] >= now_second_ + kApart * resolution_second_) return false;
    ++edges_taken_;
    return true;
}

void LockstepRun::check_action(const LockstepAction& action) const {
    const double shortest = kApart * resolution_second_;
    for (const Drive& drive : action.drives) {
        if (drive.source >= job_->sources.size()) {
            throw bad_input("{}: at {:g} s the block drives source number {}, expected below {}",
                            name_of(*job_), now_second_, drive.source, job_->sources.size());
        }
        const std::string& source = job_->sources[drive.source].name;
        if (!std::isfinite(drive.value)) {
            throw bad_input("{}: at {:g} s the block drives '{}' to {}, expected a finite value",
                            name_of(*job_), now_second_, source, drive.value);
        }
        if (!(drive.rise_second >= shortest) || !std::isfinite(drive.rise_second)) {
            throw bad_input(
                "{}: at {:g} s the block drives '{}' within {:g} s, expected {:g} s or "
                "more",
                name_of(*job_), now_second_, source, drive.rise_second, shortest);
        }
    }
    if (!(action.next_second >= now_second_ + shortest)) {
        throw bad_input(
            "{}: at {:g} s the block asks to be called at {:g} s, expected later by "
            "{:g} s or more",
            name_of(*job_), now_second_, action.next_second, shortest);
    }
}

LockstepAction LockstepRun::answer(const ObservedPoint& point) {
    const double planned = edges_taken_ < job_->edge_second.size()
                               ? std::min(asked_second_, job_->edge_second[edges_taken_])
                               : asked_second_;
    if (!(std::abs(point.time_second - planned) <= resolution_second_) ||
        point.observed.size() != job_->observed.size()) {
        throw simulator_error("{}: event at {:g} s, expected one at {:g} s", name_of(*job_),
                              point.time_second, planned);
    }
    now_second_ = planned;
    const bool at_edge = take_edge();
    LockstepAction action =
        block_({now_second_, point.observed, at_edge, kApart * resolution_second_});
    check_action(action);
    asked_second_ = action.next_second;
    if (edges_taken_ < job_->edge_second.size()) {
        action.next_second = std::min(action.next_second, job_->edge_second[edges_taken_]);
    }
    return action;
}

}  // namespace mho::spice
