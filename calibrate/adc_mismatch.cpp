// SPDX-License-Identifier: Apache-2.0
#include "calibrate/adc_mismatch.h"

#include <Eigen/QR>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/error.h"
#include "behavioral/adc_instance.h"
#include "behavioral/adc_metrics.h"

namespace mho::calibrate {
namespace {

constexpr int kBends = 3;  // degrees 2 .. 4

// Sample standard deviation about the mean.
double deviation(const std::vector<double>& values) {
    const auto count = static_cast<double>(values.size());
    double mean = 0, square = 0;
    for (const double value : values) mean += value / count;
    for (const double value : values) square += (value - mean) * (value - mean);
    return std::sqrt(square / (count - 1));
}

// What a draw adds to the nominal transitions, as coefficients of Legendre polynomials.
std::vector<double> legendre_parts(const behavioral::AdcModel& nominal,
                                   const behavioral::AdcModel& drawn) {
    const auto count = static_cast<Eigen::Index>(nominal.transition_volt.size());
    Eigen::MatrixXd basis(count, kBends + 2);
    Eigen::VectorXd moved(count);
    for (Eigen::Index k = 0; k < count; ++k) {
        const double x = 2.0 * static_cast<double>(k) / static_cast<double>(count - 1) - 1;
        for (int d = 0; d < kBends + 2; ++d) basis(k, d) = behavioral::legendre(d, x);
        const auto index = static_cast<std::size_t>(k);
        moved(k) = drawn.transition_volt[index] - nominal.transition_volt[index];
    }
    const Eigen::VectorXd parts = basis.householderQr().solve(moved);
    return {parts.data(), parts.data() + parts.size()};
}

behavioral::AdcMismatch sar_mismatch(const AdcMeasurement& nominal,
                                     std::span<const AdcMeasurement> draws) {
    behavioral::AdcMismatch mismatch;
    std::vector<double> offsets;
    std::vector<std::vector<double>> bits(nominal.bit_volt.size());
    for (const AdcMeasurement& draw : draws) {
        // The first transition without the step of its own bit.
        offsets.push_back(draw.model.transition_volt.front() - draw.bit_volt.front());
        for (std::size_t bit = 0; bit < bits.size(); ++bit) {
            bits[bit].push_back(draw.bit_volt[bit]);
        }
    }
    mismatch.offset_volt_rms = deviation(offsets);
    for (const auto& steps : bits) mismatch.bit_volt_rms.push_back(deviation(steps));
    return mismatch;
}

behavioral::AdcMismatch ramp_mismatch(const AdcMeasurement& nominal,
                                      std::span<const AdcMeasurement> draws) {
    std::vector<std::vector<double>> parts(kBends + 2);
    for (const AdcMeasurement& draw : draws) {
        const std::vector<double> of_draw = legendre_parts(nominal.model, draw.model);
        for (std::size_t d = 0; d < parts.size(); ++d) parts[d].push_back(of_draw[d]);
    }
    behavioral::AdcMismatch mismatch;
    mismatch.offset_volt_rms = deviation(parts[0]);
    const std::vector<double>& edges = nominal.model.transition_volt;
    mismatch.gain_rms = deviation(parts[1]) / (0.5 * (edges.back() - edges.front()));
    for (std::size_t d = 2; d < parts.size(); ++d) {
        mismatch.bend_volt_rms.push_back(deviation(parts[d]));
    }
    return mismatch;
}

}  // namespace

behavioral::AdcMismatch adc_mismatch(const AdcMeasurement& nominal,
                                     std::span<const AdcMeasurement> draws) {
    if (draws.size() < 2) {
        throw bad_input("ADC mismatch: expected at least 2 draws, found {}", draws.size());
    }
    behavioral::AdcMismatch mismatch =
        nominal.bit_volt.empty() ? ramp_mismatch(nominal, draws) : sar_mismatch(nominal, draws);
    mismatch.draws = static_cast<int>(draws.size());
    return mismatch;
}

behavioral::AdcModel adc_model(const AdcStudy& study) {
    behavioral::AdcModel model = study.nominal.model;
    model.noise_volt_rms = study.noise.total_volt();
    model.regeneration_second = study.noise.regeneration_second;
    model.unresolved_volt = study.noise.unresolved_volt;
    if (study.samples.size() >= 2) model.mismatch = adc_mismatch(study.nominal, study.samples);
    return model;
}

InlSpread inl_spread(const behavioral::AdcModel& model, std::span<const AdcMeasurement> draws,
                     std::uint64_t seed, int instances) {
    InlSpread spread;
    for (const AdcMeasurement& draw : draws) {
        spread.draws_lsb += std::pow(draw.metrics.worst_inl_lsb, 2);
    }
    for (int k = 0; k < instances; ++k) {
        const auto drawn = behavioral::draw_adc(model, seed, static_cast<std::uint32_t>(k));
        spread.model_lsb += std::pow(behavioral::adc_metrics(drawn).worst_inl_lsb, 2);
    }
    if (!draws.empty()) {
        spread.draws_lsb = std::sqrt(spread.draws_lsb / static_cast<double>(draws.size()));
    }
    if (instances > 0) spread.model_lsb = std::sqrt(spread.model_lsb / instances);
    return spread;
}

}  // namespace mho::calibrate
