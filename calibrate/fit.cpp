// SPDX-License-Identifier: Apache-2.0
#include "calibrate/fit.h"

#include <ceres/tiny_solver.h>
#include <ceres/tiny_solver_autodiff_function.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace mho::calibrate {
namespace {

// Residuals of the cell law in units of full scale. Parameters are scaled to be of order one:
// R0 in kilohm, a1 and a2 per volt and per volt squared.
class CellResiduals {
  public:
    CellResiduals(std::span<const CellPoint> points, double full_scale_ampere)
        : points_(points), full_scale_ampere_(full_scale_ampere) {}

    int NumResiduals() const { return static_cast<int>(points_.size()); }

    template <typename T>
    bool operator()(const T* parameters, T* residuals) const {
        const T r0 = parameters[0] * 1e3;
        for (std::size_t k = 0; k < points_.size(); ++k) {
            const CellPoint& point = points_[k];
            const T load = point.g_siemens * r0;
            const T u = point.v_volt * load / (1.0 + load);
            const T r = r0 * (1.0 + parameters[1] * u + parameters[2] * u * u);
            const T current = point.g_siemens * point.v_volt / (1.0 + point.g_siemens * r);
            residuals[k] = (current - point.i_ampere) / full_scale_ampere_;
        }
        return true;
    }

  private:
    std::span<const CellPoint> points_;
    double full_scale_ampere_;
};

// Standard errors from the residuals' variance and the normal matrix of the linearised problem.
std::vector<double> standard_errors(const Eigen::MatrixXd& jacobian,
                                    const Eigen::VectorXd& residuals) {
    const double freedom =
        std::max<double>(1.0, static_cast<double>(jacobian.rows() - jacobian.cols()));
    const double variance = residuals.squaredNorm() / freedom;
    const Eigen::MatrixXd covariance =
        (jacobian.transpose() * jacobian).completeOrthogonalDecomposition().pseudoInverse();
    std::vector<double> errors;
    for (Eigen::Index i = 0; i < covariance.rows(); ++i) {
        errors.push_back(std::sqrt(std::max(0.0, covariance(i, i) * variance)));
    }
    return errors;
}

}  // namespace

std::string FitSummary::brief() const {
    return fmt::format("{} after {} iterations, rms {:.3g}, worst {:.3g}, parameters {:.6g}",
                       converged ? "converged" : "did not converge", iterations, rms_residual,
                       worst_residual, fmt::join(parameters, " "));
}

behavioral::CellLaw fit_cell_law(std::span<const CellPoint> points, FitSummary* summary) {
    behavioral::CellLaw law;
    law.g_min_siemens = points.empty() ? 0 : points.front().g_siemens;
    for (const CellPoint& point : points) {
        law.g_min_siemens = std::min(law.g_min_siemens, point.g_siemens);
        law.g_max_siemens = std::max(law.g_max_siemens, point.g_siemens);
        law.v_max_volt = std::max(law.v_max_volt, std::abs(point.v_volt));
    }
    const double full_scale = law.g_max_siemens * law.v_max_volt;
    if (points.size() < 4 || !(full_scale > 0)) {
        throw simulator_error("cell law: {} points are too few to fit", points.size());
    }
    using Function = ceres::TinySolverAutoDiffFunction<CellResiduals, Eigen::Dynamic, 3>;
    const CellResiduals residual_functor(points, full_scale);
    Function function(residual_functor);
    ceres::TinySolver<Function> solver;
    solver.options.max_num_iterations = 200;
    solver.options.gradient_tolerance = 1e-14;
    solver.options.cost_threshold = 0;
    Eigen::Vector3d parameters(1.0, 0.0, 0.0);
    const auto& result = solver.Solve(function, &parameters);

    Eigen::VectorXd residuals(static_cast<Eigen::Index>(points.size()));
    Eigen::Matrix<double, Eigen::Dynamic, 3> jacobian(residuals.size(), 3);
    function(parameters.data(), residuals.data(), jacobian.data());
    FitSummary fit;
    fit.parameters = {1e3 * parameters[0], parameters[1], parameters[2]};
    fit.standard_errors = standard_errors(jacobian, residuals);
    fit.standard_errors[0] *= 1e3;
    fit.rms_residual = std::sqrt(residuals.squaredNorm() / static_cast<double>(residuals.size()));
    fit.worst_residual = residuals.lpNorm<Eigen::Infinity>();
    fit.iterations = result.iterations;
    fit.converged = parameters.allFinite() && fit.worst_residual < 0.5;
    if (summary) *summary = fit;
    if (!fit.converged) throw simulator_error("cell law: {}", fit.brief());
    law.access_ohm = fit.parameters[0];
    law.access_per_volt = fit.parameters[1];
    law.access_per_volt_squared = fit.parameters[2];
    law.access_standard_error = fit.standard_errors;
    return law;
}

FitSummary fit_polynomial(std::span<const double> x, std::span<const double> y, int degree,
                          std::span<const double> weights) {
    const auto count = static_cast<Eigen::Index>(x.size());
    if (x.size() != y.size() || count <= degree ||
        (!weights.empty() && weights.size() != x.size())) {
        throw simulator_error("a polynomial of degree {} cannot be fitted to {} points", degree,
                              x.size());
    }
    double scale = 0;
    for (const double value : x) scale = std::max(scale, std::abs(value));
    if (scale == 0) scale = 1;
    Eigen::MatrixXd basis(count, degree + 1);
    Eigen::VectorXd target(count);
    for (Eigen::Index i = 0; i < count; ++i) {
        const auto point = static_cast<std::size_t>(i);
        const double weight = weights.empty() ? 1 : std::sqrt(weights[point]);
        double power = weight;
        for (int k = 0; k <= degree; ++k) {
            basis(i, k) = power;
            power *= x[point] / scale;
        }
        target(i) = weight * y[point];
    }
    const Eigen::VectorXd solution = basis.colPivHouseholderQr().solve(target);
    const Eigen::VectorXd residuals = basis * solution - target;
    FitSummary fit;
    fit.standard_errors = standard_errors(basis, residuals);
    for (int k = 0; k <= degree; ++k) {
        fit.parameters.push_back(solution(k) / std::pow(scale, k));
        fit.standard_errors[static_cast<std::size_t>(k)] /= std::pow(scale, k);
    }
    fit.rms_residual = std::sqrt(residuals.squaredNorm() / static_cast<double>(count));
    fit.worst_residual = residuals.lpNorm<Eigen::Infinity>();
    fit.converged = solution.allFinite();
    return fit;
}

std::vector<double> spacings(std::span<const double> x) {
    std::vector<double> found;
    for (std::size_t k = 0; k < x.size(); ++k) {
        const double before = x[k == 0 ? 0 : k - 1], after = x[std::min(k + 1, x.size() - 1)];
        found.push_back(0.5 * std::abs(after - before));
    }
    return found;
}

double polynomial(std::span<const double> coefficients, double x) {
    double value = 0;
    for (std::size_t k = coefficients.size(); k-- > 0;) value = value * x + coefficients[k];
    return value;
}

double polynomial_slope(std::span<const double> coefficients, double x) {
    double value = 0;
    for (std::size_t k = coefficients.size(); k-- > 1;) {
        value = value * x + static_cast<double>(k) * coefficients[k];
    }
    return value;
}

}  // namespace mho::calibrate
