// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_timing.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <numbers>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/array_nodes.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

MatrixXd one_by_one(double value) {
    return MatrixXd::Constant(1, 1, value);
}

// A wire of n nodes, r ohm and c farad each; a cell of 1 pS watches its last node.
struct Ladder {
    MatrixXd g;
    ArrayCircuit circuit;
    ArrayCapacitance farad;

    Ladder(int n, double r, double c)
        : g(MatrixXd::Zero(1, n)),
          circuit(ArrayModel{1, n, r, 1, 0, 0}),
          farad(uniform_capacitance(1, n, c, 0, 0)) {
        g(0, n - 1) = 1e-12;
    }
};

// Femtofarads that differ from node to node, some of them zero.
ArrayCapacitance some_capacitance(int rows, int columns) {
    const auto farad = [](mho::RandomStream& r) {
        return r.uniform() < 0.2 ? 0.0 : r.uniform(0.1e-15, 2e-15);
    };
    return {drawn(rows, columns, 81, farad), drawn(rows, columns, 82, farad),
            drawn(rows, columns, 83, farad)};
}

VectorXd timed_drive(int rows) {
    return drawn(rows, 1, 84, [](mho::RandomStream& r) { return r.uniform(0.05, 0.2); });
}

// Worst difference between model and steps after the first few, as a part of the final current.
double worst_difference(const StepResponse& model, const MatrixXd& stepped, double h) {
    double worst = 0;
    for (Index j = 0; j < stepped.cols(); ++j) {
        for (Index n = 20; n < stepped.rows(); ++n) {
            const double difference =
                model.ampere(j, h * static_cast<double>(n + 1)) - stepped(n, j);
            worst = std::max(worst, std::abs(difference / model.final_ampere(j)));
        }
    }
    return worst;
}

}  // namespace

TEST_CASE("one capacitance settles with its resistance times itself") {
    // 3 kohm to the driver; 1/g + 2 kohm to the read-out.
    const double g = 1e-4, parallel = 1 / (1 / 3e3 + 1 / 12e3), tau = parallel * 5e-15;
    const ArrayCircuit circuit{ArrayModel{1, 1, 1e3, 1e3, 2e3, 1e3}};
    StepOptions options;
    options.tolerance = 1e-12;  // of the final current below
    const StepResponse found =
        step_response(one_by_one(g), circuit, uniform_capacitance(1, 1, 5e-15, 0, 0),
                      VectorXd::Constant(1, 0.3), options);
    CHECK_THAT(found.final_ampere(0), WithinRel(0.3 / 15e3, 1e-12));
    CHECK_THAT(found.elmore_second()(0), WithinRel(tau, 1e-9));
    REQUIRE(found.time_constant_second.size() == 1);
    CHECK_THAT(found.time_constant_second(0), WithinRel(tau, 1e-9));
    CHECK_THAT(found.ampere(0, tau), WithinRel(0.3 / 15e3 * (1 - std::exp(-1.0)), 1e-9));
    const double band = found.final_ampere(0) / 512;
    CHECK_THAT(found.settling_second(0, band), WithinRel(tau * std::log(512.0), 1e-8));
    CHECK(found.settling_second(0, 2 * found.final_ampere(0)) == 0);
}

TEST_CASE("a ladder has the Elmore delay and the time constants of its closed forms") {
    const int n = GENERATE(1, 2, 9, 24);
    const double r = 50, c = 3e-15;
    const Ladder ladder(n, r, c);
    const StepResponse found =
        step_response(ladder.g, ladder.circuit, ladder.farad, VectorXd::Ones(1), {n, 1e-12});
    // Each capacitance is charged over the segments before it.
    CHECK_THAT(found.elmore_second()(n - 1), WithinRel(r * c * n * (n + 1) / 2, 1e-6));
    // The fastest of many modes drown in rounding.
    REQUIRE(found.time_constant_second.size() >= (n + 1) / 2);
    for (int m = 0; m < (n + 1) / 2; ++m) {
        const double s = std::sin((2 * m + 1) * std::numbers::pi / (2 * (2 * n + 1)));
        CHECK_THAT(found.time_constant_second(m), WithinRel(r * c / (4 * s * s), 1e-6));
    }
    // Fully resolved, it starts from nothing.
    CHECK_THAT(found.ampere(n - 1, 0), WithinAbs(0, 1e-3 * found.final_ampere(n - 1)));
}

TEST_CASE("modes settle like fine time steps, for wires of every kind") {
    const auto [rows, columns] = GENERATE(table<int, int>({{1, 1}, {1, 8}, {8, 1}, {9, 7}}));
    const VectorXd drive = timed_drive(rows);
    const ArrayCapacitance farad = some_capacitance(rows, columns);
    std::vector<ArrayCase> cases = zero_wire_cases(rows, columns);
    for (ArrayCase& array : cases) array.model.row_segment_ohm *= 10;
    for (const ArrayCase& array : cases) {
        for (const Ends ends : {Ends::one, Ends::both}) {
            CAPTURE(array.name, rows, columns, ends == Ends::both);
            const ArrayCircuit circuit = regular_circuit(array.model, ends, ends);
            const StepResponse found = step_response(array.g, circuit, farad, drive, {40, 1e-12});
            CHECK(found.solved_directly == 0);
            const Index modes = found.time_constant_second.size();
            if (modes == 0) continue;
            CHECK(found.time_constant_second.minCoeff() > 0);
            const double h = found.time_constant_second(0) / 1000;
            const MatrixXd stepped = stepped_response(array.g, circuit, farad, drive, h, 900);
            CHECK(worst_difference(found, stepped, h) < 2e-3);
        }
    }
}

TEST_CASE("the charge that is missing at the read-outs and extra at the drivers is on the nodes") {
    const int rows = 37, columns = 53;
    const MatrixXd g = ordinary(rows, columns);
    const VectorXd drive = timed_drive(rows);
    const ArrayCapacitance farad = some_capacitance(rows, columns);
    for (const double ohm : {0.0, 40.0}) {
        const ArrayCircuit circuit{ArrayModel{rows, columns, 30, ohm, 200, ohm}};
        const StepResponse found = step_response(g, circuit, farad, drive);
        const ArrayNodes s = solve_nodes(g, circuit, drive.transpose())[0];
        const double stored = farad.at_row.cwiseProduct(s.row_volt).sum() +
                              farad.at_column.cwiseProduct(s.column_volt).sum();
        CHECK_THAT(found.extra_coulomb.sum() + found.missing_coulomb.sum(),
                   WithinRel(stored, 1e-8));
        CHECK((found.final_ampere - s.column_ampere).lpNorm<1>() < 1e-9 * s.row_ampere.lpNorm<1>());
    }
}

TEST_CASE("the missing charge is the integral of what the steps lack") {
    const int rows = 12, columns = 10;
    const MatrixXd g = 5 * ordinary(rows, columns);
    const VectorXd drive = timed_drive(rows);
    const ArrayCircuit circuit{ArrayModel{rows, columns, 300, 200, 500, 400}};
    const ArrayCapacitance farad = some_capacitance(rows, columns);
    const StepResponse found = step_response(g, circuit, farad, drive);
    const double h = found.time_constant_second(0) / 400;
    const MatrixXd stepped = stepped_response(g, circuit, farad, drive, h, 8000);
    for (Index j = 0; j < columns; ++j) {
        // Trapezoids from zero current at the start.
        double missing = 0.5 * h * found.final_ampere(j);
        for (Index n = 0; n < stepped.rows(); ++n)
            missing += h * (found.final_ampere(j) - stepped(n, j));
        CHECK_THAT(found.missing_coulomb(j), WithinRel(missing, 2e-3));
        // And that of the exponentials.
        double sum = 0;
        for (Index m = 0; m < found.time_constant_second.size(); ++m) {
            sum -= found.weight_ampere(j, m) * found.time_constant_second(m);
        }
        CHECK_THAT(sum, WithinRel(found.missing_coulomb(j), 1e-6));
        const double band = 1e-3 * found.final_ampere(j);
        const double settled = found.settling_second(j, band);
        Index last = stepped.rows() - 1;
        while (std::abs(stepped(last, j) - found.final_ampere(j)) <= band) --last;
        CHECK_THAT(settled, WithinRel(h * static_cast<double>(last + 1), 1e-2));
    }
}

TEST_CASE("more modes come closer to the steps, and late times need few") {
    const int size = 24;
    const MatrixXd g = 5 * ordinary(size, size);
    const VectorXd drive = timed_drive(size);
    const ArrayCircuit circuit{ArrayModel{size, size, 400, 400, 1000, 1000}};
    const ArrayCapacitance farad = uniform_capacitance(size, size, 1e-15, 1e-15, 0.5e-15);
    const auto at = [&](int modes) {
        return step_response(g, circuit, farad, drive, {modes, 1e-11});
    };
    const StepResponse fine = at(24);
    const double h = fine.time_constant_second(0) / 100;
    const MatrixXd stepped = stepped_response(g, circuit, farad, drive, h, 600);
    CHECK(worst_difference(fine, stepped, h) < 5e-4);
    CHECK(worst_difference(at(2), stepped, h) > worst_difference(at(6), stepped, h));
    const double band = fine.final_ampere(3) / 512;
    CHECK_THAT(at(6).settling_second(3, band), WithinRel(fine.settling_second(3, band), 1e-2));
    CHECK((at(1).missing_coulomb - fine.missing_coulomb).norm() <
          1e-8 * fine.missing_coulomb.norm());
}

TEST_CASE("without capacitance, current or drive there is nothing to wait for") {
    const MatrixXd g = ordinary(4, 3);
    const ArrayCircuit circuit{ArrayModel{4, 3, 10, 10, 10, 10}};
    const StepResponse bare =
        step_response(g, circuit, uniform_capacitance(4, 3, 0, 0, 0), VectorXd::Ones(4));
    CHECK(bare.time_constant_second.size() == 0);
    CHECK(bare.settling_second(1, 1e-12) == 0);
    CHECK(bare.ampere(1, 0) == bare.final_ampere(1));
    const StepResponse rest =
        step_response(g, circuit, uniform_capacitance(4, 3, 1e-15, 1e-15, 0), VectorXd::Zero(4));
    CHECK(rest.final_ampere.isZero(0));
    CHECK(rest.elmore_second().isZero(0));
}

TEST_CASE("step requests that make no sense are refused") {
    const MatrixXd g = ordinary(4, 3);
    const ArrayCircuit circuit{ArrayModel{4, 3, 10, 10, 10, 10}};
    const ArrayCapacitance farad = uniform_capacitance(4, 3, 1e-15, 1e-15, 0);
    const VectorXd drive = VectorXd::Ones(4);
    CHECK_THROWS_WITH(step_response(g, circuit, uniform_capacitance(3, 3, 0, 0, 0), drive),
                      "row capacitances: 3 x 3, expected 4 rows x 3 columns");
    CHECK_THROWS_WITH(step_response(g, circuit, uniform_capacitance(4, 3, 0, 0, -1), drive),
                      ContainsSubstring("cell capacitances: not all are finite"));
    CHECK_THROWS_WITH(step_response(g, circuit, farad, VectorXd::Ones(3)),
                      ContainsSubstring("3 values, expected 4"));
    CHECK_THROWS_WITH(step_response(g, circuit, farad, drive, {0, 1e-9}),
                      ContainsSubstring("0 modes"));
    CHECK_THROWS_WITH(step_response(g, circuit, farad, drive, {4, 0}),
                      ContainsSubstring("tolerance 0"));
    CHECK_THROWS_WITH(stepped_response(g, circuit, farad, drive, 0, 4),
                      ContainsSubstring("4 steps of 0 s"));
    CHECK_THROWS_WITH(step_response(g, circuit, farad, drive).settling_second(0, 0),
                      ContainsSubstring("band 0"));
}
