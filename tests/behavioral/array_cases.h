// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "behavioral/card.h"

namespace mho::test {

struct ArrayCase {
    std::string name;
    Eigen::MatrixXd g;
    behavioral::ArrayModel model;
};

template <typename Draw>
Eigen::MatrixXd drawn(int rows, int columns, std::uint32_t id, const Draw& draw) {
    RandomStream random(11, RandomPurpose::test, id);
    return Eigen::MatrixXd::NullaryExpr(rows, columns, [&] { return draw(random); });
}

inline Eigen::MatrixXd ordinary(int rows, int columns) {
    return drawn(rows, columns, 1, [](RandomStream& r) { return r.uniform(1e-6, 40e-6); });
}

// Conditions that break careless solvers, at one size.
inline std::vector<ArrayCase> hard_cases(int rows, int columns) {
    const behavioral::ArrayModel wires{rows, columns, 1, 2, 10, 5};
    const Eigen::MatrixXd plain = ordinary(rows, columns);
    const Eigen::MatrixXd decades =
        drawn(rows, columns, 2, [](RandomStream& r) { return std::pow(10.0, r.uniform(-12, 0)); });
    const Eigen::MatrixXd open =
        drawn(rows, columns, 3, [](RandomStream& r) { return r.uniform() < 0.5 ? 0.0 : 1e-5; });
    const Eigen::MatrixXd large =
        drawn(rows, columns, 4, [](RandomStream& r) { return r.uniform(0.5, 1); });
    return {{"ordinary", plain, wires},
            {"12 decades", decades, wires},
            {"open cells", open, wires},
            {"all cells open", Eigen::MatrixXd::Zero(rows, columns), wires},
            {"strong drops", large, {rows, columns, 100, 100, 1, 1}},
            {"tiny wires", decades, {rows, columns, 1e-9, 1e-9, 1e-9, 1e-9}},
            {"unlike wires", plain, {rows, columns, 1e3, 1e-3, 1e-6, 1e4}},
            {"sense of 1 Mohm", decades, {rows, columns, 1, 2, 10, 1e6}},
            {"sense of 1 Tohm", plain, {rows, columns, 1, 2, 10, 1e12}}};
}

// Every combination of zero and non-zero resistances.
inline std::vector<ArrayCase> zero_wire_cases(int rows, int columns) {
    std::vector<ArrayCase> cases;
    for (int mask = 0; mask < 16; ++mask) {
        const behavioral::ArrayModel model{rows,
                                           columns,
                                           mask & 1 ? 30.0 : 0.0,
                                           mask & 2 ? 20.0 : 0.0,
                                           mask & 4 ? 500.0 : 0.0,
                                           mask & 8 ? 200.0 : 0.0};
        cases.push_back({"zero mask " + std::to_string(mask), 20 * ordinary(rows, columns), model});
    }
    return cases;
}

// Column currents per volt on each row from the plain nodal equations in all node voltages, dense,
// long double. Needs non-zero resistance in every wire.
inline Eigen::MatrixXd dense_response(const Eigen::MatrixXd& g,
                                      const behavioral::ArrayModel& model) {
    using Real = long double;
    using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
    const Eigen::Index rows = g.rows(), columns = g.cols(), cells = g.size();
    Matrix a = Matrix::Zero(2 * cells, 2 * cells), b = Matrix::Zero(2 * cells, rows);
    const auto connect = [&](Eigen::Index p, Eigen::Index q, Real siemens) {
        a(p, p) += siemens;
        if (q < 0) return;
        a(q, q) += siemens;
        a(p, q) -= siemens;
        a(q, p) -= siemens;
    };
    const Real row = 1 / static_cast<Real>(model.row_segment_ohm);
    const Real column = 1 / static_cast<Real>(model.column_segment_ohm);
    const Real drive = 1 / static_cast<Real>(model.row_segment_ohm + model.driver_ohm);
    const Real sense = 1 / static_cast<Real>(model.column_segment_ohm + model.sense_ohm);
    for (Eigen::Index i = 0; i < rows; ++i) {
        for (Eigen::Index j = 0; j < columns; ++j) {
            const Eigen::Index up = i * columns + j, low = cells + up;
            connect(up, j > 0 ? up - 1 : -1, j > 0 ? row : drive);
            if (j == 0) b(up, i) = drive;
            connect(low, i + 1 < rows ? low + columns : -1, i + 1 < rows ? column : sense);
            connect(up, low, static_cast<Real>(g(i, j)));
        }
    }
    const Matrix volt = a.partialPivLu().solve(b);
    return (volt.bottomRows(columns).transpose() * sense).cast<double>();
}

// Largest difference relative to the entry itself; equal entries, zeros among them, count nothing.
inline double worst_relative(const Eigen::MatrixXd& found, const Eigen::MatrixXd& expected) {
    double worst = 0;
    for (Eigen::Index j = 0; j < expected.cols(); ++j) {
        for (Eigen::Index i = 0; i < expected.rows(); ++i) {
            const double difference = std::abs(found(i, j) - expected(i, j));
            if (difference != 0) worst = std::max(worst, difference / std::abs(expected(i, j)));
            if (!std::isfinite(found(i, j))) return HUGE_VAL;
        }
    }
    return worst;
}

}  // namespace mho::test
