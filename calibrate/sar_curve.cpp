// SPDX-License-Identifier: Apache-2.0
#include "calibrate/sar_curve.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "behavioral/sar_logic.h"
#include "calibrate/fit.h"

namespace mho::calibrate {
namespace {

constexpr int kDegree = 3;          // of what sampling makes of the input
constexpr double kNearLsb = 8;      // trials so close to their transition count most
constexpr double kResidualLsb = 4;  // and those so close are shown
constexpr std::size_t kCoefficients = kDegree + 1;

struct Fit {
    double middle_volt = 0;
    double half_volt = 0;
    std::vector<double> sampling;  // a(v), in (v - middle) / half
    std::vector<double> steps;     // w_b

    double scaled(double volt) const { return (volt - middle_volt) / half_volt; }
    double step_sum(std::uint32_t code) const {
        double sum = 0;
        for (std::size_t bit = 0; bit < steps.size(); ++bit) {
            if ((code >> bit & 1u) != 0) sum += steps[bit];
        }
        return sum;
    }
    double margin(double volt, std::uint32_t code) const {
        return polynomial(sampling, scaled(volt)) - step_sum(code);
    }
    double slope(double volt) const { return polynomial_slope(sampling, scaled(volt)) / half_volt; }
};

Fit fit_margins(std::span<const SarSample> samples, const netlist::AdcSpec& spec,
                const SarCurve* shape) {
    Fit fit{0.5 * (spec.low_volt + spec.high_volt), 0.5 * (spec.high_volt - spec.low_volt), {}, {}};
    const auto bits = static_cast<std::size_t>(spec.bits);
    const std::size_t fitted = shape != nullptr ? 1 : kCoefficients;  // of the sampling
    std::vector<double> given(kCoefficients, 0.0);
    if (shape != nullptr) {
        std::copy(shape->sampling.begin() + 1, shape->sampling.end(), given.begin() + 1);
    }
    const double near = kNearLsb * std::ldexp(2 * fit.half_volt, -spec.bits);
    const auto rows = static_cast<Eigen::Index>(samples.size() * bits);
    const auto columns = static_cast<Eigen::Index>(fitted + bits);
    Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(rows, columns);
    Eigen::VectorXd margins(rows);
    Eigen::Index row = 0;
    for (const SarSample& sample : samples) {
        const double known = polynomial(given, fit.scaled(sample.input_volt));
        for (const SarTrial& trial : sample.conversion.trials) {
            const double weight = 1 / (1 + std::pow(trial.margin_volt / near, 2));
            double power = weight;
            for (std::size_t k = 0; k < fitted; ++k) {
                matrix(row, static_cast<Eigen::Index>(k)) = power;
                power *= fit.scaled(sample.input_volt);
            }
            for (std::size_t bit = 0; bit < bits; ++bit) {
                if ((trial.code >> bit & 1u) == 0) continue;
                matrix(row, static_cast<Eigen::Index>(fitted + bit)) = -weight;
            }
            margins(row++) = weight * (trial.margin_volt - known);
        }
    }
    const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> solver(matrix.topRows(row));
    if (row < columns || solver.rank() < columns) {
        throw simulator_error("SAR curve: {} conversions do not determine {} steps and the input",
                              samples.size(), spec.bits);
    }
    const Eigen::VectorXd solution = solver.solve(margins.head(row));
    fit.sampling = given;
    for (std::size_t k = 0; k < fitted; ++k) {
        fit.sampling[k] = solution(static_cast<Eigen::Index>(k));
    }
    fit.steps.assign(solution.data() + fitted, solution.data() + columns);
    return fit;
}

void find_turn(std::span<const SarSample> samples, SarCurve& curve) {
    double dropped = -std::numeric_limits<double>::infinity();
    double taken = std::numeric_limits<double>::infinity();
    for (const SarSample& sample : samples) {
        for (const SarTrial& trial : sample.conversion.trials) {
            if (trial.taken) taken = std::min(taken, trial.margin_volt);
            if (!trial.taken) dropped = std::max(dropped, trial.margin_volt);
        }
    }
    if (!std::isfinite(dropped) || !std::isfinite(taken)) {
        throw simulator_error("SAR curve: the comparator decides the same in every trial");
    }
    curve.turn_volt = 0.5 * (dropped + taken);
    curve.turn_spread_volt = taken - dropped;
}

// Newton from the nominal transition.
double transition_volt(const Fit& fit, std::uint32_t code, double turn_volt, double nominal) {
    double volt = nominal;
    for (int step = 0; step < 50; ++step) {
        const double slope = fit.slope(volt);
        if (!(slope > 0)) break;
        const double move = (turn_volt - fit.margin(volt, code)) / slope;
        volt += move;
        if (std::abs(move) < 1e-12) return volt;
        if (!(std::abs(volt - nominal) < fit.half_volt)) break;
    }
    throw simulator_error("SAR curve: no input near {:.4f} V gives the transition to code {}",
                          nominal, code);
}

void judge(std::span<const SarSample> samples, const Fit& fit, SarCurve& curve) {
    const double lsb = std::ldexp(2 * fit.half_volt, -curve.model.bits);
    for (const SarSample& sample : samples) {
        if (sar_curve_code(curve.model, sample.input_volt) == sample.conversion.code)
            ++curve.explained;
        const double slope = fit.slope(sample.input_volt);
        for (const SarTrial& trial : sample.conversion.trials) {
            const double distance = (trial.margin_volt - curve.turn_volt) / slope / lsb;
            if (std::abs(distance) > kResidualLsb) continue;
            const double error = trial.margin_volt - fit.margin(sample.input_volt, trial.code);
            curve.residual_lsb = std::max(curve.residual_lsb, std::abs(error) / slope / lsb);
        }
    }
}

}  // namespace

std::uint32_t sar_curve_code(const behavioral::AdcModel& model, double volt) {
    behavioral::SarLogic logic(model.bits);
    (void)logic.clock(false, false);
    while (!logic.controls().done) {
        const double edge = model.transition_volt[logic.controls().code - 1];
        (void)logic.clock(false, volt >= edge);
    }
    return logic.controls().code;
}

SarCurve fit_sar_curve(std::span<const SarSample> samples, const netlist::AdcSpec& spec,
                       const SarCurve* shape) {
    const Fit fit = fit_margins(samples, spec, shape);
    SarCurve curve;
    curve.sampling = fit.sampling;
    find_turn(samples, curve);
    curve.model.bits = spec.bits;
    curve.model.ideal_low_volt = spec.low_volt;
    curve.model.ideal_high_volt = spec.high_volt;
    const double lsb = std::ldexp(spec.high_volt - spec.low_volt, -spec.bits);
    for (std::uint32_t code = 1; code < 1u << spec.bits; ++code) {
        curve.model.transition_volt.push_back(
            transition_volt(fit, code, curve.turn_volt, spec.low_volt + code * lsb));
    }
    for (const double step : fit.steps) curve.bit_volt.push_back(step / fit.slope(fit.middle_volt));
    judge(samples, fit, curve);
    return curve;
}

}  // namespace mho::calibrate
