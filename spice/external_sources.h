// SPDX-License-Identifier: Apache-2.0
// What ngspice's external sources are worth. ngspice asks at every Newton iteration, also of steps
// it then rejects, so a value is a function of time alone. For the worker only.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spice/lockstep.h"

namespace mho::spice {

class ExternalSources {
  public:
    ExternalSources() = default;
    // Each stays at its initial value until it is moved.
    explicit ExternalSources(const std::vector<ExternalSource>& sources);

    // 0 for an unknown source, which trouble() then names.
    double value(std::string_view name, double time_second);

    void set(std::size_t source, double value);
    // From `start_second` on along a straight line to `value`, reached after `rise_second`.
    void move(std::size_t source, double start_second, double value, double rise_second);

    // "": ngspice asked for every source, and for no other. Otherwise a line that names one.
    std::string trouble() const;

  private:
    struct Ramp {
        double start_second = 0, rise_second = 0;  // no rise: at `to` all the time
        double from = 0, to = 0;
        bool asked = false;
        double at(double time_second) const;
    };
    std::vector<Ramp> ramps_;
    std::map<std::string, std::size_t, std::less<>> indices_;  // names in lower case
    std::string unknown_;
};

}  // namespace mho::spice
