// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "spice/job.h"

namespace mho::calibrate {

struct Span {
    double from_second = 0;
    double to_second = 0;
    double second() const { return to_second - from_second; }
};

// Energy in joule that the constant source v<name> at `volt` delivers over `span`, from its
// current i(v<name>). Current that flows back into it counts as nothing, not as energy regained.
double supply_joule(const spice::Waveforms& waves, std::string_view name, double volt, Span span);

}  // namespace mho::calibrate
