// SPDX-License-Identifier: Apache-2.0
#include "behavioral/decoder.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "behavioral/card_check.h"
#include "behavioral/readout.h"

namespace mho::behavioral {
namespace {

struct Point {
    double code;
    double ampere;
};

Decoder best_line(const std::vector<Point>& points) {
    double mean_code = 0, mean_ampere = 0;
    for (const Point& p : points) {
        mean_code += p.code / static_cast<double>(points.size());
        mean_ampere += p.ampere / static_cast<double>(points.size());
    }
    double covariance = 0, variance = 0;
    for (const Point& p : points) {
        covariance += (p.code - mean_code) * (p.ampere - mean_ampere);
        variance += (p.code - mean_code) * (p.code - mean_code);
    }
    const double slope = covariance / variance;
    return {mean_ampere - slope * mean_code, slope};
}

}  // namespace

Decoder make_decoder(const ModelCard& card) {
    check_card(card, "card");
    require_column(card, "a decoder");
    const std::vector<double>& t = card.adc.transition_volt;
    std::vector<Point> all, fitted;
    for (std::size_t code = 1; code < t.size(); ++code) {
        const double ampere = readout_ampere(card.readout, 0.5 * (t[code - 1] + t[code]));
        const Point point{static_cast<double>(code), ampere};
        all.push_back(point);
        if (std::abs(ampere) <= card.readout.current_max_ampere) fitted.push_back(point);
    }
    return best_line(fitted.size() >= 2 ? fitted : all);
}

}  // namespace mho::behavioral
