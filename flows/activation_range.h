// SPDX-License-Identifier: Apache-2.0
// Largest magnitudes of the values that enter each matrix product: the full scale of its drivers.
#pragma once

#include <cstddef>
#include <vector>

#include "flows/dataset.h"
#include "flows/network.h"

namespace mho::flows {

struct RangeOptions {
    std::size_t images = 256;  // the first ones of the data set; fewer when there are fewer
    // Part of the values, in percent, that lies inside the range; 100 is the largest |x|. Others
    // are rounded up to 1/4096 of that.
    double percentile = 100;
    std::size_t threads = 0;
};

// One value per node of the network, 0 for nodes without a product. Values are counted as the rows
// see them, after im2col (padding zeros among them). Throws bad_input when a value is not finite or
// the percentile is not in (0, 100].
std::vector<double> activation_ranges(const Network& network, const Dataset& data,
                                      const RangeOptions& options = {});

}  // namespace mho::flows
