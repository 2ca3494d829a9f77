// SPDX-License-Identifier: Apache-2.0
#include "behavioral/cell_array.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <type_traits>

#include "base/error.h"
#include "behavioral/cell_law.h"
#include "behavioral/cell_table.h"
#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Loops run over `count` cells; p points at coefficients, i at currents, s at slopes.
MHO_SIMD_CLONES void polynomial(Index count, const double* const* p, const double* v, double* i,
                                double* s) {
    const double *g = p[0], *a2 = p[1], *a3 = p[2];
    MHO_INDEPENDENT_ITERATIONS
    for (Index k = 0; k < count; ++k) {
        i[k] = v[k] * (g[k] + v[k] * (a2[k] + v[k] * a3[k]));
        s[k] = g[k] + v[k] * (2 * a2[k] + v[k] * (3 * a3[k]));
    }
}

void hyperbolic(Index count, const double* g, double v0, const double* v, double* i, double* s) {
    for (Index k = 0; k < count; ++k) {
        // sinh and cosh from one expm1, which keeps its digits at small voltages; of the absolute
        // value, since 1 + t cancels far below zero.
        const double t = std::expm1(std::abs(v[k]) / v0);
        const double back = t / (1 + t);
        i[k] = g[k] == 0 ? 0 : std::copysign(g[k] * v0 * 0.5 * (t + back), v[k]);
        s[k] = g[k] == 0 ? 0 : g[k] * (1 + 0.5 * t * back);
    }
}

MHO_SIMD_CLONES void card(Index count, const double* state, const CellLaw& law, const double* v,
                          double* i, double* s) {
    const double ohm = law.access_ohm, a1 = law.access_per_volt;
    const double a2 = law.access_per_volt_squared;
    MHO_INDEPENDENT_ITERATIONS
    for (Index k = 0; k < count; ++k) {
        const double share = state[k] * ohm / (1 + state[k] * ohm);
        const double u = v[k] * share;
        const double chord = state[k] / (1 + state[k] * ohm * (1 + u * (a1 + u * a2)));
        i[k] = v[k] * chord;
        s[k] = chord * (1 - v[k] * chord * ohm * (a1 + 2 * a2 * u) * share);
    }
}

// Monotone cubic through points.
class Curve {
  public:
    Curve() = default;
    Curve(std::vector<double> x, std::vector<double> y)
        : x_(std::move(x)), y_(std::move(y)), slope_(x_.size()) {
        const std::size_t n = x_.size();
        std::vector<double> chord(n - 1);
        for (std::size_t k = 0; k + 1 < n; ++k)
            chord[k] = (y_[k + 1] - y_[k]) / (x_[k + 1] - x_[k]);
        slope_.front() = chord.front();
        slope_.back() = chord.back();
        // Harmonic means of rising chords: inside the region that keeps the cubic monotone.
        for (std::size_t k = 1; k + 1 < n; ++k) {
            slope_[k] = 2 * chord[k - 1] * chord[k] / (chord[k - 1] + chord[k]);
        }
    }

    void evaluate(double v, double& f, double& slope) const {
        if (v <= x_.front() || v >= x_.back()) {
            const std::size_t k = v <= x_.front() ? 0 : x_.size() - 1;
            f = y_[k] + slope_[k] * (v - x_[k]);
            slope = slope_[k];
            return;
        }
        const auto k =
            static_cast<std::size_t>(std::upper_bound(x_.begin(), x_.end(), v) - x_.begin() - 1);
        const double h = x_[k + 1] - x_[k], t = (v - x_[k]) / h;
        const double rise = (y_[k + 1] - y_[k]) / h;
        const double c2 = 3 * rise - 2 * slope_[k] - slope_[k + 1];
        const double c3 = slope_[k] + slope_[k + 1] - 2 * rise;
        f = y_[k] + h * t * (slope_[k] + t * (c2 + t * c3));
        slope = slope_[k] + t * (2 * c2 + 3 * t * c3);
    }

  private:
    std::vector<double> x_, y_, slope_;
};

void check_matrix(std::string_view name, const MatrixXd& m, Index rows, Index columns, bool any) {
    if (m.rows() != rows || m.cols() != columns) {
        throw bad_input("{}: {} x {}, expected {} rows x {} columns", name, m.rows(), m.cols(),
                        rows, columns);
    }
    if (!m.allFinite()) throw bad_input("{}: not all are finite", name);
    if (!any && m.size() > 0 && !(m.minCoeff() >= 0)) {
        throw bad_input("{}: the smallest is {}, expected >= 0", name, m.minCoeff());
    }
}

void check_table(const TableCells& table) {
    const std::size_t n = table.volt.size();
    if (n < 2 || table.f_volt.size() != n) {
        throw bad_input("cell table: {} voltages and {} values, expected as many, at least 2", n,
                        table.f_volt.size());
    }
    for (std::size_t k = 0; k < n; ++k) {
        const bool rises =
            k == 0 || (table.volt[k] > table.volt[k - 1] && table.f_volt[k] > table.f_volt[k - 1]);
        if (!std::isfinite(table.volt[k]) || !std::isfinite(table.f_volt[k]) || !rises) {
            throw bad_input("cell table: point {} is ({}, {}), expected finite and rising", k,
                            table.volt[k], table.f_volt[k]);
        }
    }
}

}  // namespace

PolynomialCells hfo2_cells(const MatrixXd& g_siemens) {
    check_matrix("conductances", g_siemens, g_siemens.rows(), g_siemens.cols(), false);
    const auto with = [&](auto polynomial_of_log) -> MatrixXd {
        return g_siemens.unaryExpr(
            [&](double g) { return g > 0 ? polynomial_of_log(std::log10(g)) : 0.0; });
    };
    return {g_siemens, with([](double l) {
                return 7.063e-3 + l * (5.711e-3 + l * (1.541e-3 + l * 1.388e-4));
            }),
            with([](double l) { return 1.2968e-3 + l * (6.7919e-4 + l * 8.871e-5); })};
}

MatrixXd small_signal_siemens(const CellArray& cells) {
    struct Slope {
        MatrixXd operator()(const PolynomialCells& c) const { return c.g_siemens; }
        MatrixXd operator()(const SinhCells& c) const { return c.g_siemens; }
        MatrixXd operator()(const CardCells& c) const {
            return c.state_siemens.unaryExpr([&](double g) { return cell_slope(c.law, 0, g); });
        }
        MatrixXd operator()(const TableCells& c) const {
            double f = 0, slope = 0;
            Curve(c.volt, c.f_volt).evaluate(0, f, slope);
            return slope * c.g_siemens;
        }
    };
    return std::visit(Slope{}, cells);
}

void check_cells(const CellArray& cells, Index rows, Index columns) {
    if (const auto* p = std::get_if<PolynomialCells>(&cells)) {
        check_matrix("cell conductances", p->g_siemens, rows, columns, true);
        check_matrix("quadratic coefficients", p->a2_ampere_per_volt2, rows, columns, true);
        check_matrix("cubic coefficients", p->a3_ampere_per_volt3, rows, columns, true);
    } else if (const auto* s = std::get_if<SinhCells>(&cells)) {
        check_matrix("cell conductances", s->g_siemens, rows, columns, false);
        if (!(std::isfinite(s->v0_volt) && s->v0_volt > 0)) {
            throw bad_input("cell law: v0 is {}, expected volts > 0", s->v0_volt);
        }
    } else if (const auto* c = std::get_if<CardCells>(&cells)) {
        check_matrix("cell states", c->state_siemens, rows, columns, false);
    } else if (const auto* t = std::get_if<TableCells>(&cells)) {
        check_matrix("cell conductances", t->g_siemens, rows, columns, false);
        check_table(*t);
    }
}

struct CellKernel::Impl {
    enum class Kind { polynomial, hyperbolic, card, curves, table } kind = Kind::polynomial;
    RowMatrix by_row[3];    // rows x width
    MatrixXd by_column[3];  // rows x columns
    double v0_volt = 0;
    CellLaw law;
    Curve curve;
    // Of cards with a table: points and slopes of every cell's curve, row by row of `width` cells.
    std::vector<double> points, slopes;

    void add_curves(const MatrixXd& states, Index width) {
        const std::size_t volts = law.table.volt.size();
        const auto cells = static_cast<std::size_t>(states.rows() * width);
        points.assign(cells * volts, 0.0);
        slopes.assign(cells * volts, 0.0);
        for (Index i = 0; i < states.rows(); ++i) {
            for (Index j = 0; j < states.cols(); ++j) {
                const std::size_t first = static_cast<std::size_t>(i * width + j) * volts;
                cell_curve(law.table, states(i, j), {points.data() + first, volts},
                           {slopes.data() + first, volts});
            }
        }
    }

    // Cells first, first + step, ..
    void run_curves(Index first, Index step, Index count, const double* v, double* i,
                    double* s) const {
        const auto volts = static_cast<Index>(law.table.volt.size());
        for (Index k = 0; k < count; ++k) {
            const Index at = (first + k * step) * volts;
            const CurvePoint point =
                on_curve(law.table.volt, points.data() + at, slopes.data() + at, v[k]);
            i[k] = point.ampere;
            s[k] = point.slope_siemens;
        }
    }

    void add(int slot, const MatrixXd& coefficients, Index width) {
        by_row[slot] = RowMatrix::Zero(coefficients.rows(), width);
        by_row[slot].leftCols(coefficients.cols()) = coefficients;
        by_column[slot] = coefficients;
    }

    void run(Index count, const double* const* p, const double* v, double* i, double* s) const {
        switch (kind) {
            case Kind::polynomial:
                polynomial(count, p, v, i, s);
                break;
            case Kind::hyperbolic:
                hyperbolic(count, p[0], v0_volt, v, i, s);
                break;
            case Kind::card:
                card(count, p[0], law, v, i, s);
                break;
            case Kind::curves:
                break;  // run_curves
            case Kind::table:
                for (Index k = 0; k < count; ++k) {
                    curve.evaluate(v[k], i[k], s[k]);
                    i[k] *= p[0][k];
                    s[k] *= p[0][k];
                }
                break;
        }
    }
};

CellKernel::CellKernel(const CellArray& cells, Index width) : impl_(std::make_unique<Impl>()) {
    if (const auto* p = std::get_if<PolynomialCells>(&cells)) {
        impl_->add(0, p->g_siemens, width);
        impl_->add(1, p->a2_ampere_per_volt2, width);
        impl_->add(2, p->a3_ampere_per_volt3, width);
    } else if (const auto* s = std::get_if<SinhCells>(&cells)) {
        impl_->kind = Impl::Kind::hyperbolic;
        impl_->add(0, s->g_siemens, width);
        impl_->v0_volt = s->v0_volt;
    } else if (const auto* c = std::get_if<CardCells>(&cells)) {
        impl_->kind = c->law.table.empty() ? Impl::Kind::card : Impl::Kind::curves;
        impl_->add(0, c->state_siemens, width);
        impl_->law = c->law;
        if (impl_->kind == Impl::Kind::curves) impl_->add_curves(c->state_siemens, width);
    } else if (const auto* t = std::get_if<TableCells>(&cells)) {
        impl_->kind = Impl::Kind::table;
        impl_->add(0, t->g_siemens, width);
        impl_->curve = Curve(t->volt, t->f_volt);
    }
}
CellKernel::~CellKernel() = default;
CellKernel::CellKernel(CellKernel&&) noexcept = default;
CellKernel& CellKernel::operator=(CellKernel&&) noexcept = default;

void CellKernel::evaluate(const double* volt, double* ampere, double* slope_siemens) const {
    if (impl_->kind == Impl::Kind::curves) {
        impl_->run_curves(0, 1, impl_->by_row[0].size(), volt, ampere, slope_siemens);
        return;
    }
    const double* p[] = {impl_->by_row[0].data(), impl_->by_row[1].data(), impl_->by_row[2].data()};
    impl_->run(impl_->by_row[0].size(), p, volt, ampere, slope_siemens);
}

void CellKernel::evaluate_column(Index column, const double* volt, double* ampere,
                                 double* slope_siemens) const {
    if (impl_->kind == Impl::Kind::curves) {
        impl_->run_curves(column, impl_->by_row[0].cols(), impl_->by_row[0].rows(), volt, ampere,
                          slope_siemens);
        return;
    }
    const double* p[3] = {};
    for (std::size_t k = 0; k < 3; ++k) {
        const MatrixXd& m = impl_->by_column[k];
        if (m.size() > 0) p[k] = m.data() + column * m.rows();
    }
    impl_->run(impl_->by_column[0].rows(), p, volt, ampere, slope_siemens);
}

}  // namespace mho::behavioral
