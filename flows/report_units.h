// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mho::flows {

// Shown value = SI value * factor, in `unit` ("mV").
struct Scale {
    double factor = 1;
    std::string unit;
};

// The engineering prefix (a .. G, steps of 1000) with which `largest` lies in 1 .. 1000. A unit
// that takes no prefix ("of full scale", "LSB", "%", empty) stays as it is with factor 1.
Scale engineering_scale(double largest, std::string_view unit);

// The scale for the largest magnitude among `values`.
Scale engineering_scale(std::span<const double> values, std::string_view unit);

// "12.3 pJ"; `digits` significant ones. A value in a unit that takes no prefix stays as it is, with
// up to six digits. Non-finite values give a dash.
std::string engineering(double value, std::string_view unit, int digits = 3);

// "1 234 567" with narrow spaces, for counts.
std::string count_text(double value);

}  // namespace mho::flows
