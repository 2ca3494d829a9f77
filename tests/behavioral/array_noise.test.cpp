// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_noise.h"

#include <Eigen/LU>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/array_nodes.h"
#include "behavioral/effective_matrix.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

// Plain nodal equations of a regular array, every resistance with a noise current of its own.
class NoisyNetwork {
  public:
    NoisyNetwork(const MatrixXd& g, const ArrayModel& m) : columns_(g.cols()), cells_(g.size()) {
        nodal_ = MatrixXd::Zero(2 * cells_, 2 * cells_);
        for (Index i = 0; i < g.rows(); ++i) {
            for (Index j = 0; j < columns_; ++j) {
                const Index up = i * columns_ + j, low = cells_ + up;
                add(up, low, g(i, j));
                add(up, j > 0 ? up - 1 : -1, 1 / (m.row_segment_ohm + (j > 0 ? 0 : m.driver_ohm)));
                const bool last = i + 1 == g.rows();
                add(low, last ? -1 : low + columns_,
                    1 / (m.column_segment_ohm + (last ? m.sense_ohm : 0)));
            }
        }
        sense_ = 1 / (m.column_segment_ohm + m.sense_ohm);
        inverse_ = nodal_.inverse();
    }

    // Currents into the read-outs for one draw; density(siemens, resistor) of each source.
    template <typename Density>
    VectorXd draw(mho::RandomStream& random, const Density& density) const {
        VectorXd injected = VectorXd::Zero(2 * cells_), direct = VectorXd::Zero(columns_);
        for (std::size_t k = 0; k < resistors_.size(); ++k) {
            const auto& [a, b, siemens] = resistors_[k];
            const double ampere = std::sqrt(density(siemens, k)) * random.normal();
            injected(a) -= ampere;
            if (b >= 0) injected(b) += ampere;
            if (b < 0 && a >= 2 * cells_ - columns_) direct(a - (2 * cells_ - columns_)) = ampere;
        }
        const VectorXd volt = inverse_ * injected;
        return sense_ * volt.tail(columns_) + direct;
    }

  private:
    struct Resistor {
        Index a, b;
        double siemens;
    };

    void add(Index a, Index b, double siemens) {
        resistors_.push_back({a, b, siemens});
        nodal_(a, a) += siemens;
        if (b < 0) return;
        nodal_(b, b) += siemens;
        nodal_(a, b) -= siemens;
        nodal_(b, a) -= siemens;
    }

    Index columns_, cells_;
    double sense_ = 0;
    std::vector<Resistor> resistors_;
    MatrixXd nodal_, inverse_;
};

// Four deviations of a variance estimated from n normal draws, as a part of it.
double four_deviations(int n) {
    return 4 * std::sqrt(2.0 / n);
}

void check_variances(const MatrixXd& draws, const VectorXd& expected) {
    for (Index j = 0; j < draws.cols(); ++j) {
        const VectorXd off = draws.col(j).array() - draws.col(j).mean();
        const auto n = static_cast<int>(draws.rows());
        CHECK_THAT(off.squaredNorm() / (n - 1), WithinRel(expected(j), four_deviations(n)));
    }
}

}  // namespace

TEST_CASE("thermal noise is what Nyquist's theorem says of the conductance at the read-out") {
    const auto [rows, columns] =
        GENERATE(table<int, int>({{1, 1}, {1, 9}, {9, 1}, {8, 7}, {37, 53}}));
    std::vector<ArrayCircuit> circuits;
    for (const ArrayCase& array : zero_wire_cases(rows, columns)) {
        circuits.emplace_back(array.model);
        circuits.push_back(regular_circuit(array.model, Ends::both, Ends::both));
    }
    const MatrixXd g = 20 * ordinary(rows, columns);
    for (std::size_t c = 0; c < circuits.size(); ++c) {
        CAPTURE(c, rows, columns);
        const OutputNoise found = output_noise(g, circuits[c], MatrixXd(0, rows), {350, 0, 1e-11});
        // The conductance comes from the network driven the other way round, independently.
        const MatrixXd turned = g.transpose();
        for (const Index j : {Index{0}, Index{columns - 1}}) {
            const MatrixXd drive = MatrixXd::Identity(columns, columns).row(j);
            const double siemens =
                solve_nodes(turned, circuits[c].exchanged(), drive)[0].row_ampere(j);
            CHECK_THAT(found.output_siemens(j), WithinRel(siemens, 1e-8));
            CHECK_THAT(found.thermal()(j),
                       WithinRel(4 * kBoltzmannJoulePerKelvin * 350 * siemens, 1e-8));
        }
    }
}

TEST_CASE("thermal and shot noise are those of networks with sources drawn at random") {
    const int rows = 5, columns = 4, draws = 6000;
    const ArrayModel model{rows, columns, 400, 300, 2000, 1000};
    const MatrixXd g = 20 * ordinary(rows, columns);
    const MatrixXd drive =
        drawn(1, rows, 91, [](mho::RandomStream& r) { return r.uniform(0.1, 0.3); });
    const OutputNoise found = output_noise(g, ArrayCircuit(model), drive, {300, 0.8, 1e-10});
    CHECK(found.cells.minCoeff() > 0);
    CHECK(found.row_wires.minCoeff() > 0.01 * found.cells.maxCoeff());
    const ArrayNodes s = solve_nodes(g, model, drive)[0];
    const NoisyNetwork network(g, model);
    mho::RandomStream random(3, mho::RandomPurpose::test);
    MatrixXd thermal(draws, columns), shot(draws, columns);
    for (int n = 0; n < draws; ++n) {
        thermal.row(n) = network
                             .draw(random,
                                   [](double siemens, std::size_t) {
                                       return 4 * kBoltzmannJoulePerKelvin * 300 * siemens;
                                   })
                             .transpose();
        // Three resistors were added per crossing, the cell first.
        shot.row(n) =
            network
                .draw(random,
                      [&](double siemens, std::size_t k) {
                          if (k % 3 != 0) return 0.0;
                          const auto cell = static_cast<Index>(k / 3);
                          const double volt = s.cell_volt(cell / columns, cell % columns);
                          return 2 * kElementaryChargeCoulomb * 0.8 * std::abs(siemens * volt);
                      })
                .transpose();
    }
    check_variances(thermal, found.thermal());
    check_variances(shot, found.shot.row(0).transpose());
}

TEST_CASE("without wires thermal and shot noise are those of the column's cells") {
    const MatrixXd g = ordinary(9, 6);
    const MatrixXd drive = MatrixXd::Constant(1, 9, -0.2);
    const OutputNoise found =
        output_noise(g, ArrayCircuit(ArrayModel{9, 6, 0, 0, 0, 0}), drive, {300, 1, 1e-9});
    const VectorXd sums = g.colwise().sum().transpose();
    for (Index j = 0; j < 6; ++j) {
        CHECK_THAT(found.cells(j), WithinRel(4 * 1.380649e-23 * 300 * sums(j), 1e-12));
        CHECK_THAT(found.shot(0, j), WithinRel(2 * 1.602176634e-19 * 0.2 * sums(j), 1e-12));
    }
    CHECK(found.row_wires.isZero(0));
    CHECK(found.column_wires.isZero(0));
}

TEST_CASE("read noise without wires is exactly that of a matrix drawn anew at every read") {
    const int rows = 7, columns = 5, draws = 20000;
    const MatrixXd g = ordinary(rows, columns), sigma = 0.3 * g.reverse();
    const VectorXd volt =
        drawn(rows, 1, 92, [](mho::RandomStream& r) { return r.uniform(-0.2, 0.2); });
    const ArrayCircuit ideal{ArrayModel{rows, columns, 0, 0, 0, 0}};
    const MatrixXd map = read_noise_map(g, sigma, ideal, VectorXd::Ones(rows));
    CHECK(worst_relative(map, sigma.cwiseAbs2()) < 1e-12);
    MatrixXd redrawn(draws, columns);
    mho::RandomStream random(4, mho::RandomPurpose::test);
    for (int n = 0; n < draws; ++n) {
        const MatrixXd read = g + sigma.unaryExpr([&](double s) { return s * random.normal(); });
        redrawn.row(n) = volt.transpose() * read;
    }
    const MatrixXd drive = volt.transpose().replicate(draws, 1);
    MatrixXd product = drive * g;
    add_read_noise(map, drive, 5, 0, product);
    const VectorXd variance = (volt.cwiseAbs2().transpose() * map).transpose();
    check_variances(redrawn, variance);
    check_variances(product, variance);
    // Same distribution, not only the same variance: compare the sorted samples (Kolmogorov and
    // Smirnov, at a probability of about 1e-4 per column) and the correlation between columns.
    for (Index j = 0; j < columns; ++j) {
        std::vector<double> a(static_cast<std::size_t>(draws)), b(a.size());
        VectorXd::Map(a.data(), draws) = redrawn.col(j);
        VectorXd::Map(b.data(), draws) = product.col(j);
        std::sort(a.begin(), a.end());
        std::sort(b.begin(), b.end());
        double apart = 0;
        std::size_t below = 0;
        for (std::size_t k = 0; k < a.size(); ++k) {
            while (below < b.size() && b[below] <= a[k]) ++below;
            apart =
                std::max(apart, std::abs(static_cast<double>(k + 1) - static_cast<double>(below)));
        }
        CHECK(apart / draws < 2.2 * std::sqrt(2.0 / draws));
        const Index next = (j + 1) % columns;
        const VectorXd x = product.col(j).array() - product.col(j).mean();
        const VectorXd y = product.col(next).array() - product.col(next).mean();
        CHECK_THAT(x.dot(y) / (x.norm() * y.norm()), WithinAbs(0, 4 / std::sqrt(draws)));
    }
}

TEST_CASE("read noise behind wires has the variance of redrawn matrices") {
    const int rows = 8, columns = 6, draws = 5000;
    const ArrayModel model{rows, columns, 300, 200, 1000, 500};
    const MatrixXd g = 10 * ordinary(rows, columns), sigma = 0.01 * g;
    const MatrixXd drive =
        drawn(1, rows, 93, [](mho::RandomStream& r) { return r.uniform(0.05, 0.2); });
    const VectorXd variance =
        read_noise_variance(g, sigma, ArrayCircuit(model), drive).row(0).transpose();
    CHECK(variance.sum() < 0.8 * (drive.cwiseAbs2() * sigma.cwiseAbs2()).sum());
    MatrixXd redrawn(draws, columns);
    mho::RandomStream random(6, mho::RandomPurpose::test);
    for (int n = 0; n < draws; ++n) {
        const MatrixXd read = g + sigma.unaryExpr([&](double s) { return s * random.normal(); });
        redrawn.row(n) =
            drive * array_response(read, model, RowResponse::skip).column_ampere_per_volt;
    }
    check_variances(redrawn, variance);
}

TEST_CASE("the squared-input product is exact at its reference and close around it") {
    const int rows = 40, columns = 24;
    const MatrixXd g = ordinary(rows, columns), sigma = 0.05 * g;
    const ArrayCircuit circuit{ArrayModel{rows, columns, 20, 20, 200, 100}};
    const VectorXd reference = VectorXd::Constant(rows, 0.1);
    const MatrixXd map = read_noise_map(g, sigma, circuit, reference);
    const MatrixXd twice = 2 * reference.transpose();
    const MatrixXd other =
        drawn(3, rows, 94, [](mho::RandomStream& r) { return r.uniform(0, 0.2); });
    CHECK(worst_relative(twice.cwiseAbs2() * map, read_noise_variance(g, sigma, circuit, twice)) <
          1e-6);
    const MatrixXd exact = read_noise_variance(g, sigma, circuit, other);
    CHECK(worst_relative(other.cwiseAbs2() * map, exact) < 0.03);
    // The wires matter: without them the variance would be further off than that.
    CHECK(worst_relative(other.cwiseAbs2() * sigma.cwiseAbs2(), exact) > 0.1);
}

TEST_CASE("read noise does not depend on how a batch is cut") {
    const MatrixXd map = ordinary(5, 3), drive = MatrixXd::Ones(6, 5);
    MatrixXd all = MatrixXd::Zero(6, 3), part = MatrixXd::Zero(2, 3);
    add_read_noise(map, drive, 9, 10, all);
    add_read_noise(map, drive.topRows(2), 9, 13, part);
    CHECK(part == all.middleRows(3, 2));
    CHECK(all.row(0) != all.row(1));
}

TEST_CASE("noise requests that make no sense are refused") {
    const MatrixXd g = ordinary(3, 2), none(0, 3);
    const ArrayCircuit circuit{ArrayModel{3, 2, 1, 1, 0, 0}};
    CHECK_THROWS_WITH(output_noise(g, circuit, none, {-1, 0, 1e-9}),
                      ContainsSubstring("temperature -1 K"));
    CHECK_THROWS_WITH(output_noise(g, circuit, none, {300, -1, 1e-9}),
                      ContainsSubstring("Fano factor -1"));
    CHECK_THROWS_WITH(read_noise_variance(g, g.transpose(), circuit, none),
                      ContainsSubstring("2 x 3 deviations, expected 3 x 2"));
    CHECK_THROWS_WITH(read_noise_map(g, -g, circuit, VectorXd::Ones(3)),
                      ContainsSubstring("finite and >= 0"));
    CHECK_THROWS_WITH(read_noise_map(g, g, circuit, VectorXd::Zero(3)),
                      ContainsSubstring("reference drive is 0 V"));
    MatrixXd ampere(1, 2);
    CHECK_THROWS_AS(add_read_noise(g, MatrixXd::Ones(1, 2), 1, 0, ampere), mho::Error);
}
