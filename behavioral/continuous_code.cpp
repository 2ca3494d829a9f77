// SPDX-License-Identifier: Apache-2.0
#include "behavioral/continuous_code.h"

#include <algorithm>
#include <vector>

namespace mho::behavioral {

double continuous_code(const AdcModel& adc, double volt) {
    const std::vector<double>& edge = adc.transition_volt;
    const auto above = std::upper_bound(edge.begin(), edge.end(), volt);
    if (above != edge.begin() && above != edge.end()) {
        const double low = *(above - 1), high = *above;
        return static_cast<double>(above - edge.begin()) + (volt - low) / (high - low);
    }
    const auto last = static_cast<double>(edge.size());
    const double width = (edge.back() - edge.front()) / (last - 1);
    return above == edge.begin() ? 1 + (volt - edge.front()) / width
                                 : last + (volt - edge.back()) / width;
}

}  // namespace mho::behavioral
