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

double mean_of(const std::vector<double>& values) {
    double mean = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    return mean;
}

// Sample standard deviation about the mean.
double deviation(const std::vector<double>& values) {
    const auto count = static_cast<double>(values.size());
    double mean = 0, square = 0;
    for (const double value : values) mean += value / count;
    for (const double value : values) square += (value - mean) * (value - mean);
    return std::sqrt(square / (count - 1));
}

double root_mean_square(const std::vector<double>& values) {
    double square = 0;
    for (const double value : values) square += value * value;
    return values.empty() ? 0 : std::sqrt(square / static_cast<double>(values.size()));
}

// What a draw adds to the nominal transitions, as coefficients of Legendre polynomials.
std::vector<double> legendre_parts(const AdcMeasurement& nominal, const AdcMeasurement& drawn) {
    const std::vector<double>& edges = drawn.model.transition_volt;
    const std::vector<double>& from = nominal.coarse_transition_volt.empty()
                                          ? nominal.model.transition_volt
                                          : nominal.coarse_transition_volt;
    const auto count = static_cast<Eigen::Index>(edges.size());
    Eigen::MatrixXd basis(count, kBends + 2);
    Eigen::VectorXd moved(count);
    for (Eigen::Index k = 0; k < count; ++k) {
        const double x = 2.0 * static_cast<double>(k) / static_cast<double>(count - 1) - 1;
        for (int d = 0; d < kBends + 2; ++d) basis(k, d) = behavioral::legendre(d, x);
        const auto index = static_cast<std::size_t>(k);
        moved(k) = edges[index] - from[index];
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
        const std::vector<double> of_draw = legendre_parts(nominal, draw);
        for (std::size_t d = 0; d < parts.size(); ++d) parts[d].push_back(of_draw[d]);
    }
    behavioral::AdcMismatch mismatch;
    mismatch.offset_volt_rms = deviation(parts[0]);
    const std::vector<double>& edges = nominal.model.transition_volt;
    mismatch.gain_rms = deviation(parts[1]) / (0.5 * (edges.back() - edges.front()));
    for (std::size_t d = 2; d < parts.size(); ++d) {
        mismatch.bend_volt_rms.push_back(deviation(parts[d]));
    }
    for (std::size_t k = 0; k < draws.size(); ++k) {
        for (const std::vector<double>& part : parts) {
            const double sigma = deviation(part);
            mismatch.shapes.push_back(sigma > 0 ? (part[k] - mean_of(part)) / sigma : 0);
        }
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

double worst_inl(const AdcMeasurement& nominal, const AdcMeasurement& draw) {
    if (!draw.bit_volt.empty()) return draw.metrics.worst_inl_lsb;
    const std::vector<double> parts = legendre_parts(nominal, draw);
    behavioral::AdcModel smooth = nominal.model;
    std::vector<double>& edges = smooth.transition_volt;
    for (std::size_t k = 0; k < edges.size(); ++k) {
        const double x = 2.0 * static_cast<double>(k) / static_cast<double>(edges.size() - 1) - 1;
        for (std::size_t d = 0; d < parts.size(); ++d) {
            edges[k] += parts[d] * behavioral::legendre(static_cast<int>(d), x);
        }
    }
    return behavioral::adc_metrics(smooth).worst_inl_lsb;
}

InlSpread inl_spread(const behavioral::AdcModel& model, const AdcMeasurement& nominal,
                     std::span<const AdcMeasurement> draws, std::uint64_t seed, int instances) {
    std::vector<double> measured, modelled;
    for (const AdcMeasurement& draw : draws) measured.push_back(worst_inl(nominal, draw));
    for (int k = 0; k < instances; ++k) {
        const auto drawn = behavioral::draw_adc(model, seed, static_cast<std::uint32_t>(k));
        modelled.push_back(behavioral::adc_metrics(drawn).worst_inl_lsb);
    }
    InlSpread spread;
    spread.draws_lsb = root_mean_square(measured);
    spread.model_lsb = root_mean_square(modelled);
    spread.draws_sigma_lsb = measured.size() > 1 ? deviation(measured) : 0;
    spread.model_sigma_lsb = modelled.size() > 1 ? deviation(modelled) : 0;
    return spread;
}

}  // namespace mho::calibrate
