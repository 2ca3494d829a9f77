// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/mho/arguments.h"
#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/random.h"
#include "calibrate/measurement.h"
#include "calibrate/random_operands.h"
#include "netlist/adc_subckt.h"
#include "netlist/array_shape.h"
#include "netlist/bench_bit_serial.h"
#include "netlist/bench_converter.h"
#include "netlist/bench_periphery.h"
#include "netlist/benches.h"
#include "netlist/circuit_check.h"
#include "netlist/circuit_dot.h"
#include "netlist/circuit_stats.h"
#include "netlist/ramp_adc.h"
#include "netlist/spec_toml.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

constexpr int kCells = 8;         // of the cell bench, states spread at random
constexpr int kSweepPoints = 41;  // of a dc sweep
constexpr int kVectors = 8;       // input vectors of the array bench

struct Options {
    fs::path spec, output, graph;
    std::string bench = "column";
    std::uint64_t seed = 1;
    bool stats = false;
};

Eigen::MatrixXd random_states(const netlist::Spec& spec, int rows, int columns,
                              std::uint64_t seed) {
    RandomStream random(seed, RandomPurpose::array_states);
    return calibrate::random_states(spec.cell, calibrate::StateKind::uniform, rows, columns,
                                    random);
}

// Volt about the common mode, rows x vectors; the whole range of the drivers.
Eigen::MatrixXd random_inputs(const netlist::Spec& spec, int vectors, std::uint64_t seed) {
    RandomStream random(seed, RandomPurpose::array_inputs);
    Eigen::MatrixXd inputs(spec.array.rows, vectors);
    for (int k = 0; k < vectors; ++k) {
        inputs.col(k) = calibrate::row_volts(
            spec.driver, calibrate::random_codes(spec.driver, spec.array.rows / 2, 1, random));
    }
    return inputs;
}

netlist::Deck cell_deck(const netlist::Design& design, std::uint64_t seed) {
    const Eigen::MatrixXd states = random_states(design.spec, kCells, 1, seed);
    return cell_bench(design, {states.data(), static_cast<std::size_t>(kCells)},
                      {design.spec.driver.amplitude_volt, kSweepPoints});
}

// Half of the gates on; rows x vectors.
Eigen::MatrixXd random_gates(int rows, int vectors, std::uint64_t seed) {
    RandomStream random(seed, RandomPurpose::array_inputs);
    return Eigen::MatrixXd::NullaryExpr(rows, vectors,
                                        [&random] { return static_cast<double>(random.below(2)); });
}

netlist::Deck any_array_deck(const netlist::Design& design, std::uint64_t seed) {
    const netlist::Spec& spec = design.spec;
    const netlist::ArraySpec& array = spec.array;
    const int cells = netlist::cell_columns(array.shape, array.columns);
    Eigen::MatrixXd states = random_states(spec, array.rows, cells, seed);
    if (array.shape.scheme == netlist::ColumnScheme::offset) {
        states.rightCols(1).setConstant(0.5 * (spec.cell.g_min_siemens + spec.cell.g_max_siemens));
    }
    const bool rows_carry_volts = array.shape.topology == netlist::Topology::a;
    return any_array_bench(design, states,
                           rows_carry_volts ? random_inputs(spec, kVectors, seed)
                                            : random_gates(array.rows, kVectors, seed));
}

// The columns end in ideal virtual grounds.
netlist::Deck array_deck(const netlist::Design& design, std::uint64_t seed) {
    if (!netlist::has_transistor_drivers(design.spec)) return any_array_deck(design, seed);
    const netlist::ArraySpec& array = design.spec.array;
    return array_bench(design, random_states(design.spec, array.rows, array.columns, seed),
                       random_inputs(design.spec, kVectors, seed), 0);
}

// From a cell to a whole column, each twice as much as the one before.
std::vector<double> column_siemens(const netlist::Spec& spec) {
    std::vector<double> all;
    for (double g = spec.cell.g_max_siemens; g <= spec.array.rows * spec.cell.g_max_siemens;
         g *= 2) {
        all.push_back(g);
    }
    return all;
}

netlist::Deck readout_deck(const netlist::Design& design, std::uint64_t) {
    if (design.spec.readout.kind == netlist::ReadoutKind::integrator) {
        return integrator_bench(design, column_siemens(design.spec));
    }
    return readout_bench(design, {calibrate::full_scale_ampere(design.spec), kSweepPoints});
}

// The ramp starts as soon as it is reset, a SAR samples as soon as it can: without a calibration
// nothing is known of the settling.
netlist::ColumnTiming timing(const netlist::Spec& spec) {
    return netlist::conversion_timing(
        spec, spec.adc.kind == netlist::AdcKind::sar ? 0 : netlist::ramp_reset_second(spec.adc));
}

netlist::Deck adc_deck(const netlist::Design& design, std::uint64_t seed) {
    RandomStream random(seed, RandomPurpose::operating_points);
    const netlist::AdcSpec& adc = design.spec.adc;
    const double volt = random.uniform(adc.low_volt, adc.high_volt);
    if (adc.kind == netlist::AdcKind::user_subcircuit) return user_adc_bench(design, volt);
    return adc.kind == netlist::AdcKind::sar ? sar_bench(design, volt)
                                             : adc_bench(design, volt, timing(design.spec));
}

netlist::Deck column_deck(const netlist::Design& design, std::uint64_t seed) {
    const netlist::Spec& spec = design.spec;
    const auto rows = static_cast<std::size_t>(spec.array.rows);
    const Eigen::MatrixXd states = random_states(spec, spec.array.rows, 1, seed);
    const Eigen::MatrixXd inputs = random_inputs(spec, 1, seed);
    return column_bench(design, {states.data(), rows}, {inputs.data(), rows}, timing(spec));
}

// None, all, and the bits one by one.
std::vector<int> accumulated_codes(const netlist::DriverSpec& spec) {
    std::vector<int> codes{0, (1 << spec.bits) - 1};
    for (int k = 0; k < spec.bits; ++k) codes.push_back(1 << k);
    return codes;
}

netlist::Deck accumulator_deck(const netlist::Design& design, std::uint64_t) {
    const netlist::Spec& spec = design.spec;
    return accumulator_bench(design, 0.5 * spec.array.rows * spec.cell.g_max_siemens,
                             accumulated_codes(spec.driver));
}

netlist::Deck wordline_deck(const netlist::Design& design, std::uint64_t) {
    return wordline_bench(design, 1 << (design.spec.driver.bits - 1));
}

// Five voltages from the start of the sums to the top of the converter.
std::vector<double> held_volts(const netlist::Spec& spec) {
    const double low = spec.readout.integrator.start_volt;
    std::vector<double> all;
    for (int k = 0; k < 5; ++k) all.push_back(low + (spec.adc.high_volt - low) * k / 4);
    return all;
}

netlist::Deck hold_deck(const netlist::Design& design, std::uint64_t) {
    return hold_bench(design, held_volts(design.spec));
}

netlist::Deck multiplexer_deck(const netlist::Design& design, std::uint64_t) {
    return multiplexer_bench(design, held_volts(design.spec));
}

netlist::Deck macro_deck(const netlist::Design& design, std::uint64_t seed) {
    const netlist::ArraySpec& array = design.spec.array;
    if (design.spec.driver.kind != netlist::DriverKind::levels) {
        const int cells = netlist::cell_columns(array.shape, array.columns);
        RandomStream random(seed, RandomPurpose::array_inputs);
        return bit_serial_macro_bench(
            design, random_states(design.spec, array.rows, cells, seed),
            calibrate::random_unsigned_codes(design.spec.driver, array.rows, random));
    }
    const Eigen::MatrixXd inputs = random_inputs(design.spec, 1, seed);
    return macro_bench(design, random_states(design.spec, array.rows, array.columns, seed),
                       {inputs.data(), static_cast<std::size_t>(inputs.size())},
                       timing(design.spec));
}

// The rows and columns of larger arrays fill ngspice's own matrix in while it is factored: a minute
// for what KLU takes a second for. Bitlines of gated cells do not touch. An ngspice that lacks KLU
// ignores the option.
void choose_solver(netlist::Deck& deck, const netlist::Spec& spec) {
    constexpr int kMostCells = 48 * 48;
    const netlist::ArrayShape& shape = spec.array.shape;
    const int cells = spec.array.rows * netlist::cell_columns(shape, spec.array.columns);
    if (shape.topology != netlist::Topology::a || cells <= kMostCells) return;
    deck.klu = true;
    deck.comments.emplace_back("solver KLU: without it large arrays take minutes");
}

struct Bench {
    std::string name;
    netlist::Deck (*build)(const netlist::Design& design, std::uint64_t seed);
};

const Bench& find_bench(const std::string& name) {
    static const std::vector<Bench> benches{
        {"cell", cell_deck},         {"array", array_deck},
        {"readout", readout_deck},   {"adc", adc_deck},
        {"column", column_deck},     {"macro", macro_deck},
        {"wordline", wordline_deck}, {"accumulator", accumulator_deck},
        {"hold", hold_deck},         {"multiplexer", multiplexer_deck}};
    std::vector<std::string> known;
    for (const Bench& bench : benches) {
        if (bench.name == name) return bench;
        known.push_back(bench.name);
    }
    throw bad_input("unknown bench '{}'{}; known are {}", name, did_you_mean(name, known),
                    fmt::join(known, ", "));
}

int run(const Options& options) {
    const Bench& bench = find_bench(options.bench);
    const std::vector<fs::path> inputs{options.spec};
    const bool has_deck = !options.output.empty();
    if (!has_deck && !options.stats && options.graph.empty()) {
        throw bad_input("--output is required where neither --stats nor --graph is given");
    }
    if (has_deck) check_output(options.output, inputs);
    if (!options.graph.empty()) check_output(options.graph, inputs);
    const netlist::Design design = netlist::load_design(netlist::read_spec(options.spec));
    netlist::Deck deck = bench.build(design, options.seed);
    deck.comments.push_back(fmt::format("bench {}, seed {}", bench.name, options.seed));
    if (bench.name == "array") choose_solver(deck, design.spec);
    netlist::require_sound(deck.circuit);
    deck = netlist::inline_libraries(std::move(deck));
    const std::string text = has_deck ? netlist::write_deck(deck) : "";
    const std::string graph = options.graph.empty() ? "" : netlist::to_dot(deck.circuit);
    if (has_deck) write_output(options.output, text);
    if (!options.graph.empty()) write_file(options.graph, graph);
    if (options.stats) tell(options.output, netlist::count(deck.circuit).text());
    if (has_deck) tell_written(options.output);
    if (!options.graph.empty()) tell_written(options.graph);
    return 0;
}

}  // namespace

Verb netlist_verb() {
    return {
        "netlist", "write a SPICE deck of a spec's circuits",
        "  mho netlist examples/demo/spec.toml -o column.cir && ngspice -b column.cir\n"
        "  writes one read-out column with random states and inputs, models included, and runs\n"
        "  one conversion in stock ngspice, which prints the time the comparator trips at.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            app.add_option("spec", options->spec, "the spec (TOML)")->required();
            app.add_option("-o,--output", options->output,
                           "the deck to write; - is standard output; not needed with --stats or\n"
                           "--graph");
            app.add_option("--bench", options->bench,
                           "cell: some cells at dc; array: all of it at dc, in the spec's\n"
                           "topology; readout: its transfer at dc; adc: one conversion; column:\n"
                           "one conversion of a column of cells with drivers, read-out and ADC;\n"
                           "macro: one multiply of the whole array with all of them;\n"
                           "wordline, accumulator, hold, multiplexer: blocks round arrays whose\n"
                           "inputs drive gates (default column)");
            require_count(app.add_option("--seed", options->seed,
                                         "seed of the random states and inputs (default 1)"));
            app.add_flag("--stats", options->stats, "print how many devices and nets it has");
            app.add_option("--graph", options->graph,
                           "also draw the top of the hierarchy (Graphviz DOT)");
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
