// SPDX-License-Identifier: Apache-2.0
// What the benches are made of, without a simulator.
#include "netlist/benches.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <cstdio>
#include <limits>

#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/circuit_stats.h"
#include "netlist/ramp_adc.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
const std::vector<double> kStates{5e-6, 10e-6, 20e-6};
const std::vector<double> kInputs{0.1, -0.05, 0.02};
const std::vector<double> kLevels{-0.1, 0, 0.1};

Spec small_spec() {
    Spec spec;
    spec.name = "small";
    spec.array.rows = 4;
    spec.array.columns = 3;
    return spec;
}

Design small_design() {
    return load_design(small_spec());
}

ColumnTiming timing() {
    return conversion_timing(small_spec(), 30e-9);
}

Deck small_array(const Design& design, double sense_ohm) {
    Eigen::MatrixXd states(3, 2);
    states << 1e-6, 2e-6, 3e-6, 4e-6, 5e-6, 6e-6;
    Eigen::MatrixXd inputs(3, 2);
    inputs << 0.1, -0.1, 0.05, 0.025, 0, 0.075;
    return array_bench(design, states, inputs, sense_ohm);
}

std::vector<Deck> every_bench(const Design& design) {
    return {cell_bench(design, kStates, {0.1, 11}),
            driver_bench(design, kLevels, {50e-6, 5}),
            driver_switch_bench(design),
            small_array(design, 0),
            small_array(design, 150),
            readout_bench(design, {25e-6, 11}),
            readout_noise_bench(design),
            adc_bench(design, 0.3, timing()),
            column_bench(design, kStates, kInputs, timing())};
}

double last_level(const Circuit& circuit, std::string_view source) {
    const auto& stimulus = body<VoltageSource>(circuit, source).stimulus;
    REQUIRE(std::holds_alternative<Pwl>(stimulus.waveform));
    return std::get<Pwl>(stimulus.waveform).points.back().second;
}

// Number of points ngspice takes in a sweep, which ends at stop but for rounding.
int sweep_points(const Deck& deck) {
    const auto& sweep = std::get<DcSweep>(deck.analysis);
    return static_cast<int>(std::lround((sweep.stop - sweep.start) / sweep.step)) + 1;
}

}  // namespace

TEST_CASE("every bench is a sound circuit of devices the technology takes") {
    const Design design = small_design();
    for (const Deck& deck : every_bench(design)) {
        INFO(deck.title);
        for (const Issue& issue : check(deck.circuit)) FAIL_CHECK(issue.message);
        CHECK_NOTHROW(require_in_range(design.technology, deck.circuit));
    }
}

TEST_CASE("every bench is sound at the extremes of the spec") {
    Spec spec = small_spec();
    SECTION("one column and one comparator") {
        spec.array.columns = 1;
        spec.adc.shared_by = 1;
    }
    SECTION("coarse and slow conversion") {
        spec.adc.bits = 4;
        spec.adc.clock_hertz = 1e8;
    }
    SECTION("fine and shared conversion") {
        spec.adc.bits = 10;
        spec.adc.shared_by = 1024;
    }
    SECTION("smallest devices") {
        spec.cell.access_width_m = 0.32e-6;
        spec.driver.nmos_width_m = 0.32e-6;
        spec.driver.pmos_width_m = 0.32e-6;
    }
    const Design design = load_design(spec);
    for (const Deck& deck : every_bench(design)) {
        INFO(deck.title);
        CHECK(check(deck.circuit).empty());
        CHECK_NOTHROW(write_deck(deck));
    }
}

TEST_CASE("the decks save what the header promises") {
    const Design design = small_design();
    using Saved = std::vector<std::string>;
    CHECK(cell_bench(design, kStates, {0.1, 11}).saved ==
          Saved{"i(vcol_0)", "i(vcol_1)", "i(vcol_2)"});
    CHECK(driver_bench(design, kLevels, {50e-6, 5}).saved ==
          Saved{"v(row_0)", "v(row_1)", "v(row_2)"});
    CHECK(driver_switch_bench(design).saved ==
          Saved{"i(ven)", "i(venb)", "v(en)", "v(enb)", "i(vstep)"});
    CHECK(small_array(design, 0).saved == Saved{"i(vsense_0)", "i(vsense_1)"});
    CHECK(readout_bench(design, {25e-6, 11}).saved == Saved{"v(out)", "v(in)", "i(vdd_readout)"});
    CHECK(readout_noise_bench(design).saved == Saved{"onoise_total"});
    CHECK(adc_bench(design, 0.3, timing()).saved ==
          Saved{"v(trip)", "v(ramp)", "i(vdd_comparator)", "i(vdd_ramp)"});
    const Deck column = column_bench(design, kStates, kInputs, timing());
    for (const char* vector :
         {"v(out)", "v(trip)", "i(vref_0)", "i(vref_1)", "i(vref_2)", "i(vcolumn)",
          "i(vdd_readout)", "i(vdd_comparator)", "i(vdd_ramp)"}) {
        INFO(vector);
        CHECK(std::count(column.saved.begin(), column.saved.end(), vector) == 1);
    }
    for (const Deck& deck : every_bench(design)) {
        const std::string text = write_deck(deck);
        for (const std::string& vector : deck.saved) CHECK_THAT(text, ContainsSubstring(vector));
    }
}

TEST_CASE("every deck names spec, technology, corner, temperature and models") {
    Spec spec = small_spec();
    spec.corner = "ss";
    spec.temperature_celsius = 85;
    Design design = load_design(spec);
    design.klu = true;
    for (const Deck& deck : every_bench(design)) {
        INFO(deck.title);
        const std::string text = write_deck(deck);
        CHECK(text.starts_with("small: "));
        CHECK_THAT(text, ContainsSubstring("technology generic40, corner ss, 85 C"));
        CHECK_THAT(text, ContainsSubstring("models.lib' ss\n"));
        CHECK_THAT(text, ContainsSubstring(".temp 85\n"));
        // ngspice refuses noise with KLU.
        CHECK(deck.klu == !std::holds_alternative<Noise>(deck.analysis));
        CHECK_NOTHROW(write_deck(inline_libraries(deck)));
    }
}

TEST_CASE("the sweeps are symmetric and have as many points as asked for") {
    const Design design = small_design();
    const int points = GENERATE(2, 3, 11, 41, 34);
    const auto ends = [&](const Deck& deck, double middle, double reach) {
        const auto& sweep = std::get<DcSweep>(deck.analysis);
        CHECK_THAT(sweep.start, WithinAbs(middle - reach, 1e-12));
        CHECK_THAT(sweep.stop, WithinAbs(middle + reach, 1e-12));
        CHECK(sweep_points(deck) == points);
        CHECK_NOTHROW((void)device(deck.circuit, sweep.source));
    };
    ends(cell_bench(design, kStates, {0.1, points}), 0.35, 0.1);
    ends(readout_bench(design, {25e-6, points}), 0, 25e-6);
    // In microampere, as volt of the source vload.
    ends(driver_bench(design, kLevels, {50e-6, points}), 0, 50);
    for (const int none : {1, 0, -3}) {
        const std::string line = bad_input_line([&] {
            (void)write_deck(cell_bench(design, kStates, {0.1, none}));
        });
        CHECK_THAT(line, ContainsSubstring("sweep"));
    }
}

TEST_CASE("the cell bench holds rows and columns at the common mode and hands over each state") {
    const Design design = small_design();
    const Deck deck = cell_bench(design, kStates, {0.1, 11});
    const Circuit& c = deck.circuit;
    CHECK(dc(c, "vrow") == 0.35);
    CHECK(dc(c, "vwl") == design.spec.cell.wordline_volt);
    for (std::size_t k = 0; k < kStates.size(); ++k) {
        const std::string cell = fmt::format("xcell_{}", k);
        CHECK(pins(c, cell) ==
              std::vector{std::string("row"), fmt::format("col_{}", k), std::string("wl")});
        const Instance& instance = body<Instance>(c, cell);
        REQUIRE(instance.parameters.size() == 1);
        CHECK(instance.parameters[0] == ParameterValue{"r", 1 / kStates[k]});
        CHECK(dc(c, fmt::format("vcol_{}", k)) == 0.35);
    }
    CHECK(count(c).instances == kStates.size());
    for (const double bad : {0.0, -1e-6, kNan}) {
        const std::vector<double> states{1e-6, bad};
        CHECK_THAT(bad_input_line([&] {
                       (void)cell_bench(design, states, {0.1, 11});
                   }),
                   ContainsSubstring("xcell_1"));
    }
}

TEST_CASE("the driver bench closes every driver and loads it alike") {
    const Design design = small_design();
    const Deck deck = driver_bench(design, kLevels, {50e-6, 5});
    const Circuit& c = deck.circuit;
    for (std::size_t k = 0; k < kLevels.size(); ++k) {
        const std::string row = fmt::format("row_{}", k);
        const std::string ref = fmt::format("ref_{}", k);
        CHECK(dc(c, fmt::format("vref_{}", k)) == 0.35 + kLevels[k]);
        CHECK(pins(c, fmt::format("xdriver_{}", k)) ==
              std::vector<std::string>{ref, row, "vddh", "0", "vddh"});
        CHECK(pins(c, fmt::format("bload_{}", k)) == std::vector<std::string>{row, "0"});
    }
    CHECK(dc(c, "vddh") == 2.5);
}

TEST_CASE("the switching bench toggles both gates between the rails, in opposite phase") {
    const Deck deck = driver_switch_bench(small_design());
    const auto& on = std::get<Pulse>(body<VoltageSource>(deck.circuit, "ven").stimulus.waveform);
    const auto& off = std::get<Pulse>(body<VoltageSource>(deck.circuit, "venb").stimulus.waveform);
    CHECK(on.initial == 0);
    CHECK(on.pulsed == 2.5);
    CHECK(off.initial == on.pulsed);
    CHECK(off.pulsed == on.initial);
    CHECK(on.delay_second == 1e-9);
    CHECK_THAT(on.delay_second + on.width_second, WithinRel(11e-9, 1e-12));
    // The whole row wire hangs on the driver: 3 columns of 1 um of m5 at 0.2 fF/um.
    CHECK_THAT(farad(deck.circuit, "crow"), WithinRel(0.6e-15, 1e-9));
    CHECK(std::get<Transient>(deck.analysis).stop_second > 20e-9);

    const auto& step =
        std::get<Pulse>(body<VoltageSource>(deck.circuit, "vstep").stimulus.waveform);
    CHECK(step.initial == 0.35);
    CHECK_THAT(step.pulsed, WithinRel(0.45, 1e-12));
    CHECK(step.delay_second == 1e-9);
    CHECK(pins(deck.circuit, "xstep") ==
          std::vector<std::string>{"ref_step", "row_step", "vddh", "0", "vddh"});
    CHECK(farad(deck.circuit, "cstep") == farad(deck.circuit, "crow"));
}

TEST_CASE("the array bench drives every row and senses every column at the common mode") {
    const Design design = small_design();
    const double sense_ohm = GENERATE(0.0, 150.0);
    const Deck deck = small_array(design, sense_ohm);
    const Circuit& c = deck.circuit;
    const CircuitStats stats = count(c);
    CHECK(stats.instances_by_definition.at("row_driver") == 3);
    CHECK(stats.instances_by_definition.at("cell_1t1r") == 6);
    CHECK(stats.instances_by_definition.at("crossbar") == 1);
    for (int i = 0; i < 3; ++i) {
        CHECK(pins(c, fmt::format("xdriver_{}", i)) ==
              std::vector{fmt::format("ref_{}", i), fmt::format("row_{}", i), std::string("vddh"),
                          std::string("0"), std::string("vddh")});
    }
    CHECK(pins(c, "xarray") ==
          std::vector<std::string>{"row_0", "row_1", "row_2", "col_0", "col_1", "wl"});
    for (int j = 0; j < 2; ++j) {
        const std::string column = fmt::format("col_{}", j);
        const std::string sense = sense_ohm > 0 ? fmt::format("sense_{}", j) : column;
        CHECK(pins(c, fmt::format("vsense_{}", j)) == std::vector<std::string>{sense, "vcm"});
        CHECK(dc(c, fmt::format("vsense_{}", j)) == 0);
        CHECK(c.has_device(fmt::format("rsense_{}", j)) == (sense_ohm > 0));
        if (sense_ohm > 0) {
            CHECK(pins(c, fmt::format("rsense_{}", j)) == std::vector<std::string>{column, sense});
            CHECK(ohm(c, fmt::format("rsense_{}", j)) == sense_ohm);
        }
    }
    CHECK(dc(c, "vcm") == 0.35);
}

TEST_CASE("the array bench's wires are of the layers and pitches of spec and technology") {
    Spec spec = small_spec();
    spec.array.row_layer = "m7";
    spec.array.column_layer = "M3";
    const Design design = load_design(spec);
    const Deck deck = small_array(design, 0);
    const Circuit& bar = *body<Instance>(deck.circuit, "xarray").definition;
    CHECK_THAT(ohm(bar, "rrow_1_1"), WithinRel(0.19 * 1.0, 1e-9));
    CHECK_THAT(ohm(bar, "rcol_1_1"), WithinRel(3.57 * 0.6, 1e-9));
    CHECK_THAT(farad(bar, "crow_1_1"), WithinRel(0.2e-15 * 1.0, 1e-9));
    CHECK_THAT(farad(bar, "ccol_1_1"), WithinRel(0.2e-15 * 0.6, 1e-9));
}

TEST_CASE("the array bench's sweep index selects the input vector") {
    const Deck deck = small_array(small_design(), 0);
    const auto& sweep = std::get<DcSweep>(deck.analysis);
    CHECK(sweep.source == "vk");
    CHECK(sweep.start == 0);
    CHECK(sweep.stop == 1);
    CHECK(sweep.step == 1);
    const auto& reference = body<BehaviouralSource>(deck.circuit, "bref_1");
    CHECK(reference.kind == BehaviouralSource::Kind::voltage);
    double first = 0, second = 0;
    REQUIRE(std::sscanf(reference.expression.c_str(), "pwl(v(k), 0, %lf, 1, %lf)", &first,
                        &second) == 2);
    CHECK_THAT(first, WithinRel(0.40, 1e-12));
    CHECK_THAT(second, WithinRel(0.375, 1e-12));
}

TEST_CASE("operands of unequal size are one line of bad input") {
    const Design design = small_design();
    const auto array = [&](Eigen::Index rows, Eigen::Index columns, Eigen::Index inputs,
                           Eigen::Index vectors) {
        const Eigen::MatrixXd states = Eigen::MatrixXd::Constant(rows, columns, 1e-5);
        (void)array_bench(design, states, Eigen::MatrixXd::Zero(inputs, vectors), 0);
    };
    CHECK_NOTHROW(array(2, 3, 2, 1));
    CHECK_THAT(bad_input_line([&] { array(3, 2, 2, 1); }),
               ContainsSubstring("3 x 2 states") && ContainsSubstring("2 x 1 inputs"));
    CHECK_THAT(bad_input_line([&] { array(2, 2, 3, 1); }), ContainsSubstring("array bench"));
    CHECK_THAT(bad_input_line([&] { array(2, 2, 2, 0); }), ContainsSubstring("array bench"));
    CHECK_THAT(bad_input_line([&] { array(0, 0, 0, 1); }), ContainsSubstring("array bench"));
    const std::vector<double> two{1e-6, 2e-6};
    const std::vector<double> none;
    CHECK_THAT(bad_input_line([&] { (void)column_bench(design, kStates, two, timing()); }),
               ContainsSubstring("3 states but 2 inputs"));
    CHECK_THAT(bad_input_line([&] { (void)column_bench(design, two, kInputs, timing()); }),
               ContainsSubstring("2 states but 3 inputs"));
    CHECK_THAT(bad_input_line([&] { (void)column_bench(design, none, none, timing()); }),
               ContainsSubstring("0 states"));
}

TEST_CASE("inputs that are no numbers are one line of bad input") {
    const Design design = small_design();
    const std::vector<double> inputs{0.1, kNan, 0};
    CHECK_THAT(bad_input_line([&] { (void)column_bench(design, kStates, inputs, timing()); }),
               ContainsSubstring("vref_1"));
    const Eigen::Index vectors = GENERATE(1, 2);
    const Eigen::MatrixXd states = Eigen::MatrixXd::Constant(2, 2, 1e-5);
    Eigen::MatrixXd bad = Eigen::MatrixXd::Zero(2, vectors);
    bad(1, 0) = kNan;
    CHECK_THAT(bad_input_line([&] { (void)array_bench(design, states, bad, 0); }),
               ContainsSubstring("bref_1"));
    CHECK_NOTHROW((void)array_bench(design, states, Eigen::MatrixXd::Zero(2, vectors), 0));
}

TEST_CASE("the read-out benches feed a current into the amplifier's input") {
    const Design design = small_design();
    for (const Deck& deck : {readout_bench(design, {25e-6, 11}), readout_noise_bench(design)}) {
        const Circuit& c = deck.circuit;
        CHECK(pins(c, "iin") == std::vector<std::string>{"0", "in"});
        CHECK(pins(c, "xreadout") ==
              std::vector<std::string>{"in", "out", "vcm", "bias_readout", "vdd_readout"});
        CHECK(dc(c, "ibias_readout") == design.spec.readout.bias_ampere);
        CHECK(dc(c, "vdd_readout") == 1.1);
        CHECK(dc(c, "vcm") == 0.35);
    }
}

TEST_CASE("the noise bench puts a column of cells at rest before the amplifier") {
    const Design design = small_design();
    const Deck deck = readout_noise_bench(design);
    const Circuit& c = deck.circuit;
    // 4 cells of 20.5 uS on the mean, 4 x 0.6 um of m4 at 0.2 fF/um.
    CHECK_THAT(ohm(c, "rcells"), WithinRel(1 / (4 * 20.5e-6), 1e-9));
    CHECK_THAT(farad(c, "ccolumn"), WithinRel(0.48e-15, 1e-9));
    CHECK(body<CurrentSource>(c, "iin").stimulus.ac == 1);
    const auto& noise = std::get<Noise>(deck.analysis);
    CHECK(noise.output == "out");
    CHECK(noise.input_source == "iin");
}

TEST_CASE("a conversion waits for the slower of settling and reset, then runs the whole ramp") {
    const Spec spec = small_spec();
    const double reset = ramp_reset_second(spec.adc);
    for (const double settle : {0.0, 0.5 * reset, reset, 3 * reset}) {
        const ColumnTiming when = conversion_timing(spec, settle);
        CHECK(when.input_second == 1e-9);
        CHECK_THAT(when.ramp_second, WithinRel(when.input_second + std::max(settle, reset), 1e-12));
        const double counted = counter_delay_second(spec.adc) + ramp_second(spec.adc);
        CHECK(when.stop_second > when.ramp_second + counted);
        CHECK(when.stop_second < when.ramp_second + counted + 20e-9);
    }
}

TEST_CASE("the converter bench releases the ramp when its timing says") {
    const Design design = small_design();
    const ColumnTiming when = conversion_timing(design.spec, 50e-9);
    const Deck deck = adc_bench(design, 0.3, when);
    const Circuit& c = deck.circuit;
    CHECK(dc(c, "vin") == 0.3);
    CHECK(dc(c, "vlow") == design.spec.adc.low_volt);
    CHECK(dc(c, "ibias_ramp") == ramp_bias_ampere(design.spec.adc));
    CHECK(dc(c, "ibias_comparator") == design.spec.adc.bias_ampere);
    const int others = design.spec.adc.shared_by - 1;
    CHECK(dc(c, "ibias_others") == others * design.spec.adc.bias_ampere);
    CHECK(pins(c, "xothers") ==
          std::vector<std::string>{"others", "ramp", "trip_others", "bias_others", "vdd_others"});
    const auto& reset = std::get<Pwl>(body<VoltageSource>(c, "vreset").stimulus.waveform);
    CHECK(reset.points.front() == std::pair{0.0, 1.1});
    CHECK(reset.points.back() == std::pair{when.ramp_second, 0.0});
    CHECK(std::get<Transient>(deck.analysis).stop_second == when.stop_second);
    CHECK(pins(c, "xcomparator") ==
          std::vector<std::string>{"in", "ramp", "trip", "bias_comparator", "vdd_comparator"});
    REQUIRE(deck.measures.size() == 1);
    CHECK(deck.measures[0].name == "trip_time");
    CHECK_THAT(deck.measures[0].expression, ContainsSubstring("v(trip)=0.55"));
    // The others elsewhere, and behind a sample-and-hold that samples before the ramp starts.
    CHECK(dc(c, "vothers") == design.spec.readout.common_mode_volt);
    CHECK(dc(adc_bench(design, 0.3, when, 0.2).circuit, "vothers") == 0.2);
    Spec integrating = small_spec();
    integrating.array.shape.topology = Topology::b;
    integrating.driver.kind = DriverKind::binary;
    integrating.driver.bits = 4;
    integrating.readout.kind = ReadoutKind::integrator;
    const Deck held = adc_bench(load_design(integrating), 0.3, when);
    CHECK(held.saved.back() == "v(in)");
    CHECK(held.circuit.has_device("xhold"));
    const auto& sample =
        std::get<Pwl>(body<VoltageSource>(held.circuit, "vsample").stimulus.waveform);
    CHECK(sample.points.back().first < when.ramp_second);
    Spec alone = small_spec();
    alone.adc.shared_by = 1;
    CHECK_FALSE(adc_bench(load_design(alone), 0.3, when).circuit.has_device("xothers"));
}

TEST_CASE("the column bench is one column of the array and one of everything behind it") {
    const Design design = small_design();
    const ColumnTiming when = timing();
    const Deck deck = column_bench(design, kStates, kInputs, when);
    const Circuit& c = deck.circuit;
    const CircuitStats stats = count(c);
    CHECK(stats.instances_by_definition.at("cell_1t1r") == 3);
    CHECK(stats.instances_by_definition.at("row_driver") == 3);
    for (const char* one : {"crossbar", "tia", "ramp_generator", "ramp_comparator"}) {
        CHECK(stats.instances_by_definition.at(one) == 1);
    }
    const Circuit& bar = *body<Instance>(c, "xarray").definition;
    for (std::size_t i = 0; i < kStates.size(); ++i) {
        const auto& cell = body<Instance>(bar, fmt::format("xcell_{}_0", i));
        CHECK(cell.parameters[0].value == Value(1 / kStates[i]));
        const std::string source = fmt::format("vref_{}", i);
        CHECK(dc(c, source) == 0.35);
        CHECK_THAT(last_level(c, source), WithinRel(0.35 + kInputs[i], 1e-12));
        // The columns behind this one: 2 um of m5 at 0.2 fF/um.
        CHECK_THAT(farad(c, fmt::format("crest_{}", i)), WithinRel(0.4e-15, 1e-9));
    }
    CHECK(pins(c, "vcolumn") == std::vector<std::string>{"col_0", "in"});
    CHECK(pins(c, "xreadout")[0] == "in");
    CHECK(pins(c, "xcomparator")[0] == "out");
    CHECK(std::get<Transient>(deck.analysis).stop_second == when.stop_second);
}

TEST_CASE("a spec that does not fit its technology is one line of bad input") {
    Spec spec = small_spec();
    std::string expected;
    SECTION("amplitude down to ground") {
        spec.driver.amplitude_volt = 0.35;
        expected = "amplitude_volt = 0.35";
    }
    SECTION("amplitude beyond the common mode") {
        spec.driver.amplitude_volt = 0.4;
        expected = "common_mode_volt = 0.35";
    }
    SECTION("amplitude up to the supply") {
        spec.readout.common_mode_volt = 0.9;
        spec.driver.amplitude_volt = 0.2;
        expected = "supply range 0 .. 1.1 V";
    }
    SECTION("unknown row layer") {
        spec.array.row_layer = "m9";
        expected = "no metal layer 'm9'";
    }
    SECTION("unknown column layer") {
        spec.array.column_layer = "poly";
        expected = "no metal layer 'poly'";
    }
    SECTION("unknown corner") {
        spec.corner = "tf";
        expected = "no corner 'tf'; it has tt, ff, ss, fs, sf";
    }
    SECTION("too cold") {
        spec.temperature_celsius = -55;
        expected = "-40 to 125 degrees Celsius, found -55";
    }
    SECTION("too hot") {
        spec.temperature_celsius = 125.5;
        expected = "found 125.5";
    }
    SECTION("no number for a temperature") {
        spec.temperature_celsius = kNan;
        expected = "found nan";
    }
    SECTION("unknown technology") {
        spec.technology = "generic41";
        expected = "generic41";
    }
    SECTION("access transistor narrower than the technology takes") {
        spec.cell.access_width_m = 0.2e-6;
        expected = "'nch_io'";
    }
    SECTION("access transistor shorter than the technology takes") {
        spec.cell.access_length_m = 0.1e-6;
        expected = "length 1e-07 m is outside";
    }
    SECTION("driver narrower than the technology takes") {
        spec.driver.pmos_width_m = 0.1e-6;
        expected = "'pch_io'";
    }
    CHECK_THAT(bad_input_line([&] { (void)load_design(spec); }), ContainsSubstring(expected));
}

TEST_CASE(
    "the macro bench has a driver for every row and a read-out and comparator for every column") {
    const Design design = small_design();
    const Eigen::MatrixXd states = Eigen::MatrixXd::Constant(3, 2, 10e-6);
    const std::vector<double> inputs{0.1, -0.05, 0.02};
    const ColumnTiming when = timing();
    const Deck deck = macro_bench(design, states, inputs, when);
    const Circuit& c = deck.circuit;
    for (int i = 0; i < 3; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto& step =
            std::get<Pwl>(body<VoltageSource>(c, fmt::format("vref_{}", i)).stimulus.waveform);
        CHECK(step.points.back().second == design.spec.readout.common_mode_volt + inputs[at]);
        CHECK(c.has_device(fmt::format("xdriver_{}", i)));
    }
    for (int j = 0; j < 2; ++j) {
        const std::string at = fmt::format("_{}", j);
        CHECK(pins(c, "xreadout" + at) == std::vector<std::string>{"col" + at, "out" + at, "vcm",
                                                                   "bias_readout" + at,
                                                                   "vdd_readout"});
        CHECK(pins(c, "xcomparator" + at) ==
              std::vector<std::string>{"out" + at, "ramp", "trip" + at, "bias_comparator" + at,
                                       "vdd_comparator"});
    }
    // The ramp carries as many comparators as share it.
    CHECK(dc(c, "ibias_others") == (design.spec.adc.shared_by - 2) * design.spec.adc.bias_ampere);
    CHECK(deck.measures.size() == 2);
    CHECK(std::get<Transient>(deck.analysis).stop_second == when.stop_second);
    CHECK_NOTHROW(require_sound(c));

    const std::vector<double> two{0.1, 0.1};
    CHECK_THAT(bad_input_line([&] { (void)macro_bench(design, states, two, when); }),
               ContainsSubstring("3 x 2 states with 2 inputs"));
    const Eigen::MatrixXd wide = Eigen::MatrixXd::Constant(3, 65, 10e-6);
    CHECK_THAT(bad_input_line([&] { (void)macro_bench(design, wide, inputs, when); }),
               ContainsSubstring("a ramp for 64 columns"));
}
