// SPDX-License-Identifier: Apache-2.0
#include "spice/external_sources.h"

#include <fmt/format.h>

#include "spice/text.h"

namespace mho::spice {

ExternalSources::ExternalSources(const std::vector<ExternalSource>& sources) {
    for (const ExternalSource& source : sources) {
        indices_.emplace(lower_case(source.name), ramps_.size());
        ramps_.push_back({0, 0, source.initial, source.initial, false});
    }
}

double ExternalSources::Ramp::at(double time_second) const {
    if (time_second >= start_second + rise_second) return to;
    if (time_second <= start_second) return from;
    return from + (to - from) * ((time_second - start_second) / rise_second);
}

double ExternalSources::value(std::string_view name, double time_second) {
    const auto found = indices_.find(name);
    if (found == indices_.end()) {
        if (unknown_.empty()) unknown_ = name;
        return 0;
    }
    Ramp& ramp = ramps_[found->second];
    ramp.asked = true;
    return ramp.at(time_second);
}

void ExternalSources::set(std::size_t source, double value) {
    move(source, 0, value, 0);
}

void ExternalSources::move(std::size_t source, double start_second, double value,
                           double rise_second) {
    Ramp& ramp = ramps_.at(source);
    ramp.from = ramp.at(start_second);
    ramp.to = value;
    ramp.start_second = start_second;
    ramp.rise_second = rise_second;
}

std::string ExternalSources::trouble() const {
    if (!unknown_.empty()) {
        return fmt::format("source '{}' of the deck is external, but nothing drives it", unknown_);
    }
    for (const auto& [name, index] : indices_) {
        if (!ramps_[index].asked) return fmt::format("the deck has no external source '{}'", name);
    }
    return {};
}

}  // namespace mho::spice
