// SPDX-License-Identifier: Apache-2.0
#include "flows/confidence.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace mho::flows {

double confidence_half_width(const std::vector<double>& values) {
    const auto count = static_cast<double>(values.size());
    if (values.size() < 2) return 0;
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const boost::math::students_t distribution(count - 1);
    return boost::math::quantile(distribution, 0.975) * std::sqrt(squares / (count - 1) / count);
}

}  // namespace mho::flows
