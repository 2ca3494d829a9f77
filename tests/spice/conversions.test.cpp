// SPDX-License-Identifier: Apache-2.0
// Transients of converter and whole read-out column in ngspice, and every kind of deck in the stock
// simulator against the same deck in a worker.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "base/file.h"
#include "spice/bench_runs.h"
#include "support/run_program.h"

using namespace mho::netlist;
using namespace mho::spice::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using mho::spice::Waveforms;

namespace {

Design small_design(Spec spec = {}) {
    spec.name = "test";
    spec.array.rows = 8;
    spec.array.columns = 4;
    return load_design(spec);
}

ColumnTiming timing(const Design& of) {
    return conversion_timing(of.spec, ramp_reset_second(of.spec.adc) + 4e-9);
}

double ideal_counter(const AdcSpec& adc, double volt) {
    return (volt - adc.low_volt) / lsb_volt(adc);
}

// The counters at the trip for these inputs.
std::vector<double> convert(const Design& of, const std::vector<double>& volt) {
    std::vector<Deck> decks;
    for (const double v : volt) decks.push_back(adc_bench(of, v, timing(of)));
    std::vector<double> counters;
    for (const Waveforms& waves : run_decks(decks)) {
        counters.push_back(counter_at_trip(waves, of, timing(of)));
    }
    return counters;
}

struct DrivenColumn {
    std::vector<double> states{40e-6, 1e-6, 20e-6, 10e-6, 5e-6, 30e-6, 3e-6, 15e-6};
    std::vector<double> inputs;
};

const std::vector<DrivenColumn> kColumns{
    {.inputs = {0.1, -0.1, 0.05, -0.05, 0.08, -0.08, 0.02, -0.02}},
    {.inputs = {-0.1, 0.1, -0.1, 0.1, -0.1, 0.1, -0.1, 0.1}},
};

// Current of the column at dc into a source held where the read-out holds its input at rest.
double dc_current(const Design& of, const DrivenColumn& column) {
    const auto rows = static_cast<Eigen::Index>(column.states.size());
    const Eigen::MatrixXd states = Eigen::VectorXd::Map(column.states.data(), rows);
    const Eigen::MatrixXd inputs = Eigen::VectorXd::Map(column.inputs.data(), rows);
    return run_deck(array_bench(of, states, inputs, 0))["i(vsense_0)"].front();
}

double readout_volt(const Design& of, double ampere) {
    const Waveforms waves = run_deck(readout_bench(of, {25e-6, 51}));
    return mho::spice::value_at(waves.columns[0], waves["v(out)"], ampere);
}

#define REQUIRE_NGSPICE()                                                  \
    if (std::system("command -v ngspice >/dev/null 2>&1") != 0) {          \
        SKIP("the program ngspice is not installed; only its library is"); \
    }

std::string stock_output(const Deck& deck) {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "bench.cir", write_deck(inline_libraries(deck)));
    // Nothing but the deck: no library, no start-up file.
    const auto result = mho::test::run_shell("cd '" + folder.path().string() +
                                             "' && HOME=. ngspice -b bench.cir 2>&1");
    INFO(result.out);
    REQUIRE(result.exit_code == 0);
    REQUIRE(result.out.find("rror") == std::string::npos);
    return result.out;
}

// Rows of every printed table, in order: the values behind index and sweep value.
std::vector<std::vector<double>> printed_rows(const std::string& output) {
    std::vector<std::vector<double>> rows;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream fields(line);
        int index = 0;
        double value = 0;
        if (line.find('\t') == std::string::npos || !(fields >> index >> value)) continue;
        std::vector<double> row;
        while (fields >> value) row.push_back(value);
        if (!row.empty()) rows.push_back(row);
    }
    return rows;
}

// The printed tables hold four vectors each, table after table.
void check_same_in_stock_ngspice(const Deck& deck) {
    const Waveforms waves = run_deck(deck);
    const auto rows = printed_rows(stock_output(deck));
    const std::size_t vectors = deck.saved.size();
    const std::size_t tables = (vectors + 3) / 4;
    REQUIRE(rows.size() == tables * waves.points());
    for (std::size_t v = 0; v < vectors; ++v) {
        const std::vector<double>& expected = waves[deck.saved[v]];
        double largest = 0;
        for (const double value : expected) largest = std::max(largest, std::abs(value));
        for (std::size_t p = 0; p < waves.points(); ++p) {
            const std::vector<double>& row = rows[(v / 4) * waves.points() + p];
            REQUIRE(v % 4 < row.size());
            INFO(deck.saved[v] << ", point " << p);
            CHECK_THAT(row[v % 4], WithinAbs(expected[p], 1e-9 * largest));
        }
    }
}

double printed_measure(const std::string& output, const std::string& name) {
    const std::size_t at = output.find("\n" + name);
    INFO(output);
    REQUIRE(at != std::string::npos);
    return std::stod(output.substr(output.find('=', at) + 1));
}

}  // namespace

TEST_CASE("the converter counts its input to within one LSB and in order") {
    const Design of = small_design();
    const std::vector<double> volt{0.12, 0.25, 0.3, 0.47, 0.58};
    const std::vector<double> counter = convert(of, volt);
    for (std::size_t k = 0; k < volt.size(); ++k) {
        INFO(volt[k]);
        CHECK_THAT(counter[k], WithinAbs(ideal_counter(of.spec.adc, volt[k]), 1.0));
        if (k > 0) CHECK(counter[k] > counter[k - 1]);
    }
}

TEST_CASE("the trip time resolves a tenth of an LSB, not the largest time step") {
    const Design of = small_design();
    const double lsb = lsb_volt(of.spec.adc);
    std::vector<double> volt;
    for (int k = 0; k < 8; ++k) volt.push_back(0.3 + 0.1 * k * lsb);
    const std::vector<double> counter = convert(of, volt);
    for (std::size_t k = 1; k < volt.size(); ++k) {
        CHECK_THAT(counter[k] - counter[k - 1], WithinAbs(0.1, 0.02));
    }
}

TEST_CASE("converters of other sizes and corners count as well") {
    Spec spec;
    double tolerance = 1;
    SECTION("coarse") {
        spec.adc.bits = 6;
    }
    SECTION("fast") {
        spec.adc.clock_hertz = 2e9;
    }
    SECTION("not shared") {
        spec.adc.shared_by = 1;
    }
    SECTION("widely shared") {
        spec.adc.shared_by = 512;
    }
    // The delay of the comparator is set at tt and 27 C.
    SECTION("slow corner") {
        spec.corner = "ss";
        tolerance = 2;
    }
    SECTION("fast corner, hot") {
        spec.corner = "ff";
        spec.temperature_celsius = 85;
        tolerance = 2;
    }
    const Design of = small_design(spec);
    const std::vector<double> volt{0.15, 0.35, 0.55};
    const std::vector<double> counter = convert(of, volt);
    for (std::size_t k = 0; k < volt.size(); ++k) {
        INFO(volt[k]);
        CHECK_THAT(counter[k], WithinAbs(ideal_counter(of.spec.adc, volt[k]), tolerance));
    }
}

TEST_CASE("the ramp starts at its low level when released and rises through its range in time") {
    const Design of = small_design();
    const AdcSpec& adc = of.spec.adc;
    const ColumnTiming when = timing(of);
    const Waveforms waves = run_deck(adc_bench(of, 0.3, when));
    const auto ramp = [&](double second) {
        return mho::spice::value_at(waves["time"], waves["v(ramp)"], second);
    };
    const double lsb = lsb_volt(adc);
    // The ramp's current makes about half an LSB in the closed reset switch.
    CHECK_THAT(ramp(when.ramp_second - 1e-9), WithinAbs(adc.low_volt, lsb));
    const double middle = when.ramp_second + 0.5 * ramp_second(adc);
    const double slope = (ramp(middle + 100e-9) - ramp(middle - 100e-9)) / 200e-9;
    CHECK_THAT(slope, WithinRel((adc.high_volt - adc.low_volt) / ramp_second(adc), 0.01));
    CHECK(waves["v(trip)"].back() > 1.0);
    CHECK(mho::spice::value_at(waves["time"], waves["v(trip)"], when.ramp_second) < 0.1);
}

TEST_CASE("a whole column converts to what its parts compose to") {
    const Design of = small_design();
    const ColumnTiming when = conversion_timing(of.spec, 40e-9);
    for (const DrivenColumn& column : kColumns) {
        const Waveforms waves = run_deck(column_bench(of, column.states, column.inputs, when));
        const double counter = counter_at_trip(waves, of, when);
        const double current = dc_current(of, column);
        const double volt = readout_volt(of, current);
        CHECK_THAT(counter, WithinAbs(convert(of, {volt}).front(), 1.0));

        // Settled before the ramp starts, and so is the current into the read-out.
        const auto at = [&](const std::string& vector) {
            return mho::spice::value_at(waves["time"], waves[vector], when.ramp_second - 0.2e-9);
        };
        CHECK_THAT(at("v(out)"), WithinAbs(volt, lsb_volt(of.spec.adc)));
        CHECK_THAT(at("i(vcolumn)"), WithinAbs(current, 0.02 * 8 * 0.1 * 40e-6));
        // Currents of sources are right at every point, not only on the mean.
        double rows = 0;
        for (int i = 0; i < 8; ++i) rows -= at(fmt::format("i(vref_{})", i));
        CHECK_THAT(rows, WithinAbs(at("i(vcolumn)"), 2e-9));
        // From what the read-out gives, the converter does in the column what it does alone.
        CHECK_THAT(counter, WithinAbs(convert(of, {at("v(out)")}).front(), 0.1));
    }
}

TEST_CASE("inputs of opposite sign move the column's code to opposite sides") {
    const Design of = small_design();
    const ColumnTiming when = conversion_timing(of.spec, 40e-9);
    DrivenColumn column = kColumns[1];
    const auto code = [&](double sign) {
        std::vector<double> inputs = column.inputs;
        for (double& volt : inputs) volt = sign * std::abs(volt);
        return counter_at_trip(run_deck(column_bench(of, column.states, inputs, when)), of, when);
    };
    const double rest = code(0);
    const double up = code(-1) - rest;  // the read-out inverts
    CHECK(up > 50);
    CHECK_THAT(rest - code(1), WithinRel(up, 0.02));
    CHECK_THAT(rest, WithinAbs(ideal_counter(of.spec.adc, 0.35), 2.0));
}

TEST_CASE("every supply of a column delivers finite, positive energy") {
    const Design of = small_design();
    const ColumnTiming when = conversion_timing(of.spec, 40e-9);
    const Waveforms waves =
        run_deck(column_bench(of, kColumns[0].states, kColumns[0].inputs, when));
    const std::vector<double>& time = waves["time"];
    CHECK_THAT(time.back(), WithinRel(when.stop_second, 1e-9));
    for (const auto& column : waves.columns) {
        for (const double value : column) REQUIRE(std::isfinite(value));
    }
    const auto joule = [&](const char* source) {
        return -1.1 * mho::spice::integrate(time, waves[source], 0, time.back());
    };
    // The read-out runs all the time on about 36 times its reference current.
    const double readout = 1.1 * 36 * of.spec.readout.bias_ampere * time.back();
    CHECK_THAT(joule("i(vdd_readout)"), WithinRel(readout, 0.2));
    CHECK(joule("i(vdd_comparator)") > 1.1 * of.spec.adc.bias_ampere * time.back());
    CHECK(joule("i(vdd_comparator)") < 0.5 * readout);
    // At least what the ramp's capacitor is charged with.
    const AdcSpec& adc = of.spec.adc;
    const double charge = ramp_capacitor_farad(adc) * (adc.high_volt - adc.low_volt);
    CHECK(joule("i(vdd_ramp)") > 1.1 * charge);
    CHECK(joule("i(vdd_ramp)") < 4 * 1.1 * charge);
}

TEST_CASE("dc benches give the same in stock ngspice as in a worker") {
    REQUIRE_NGSPICE();
    const Design of = small_design();
    const std::vector<double> states{1e-6, 5e-6, 10e-6, 20e-6, 40e-6};
    const std::vector<double> levels{-0.1, 0.1};
    Eigen::MatrixXd array(3, 2);
    array << 1e-6, 40e-6, 20e-6, 5e-6, 10e-6, 30e-6;
    Eigen::MatrixXd inputs(3, 3);
    inputs << 0.1, -0.1, 0.02, -0.05, 0.03, 0.1, 0.07, 0.04, -0.1;
    check_same_in_stock_ngspice(cell_bench(of, states, {0.1, 11}));
    check_same_in_stock_ngspice(driver_bench(of, levels, {50e-6, 5}));
    check_same_in_stock_ngspice(array_bench(of, array, inputs, 100));
    check_same_in_stock_ngspice(readout_bench(of, {25e-6, 11}));
}

TEST_CASE("a column trips at the same time in stock ngspice as in a worker") {
    REQUIRE_NGSPICE();
    const Design of = small_design();
    const ColumnTiming when = conversion_timing(of.spec, 40e-9);
    const Deck deck = column_bench(of, kColumns[0].states, kColumns[0].inputs, when);
    const Waveforms waves = run_deck(deck);
    const auto trip = mho::spice::crossing_time(waves["time"], waves["v(trip)"], 0.55,
                                                mho::spice::Edge::rising, when.ramp_second);
    REQUIRE(trip);
    // ngspice prints measures with six digits.
    CHECK_THAT(printed_measure(stock_output(deck), "trip_time"), WithinRel(*trip, 5e-6));
}

TEST_CASE("the read-out's noise is the same in stock ngspice as in a worker") {
    REQUIRE_NGSPICE();
    const Deck deck = readout_noise_bench(small_design());
    const double expected = run_deck(deck)["onoise_total"].front();
    CHECK_THAT(printed_measure(stock_output(deck), "onoise_total"), WithinRel(expected, 1e-9));
}
