// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "behavioral/card.h"

namespace mho::calibrate {

// Collects pairs (SPICE, model) of one quantity and sums their differences up.
class HeldOut {
  public:
    // Differences are divided by `scale` to be in `unit` ("LSB", "of full scale").
    HeldOut(std::string quantity, std::string unit, double scale);

    void add(double spice, double model);
    void add(double spice, double model, double scale);  // with a scale of its own
    void describe(std::string circuits) { circuits_ = std::move(circuits); }

    behavioral::QuantityError error(double tolerance, double rms_tolerance = 0) const;
    // The pairs in `point_unit`; a quantity of many points keeps about 400 evenly spread ones.
    behavioral::HeldOutPoints points(const std::string& point_unit) const;

  private:
    std::string quantity_, unit_, circuits_;
    double scale_;
    std::vector<double> spice_, model_, scales_;
};

}  // namespace mho::calibrate
