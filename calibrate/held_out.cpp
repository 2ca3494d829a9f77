// SPDX-License-Identifier: Apache-2.0
#include "calibrate/held_out.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mho::calibrate {

HeldOut::HeldOut(std::string quantity, std::string unit, double scale)
    : quantity_(std::move(quantity)), unit_(std::move(unit)), scale_(scale) {}

void HeldOut::add(double spice, double model) {
    add(spice, model, scale_);
}

void HeldOut::add(double spice, double model, double scale) {
    spice_.push_back(spice);
    model_.push_back(model);
    scales_.push_back(scale);
}

behavioral::QuantityError HeldOut::error(double tolerance, double rms_tolerance) const {
    behavioral::QuantityError error;
    error.quantity = quantity_;
    error.unit = unit_;
    error.tolerance = tolerance;
    error.rms_tolerance = rms_tolerance;
    error.samples = static_cast<int>(spice_.size());
    error.held_out = circuits_;
    for (std::size_t k = 0; k < spice_.size(); ++k) {
        const double difference = std::abs(model_[k] - spice_[k]) / scales_[k];
        error.rms += difference * difference;
        error.worst = std::max(error.worst, difference);
    }
    if (!spice_.empty()) error.rms = std::sqrt(error.rms / static_cast<double>(spice_.size()));
    return error;
}

behavioral::HeldOutPoints HeldOut::points(const std::string& point_unit) const {
    constexpr std::size_t kKept = 400;
    const std::size_t stride = std::max<std::size_t>(1, spice_.size() / kKept);
    behavioral::HeldOutPoints points{quantity_, point_unit, {}, {}};
    for (std::size_t k = 0; k < spice_.size(); k += stride) {
        points.spice.push_back(spice_[k]);
        points.model.push_back(model_[k]);
    }
    return points;
}

}  // namespace mho::calibrate
