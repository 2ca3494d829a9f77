// SPDX-License-Identifier: Apache-2.0
#include "spice/lockstep_driver.h"

#include <fmt/format.h>
#include <ngspice/sharedspice.h>

#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include "base/error.h"
#include "spice/text.h"

namespace mho::spice {
namespace {

constexpr std::size_t kGround = std::numeric_limits<std::size_t>::max();

// ngspice's names of vectors, as a request writes them: "v(out)" for out, "i(v1)" for v1#branch.
std::string requested_name(const std::string& vector) {
    constexpr std::string_view kBranch = "#branch";
    const std::string name = lower_case(vector);
    if (name.starts_with('@') || name.find('(') != std::string::npos) return name;
    if (name.ends_with(kBranch)) {
        return fmt::format("i({})", name.substr(0, name.size() - kBranch.size()));
    }
    return fmt::format("v({})", name);
}

double value_of(const vecvaluesall& point, std::size_t index) {
    return index == kGround ? 0.0 : point.vecsa[index]->creal;
}

void set_breakpoint(double time_second) {
    if (!ngSpice_SetBkpt(time_second)) {
        throw simulator_error("ngspice takes no breakpoint at {:g} s", time_second);
    }
}

}  // namespace

LockstepDriver::LockstepDriver(const LockstepOrder& order, ExternalSources& sources,
                               Exchange exchange)
    : resolution_second_(order.resolution_second),
      sources_(sources),
      exchange_(std::move(exchange)) {
    for (const std::string& name : order.observed) requests_.push_back(parse_vector(name));
}

std::string LockstepDriver::options(const LockstepOrder& order) {
    return fmt::format(".option minbreak={:.17g}", order.resolution_second);
}

void LockstepDriver::find_vectors(const vecvaluesall& point) {
    std::map<std::string, std::size_t> indices{{"0", kGround}};
    const auto vectors = static_cast<std::size_t>(point.veccount);
    time_index_ = vectors;
    for (std::size_t i = 0; i < vectors; ++i) {
        if (point.vecsa[i]->is_scale) time_index_ = i;
        indices.emplace(requested_name(point.vecsa[i]->name), i);
    }
    if (time_index_ == vectors) throw simulator_error("ngspice tells no time");
    const auto find = [&indices](const std::string& vector) {
        const auto found = indices.find(vector);
        if (found == indices.end()) throw simulator_error("no vector {}", vector);
        return found->second;
    };
    for (const VectorRequest& request : requests_) {
        const bool is_difference = !request.second.empty();
        observed_.push_back({request.name, find(request.first),
                             is_difference ? find(request.second) : kGround, is_difference});
    }
}

void LockstepDriver::accept(const vecvaluesall& point) {
    if (!started_) {
        find_vectors(point);
        if (std::string trouble = sources_.trouble(); !trouble.empty()) {
            throw bad_input("{}", trouble);
        }
        started_ = true;
    }
    const double now = point.vecsa[time_index_]->creal;
    if (now > next_second_ + resolution_second_) {
        throw simulator_error("ngspice stepped over {:.17g} s to {:.17g} s", next_second_, now);
    }
    if (now >= next_second_ - resolution_second_) exchange_at(now, point);
}

void LockstepDriver::exchange_at(double time_second, const vecvaluesall& point) {
    ObservedPoint observation{time_second, {}};
    for (const Observed& observed : observed_) {
        const double value = value_of(point, observed.first) -
                             (observed.is_difference ? value_of(point, observed.second) : 0.0);
        if (!std::isfinite(value)) {
            throw simulator_error("vector {} is {} at {:g} s", observed.name, value, time_second);
        }
        observation.observed.push_back(value);
    }
    const LockstepAction action = exchange_(observation);
    // Here too, so that ngspice starts anew with a small step of low order: its own breakpoint may
    // be a rounding away.
    set_breakpoint(time_second);
    for (const Drive& drive : action.drives) {
        sources_.move(drive.source, time_second, drive.value, drive.rise_second);
        set_breakpoint(time_second + drive.rise_second);
    }
    next_second_ = action.next_second;
    if (std::isfinite(next_second_)) set_breakpoint(next_second_);
}

}  // namespace mho::spice
