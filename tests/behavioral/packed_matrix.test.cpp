// SPDX-License-Identifier: Apache-2.0
#include "behavioral/packed_matrix.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstring>
#include <vector>

#include "base/random.h"
#include "behavioral/panel_kernel.h"

using Eigen::Index;
using Eigen::MatrixXd;
using namespace mho::behavioral;

namespace {

MatrixXd integers(Index rows, Index columns, std::uint32_t id) {
    mho::RandomStream random(85, mho::RandomPurpose::test, id);
    return MatrixXd::NullaryExpr(rows, columns,
                                 [&] { return static_cast<double>(random.below(256)) - 128.0; });
}

// Largest difference of a product's panels from a * b, with 0 beyond b's columns.
template <typename Packed, typename Number>
double worst(const Packed& packed, const std::vector<Number>& samples, Index stride,
             const MatrixXd& expected) {
    double most = 0;
    const Index count = expected.rows();
    std::vector<float> out(static_cast<std::size_t>(count * kPanelWidth));
    for (Index panel = 0; panel * kPanelWidth < expected.cols(); ++panel) {
        packed.multiply(samples.data(), stride, count, panel, out.data());
        for (Index s = 0; s < count; ++s) {
            for (Index j = 0; j < kPanelWidth; ++j) {
                const Index column = panel * kPanelWidth + j;
                const double exact = column < expected.cols() ? expected(s, column) : 0;
                const double found = out[static_cast<std::size_t>(s * kPanelWidth + j)];
                most = std::max(most, std::abs(found - exact));
            }
        }
    }
    return most;
}

template <typename Number>
std::vector<Number> rows_of(const MatrixXd& a, Index stride, double bias) {
    std::vector<Number> rows(static_cast<std::size_t>(a.rows() * stride), Number{});
    for (Index s = 0; s < a.rows(); ++s) {
        for (Index k = 0; k < a.cols(); ++k) {
            rows[static_cast<std::size_t>(s * stride + k)] = static_cast<Number>(a(s, k) + bias);
        }
    }
    return rows;
}

}  // namespace

TEST_CASE("packed products of integers are exact at all sizes") {
    const Index depth = GENERATE(1, 2, 3, 5, 31, 64, 127, 400);
    const Index columns = GENERATE(1, 31, 32, 33, 100);
    const Index count = GENERATE(1, 2, 5, 11, 12, 13, 49, 96);
    const MatrixXd a = integers(count, depth, 1), b = integers(depth, columns, 2);
    const Index stride = sample_stride(depth, 4);
    CHECK(worst(PackedMatrix(b), rows_of<float>(a, stride, 0), stride, a * b) == 0);
    if (!PackedBytes::supported()) return;
    const Index bytes = sample_stride(depth, 1);
    CHECK(worst(PackedBytes(b, 128), rows_of<std::uint8_t>(a, bytes, 128), bytes, a * b) == 0);
    const MatrixXd positive = a.array() + 128;
    CHECK(worst(PackedBytes(b, 0), rows_of<std::uint8_t>(positive, bytes, 0), bytes,
                positive * b) == 0);
}

TEST_CASE("rows of samples start on cache lines, an odd number of them apart") {
    for (const Index depth : {1, 15, 16, 17, 1000, 1024, 4096}) {
        const Index stride = sample_stride(depth, 4);
        CHECK(stride >= depth);
        CHECK(stride < depth + 32);
        CHECK(stride % 16 == 0);
        CHECK(stride / 16 % 2 == 1);
    }
}

#if defined(__x86_64__)
TEST_CASE("all instruction sets with fused multiply-add give the same bits") {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
        SKIP("no AVX2 on this processor");
    }
    mho::RandomStream random(86, mho::RandomPurpose::test);
    for (const Index count : {1, 7, 12, 29}) {
        for (const Index depth : {1, 33, 500}) {
            std::vector<float> x(static_cast<std::size_t>(count * depth)),
                panel(static_cast<std::size_t>(depth * kPanelWidth));
            for (std::vector<float>* values : {&x, &panel}) {
                for (float& value : *values) value = static_cast<float>(random.normal());
            }
            const auto size = static_cast<std::size_t>(count * kPanelWidth);
            std::vector<float> plain(size), narrow(size), wide(size);
            multiply_panel_avx2({x.data(), depth, count, depth, panel.data(), narrow.data()});
            multiply_panel_any({x.data(), depth, count, depth, panel.data(), plain.data()});
            for (std::size_t k = 0; k < size; ++k) {
                REQUIRE(std::abs(plain[k] - narrow[k]) <= 1e-5f * static_cast<float>(depth));
            }
            if (!__builtin_cpu_supports("avx512f")) continue;
            multiply_panel_avx512({x.data(), depth, count, depth, panel.data(), wide.data()});
            CHECK(std::memcmp(narrow.data(), wide.data(), size * sizeof(float)) == 0);
        }
    }
}
#endif
