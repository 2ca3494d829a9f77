// SPDX-License-Identifier: Apache-2.0
// Converter circuits against CrossSim 3.2.0 as it was run (transfer vectors and statistics),
// against the converter's definition worked decision by decision, and in a multiply.
#include "behavioral/adc_circuits.h"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "behavioral/sliced_multiply.h"

using Catch::Approx;
using mho::RandomPurpose;
using mho::RandomStream;
using namespace mho::behavioral;

namespace {

// Not known beforehand to the models: sums of exact circuits of 6 bits, range +-1, gain 40 dB.
const std::vector<double> kInputs{-1.2, -0.93, -0.7, -0.41, -0.2, -0.055, 0.001,
                                  0.13, 0.333, 0.52, 0.77,  0.96, 1.2};

std::vector<double> transfer(const AdcCircuit& circuit, int bits) {
    RandomStream random(1, RandomPurpose::test);
    const AdcCurve curve = adc_curve(circuit, bits, random);
    std::vector<double> values;
    for (const double input : kInputs) values.push_back(code_centre(curve.code(input), bits));
    return values;
}

void check_vector(const std::vector<double>& found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
        INFO("input " << kInputs[k]);
        CHECK(found[k] == Approx(expected[k]).margin(1e-6));
    }
}

AdcCircuit circuit_of(AdcArchitecture architecture, double gain_db) {
    AdcCircuit circuit;
    circuit.architecture = architecture;
    circuit.gain_db = gain_db;
    return circuit;
}

struct Linearity {
    double inl = 0, dnl = 0;  // largest, in LSB
};

// Of the levels that a search compares with: all but the lowest, against those of an exact DAC.
Linearity linearity(const std::vector<double>& levels, int bits) {
    const double step = std::ldexp(2.0, -bits);
    Linearity worst;
    for (std::size_t k = 1; k < levels.size(); ++k) {
        const double exact = code_centre(static_cast<std::int32_t>(k), bits);
        worst.inl = std::max(worst.inl, std::abs(levels[k] - exact) / step);
        if (k == 1) continue;
        worst.dnl = std::max(worst.dnl, std::abs((levels[k] - levels[k - 1]) / step - 1));
    }
    return worst;
}

Linearity mean_linearity(const AdcCircuit& circuit, int bits, std::uint32_t seeds) {
    Linearity mean;
    for (std::uint32_t seed = 0; seed < seeds; ++seed) {
        RandomStream random(seed, RandomPurpose::test);
        const Linearity one = linearity(dac_levels(circuit, bits, random), bits);
        mean.inl += one.inl / seeds;
        mean.dnl += one.dnl / seeds;
    }
    return mean;
}

}  // namespace

TEST_CASE("converter circuits transfer what CrossSim's do, value for value") {
    const std::vector<double> ramp{-.984375, -.953125, -.703125, -.421875, -.203125,
                                   -.046875, .015625,  .140625,  .328125,  .515625,
                                   .796875,  .984375,  .984375};
    check_vector(transfer(circuit_of(AdcArchitecture::ramp, 40), 6), ramp);
    AdcCircuit sar = circuit_of(AdcArchitecture::sar, 40);
    sar.split_cdac = false;
    check_vector(transfer(sar, 6), ramp);
    std::vector<double> split = ramp;
    split[10] = .765625;
    check_vector(transfer(circuit_of(AdcArchitecture::sar, 40), 6), split);
    const std::vector<double> staged{-.984375, -.921875, -.703125, -.421875, -.203125,
                                     -.046875, .015625,  .140625,  .328125,  .515625,
                                     .765625,  .953125,  .984375};
    check_vector(transfer(circuit_of(AdcArchitecture::pipeline, 40), 6), staged);
    check_vector(transfer(circuit_of(AdcArchitecture::cyclic, 40), 6), staged);
}

TEST_CASE("a converter with a code for zero transfers what CrossSim's sign-magnitude one does") {
    AdcOptions options;
    options.bits = 6;
    options.exact_zero = true;
    const Converter converter(options, {-1, 1});
    const std::vector<double> expected{-1,      -.935484, -.709677, -.419355, -.193548, -.064516, 0,
                                       .129032, .322581,  .516129,  .774194,  .967742,  1};
    std::vector<float> tile(static_cast<std::size_t>(kPanelWidth), 0.0f);
    for (std::size_t k = 0; k < kInputs.size(); ++k) {
        tile[0] = static_cast<float>(kInputs[k]);
        converter.convert(tile, 0);
        INFO("input " << kInputs[k]);
        CHECK(converter.low() + converter.lsb() * static_cast<double>(tile[0]) ==
              Approx(expected[k]).margin(1e-6));
    }
}

TEST_CASE("exact circuits of great gain have the transitions of an ideal converter") {
    for (const AdcArchitecture architecture :
         {AdcArchitecture::ramp, AdcArchitecture::sar, AdcArchitecture::pipeline,
          AdcArchitecture::cyclic}) {
        for (const int bits : {2, 3, 7, 10}) {
            AdcOptions options;
            options.bits = bits;
            nominal_converters(circuit_of(architecture, 300), options);
            const auto codes = static_cast<std::size_t>(1) << bits;
            REQUIRE(options.tables[0].size() == codes - 1);
            for (std::size_t k = 0; k + 1 < codes; ++k) {
                CHECK(options.codes[0][k] == static_cast<int>(k));
                CHECK(options.tables[0][k] ==
                      Approx((static_cast<double>(k) + 0.5) / (static_cast<double>(codes) - 1))
                          .margin(1e-9));
            }
        }
    }
}

TEST_CASE("linearity of mismatched converters is that of CrossSim's over many draws") {
    AdcCircuit ramp = circuit_of(AdcArchitecture::ramp, 60);
    ramp.sigma_capacitor = 0.05;
    AdcCircuit sar = ramp;
    sar.architecture = AdcArchitecture::sar;
    AdcCircuit whole = sar;
    whole.split_cdac = false;
    // CrossSim's means are of 200 draws; the deviation of one is known from ours. Three standard
    // errors: 0.09 of INL and 0.06 of DNL, of the split DAC 0.135 and 0.25.
    const Linearity of_ramp = mean_linearity(ramp, 8, 4000);
    const Linearity of_sar = mean_linearity(sar, 8, 4000);
    const Linearity of_whole = mean_linearity(whole, 8, 4000);
    CHECK(of_ramp.inl == Approx(0.91).margin(0.09));
    CHECK(of_ramp.dnl == Approx(0.57).margin(0.06));
    CHECK(of_sar.inl == Approx(1.52).margin(0.135));
    CHECK(of_sar.dnl == Approx(2.33).margin(0.25));
    CHECK(of_whole.inl == Approx(0.90).margin(0.09));
    CHECK(of_whole.dnl == Approx(0.61).margin(0.06));
}

TEST_CASE("a binary search over levels that do not rise gives the codes of its decisions") {
    AdcCircuit circuit = circuit_of(AdcArchitecture::sar, 60);
    circuit.sigma_capacitor = 0.2;
    constexpr int kBits = 6;
    for (std::uint32_t seed = 0; seed < 30; ++seed) {
        RandomStream random(seed, RandomPurpose::test), again(seed, RandomPurpose::test);
        const AdcCurve curve = adc_curve(circuit, kBits, random);
        const std::vector<double> levels = dac_levels(circuit, kBits, again);
        for (double input = -1.1; input < 1.1; input += 0.00371) {
            int code = 0;
            for (int bit = kBits - 1; bit >= 0; --bit) {
                const auto trial = static_cast<std::size_t>(code + (1 << bit));
                if (input > levels[trial] - std::ldexp(1.0, -kBits)) code += 1 << bit;
            }
            INFO("seed " << seed << ", input " << input);
            CHECK(curve.code(input) == code);
        }
    }
}

TEST_CASE("stages with errors give the codes of their decisions one by one") {
    AdcCircuit circuit = circuit_of(AdcArchitecture::cyclic, 50);
    circuit.sigma_c1 = circuit.sigma_c2 = 0.05;
    circuit.sigma_cpar = 0.1;
    circuit.sigma_comparator = 0.1;
    constexpr int kBits = 7;
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        RandomStream random(seed, RandomPurpose::test), again(seed, RandomPurpose::test);
        const AdcCurve curve = adc_curve(circuit, kBits, random);
        const double c1 = 1 + 0.05 * again.normal(), c2 = 1 + 0.05 * again.normal();
        const double cpar = 0.1 * again.normal();
        const double high = 0.25 + 0.1 * again.normal(), low = -0.25 + 0.1 * again.normal();
        const double last = 0.1 * again.normal();
        const double loop = 1 / (1 + (c1 + c2 + cpar) / c1 / std::pow(10, 2.5));
        for (double input = -1.3; input < 1.3; input += 0.00371) {
            double x = input;
            int code = 0;
            for (int n = 0; n < kBits - 1; ++n) {
                const int d = x > std::max(high, low) ? 1 : x > low ? 0 : -1;
                code += (d + 1) << (kBits - 2 - n);
                x = ((1 + c2 / c1) * x - d * c2 / c1) * loop;
            }
            code += x > last ? 1 : 0;
            INFO("seed " << seed << ", input " << input);
            CHECK(curve.code(input) == code);
        }
    }
}

TEST_CASE("every array and group of columns of a multiply has converters of its own") {
    constexpr int kRows = 6, kColumns = 20;
    AdcCircuit circuit = circuit_of(AdcArchitecture::sar, 60);
    circuit.sigma_capacitor = 0.1;
    circuit.sigma_comparator = 0.02;
    circuit.group_size = 8;
    for (const AdcArchitecture architecture : {AdcArchitecture::sar, AdcArchitecture::ramp}) {
        circuit.architecture = architecture;
        MultiplyOptions options;
        options.max_rows = 3;
        options.max_columns = 12;
        options.adc.range = AdcRange::limits;
        options.adc.limits = {{-900, 900}};
        options.adc.bits = 6;
        draw_converters(circuit, 2, kColumns, options.max_columns, {3, 1, 5}, options.adc);
        const Eigen::MatrixXd weights = Eigen::MatrixXd::Constant(kRows, kColumns, 1.0);
        const SlicedMultiply multiply(slice_weights(weights, options.weight), options);
        RowMatrixXf x = RowMatrixXf::Zero(200, kRows), y(200, kColumns);
        for (int s = 0; s < 200; ++s) {
            for (int i = 0; i < kRows; ++i) x(s, i) = static_cast<float>((s * 7 + i * 13) % 256);
        }
        int differing = 0;
        const auto observe = [&](const ConversionPlace& place, std::span<const float> analog,
                                 std::span<const float> codes) {
            for (std::size_t k = 0; k < analog.size(); ++k) {
                const auto width = static_cast<std::size_t>(kPanelWidth);
                const Eigen::Index column =
                    place.first_column + static_cast<Eigen::Index>(k % width);
                if (column >= kColumns) continue;
                const std::size_t table =
                    static_cast<std::size_t>(place.part * options.adc.tables_per_array +
                                             column / options.adc.columns_per_table);
                double value = (static_cast<double>(analog[k]) + 900) / 1800;
                if (!options.adc.offsets.empty()) {
                    value += options.adc
                                 .offsets[static_cast<std::size_t>(place.part * kColumns + column)];
                }
                const auto& transitions = options.adc.tables[table];
                const auto passed = static_cast<std::size_t>(
                    std::upper_bound(transitions.begin(), transitions.end(), value) -
                    transitions.begin());
                const auto code = static_cast<float>(options.adc.codes[table][passed]);
                differing += code == codes[k] ? 0 : 1;
            }
        };
        multiply.run(x, y, {}, observe);
        // Sums are whole numbers and single precision is far finer than the way to a transition.
        CHECK(differing == 0);
        CHECK(y.rowwise().minCoeff() != y.rowwise().maxCoeff());
    }
}

TEST_CASE("draws depend on seed, trial and matrix, not on each other") {
    AdcCircuit circuit = circuit_of(AdcArchitecture::pipeline, 60);
    circuit.sigma_c1 = 0.01;
    const auto drawn = [&](const ConverterKey& key) {
        AdcOptions options;
        draw_converters(circuit, 1, 8, 0, key, options);
        return options.tables;
    };
    CHECK(drawn({1, 0, 0}) == drawn({1, 0, 0}));
    CHECK(drawn({1, 0, 0}) != drawn({2, 0, 0}));
    CHECK(drawn({1, 0, 0}) != drawn({1, 1, 0}));
    CHECK(drawn({1, 0, 0}) != drawn({1, 0, 1}));
}

TEST_CASE("a measured converter's ideal edges become the transitions of an ideal one") {
    AdcModel adc;
    adc.bits = 4;
    adc.ideal_low_volt = 0.2;
    adc.ideal_high_volt = 1.0;
    for (int k = 1; k < 16; ++k) adc.transition_volt.push_back(0.2 + 0.05 * k);
    const std::vector<double> parts = measured_transitions(adc);
    REQUIRE(parts.size() == 15);
    for (std::size_t k = 0; k < 15; ++k) {
        CHECK(parts[k] == Approx((static_cast<double>(k) + 0.5) / 15).margin(1e-12));
    }
}

TEST_CASE("measured converters with mismatch are drawn for arrays and columns") {
    AdcModel adc;
    adc.bits = 4;
    adc.ideal_low_volt = 0.2;
    adc.ideal_high_volt = 1.0;
    for (int k = 1; k < 16; ++k) adc.transition_volt.push_back(0.2 + 0.05 * k);
    const double span = 0.8 * 15 / 16;
    constexpr int kColumns = 2000;
    AdcOptions options;
    options.bits = 4;
    // A ramp serves all columns of an array; their comparators differ.
    adc.mismatch = {50, 0.01, 0.02, {}, {1e-3}, {}};
    draw_measured_converters(adc, 2, kColumns, 0, {3, 1, 5}, options);
    CHECK_NOTHROW(check_adc(options));
    REQUIRE(options.tables.size() == 2);
    CHECK(options.tables[0] != options.tables[1]);
    REQUIRE(options.offsets.size() == 2 * kColumns);
    double square = 0;
    for (const double offset : options.offsets) square += offset * offset;
    CHECK(std::sqrt(square / (2 * kColumns)) == Approx(0.01 / span).epsilon(0.05));
    const AdcOptions same = options;
    draw_measured_converters(adc, 2, kColumns, 0, {3, 1, 5}, options);
    CHECK(options.tables == same.tables);
    CHECK(options.offsets == same.offsets);
    // Of a SAR each group of columns has a whole one, offset included.
    adc.mismatch = {50, 0.01, 0, {0, 0, 0, 1e-3}, {}, {}};
    draw_measured_converters(adc, 2, kColumns, 8, {3, 2, 5}, options);
    CHECK(options.offsets.empty());
    REQUIRE(options.tables.size() == 2 * kColumns / 8);
    square = 0;
    const double nominal = measured_transitions(adc).front();
    for (const auto& table : options.tables) square += std::pow(table.front() - nominal, 2);
    CHECK(std::sqrt(square / static_cast<double>(options.tables.size())) ==
          Approx(0.01 / span).epsilon(0.15));
}

TEST_CASE("circuits outside their ranges are refused") {
    RandomStream random(1, RandomPurpose::test);
    AdcCircuit circuit;
    CHECK_THROWS_AS(adc_curve(circuit, 1, random), mho::Error);
    CHECK_THROWS_AS(adc_curve(circuit, 17, random), mho::Error);
    circuit.sigma_capacitor = 0.31;
    CHECK_THROWS_AS(adc_curve(circuit, 8, random), mho::Error);
    circuit.sigma_capacitor = 0;
    circuit.gain_db = -1;
    CHECK_THROWS_AS(adc_curve(circuit, 8, random), mho::Error);
    circuit = {};
    circuit.group_size = 0;
    CHECK_THROWS_AS(adc_curve(circuit, 8, random), mho::Error);
}
