// SPDX-License-Identifier: Apache-2.0
// The blocks round arrays whose inputs drive gates: ports, sizes by their rules, soundness, and
// what specs may ask of them. Their physics: tests/spice/periphery.test.cpp.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numeric>

#include "base/file.h"
#include "netlist/accumulator.h"
#include "netlist/bench_bit_serial.h"
#include "netlist/bench_periphery.h"
#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/circuit_stats.h"
#include "netlist/column_multiplexer.h"
#include "netlist/current_conveyor.h"
#include "netlist/gates.h"
#include "netlist/integrator.h"
#include "netlist/io_gates.h"
#include "netlist/level_shifter.h"
#include "netlist/sample_hold.h"
#include "netlist/spec_toml.h"
#include "netlist/wordline_driver.h"
#include "support/temporary_folder.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

Spec macro_spec() {
    Spec spec;
    spec.name = "small";
    spec.array.rows = 4;
    spec.array.columns = 2;
    spec.array.shape.topology = Topology::b;
    spec.driver.kind = DriverKind::binary;
    spec.driver.bits = 4;
    spec.readout.kind = ReadoutKind::integrator;
    spec.adc.bits = 6;
    spec.adc.shared_by = 2;
    return spec;
}

double width(const Circuit& circuit, const char* name) {
    const MosSize& size = body<Mosfet>(circuit, name).size;
    return size.width_m.number() * size.multiplier;
}

std::string block_refusal(const std::string& text) {
    return bad_input_line([&] { (void)parse_spec("schema = \"mho.spec/1\"\n" + text, "s.toml"); });
}

const std::string kMacroText =
    "[array]\ntopology = \"b\"\n[driver]\nkind = \"binary\"\n[readout]\nkind = \"integrator\"\n";

}  // namespace

TEST_CASE("every block of the periphery is sound and within the technology") {
    const Technology technology = read_technology("generic40");
    const ReadoutSpec spec = macro_spec().readout;
    for (const Definition& block :
         {level_shifter(), wordline_driver(40e-15), wordline_driver(3e-12),
          pulse_width_driver(40e-15), current_conveyor(spec), integrator(spec), accumulator(spec),
          sample_hold(spec), unity_buffer(), column_multiplexer(4, 50e-15, 5e-9)}) {
        INFO(block->name());
        CHECK(check(*block).empty());
        CHECK_NOTHROW(require_in_range(technology, *block));
        CHECK_FALSE(block->description().empty());
    }
}

TEST_CASE("buffers grow by one ratio near four up to their load") {
    const double load = GENERATE(1e-15, 12e-15, 50e-15, 1e-12, 30e-12);
    const std::vector<double> widths = buffer_widths(load);
    REQUIRE_FALSE(widths.empty());
    CHECK(widths.front() == kMinIoInverterWidth);
    // NMOS and PMOS of twice the width are the capacitance of a stage.
    const auto farad = [](double n_width) { return 3 * n_width * kIoGateFaradPerM; };
    for (std::size_t k = 0; k < widths.size(); ++k) {
        const double next = k + 1 < widths.size() ? farad(widths[k + 1]) : load;
        const double ratio = next / farad(widths[k]);
        CHECK(ratio < 8.1);  // one stage serves 1 to 4^1.5
        if (widths.size() > 1) {
            CHECK(ratio >= 2 - 1e-9);
            CHECK_THAT(ratio, WithinRel(std::pow(load / farad(widths[0]),
                                                 1.0 / static_cast<double>(widths.size())),
                                        1e-9));
        }
    }
}

TEST_CASE("a gate line's driver does not invert, whatever its number of stages") {
    for (const double load : {5e-15, 40e-15, 150e-15, 600e-15, 3e-12}) {
        const Definition driver = wordline_driver(load);
        const std::size_t stages = buffer_widths(load).size();
        CHECK(port_names(*driver) == std::vector<std::string>{"in", "wl", "vdd", "vddh"});
        CHECK(pins(*driver, "mb0n")[1] == (stages % 2 == 0 ? "high" : "highb"));
        CHECK(pins(*driver, fmt::format("mb{}n", stages - 1))[0] == "wl");
    }
}

TEST_CASE("a shifter's NMOS are ten times as wide as its PMOS, and crossed") {
    const Definition shifter = level_shifter();
    CHECK_THAT(width(*shifter, "mn1"), WithinRel(10 * width(*shifter, "mp1"), 1e-12));
    CHECK(pins(*shifter, "mn1") == std::vector<std::string>{"outb", "in", "0", "0"});
    CHECK(pins(*shifter, "mp1") == std::vector<std::string>{"outb", "out", "vddh", "vddh"});
    CHECK(pins(*shifter, "mp2") == std::vector<std::string>{"out", "outb", "vddh", "vddh"});
}

TEST_CASE("a conveyor has as many units at its input as its ratio, and one behind") {
    ReadoutSpec spec = macro_spec().readout;
    spec.integrator.mirror_ratio = GENERATE(4, 8, 64);
    const Definition conveyor = current_conveyor(spec);
    CHECK(port_names(*conveyor) == std::vector<std::string>{"in", "out", "vcm", "ibias", "vdd"});
    const MosSize& sink = body<Mosfet>(*conveyor, "ms").size;
    MosSize unit = body<Mosfet>(*conveyor, "mu").size;
    CHECK(sink.multiplier == spec.integrator.mirror_ratio);
    unit.multiplier = sink.multiplier;
    CHECK(unit == sink);
    CHECK(pins(*conveyor, "ms")[1] == pins(*conveyor, "mu")[1]);
    // The loop is negative: a rising column takes current from m1, the mirror gives it to the
    // gates' branch through the other cascode.
    CHECK(pins(*conveyor, "m1") == std::vector<std::string>{"f1", "in", "tail", "vdd"});
    CHECK(pins(*conveyor, "mc2") == std::vector<std::string>{"gate", "vbnc", "f2", "0"});
    CHECK(conveyor_most_ampere(spec) == spec.integrator.mirror_ratio * kConveyorUnitAmpere);
}

TEST_CASE("bit and sum have equal capacitors, smaller than asked for by their parasitics") {
    ReadoutSpec spec = macro_spec().readout;
    const double bit = farad(*integrator(spec), "cbit");
    CHECK(bit == farad(*accumulator(spec), "csum"));
    CHECK(bit < spec.integrator.integrate_farad);
    CHECK(bit > 0.8 * spec.integrator.integrate_farad);
    spec.integrator.integrate_farad = 20e-15;  // the least a spec may ask for
    CHECK(drawn_farad(spec) > 0);
    CHECK_THAT(integrator_ohm(macro_spec().readout), WithinRel(10e-9 / (8 * 160e-15), 1e-12));
}

TEST_CASE("a hold's dummy has half of its switch's width, both ends on the output") {
    const Definition hold = sample_hold(macro_spec().readout);
    for (const char* kind : {"n", "p"}) {
        const std::string dummy = std::string("md") + kind;
        CHECK_THAT(width(*hold, (std::string("ms") + kind).c_str()),
                   WithinRel(2 * width(*hold, dummy.c_str()), 1e-12));
        CHECK(pins(*hold, dummy)[0] == "out");
        CHECK(pins(*hold, dummy)[2] == "out");
        CHECK(pins(*hold, dummy)[1] != pins(*hold, std::string("ms") + kind)[1]);
    }
    CHECK(farad(*hold, "chold") == macro_spec().readout.integrator.hold_farad);
}

TEST_CASE("switches settle what they drive in the time given") {
    const double width_m = switch_width_m(100e-15, 2e-9, 8);
    const double constants = 2e-9 / (kWorstSwitchOhmM / width_m * 100e-15);
    CHECK_THAT(std::exp(-constants), WithinRel(0.25 / 256, 1e-9));
    CHECK(switch_width_m(1e-18, 1e-6, 4) == kMinGateWidth);
    const Definition mux = column_multiplexer(3, 50e-15, 5e-9);
    CHECK(port_names(*mux) == std::vector<std::string>{"in_0", "in_1", "in_2", "sel_0", "sel_1",
                                                       "sel_2", "out", "vdd"});
    CHECK_THAT(width(*mux, "mt1n"), WithinRel(switch_width_m(50e-15, 5e-9, 10), 1e-12));
}

TEST_CASE("the load of a gate line is its wire and its cells' gates") {
    Spec spec = macro_spec();
    const double wire = wire_segment(read_technology("generic40"), "m5", 1e-6).farad;
    const double gate = 0.8e-6 * kIoGateFaradPerM;
    CHECK_THAT(gate_line_farad(load_design(spec)), WithinRel(2 * (wire + gate), 1e-9));
    spec.array.shape.scheme = ColumnScheme::differential;
    CHECK_THAT(gate_line_farad(load_design(spec)), WithinRel(4 * (wire + gate), 1e-9));
}

TEST_CASE("the phases of a multiply follow one another") {
    const BitSerialTiming timing = bit_serial_timing(macro_spec());
    CHECK(timing.steps == 4);
    CHECK_THAT(timing.step_second(), WithinRel(20e-9, 1e-12));
    for (int k = 0; k < timing.steps; ++k) {
        CHECK(timing.step_start(k) < timing.integrate_start(k));
        CHECK_THAT(timing.integrate_stop(k) - timing.integrate_start(k), WithinRel(10e-9, 1e-9));
        CHECK(timing.integrate_stop(k) < timing.step_start(k + 1));
    }
    CHECK(timing.sample_start() == timing.step_start(4));
    CHECK(timing.ramp_second > timing.sample_stop());
    Spec pulses = macro_spec();
    pulses.driver.kind = DriverKind::pulse_width;
    const BitSerialTiming once = bit_serial_timing(pulses);
    CHECK(once.steps == 1);
    CHECK(once.integrate_second > 15e-9);
}

TEST_CASE("the ideal count weighs codes by powers of two") {
    Spec spec = macro_spec();
    const std::vector<double> ampere{4e-6, 2e-6, 1e-6, 0};
    // Columns without wires: a step's current is the sum over the rows that are on.
    const auto count = [&](std::vector<int> codes) {
        const Eigen::MatrixXd gates = ideal_gates(spec, codes);
        std::vector<double> steps;
        for (Eigen::Index k = 0; k < gates.cols(); ++k) {
            steps.push_back(gates.col(k).dot(Eigen::VectorXd::Map(ampere.data(), 4)));
        }
        return ideal_count(spec, steps);
    };
    const double lsb = 0.5 / 64;
    CHECK(count({0, 0, 0, 0}) == 0);
    // One microampere for 15/15 of all bits: 10 ns / (8 x 160 fF) x (1 - 1/16).
    CHECK_THAT(count({0, 0, 15, 0}), WithinRel(1e-6 * 10e-9 / (8 * 160e-15) * 15 / 16 / lsb, 1e-9));
    CHECK_THAT(count({8, 0, 0, 0}), WithinRel(8 * count({1, 0, 0, 0}), 1e-9));
    CHECK_THAT(count({3, 5, 15, 2}), WithinRel(count({3, 0, 0, 0}) + count({0, 5, 15, 2}), 1e-9));
    // Pulses: so many periods of 1 ns into the same capacitor.
    spec.driver.kind = DriverKind::pulse_width;
    CHECK_THAT(count({0, 0, 15, 0}), WithinRel(1e-6 * 15e-9 / (8 * 160e-15) / lsb, 1e-9));
    CHECK_THAT(count({3, 5, 11, 2}),
               WithinRel((3 * 4 + 5 * 2 + 11) * 1e-6 * 1e-9 / (8 * 160e-15) / lsb, 1e-9));
}

TEST_CASE("the macro's deck has a driver a row and a whole chain a bitline") {
    Spec spec = macro_spec();
    const DriverKind kind = GENERATE(DriverKind::binary, DriverKind::pulse_width);
    spec.driver.kind = kind;
    spec.array.shape.scheme = GENERATE(ColumnScheme::plain, ColumnScheme::differential);
    const int lines = spec.array.shape.scheme == ColumnScheme::plain ? 2 : 4;
    spec.adc.shared_by = lines;
    const Design design = load_design(spec);
    const std::vector<int> codes{0, 5, 15, 8};
    const Deck deck =
        bit_serial_macro_bench(design, Eigen::MatrixXd::Constant(4, lines, 20e-6), codes);
    CHECK(check(deck.circuit).empty());
    CHECK_NOTHROW(require_in_range(design.technology, deck.circuit));
    int drivers = 0, holds = 0, comparators = 0;
    for (const Device& one : deck.circuit.devices()) {
        drivers += one.name.starts_with("xdriver_");
        holds += one.name.starts_with("xhold_");
        comparators += one.name.starts_with("xcomparator_");
    }
    CHECK(drivers == 4);
    // The reference column too.
    CHECK(holds == lines + 1);
    CHECK(comparators == lines + 1);
    CHECK(deck.measures.size() ==
          static_cast<std::size_t>(lines + 1) + bit_serial_supplies(design).size());
    CHECK_NOTHROW(write_deck(deck));
}

TEST_CASE("the bits of a code stand on their row, the lowest first") {
    const Design design = load_design(macro_spec());
    const std::vector<int> codes{0, 5, 15, 8};
    const Deck deck = bit_serial_macro_bench(design, Eigen::MatrixXd::Constant(4, 2, 20e-6), codes);
    const BitSerialTiming timing = bit_serial_timing(design.spec);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        const auto& wave = std::get<Pwl>(
            body<VoltageSource>(deck.circuit, fmt::format("vbit_{}", i)).stimulus.waveform);
        for (int k = 0; k < 4; ++k) {
            double level = 0;
            for (const auto& [second, volt] : wave.points) {
                if (second <= timing.integrate_start(k)) level = volt;
            }
            CHECK(level == ((codes[i] >> k) % 2 == 1 ? 1.1 : 0.0));
        }
        CHECK(wave.points.back().second == 0);
    }
}

TEST_CASE("the macro's bench refuses what it is not made of") {
    const Design design = load_design(macro_spec());
    const Eigen::MatrixXd states = Eigen::MatrixXd::Constant(4, 2, 20e-6);
    const auto refused = [&](const Design& of, const Eigen::MatrixXd& cells,
                             const std::vector<int>& codes) {
        return bad_input_line([&] { (void)bit_serial_macro_bench(of, cells, codes); });
    };
    CHECK_THAT(refused(design, states, {1, 2, 3}), ContainsSubstring("4 x 2 states with 3 codes"));
    CHECK_THAT(refused(design, states, {1, 2, 3, 16}),
               ContainsSubstring("expected codes from 0 to 15, found 16"));
    CHECK_THAT(refused(design, Eigen::MatrixXd::Constant(4, 3, 20e-6), {0, 0, 0, 0}),
               ContainsSubstring("a ramp for 2 columns"));
    Design other = design;
    other.spec.array.shape.topology = Topology::c;
    CHECK_THAT(refused(other, states, {0, 0, 0, 0}), ContainsSubstring("[array] topology"));
    other = design;
    other.spec.adc.kind = AdcKind::sar;
    CHECK_THAT(refused(other, states, {0, 0, 0, 0}), ContainsSubstring("[adc] kind"));
    other = design;
    other.spec.array.shape.dummy_rows = 1;
    CHECK_THAT(refused(other, states, {0, 0, 0, 0}), ContainsSubstring("no dummies"));
    CHECK_THAT(bad_input_line([&] {
                   (void)readout_bench(design, {1e-6, 3});
               }),
               ContainsSubstring("expected \"transimpedance\" or"));
    CHECK_THAT(bad_input_line([&] { (void)wordline_bench(load_design(Spec{}), 1); }),
               ContainsSubstring("found \"levels\""));
}

TEST_CASE("keys of drivers and read-outs are read, written and left out at their defaults") {
    Spec spec = macro_spec();
    spec.readout.integrator = {12e-9, 6e-9, 4e-9, 8e-9, 16, 200e-15, 60e-15, 0.2};
    spec.readout.feedback_ohm = ReadoutSpec{}.feedback_ohm;
    CHECK(parse_spec(spec_to_toml(spec), "s.toml") == spec);
    spec.driver.kind = DriverKind::pulse_width;
    spec.driver.clock_hertz = 5e8;
    CHECK(parse_spec(spec_to_toml(spec), "s.toml") == spec);
    const std::string plain = spec_to_toml(Spec{});
    for (const char* key :
         {"integrate", "mirror", "start_volt", "\"levels\"", "\nclock_hertz = 5"}) {
        CHECK_THAT(plain, !ContainsSubstring(key));
    }
    CHECK_THAT(spec_to_toml(spec), !ContainsSubstring("feedback_ohm"));
}

TEST_CASE("drivers and read-outs that do not go together are refused by line") {
    CHECK(block_refusal("[driver]\nkind = \"binary\"\n") ==
          "s.toml:3: [driver] kind: expected \"levels\" with topology \"a\", whose rows carry the "
          "cells' current, found \"binary\"");
    CHECK_THAT(block_refusal("[driver]\nkind = \"analog\"\n"),
               ContainsSubstring("expected one of \"levels\", \"binary\", \"pulse_width\""));
    CHECK_THAT(block_refusal("[readout]\nkind = \"integrator\"\n"),
               ContainsSubstring("s.toml:3: [readout] kind: expected \"transimpedance\" with "
                                 "[driver] kind = \"levels\""));
    CHECK(
        block_refusal("[readout]\nmirror_ratio = 4\n") ==
        "s.toml:3: [readout] mirror_ratio: a read-out of kind \"transimpedance\" has no such key, "
        "only \"integrator\"");
    CHECK_THAT(block_refusal(kMacroText + "feedback_ohm = 1e3\n"),
               ContainsSubstring("s.toml:8: [readout] feedback_ohm: a read-out of kind "
                                 "\"integrator\" has no such key"));
    CHECK_THAT(block_refusal(
                   "[array]\ntopology = \"b\"\n[driver]\nkind = \"binary\"\nclock_hertz = 1e9\n"),
               ContainsSubstring("a driver of kind \"binary\" has no such key, only "
                                 "\"pulse_width\""));
    CHECK_THAT(
        block_refusal("[array]\ntopology = \"b\"\n[driver]\nkind = \"binary\"\nnmos_width_m = "
                      "1e-6\n"),
        ContainsSubstring("only \"levels\""));
    CHECK_THAT(block_refusal(kMacroText + "start_volt = 0.05\n"),
               ContainsSubstring("[readout] start_volt: expected a voltage within the converter's "
                                 "range from 0.1 to 0.6 V, found 0.05"));
    CHECK_THAT(block_refusal(kMacroText + "integrate_second = 0\n"),
               ContainsSubstring("integrate_second"));
    Spec spec = macro_spec();
    spec.array.rows = 100;
    CHECK_THAT(bad_input_line([&] { (void)load_design(spec); }),
               ContainsSubstring("[readout] mirror_ratio: expected at least 40 for 100 rows"));
}

namespace {

// A read-out of the user's in a folder of its own.
const char* const kUserReadout =
    "title\n.subckt own sum out ref bias high low\nr1 sum out 20k\nb1 x 0 v=v(ref)-1e3*v(sum,ref)\n"
    "r2 x out 10\nr3 bias low 1k\nr4 high low 1meg\n.ends own\n";

Spec user_spec(const mho::test::TemporaryFolder& folder) {
    mho::write_file(folder / "own.sp", kUserReadout);
    Spec spec;
    spec.name = "own";
    spec.array.rows = 4;
    spec.array.columns = 2;
    spec.readout.kind = ReadoutKind::user_subcircuit;
    spec.readout.user = {folder / "own.sp", "own", {"in", "out", "vcm", "ibias", "0.7", "0"}};
    return spec;
}

}  // namespace

TEST_CASE("a read-out of the user's stands where ours would") {
    const mho::test::TemporaryFolder folder;
    const Spec spec = user_spec(folder);
    CHECK(parse_spec(spec_to_toml(spec), "s.toml") == spec);
    const Design design = load_design(spec);
    const std::vector<double> states{5e-6, 10e-6, 20e-6, 1e-6};
    const std::vector<double> inputs{0.1, -0.05, 0.02, 0};
    const ColumnTiming timing = conversion_timing(spec, 30e-9);
    for (const Deck& deck :
         {readout_bench(design, {25e-6, 11}), readout_noise_bench(design),
          column_bench(design, states, inputs, timing),
          macro_bench(design, Eigen::MatrixXd::Constant(4, 2, 1e-5), inputs, timing)}) {
        INFO(deck.title);
        CHECK(check(deck.circuit).empty());
        const bool is_macro = deck.circuit.has_device("xreadout_0");
        const std::string suffix = is_macro ? "_0" : "";
        CHECK(pins(deck.circuit, "xreadout" + suffix) ==
              std::vector<std::string>{is_macro ? "col_0" : "in", "out" + suffix, "vcm",
                                       "bias_readout" + suffix, "readout_bias_4", "0"});
        CHECK(dc(deck.circuit, "vreadout_bias_4") == 0.7);
        CHECK_NOTHROW(write_deck(deck));
    }
}

TEST_CASE("a read-out file counts from the spec's folder, and what does not suit is refused") {
    const mho::test::TemporaryFolder folder;
    Spec spec = user_spec(folder);
    spec.readout.user.file = "own.sp";
    mho::write_file(folder / "s.toml", spec_to_toml(spec));
    CHECK(read_spec(folder / "s.toml").readout.user.file == folder / "own.sp");
    const auto refused = [&](std::vector<std::string> ports) {
        Spec other = user_spec(folder);
        other.readout.user.ports = std::move(ports);
        return bad_input_line([&] { (void)load_design(other); });
    };
    CHECK_THAT(refused({"in", "out", "vcm"}), ContainsSubstring("has 6 ports, found 3 texts"));
    CHECK_THAT(refused({"in", "out", "vcm", "ibias", "vdd", "bulk"}),
               ContainsSubstring("expected in, out, vcm, vdd, ibias, 0 or a voltage for a port of "
                                 "'own', found \"bulk\""));
    CHECK_THAT(refused({"in", "in", "vcm", "ibias", "vdd", "0"}),
               ContainsSubstring("expected one in, one out, one vcm"));
    CHECK_THAT(block_refusal("[readout]\nkind = \"subckt\"\n"),
               ContainsSubstring("[readout.subckt] file: expected a SPICE file"));
    CHECK_THAT(block_refusal("[readout.subckt]\nname = \"x\"\n"),
               ContainsSubstring("is for a read-out of kind \"subckt\""));
    CHECK_THAT(block_refusal("[readout]\nkind = \"subckt\"\nmirror_ratio = 4\n"),
               ContainsSubstring("a read-out of kind \"subckt\" has no such key"));
}
