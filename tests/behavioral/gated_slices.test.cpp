// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_slices.h"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "behavioral/array_cases.h"
#include "behavioral/gated_nodes.h"

using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;
using namespace mho::test;

namespace {

constexpr int kSlices = 8;
constexpr Index kSamples = 5;  // no multiple of those that go together
constexpr double kUnit = 2e-7;

MatrixXd levels(int rows, int columns, std::uint32_t id) {
    return drawn(rows, columns, id,
                 [](mho::RandomStream& r) { return r.uniform() < 0.5 ? 0.0 : 127 * r.uniform(); });
}

// Sparse, dense, none and all.
std::vector<std::uint8_t> some_codes(Index rows, Index readable) {
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(kSamples * readable), 0);
    mho::RandomStream random(7, mho::RandomPurpose::test);
    for (Index s = 0; s < kSamples; ++s) {
        for (Index i = 0; i < rows; ++i) {
            const double u = random.uniform();
            const double code = s == 0 ? 255 * u : s == 1 ? 40 * u * u : s == 2 ? 0 : 255;
            codes[static_cast<std::size_t>(s * readable + i)] = static_cast<std::uint8_t>(code);
        }
    }
    return codes;
}

}  // namespace

TEST_CASE("slices on gates agree with the nodal reference at awkward sizes") {
    const auto [rows, columns] = GENERATE(table<int, int>(
        {{1, 1}, {2, 16}, {62, 17}, {63, 15}, {64, 33}, {65, 3}, {127, 2}, {144, 16}, {1000, 2}}));
    const double ohm = GENERATE(0.0, 1.0, 300.0);
    const double sense = GENERATE(0.0, 20.0);
    CAPTURE(rows, columns, ohm, sense);
    const MatrixXd positive = levels(rows, columns, 1), negative = levels(rows, columns, 2);
    const ArrayModel model{rows, columns, 0, ohm, 0, sense};
    if (!GatedSlices::serves(positive, model, kUnit) ||
        !GatedSlices::serves(negative, model, kUnit)) {
        CHECK(rows * ohm >= 1e5);  // only where the drop takes nearly everything
        CHECK_THROWS_AS(GatedSlices(positive, negative, model, kUnit), mho::Error);
        return;
    }
    const GatedSlices array(positive, negative, model, kUnit);
    const Index readable = array.readable(), stride = array.mask_count(kSlices);
    const std::vector<std::uint8_t> codes = some_codes(rows, readable);
    std::vector<std::uint64_t> masks(static_cast<std::size_t>(kSamples * stride));
    MatrixXd expected = MatrixXd::Zero(kSamples, columns), alone = expected;
    std::array<float, kSlices> weight{};
    for (Index s = 0; s < kSamples; ++s) {
        array.find_masks(codes.data() + s * readable, kSlices, masks.data() + s * stride);
    }
    for (int k = 0; k < kSlices; ++k) {
        weight[static_cast<std::size_t>(k)] = static_cast<float>(1 << k);
        MatrixXd gates(kSamples, rows);
        for (Index s = 0; s < kSamples; ++s) {
            for (Index i = 0; i < rows; ++i) {
                gates(s, i) = codes[static_cast<std::size_t>(s * readable + i)] >> k & 1;
            }
        }
        const auto plus = solve_gated(positive * kUnit, model, gates, 1);
        const auto minus = solve_gated(negative * kUnit, model, gates, 1);
        for (Index s = 0; s < kSamples; ++s) {
            const auto at = static_cast<std::size_t>(s);
            const Eigen::RowVectorXd p = plus[at].column_ampere.transpose() / kUnit;
            const Eigen::RowVectorXd n = minus[at].column_ampere.transpose() / kUnit;
            expected.row(s) += (1 << k) * (p - n);
            alone.row(s) += (1 << k) * (p + n);
        }
    }
    for (Index panel = 0; panel * kPanelWidth < columns; ++panel) {
        const Index width = array.width(panel), first = panel * kPanelWidth;
        std::vector<float> out(static_cast<std::size_t>(kSamples * width), -1.0f);
        array.multiply({masks.data(), stride, kSamples, 0, weight}, panel, out.data(), width);
        for (Index s = 0; s < kSamples; ++s) {
            for (Index j = 0; j < width; ++j) {
                const double found =
                    static_cast<double>(out[static_cast<std::size_t>(s * width + j)]);
                if (first + j >= columns) {
                    CHECK(found == 0);
                    continue;
                }
                // What cancels is no larger than what either sign sends alone.
                CHECK(std::abs(found - expected(s, first + j)) <=
                      1e-9 + 2e-5 * alone(s, first + j));
            }
        }
    }
}

TEST_CASE("slices on gates refuse source lines with resistance") {
    const MatrixXd cells = levels(4, 2, 1);
    const ArrayModel model{4, 2, 1, 1, 0, 0};
    CHECK_FALSE(GatedSlices::serves(cells, model, kUnit));
    CHECK_THROWS_AS(GatedSlices(cells, cells, model, kUnit), mho::Error);
}
