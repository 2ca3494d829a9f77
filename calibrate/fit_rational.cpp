// SPDX-License-Identifier: Apache-2.0
#include "calibrate/fit_rational.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "base/error.h"

namespace mho::calibrate {
namespace {

using Complex = std::complex<double>;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kIterations = 30;
constexpr double kSmallest = 0.01;  // of the largest magnitude

double largest(const std::vector<Complex>& response) {
    double most = 0;
    for (const Complex value : response) most = std::max(most, std::abs(value));
    return most;
}

// Value of sum over k of c_k s^(k + first).
template <typename Coefficients>
Complex value_at(const Coefficients& c, Complex s, int first) {
    Complex sum = 0;
    for (std::size_t k = c.size(); k-- > 0;) sum = sum * s + c[k];
    return sum * std::pow(s, first);
}

}  // namespace

RationalFit fit_rational(std::span<const double> hertz,
                         std::span<const std::vector<Complex>> responses, int order) {
    const auto points = static_cast<Index>(hertz.size());
    const auto count = static_cast<Index>(responses.size());
    const Index unknowns = order * (1 + count);
    if (points * 2 < unknowns || count == 0) {
        throw simulator_error("{} frequencies are too few for {} responses of order {}", points,
                              count, order);
    }
    // s in units of the middle frequency.
    const double unit = 2 * std::numbers::pi * std::sqrt(hertz.front() * hertz.back());
    std::vector<Complex> s;
    for (const double f : hertz) s.emplace_back(0, 2 * std::numbers::pi * f / unit);
    VectorXd weight = VectorXd::Ones(points), found;
    for (int iteration = 0; iteration < kIterations; ++iteration) {
        MatrixXd basis = MatrixXd::Zero(2 * points * count, unknowns);
        VectorXd target(2 * points * count);
        for (Index n = 0; n < count; ++n) {
            const std::vector<Complex>& response = responses[static_cast<std::size_t>(n)];
            const double floor = kSmallest * largest(response);
            for (Index i = 0; i < points; ++i) {
                const Complex z = response[static_cast<std::size_t>(i)];
                const double w = weight(i) / (std::abs(z) + floor);
                const Index row = 2 * (n * points + i);
                Complex power = w;
                for (Index k = 0; k < order; ++k) {
                    const Complex top = power;
                    power *= s[static_cast<std::size_t>(i)];
                    const Complex bottom = -power * z;
                    basis(row, k) = bottom.real();
                    basis(row + 1, k) = bottom.imag();
                    basis(row, order * (1 + n) + k) = top.real();
                    basis(row + 1, order * (1 + n) + k) = top.imag();
                }
                target(row) = w * z.real();
                target(row + 1) = w * z.imag();
            }
        }
        const VectorXd size = basis.colwise().norm();
        for (Index k = 0; k < unknowns; ++k) basis.col(k) /= size(k);
        found = basis.colPivHouseholderQr().solve(target).cwiseQuotient(size);
        for (Index i = 0; i < points; ++i) {
            const VectorXd bottom = found.head(order);
            weight(i) =
                1 / std::abs(1.0 + value_at(std::vector<double>(bottom.begin(), bottom.end()),
                                            s[static_cast<std::size_t>(i)], 1));
        }
    }
    if (!found.allFinite()) throw simulator_error("rational fit: it is not finite");
    RationalFit fit;
    const auto part = [&](Index first) {
        const VectorXd values = found.segment(first, order);
        return std::vector<double>(values.begin(), values.end());
    };
    fit.denominator = part(0);
    for (Index n = 0; n < count; ++n) fit.numerator.push_back(part(order * (1 + n)));
    for (std::size_t n = 0; n < responses.size(); ++n) {
        const double most = largest(responses[n]);
        for (std::size_t i = 0; i < s.size(); ++i) {
            const Complex model =
                value_at(fit.numerator[n], s[i], 0) / (1.0 + value_at(fit.denominator, s[i], 1));
            fit.worst_error = std::max(fit.worst_error, std::abs(model - responses[n][i]) / most);
        }
    }
    double power = 1;
    for (std::size_t k = 0; k < fit.denominator.size(); ++k) {
        for (auto& numerator : fit.numerator) numerator[k] /= power;
        power *= unit;
        fit.denominator[k] /= power;
    }
    return fit;
}

}  // namespace mho::calibrate
