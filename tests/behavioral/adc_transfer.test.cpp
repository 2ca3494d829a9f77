// SPDX-License-Identifier: Apache-2.0
#include "behavioral/adc_transfer.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "base/error.h"
#include "base/random.h"

using Catch::Matchers::ContainsSubstring;
using mho::behavioral::AdcTransfer;

namespace {

// What the contract says, counted one by one.
template <typename Real>
int counted(const std::vector<double>& transitions, Real value) {
    int code = 0;
    for (const double t : transitions) code += static_cast<double>(value) >= t ? 1 : 0;
    return code;
}

struct Table {
    std::string name;
    std::vector<double> transitions;
};

std::vector<Table> tables() {
    mho::RandomStream random(5, mho::RandomPurpose::test);
    Table even{"even", {}}, rough{"rough", {}}, wild{"wild", {}}, ten{"10 bits", {}};
    Table clustered{"closer than a float can tell", {}};
    for (int k = 1; k < 256; ++k) {
        even.transitions.push_back(0.1 + 0.5 * k / 256);
        rough.transitions.push_back(0.1 + 0.5 * (k + random.uniform(-0.45, 0.45)) / 256);
        wild.transitions.push_back(std::pow(10.0, -9 + 9.0 * k / 256));
        clustered.transitions.push_back(0.3 + k * 1e-10);
    }
    for (int k = 1; k < 1024; ++k) ten.transitions.push_back(-1 + 2.0 * k / 1024);
    return {even,
            rough,
            wild,
            ten,
            clustered,
            {"one", {0.25}},
            {"two", {-3, 1e6}},
            {"extremes", {-std::numeric_limits<double>::max(), 0, 1e300}}};
}

template <typename Real>
void check_table(const Table& table) {
    CAPTURE(table.name, sizeof(Real));
    const AdcTransfer adc(table.transitions);
    const Real infinity = std::numeric_limits<Real>::infinity();
    std::vector<Real> values{
        -infinity, infinity,  std::numeric_limits<Real>::lowest(), std::numeric_limits<Real>::max(),
        0,         Real(-0.0)};
    for (const double t : table.transitions) {
        if (std::abs(t) > static_cast<double>(std::numeric_limits<Real>::max())) continue;
        const Real at = static_cast<Real>(t);
        values.insert(values.end(),
                      {std::nextafter(at, -infinity), at, std::nextafter(at, infinity)});
    }
    mho::RandomStream random(6, mho::RandomPurpose::test);
    const double low = std::max(-1e30, table.transitions.front());
    const double high = std::min(1e30, table.transitions.back());
    for (int k = 0; k < 2000; ++k) {
        values.push_back(static_cast<Real>(random.uniform(1.1 * low - 0.1, 1.1 * high + 0.1)));
    }
    std::vector<Real> codes(values.size());
    adc.convert(std::span<const Real>(values), std::span<Real>(codes));
    std::size_t wrong = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
        wrong += codes[k] != static_cast<Real>(counted(table.transitions, values[k]));
        wrong += adc.code(static_cast<double>(values[k])) != counted(table.transitions, values[k]);
    }
    CHECK(wrong == 0);
    std::vector<Real> in_place = values;
    adc.convert(std::span<const Real>(in_place), std::span<Real>(in_place));
    CHECK(in_place == codes);
}

}  // namespace

TEST_CASE("conversion is exact at, below and above every transition") {
    for (const Table& table : tables()) {
        check_table<float>(table);
        check_table<double>(table);
    }
}

TEST_CASE("codes saturate at both ends, and not-a-number gives the first") {
    const AdcTransfer adc(std::vector<double>{0.1, 0.2, 0.3});
    CHECK(adc.code_max() == 3);
    CHECK(adc.code(-1e300) == 0);
    CHECK(adc.code(1e300) == 3);
    CHECK(adc.code(std::nan("")) == 0);
    std::vector<float> value{std::nanf("")}, code{7};
    adc.convert(std::span<const float>(value), std::span<float>(code));
    CHECK(code[0] == 0);
}

TEST_CASE("tables that do not rise and spans that do not match are refused") {
    CHECK_THROWS_WITH(AdcTransfer(std::vector<double>{}), "ADC: no transitions");
    CHECK_THROWS_WITH(AdcTransfer(std::vector<double>{0, 1, 1}),
                      ContainsSubstring("transition 2 is 1, expected more"));
    CHECK_THROWS_WITH(AdcTransfer(std::vector<double>{0, std::nan("")}),
                      ContainsSubstring("transition 1 is nan"));
    const AdcTransfer adc(std::vector<double>{0.0});
    std::vector<float> three(3), two(2);
    CHECK_THROWS_AS(adc.convert(std::span<const float>(three), std::span<float>(two)), mho::Error);
}
