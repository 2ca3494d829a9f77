// SPDX-License-Identifier: Apache-2.0
// Laws that hold whatever the circuit: what ngspice gives through the pool obeys them.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <map>

#include "spice/crossbars.h"
#include "spice/decks.h"
#include "spice/waveforms.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

struct Resistor {
    std::string from, to;
    double ohm;
};

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> found;
    while (!line.empty()) {
        const std::size_t end = std::min(line.find(' '), line.size());
        found.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return found;
}

template <typename Function>
void for_each_line(const std::string& deck, Function function) {
    for (std::size_t start = deck.find('\n') + 1; start < deck.size();) {
        const std::size_t end = deck.find('\n', start);
        function(std::string_view(deck).substr(start, end - start));
        start = end + 1;
    }
}

std::vector<Resistor> resistors(const std::string& deck) {
    std::vector<Resistor> all;
    for_each_line(deck, [&all](std::string_view line) {
        const auto fields = words(line);
        if (!line.starts_with('r')) return;
        all.push_back(
            {std::string(fields[1]), std::string(fields[2]), std::stod(std::string(fields[3]))});
    });
    return all;
}

// Values by name, "v(a)", of an operating point with all vectors.
std::map<std::string, double> point_of(const Waveforms& waves) {
    std::map<std::string, double> point{{"v(0)", 0.0}};
    for (std::size_t i = 0; i < waves.names.size(); ++i) {
        point[waves.names[i]] = waves.columns[i].front();
    }
    return point;
}

// A column of n cells of `siemens` at 1 V on a bit line of `wire_ohm` per cell that ends at 0 V:
// I / (n G V), FIGURES section 0, row 11.
double uniform_column_ratio(double n, double r) {
    const double t = 2 * std::asinh(std::sqrt(r) / 2);
    return (1 - std::cosh((n - 0.5) * t) / std::cosh((n + 0.5) * t)) / (n * r);
}

std::string uniform_column(int n, double siemens, double wire_ohm) {
    std::string deck = "column\n.option klu\nvd d 0 1\n";
    for (int i = 1; i <= n; ++i) {
        deck += fmt::format("rc{0} d b{0} {1:.17g}\nrb{0} b{0} b{2} {3:.17g}\n", i, 1 / siemens,
                            i - 1, wire_ohm);
    }
    return deck + "vs b0 0 0\n.end\n";
}

// The energy that goes into every resistor of the deck, from columns "v(node)".
double dissipated_joule(const std::string& deck, const Waveforms& waves) {
    const std::vector<double>& time = waves["time"];
    const std::vector<double> ground(time.size(), 0.0);
    const auto volt = [&](const std::string& node) -> const std::vector<double>& {
        return node == "0" ? ground : waves[fmt::format("v({})", node)];
    };
    double joule = 0;
    for (const Resistor& resistor : resistors(deck)) {
        const std::vector<double>& from = volt(resistor.from);
        const std::vector<double>& to = volt(resistor.to);
        for (std::size_t i = 1; i < time.size(); ++i) {
            // Between points currents and voltages are straight lines: Simpson's rule is exact.
            const double u0 = from[i - 1] - to[i - 1];
            const double u1 = from[i] - to[i];
            joule += (u0 * u0 + u0 * u1 + u1 * u1) / 3 / resistor.ohm * (time[i] - time[i - 1]);
        }
    }
    return joule;
}

double stored_joule(const std::string& deck, const Waveforms& waves) {
    double joule = 0;
    for_each_line(deck, [&](std::string_view line) {
        if (!line.starts_with('c')) return;
        const auto fields = words(line);
        const double volt = waves[fmt::format("v({})", fields[1])].back();
        joule += 0.5 * std::stod(std::string(fields[3])) * volt * volt;
    });
    return joule;
}

// What the sources that begin with "v" deliver; ngspice counts their current into the first node.
double supplied_joule(const std::string& deck, const Waveforms& waves) {
    const std::vector<double>& time = waves["time"];
    double joule = 0;
    for_each_line(deck, [&](std::string_view line) {
        if (!line.starts_with('v')) return;
        const auto fields = words(line);
        const std::vector<double>& volt = waves[fmt::format("v({})", fields[1])];
        const std::vector<double>& ampere = waves[fmt::format("i({})", fields[0])];
        for (std::size_t i = 1; i < time.size(); ++i) {
            joule -= (2 * volt[i] * ampere[i] + 2 * volt[i - 1] * ampere[i - 1] +
                      volt[i] * ampere[i - 1] + volt[i - 1] * ampere[i]) /
                     6 * (time[i] - time[i - 1]);
        }
    });
    return joule;
}

}  // namespace

TEST_CASE("currents sum to zero at every net of a solved array") {
    const std::string deck = array_deck(24, 3, {});
    const JobResult result = run_one(make_job(deck, "op", {"all"}));
    REQUIRE(result.status == JobStatus::ok);
    const std::map<std::string, double> point = point_of(result.waveforms);
    std::map<std::string, double> sum;      // into the net
    std::map<std::string, double> through;  // absolute, for the scale
    const auto flow = [&](const std::string& from, const std::string& to, double ampere) {
        sum[from] -= ampere;
        sum[to] += ampere;
        through[from] += std::abs(ampere);
        through[to] += std::abs(ampere);
    };
    for (const Resistor& resistor : resistors(deck)) {
        flow(resistor.from, resistor.to,
             (point.at(fmt::format("v({})", resistor.from)) -
              point.at(fmt::format("v({})", resistor.to))) /
                 resistor.ohm);
    }
    for_each_line(deck, [&](std::string_view line) {
        if (!line.starts_with('v')) return;
        const auto fields = words(line);
        flow(std::string(fields[1]), "0", point.at(fmt::format("i({})", fields[0])));
    });
    REQUIRE(sum.size() == 2 * 24 * 24 + 24 + 24 + 1);
    double largest = 0;
    for (const auto& [net, ampere] : through) largest = std::max(largest, ampere);
    for (const auto& [net, ampere] : sum) {
        INFO(net);
        // Differences of voltages of 0.3 V over 2.5 ohm: rounding is 1e-16 x 0.3 / 2.5.
        CHECK(std::abs(ampere) < 1e-15 + 1e-12 * through[net]);
        CHECK(through[net] > 0);
    }
    CHECK(largest > 1e-5);
}

TEST_CASE("a uniform ladder follows its closed form") {
    struct Case {
        int cells;
        double r;  // wire ohm times cell siemens
    };
    std::vector<Job> jobs;
    const std::vector<Case> cases{{1, 1e-4},   {2, 1e-2},   {16, 1e-3},  {128, 1e-5},
                                  {128, 1e-4}, {576, 1e-5}, {1152, 1e-4}};
    for (const Case& one : cases) {
        jobs.push_back(make_job(uniform_column(one.cells, 50e-6, one.r / 50e-6), "op", {"i(vs)"}));
    }
    Pool pool(with_workers(2));
    const std::vector<Waveforms> results = run_all(pool, jobs);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        INFO(cases[i].cells << " cells, r " << cases[i].r);
        const double ratio = results[i]["i(vs)"].front() / (cases[i].cells * 50e-6);
        CHECK_THAT(ratio, WithinRel(uniform_column_ratio(cases[i].cells, cases[i].r), 1e-6));
    }
    // Printed in FIGURES section 2.3.
    CHECK_THAT(uniform_column_ratio(128, 1e-5), WithinAbs(0.94817, 5e-6));
    CHECK_THAT(uniform_column_ratio(1152, 1e-4), WithinAbs(0.08637, 5e-6));
}

TEST_CASE("a source that charges a capacitor through a resistor spends half of its energy there") {
    const std::string deck =
        "charge\nv1 in 0 pulse(0 1 1n 10p 10p 1 2)\nr1 in out 1000\nc1 out 0 "
        "1e-12\n.option reltol=1e-5\n.end\n";
    const JobResult result =
        run_one(make_job(deck, "tran 5p 21n 0 5p", {"v(in)", "v(out)", "i(v1)"}));
    REQUIRE(result.status == JobStatus::ok);
    const double supplied = supplied_joule(deck, result.waveforms);
    const double stored = stored_joule(deck, result.waveforms);
    const double lost = dissipated_joule(deck, result.waveforms);
    CHECK_THAT(supplied, WithinRel(lost + stored, 1e-4));
    // A ramp of x time constants: C V^2 / x (1 - (1 - exp(-x)) / x) is lost (integral of R i^2).
    const double x = 10e-12 / 1e-9;
    CHECK_THAT(lost, WithinRel(1e-12 / x * (1 - (1 - std::exp(-x)) / x), 1e-4));
    CHECK_THAT(stored, WithinRel(0.5e-12, 1e-6));
}

TEST_CASE("an array with wire capacitance dissipates and stores what its drivers supply") {
    ArrayOptions options;
    options.node_farad = 2e-15;
    options.input_shape = "pulse(0 0.3 0.1n 20p 20p 1 2)";
    const std::string deck = array_deck(6, 1, options);
    const JobResult result = run_one(make_job(deck, "tran 2p 2n 0 2p", {"all"}));
    REQUIRE(result.status == JobStatus::ok);
    const double supplied = supplied_joule(deck, result.waveforms);
    const double lost = dissipated_joule(deck, result.waveforms);
    const double stored = stored_joule(deck, result.waveforms);
    CHECK(stored > 1e-3 * supplied);
    CHECK_THAT(supplied, WithinRel(lost + stored, 1e-4));
}
