// SPDX-License-Identifier: Apache-2.0
#include "behavioral/adc_instance.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/random.h"
#include "behavioral/adc_metrics.h"

namespace mho::behavioral {
namespace {

constexpr double kBlur = 0.15;  // large enough that no two instances are the same

// Offset, gain and bends, in units of their deviations.
std::vector<double> draw_shape(const AdcMismatch& mismatch, RandomStream& random) {
    const std::size_t width = 2 + mismatch.bend_volt_rms.size();
    const std::size_t count = mismatch.shapes.size() / width;
    const auto draw = static_cast<std::size_t>(
        std::min(random.uniform() * static_cast<double>(count), static_cast<double>(count - 1)));
    std::vector<double> shape;
    for (std::size_t k = 0; k < width; ++k) {
        shape.push_back(std::sqrt(1 - kBlur * kBlur) * mismatch.shapes[draw * width + k] +
                        kBlur * random.normal());
    }
    return shape;
}

// Tells these draws from those of transistors and capacitors.
constexpr std::uint32_t kConverter = 1;

}  // namespace

double legendre(int degree, double x) {
    double before = 1, now = x;
    if (degree == 0) return before;
    for (int d = 1; d < degree; ++d) {
        const double next = ((2 * d + 1) * x * now - d * before) / (d + 1);
        before = now;
        now = next;
    }
    return now;
}

AdcModel draw_adc(const AdcModel& model, std::uint64_t seed, std::uint32_t index) {
    const double width = adc_metrics(model).mean_width_volt;
    const AdcMismatch& mismatch = model.mismatch;
    AdcModel drawn = model;
    if (mismatch.draws == 0) return drawn;
    RandomStream random(seed, RandomPurpose::mismatch, index, kConverter);
    std::vector<double> z, bits, bends;
    if (mismatch.shapes.empty()) {
        z = {random.normal(), random.normal()};
    } else {
        z = draw_shape(mismatch, random);
    }
    const double offset = mismatch.offset_volt_rms * z[0], gain = mismatch.gain_rms * z[1];
    for (const double volt : mismatch.bit_volt_rms) bits.push_back(volt * random.normal());
    for (std::size_t d = 0; d < mismatch.bend_volt_rms.size(); ++d) {
        bends.push_back(mismatch.bend_volt_rms[d] *
                        (mismatch.shapes.empty() ? random.normal() : z[2 + d]));
    }
    const double half = 0.5 * static_cast<double>(model.transition_volt.size() - 1);
    double last = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < drawn.transition_volt.size(); ++k) {
        const double x = static_cast<double>(k) / half - 1;
        double volt = drawn.transition_volt[k] + offset + gain * x * width * half;
        for (std::size_t bit = 0; bit < bits.size(); ++bit) {
            if (((k + 1) >> bit & 1u) != 0) volt += bits[bit];
        }
        for (std::size_t d = 0; d < bends.size(); ++d) {
            volt += bends[d] * legendre(static_cast<int>(d) + 2, x);
        }
        last = std::max(volt, std::nextafter(last, std::numeric_limits<double>::infinity()));
        drawn.transition_volt[k] = last;
    }
    return drawn;
}

double metastable_part(const AdcModel& model) {
    return std::min(1.0, 2 * model.unresolved_volt / adc_metrics(model).mean_width_volt);
}

}  // namespace mho::behavioral
