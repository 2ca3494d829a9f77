// SPDX-License-Identifier: Apache-2.0
// How sure a mean of few instances is.
#pragma once

#include <vector>

namespace mho::flows {

// Half the width of the interval that holds the mean of independent normal numbers with 95 percent
// confidence: Student's t with n - 1 degrees of freedom times the deviation over sqrt(n). 0 for
// fewer than two numbers, which tell nothing about it.
double confidence_half_width(const std::vector<double>& values);

}  // namespace mho::flows
