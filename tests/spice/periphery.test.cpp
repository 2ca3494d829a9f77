// SPDX-License-Identifier: Apache-2.0
// The blocks round arrays whose inputs drive gates, in ngspice: levels, widths, charges and
// energies against their equations. A whole macro: tests/calibrate/integrating_macro.test.cpp.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <filesystem>

#include "netlist/bench_periphery.h"
#include "netlist/bit_serial.h"
#include "netlist/integrator.h"
#include "netlist/spec_toml.h"
#include "spice/bench_runs.h"

using namespace mho::netlist;
using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Spec macro_spec(int rows = 16) {
    Spec spec;
    spec.name = "test";
    spec.array.rows = rows;
    spec.array.columns = 4;
    spec.array.shape.topology = Topology::b;
    spec.driver.kind = DriverKind::binary;
    spec.driver.bits = 4;
    spec.readout.kind = ReadoutKind::integrator;
    spec.adc.bits = 6;
    spec.adc.shared_by = 4;
    return spec;
}

// One deck of many transistors, with time on a busy machine.
Waveforms run_long(const Deck& deck) {
    Job job = job_for(deck);
    job.timeout_second = 900;
    Pool pool(with_workers(1));
    return run_all(pool, {&job, 1}).front();
}

double at(const Waveforms& waves, const std::string& vector, double second) {
    return value_at(waves["time"], waves[vector], second);
}

double integral(const Waveforms& waves, const std::string& vector, double from, double to) {
    return integrate(waves["time"], waves[vector], from, to);
}

// When v crosses level for the first time.
double crossing(const Waveforms& waves, const std::string& vector, double level, Edge edge) {
    const auto second = crossing_time(waves["time"], waves[vector], level, edge, 0);
    REQUIRE(second);
    return *second;
}

// Every MOSFET of a circuit with its path and the names of its drain and source in the flat deck.
struct FlatMos {
    std::string name, drain, source;
};

void collect(const Circuit& circuit, const std::string& path,
             const std::vector<std::string>& net_names, std::vector<FlatMos>& found) {
    for (const Device& device : circuit.devices()) {
        const auto net = [&](std::size_t pin) { return net_names[device.pins[pin].index]; };
        if (std::holds_alternative<Mosfet>(device.body)) {
            found.push_back({fmt::format("m.{}{}", path, device.name), net(0), net(2)});
        } else if (const auto* instance = std::get_if<Instance>(&device.body)) {
            const Circuit& inner = *instance->definition;
            const std::string inside = path + device.name + ".";
            std::vector<std::string> names{"0"};
            for (std::uint32_t k = 1; k < inner.net_count(); ++k) {
                names.push_back(inside + inner.net_name({k}));
            }
            for (std::size_t k = 0; k < inner.ports().size(); ++k) {
                names[inner.ports()[k].index] = net(k);
            }
            collect(inner, inside, names, found);
        }
    }
}

std::vector<FlatMos> flat_mosfets(const Circuit& top) {
    std::vector<std::string> names;
    for (std::uint32_t k = 0; k < top.net_count(); ++k) names.push_back(top.net_name({k}));
    std::vector<FlatMos> found;
    collect(top, "", names, found);
    return found;
}

// The heat of all channels, integral of |id vds|, by the trapezoidal rule.
double channel_joule(const Waveforms& waves, const std::vector<FlatMos>& all, double from,
                     double to) {
    const std::vector<double>& time = waves["time"];
    const std::vector<double> ground(time.size(), 0.0);
    const auto volt = [&](const std::string& net) -> const std::vector<double>& {
        return net == "0" ? ground : waves[fmt::format("v({})", net)];
    };
    double joule = 0;
    for (const FlatMos& one : all) {
        const std::vector<double>& ampere = waves[fmt::format("@{}[id]", one.name)];
        const std::vector<double>& drain = volt(one.drain);
        const std::vector<double>& source = volt(one.source);
        std::vector<double> watt(time.size());
        for (std::size_t k = 0; k < time.size(); ++k) {
            watt[k] = std::abs(ampere[k] * (drain[k] - source[k]));
        }
        joule += integrate(time, watt, from, to);
    }
    return joule;
}

// What a source of a constant or moving voltage on `net` delivers.
double source_joule(const Waveforms& waves, const std::string& source, const std::string& net,
                    double from, double to) {
    const std::vector<double>& ampere = waves[fmt::format("i({})", source)];
    const std::vector<double>& volt = waves[fmt::format("v({})", net)];
    std::vector<double> watt(ampere.size());
    for (std::size_t k = 0; k < watt.size(); ++k) watt[k] = -ampere[k] * volt[k];
    return integrate(waves["time"], watt, from, to);
}

}  // namespace

TEST_CASE("a bit reaches its gate line at full level at every corner") {
    std::vector<Deck> decks;
    for (const auto& [corner, celsius] :
         {std::pair{"tt", 27.0}, {"ss", -40.0}, {"ff", 125.0}, {"sf", -40.0}, {"fs", 125.0}}) {
        Spec spec = macro_spec();
        spec.array.columns = 64;
        spec.corner = corner;
        spec.temperature_celsius = celsius;
        decks.push_back(wordline_bench(load_design(spec), 0));
    }
    for (const Waveforms& waves : run_decks(decks)) {
        CHECK_THAT(at(waves, "v(wl)", 4e-9), WithinAbs(0, 1e-3));
        CHECK_THAT(at(waves, "v(wl)", 24e-9), WithinAbs(2.5, 1e-3));
        CHECK_THAT(at(waves, "v(wl)", 44e-9), WithinAbs(0, 1e-3));
        const double rise = crossing(waves, "v(wl)", 1.25, Edge::rising) - 5e-9;
        const double fall = crossing(waves, "v(wl)", 1.25, Edge::falling) - 25e-9;
        CHECK(rise > 50e-12);
        CHECK(rise < 2e-9);
        CHECK(fall > 50e-12);
        CHECK(fall < 2e-9);
    }
}

TEST_CASE("what the supplies of a gate line's driver deliver is heat or stored") {
    Spec spec = macro_spec();
    spec.array.columns = 64;
    const Design design = load_design(spec);
    Deck deck = wordline_bench(design, 0);
    const std::vector<FlatMos> all = flat_mosfets(deck.circuit);
    REQUIRE(all.size() > 8);
    deck.saved = {"i(vdd_drivers)", "i(vddh)", "i(vin)", "v(vdd_drivers)", "v(vddh)", "v(in)"};
    for (const FlatMos& one : all) {
        deck.saved.push_back(fmt::format("@{}[id]", one.name));
        for (const std::string& net : {one.drain, one.source}) {
            const std::string vector = fmt::format("v({})", net);
            if (net != "0" &&
                std::find(deck.saved.begin(), deck.saved.end(), vector) == deck.saved.end()) {
                deck.saved.push_back(vector);
            }
        }
    }
    std::get<Transient>(deck.analysis).max_step_second = 5e-12;
    const Waveforms waves = run_deck(deck);
    const auto supplied = [&](double from, double to) {
        return source_joule(waves, "vdd_drivers", "vdd_drivers", from, to) +
               source_joule(waves, "vddh", "vddh", from, to) +
               source_joule(waves, "vin", "in", from, to);
    };
    // A whole cycle leaves nothing stored.
    const double cycle = supplied(4e-9, 44e-9);
    // BSIM4's terminal charges are not derivatives of one energy, so that a cycle of a transistor
    // may leave some: 2.6 % here, at this step and at half of it.
    CHECK_THAT(channel_joule(waves, all, 4e-9, 44e-9), WithinRel(cycle, 0.04));
    // The load alone takes C V^2, and the buffers before it about a third of that.
    const double load = gate_line_farad(design) * 2.5 * 2.5;
    CHECK(cycle > load);
    CHECK(cycle < 2 * load);
    // With the line high, half of C V^2 is on it. The buffers before it hold some more or less than
    // at rest, as they are high or low.
    const double stored = supplied(4e-9, 24e-9) - channel_joule(waves, all, 4e-9, 24e-9);
    CHECK_THAT(stored, WithinRel(load / 2, 0.5));
}

TEST_CASE("a pulse is as many periods long as its code says") {
    Spec spec = macro_spec();
    spec.driver.kind = DriverKind::pulse_width;
    const Design design = load_design(spec);
    const std::vector<int> codes{0, 1, 2, 7, 15};
    std::vector<Deck> decks;
    for (const int code : codes) decks.push_back(wordline_bench(design, code));
    const std::vector<Waveforms> runs = run_decks(decks);
    CHECK(at(runs[0], "v(wl)", 6e-9) < 0.01);
    std::vector<double> widths;
    for (std::size_t k = 1; k < runs.size(); ++k) {
        widths.push_back(crossing(runs[k], "v(wl)", 1.25, Edge::falling) -
                         crossing(runs[k], "v(wl)", 1.25, Edge::rising));
        // Rise and fall of the driver are not equally late.
        CHECK_THAT(widths.back(), WithinAbs(codes[k] * 1e-9, 0.05e-9));
    }
    for (std::size_t k = 1; k < widths.size(); ++k) {
        const double periods = codes[k + 1] - codes[1];
        CHECK_THAT(widths[k] - widths[0], WithinAbs(periods * 1e-9, 5e-12));
    }
}

TEST_CASE("an integrator holds its column and gives the charge of the column over m C") {
    const Design design = load_design(macro_spec());
    const IntegratorSpec& spec = design.spec.readout.integrator;
    const std::vector<double> siemens{1e-9, 20e-6, 80e-6, 160e-6, 320e-6, 640e-6};
    const Waveforms waves = run_long(integrator_bench(design, siemens));
    const BitSerialTiming timing = bit_serial_timing(design.spec);
    const double read = timing.integrate_stop(0) + 0.1e-9;
    const double zero = at(waves, "v(bit_0)", read);
    CHECK_THAT(zero, WithinAbs(spec.start_volt, 0.02));
    for (std::size_t k = 0; k < siemens.size(); ++k) {
        INFO(siemens[k] << " S");
        const std::string bit = fmt::format("v(bit_{})", k);
        CHECK_THAT(at(waves, fmt::format("v(col_{})", k), timing.integrate_stop(0) - 0.1e-9),
                   WithinAbs(0.35, 1.5e-3));
        const double coulomb = integral(waves, fmt::format("i(vcolumn_{})", k),
                                        timing.integrate_start(0), timing.integrate_stop(0));
        const double ideal = coulomb / (spec.mirror_ratio * spec.integrate_farad);
        CHECK_THAT(at(waves, bit, read) - zero, WithinAbs(ideal, 0.5e-3 + 0.03 * ideal));
        // The current is that of the cells at the virtual ground.
        CHECK_THAT(coulomb, WithinAbs(siemens[k] * 0.1 * 10e-9, 1e-17 + 0.02 * siemens[k] * 1e-9));
        // Droop of the switches' leakage.
        CHECK_THAT(at(waves, bit, read + 1e-6), WithinAbs(at(waves, bit, read), 0.2e-3));
    }
}

TEST_CASE("a column is at rest when its integration ends, whatever the mirror's ratio") {
    Spec spec = macro_spec();
    spec.readout.integrator.mirror_ratio = GENERATE(4, 8);
    spec.cell.g_max_siemens = 20e-6;
    const Design design = load_design(spec);
    const BitSerialTiming timing = bit_serial_timing(spec);
    const std::vector<double> siemens{1e-9, 20e-6, 80e-6, 320e-6};
    const Waveforms waves = run_long(integrator_bench(design, siemens));
    // The cells are connected for 1 us after that, and nothing moves the column but leakage.
    for (std::size_t k = 0; k < siemens.size(); ++k) {
        const std::string column = fmt::format("v(col_{})", k);
        for (const double after : {0.3e-6, 0.4e-6, 0.45e-6}) {
            CHECK_THAT(at(waves, column, timing.step_start(1) + after), WithinAbs(0.35, 0.8e-3));
        }
    }
}

TEST_CASE("sharing halves bit and sum, so bits weigh powers of two") {
    const Design design = load_design(macro_spec());
    const BitSerialTiming timing = bit_serial_timing(design.spec);
    const std::vector<int> codes{0, 15, 1, 2, 4, 8};
    const Waveforms waves = run_long(accumulator_bench(design, 320e-6, codes));
    std::vector<double> sums;
    for (std::size_t k = 0; k < codes.size(); ++k) {
        INFO("code " << codes[k]);
        const std::string sum = fmt::format("v(sum_{})", k);
        const std::string bit = fmt::format("v(bit_{})", k);
        for (int step = 0; step < timing.steps; ++step) {
            const double before = timing.integrate_stop(step) + 0.05e-9;
            const double shared = timing.step_start(step + 1) - 0.2e-9;
            const double mean = 0.5 * (at(waves, sum, before) + at(waves, bit, before));
            CHECK_THAT(at(waves, sum, shared), WithinAbs(mean, 3e-3));
            CHECK_THAT(at(waves, bit, shared), WithinAbs(at(waves, sum, shared), 0.2e-3));
        }
        sums.push_back(at(waves, sum, timing.sample_stop()));
    }
    const double zero = sums[0];
    for (std::size_t k = 3; k < sums.size(); ++k) {
        // The last bit has the largest voltage, and the conveyor the least headroom.
        CHECK_THAT((sums[k] - zero) / (sums[k - 1] - zero), WithinAbs(2, 0.05));
    }
    const double parts = sums[2] + sums[3] + sums[4] + sums[5] - 4 * zero;
    CHECK_THAT(sums[1] - zero, WithinRel(parts, 0.015));
    CHECK_THAT(sums[1] - zero, WithinRel(accumulated_ohm(design.spec) * 320e-6 * 0.1, 0.04));
}

TEST_CASE("a sample is held, with and without its buffer") {
    const Design design = load_design(macro_spec());
    const std::vector<double> volt{0.15, 0.25, 0.35, 0.45, 0.6};
    const Waveforms waves = run_deck(hold_bench(design, volt));
    const double held = 1e-9 + 10e-9 + 0.5e-9;
    for (std::size_t k = 0; k < volt.size(); ++k) {
        INFO(volt[k] << " V");
        const std::string ideal = fmt::format("v(ideal_{})", k);
        const std::string behind = fmt::format("v(hold_{})", k);
        // Charge of the switch.
        CHECK_THAT(at(waves, ideal, held), WithinAbs(volt[k], 2e-3));
        // Offset of the buffer too.
        CHECK_THAT(at(waves, behind, held), WithinAbs(volt[k], 3e-3));
        CHECK_THAT(at(waves, ideal, held + 0.99e-6), WithinAbs(at(waves, ideal, held), 0.1e-3));
        CHECK_THAT(at(waves, behind, held + 0.99e-6), WithinAbs(at(waves, behind, held), 0.1e-3));
    }
}

TEST_CASE("a multiplexer passes each column on to a quarter of an LSB of ten bits") {
    const Design design = load_design(macro_spec());
    const std::vector<double> volt{0.6, 0.1, 0.55, 0.3};
    const Waveforms waves = run_deck(multiplexer_bench(design, volt));
    for (std::size_t k = 0; k < volt.size(); ++k) {
        CHECK_THAT(at(waves, "v(out)", 0.8e-9 + 5e-9 * static_cast<double>(k + 1)),
                   WithinAbs(volt[k], 0.5 / 1024 / 4));
    }
}

TEST_CASE("a read-out that is not ours reads currents by its own feedback resistor") {
    const std::filesystem::path example =
        std::filesystem::path(MHO_SOURCE_DIR) / "examples/readout/spec.toml";
    const Design design = load_design(read_spec(example));
    const Waveforms waves = run_deck(readout_bench(design, {12e-6, 13}));
    const std::vector<double>& ampere = waves.columns[0];
    for (std::size_t k = 0; k < ampere.size(); ++k) {
        INFO(ampere[k] << " A");
        CHECK_THAT(waves["v(out)"][k], WithinAbs(0.35 - 20e3 * ampere[k], 3e-3));
        CHECK_THAT(waves["v(in)"][k], WithinAbs(0.35, 3e-3));
    }
    // A class-A output: the supply's current hardly depends on the signal's.
    CHECK(-waves["i(vdd_readout)"][6] > 50e-6);
    CHECK(-waves["i(vdd_readout)"][6] < 150e-6);
}
