// SPDX-License-Identifier: Apache-2.0
#include "spice/job.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"

namespace mho::spice {

std::string_view to_string(JobStatus status) {
    switch (status) {
        case JobStatus::ok:
            return "ok";
        case JobStatus::bad_netlist:
            return "bad netlist";
        case JobStatus::not_converged:
            return "not converged";
        case JobStatus::incomplete:
            return "incomplete";
        case JobStatus::timed_out:
            return "timed out";
        case JobStatus::crashed:
            return "crashed";
    }
    return "unknown";
}

const std::vector<double>& Waveforms::operator[](std::string_view name) const {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        throw simulator_error("no waveform '{}', expected one of: {}", name,
                              fmt::format("{}", fmt::join(names, ", ")));
    }
    return columns.at(static_cast<std::size_t>(found - names.begin()));
}

}  // namespace mho::spice
