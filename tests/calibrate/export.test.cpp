// SPDX-License-Identifier: Apache-2.0
// Exports run in the simulators they are for, against our own model.
#include "calibrate/export.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "behavioral/continuous_code.h"
#include "behavioral/readout.h"
#include "behavioral/tile.h"
#include "calibrate/conversion.h"
#include "calibrate/random_operands.h"
#include "spice/pool.h"
#include "support/run_program.h"

using namespace mho;
using namespace mho::calibrate;

namespace {

constexpr int kRows = 18, kColumns = 3, kColumn = 1, kVectors = 40;

behavioral::ModelCard made_card() {
    behavioral::ModelCard card;
    card.cell = {1600, 0.2, 20, 1e-6, 40e-6, 0.1};
    card.array = {kRows, kColumns, 1.5, 0.9, 80, 10};
    card.driver = {8, 0.1, 0.35, 0.6};
    // Full scale is small enough that some inputs run past it.
    card.readout = {-2e-4, 25e3, 0.351, 300, -2e7, 8e-6, 1e-3};
    card.adc.bits = 6;
    card.adc.ideal_low_volt = 0.1;
    card.adc.ideal_high_volt = 0.6;
    RandomStream random(11, RandomPurpose::test);
    for (int k = 1; k < 64; ++k) {
        card.adc.transition_volt.push_back(0.1 + (k + random.uniform(-0.3, 0.3)) * 0.5 / 64);
    }
    card.timing.conversion_second = 1e-7;
    card.errors = {{"readout", "LSB", 0.1, 0.2, 0.5, 10, "made up"}};
    return card;
}

struct Case {
    behavioral::ModelCard card = made_card();
    ColumnCoefficients column;
    Eigen::MatrixXd row_volt;  // rows x vectors, against ground
    std::vector<double> volt;  // of the read-out, our model
    std::vector<int> code;
    Case();
};

Case::Case() {
    RandomStream random(12, RandomPurpose::test);
    const netlist::CellSpec cell;
    const Eigen::MatrixXd states = random_states(cell, StateKind::uniform, kRows, kColumns, random);
    column = column_coefficients(card, states, kColumn);
    const behavioral::Tile tile = behavioral::compile_tile(card, states);
    row_volt.resize(kRows, kVectors);
    for (int k = 0; k < kVectors; ++k) {
        const Eigen::VectorXd codes = random_codes({}, kRows / 2, 1, random);
        row_volt.col(k) = (row_volts({}, codes).array() + card.driver.common_mode_volt).matrix();
        const behavioral::RowMatrixXf x = codes.transpose().cast<float>();
        behavioral::RowMatrixXf ampere(1, kColumns), out(1, kColumns);
        tile.currents(x, ampere);
        tile.run(x, out);
        volt.push_back(behavioral::readout_volt(card.readout, ampere(0, kColumn)));
        // Where single precision stands on the edge of a code either one is right.
        const double position = continuous_code(card.adc, volt.back());
        const bool edge = std::abs(position - std::round(position)) < 1e-3;
        code.push_back(edge ? -1 : static_cast<int>(out(0, kColumn)));
    }
}

}  // namespace

TEST_CASE("the SPICE export gives our voltages and codes in ngspice") {
    const Case c;
    std::string deck = "export\n.option reltol=1e-6 vntol=1e-9\n" +
                       export_spice(c.card, c.column, "col") + "vk k 0 0\n";
    std::string nets;
    for (int i = 0; i < kRows; ++i) {
        deck += fmt::format("brow{0} row_{0} 0 v = pwl(v(k)", i);
        for (int k = 0; k < kVectors; ++k) deck += fmt::format(",\n+ {}, {}", k, c.row_volt(i, k));
        deck += ")\n";
        nets += fmt::format(" row_{}", i);
    }
    deck += fmt::format("xcol{} out col\nxadc out code col_adc\n.end\n", nets);
    spice::Job job;
    job.netlist = deck;
    job.analysis = fmt::format("dc vk 0 {} 1", kVectors - 1);
    job.vectors = {"v(out)", "v(code)"};
    spice::PoolOptions options;
    options.workers = 1;
    spice::Pool pool(options);
    const spice::Waveforms waves = spice::run_all(pool, std::span(&job, 1)).front();
    REQUIRE(waves.points() == kVectors);
    int compared = 0;
    for (std::size_t k = 0; k < kVectors; ++k) {
        CAPTURE(k, c.volt[k]);
        CHECK(std::abs(waves["v(out)"][k] - c.volt[k]) < 2e-6);
        if (c.code[k] < 0) continue;
        CHECK(std::abs(waves["v(code)"][k] - c.code[k]) < 1e-3);
        ++compared;
    }
    CHECK(compared > kVectors / 2);
}

TEST_CASE("the SystemVerilog export gives our voltages and codes in Icarus Verilog") {
    if (test::run_shell("command -v iverilog").exit_code != 0) SKIP("no iverilog here");
    const Case c;
    std::string bench = "module bench;\n    real v, out;\n    integer code;\n";
    std::string wires;
    for (int i = 0; i < kRows; ++i) {
        bench += fmt::format("    real row_{};\n", i);
        wires += fmt::format(".row_{0}(row_{0}), ", i);
    }
    bench += fmt::format(
        "    col column({}.out(out));\n"
        "    col_adc adc(.in(out), .code(code));\n    initial begin\n",
        wires);
    for (int k = 0; k < kVectors; ++k) {
        for (int i = 0; i < kRows; ++i) {
            bench += fmt::format("        row_{} = {};\n", i, c.row_volt(i, k));
        }
        bench += "        #1 $display(\"%.12g %0d\", out, code);\n";
    }
    bench += "    end\nendmodule\n";
    const test::TemporaryFolder folder;
    write_file(folder / "col.sv", export_system_verilog(c.card, c.column, "col"));
    write_file(folder / "bench.sv", bench);
    const test::ProgramResult run = test::run_shell(
        fmt::format("cd '{}' && iverilog -g2012 -o bench col.sv bench.sv && vvp -n bench",
                    folder.path().string()));
    INFO(run.err << run.out);
    REQUIRE(run.exit_code == 0);
    std::istringstream lines(run.out);
    for (std::size_t k = 0; k < kVectors; ++k) {
        double volt = 0;
        int code = 0;
        REQUIRE(lines >> volt >> code);
        CAPTURE(k, c.volt[k]);
        CHECK(std::abs(volt - c.volt[k]) < 2e-6);
        if (c.code[k] >= 0) CHECK(code == c.code[k]);
    }
}

TEST_CASE("the Verilog-A export has both modules with every port and transition") {
    const Case c;
    const std::string text = export_verilog_a(c.card, c.column, "col");
    const auto count = [&](const std::string& part) {
        int n = 0;
        for (std::size_t at = text.find(part); at != std::string::npos;
             at = text.find(part, at + 1)) {
            ++n;
        }
        return n;
    };
    CHECK(count("endmodule") == 2);
    CHECK(count("V(row_") == kRows);
    CHECK(count("if (V(in) >= ") == 63);
    CHECK(count("`include") == 1);
}

TEST_CASE("an export says what it is and how far it is off") {
    const Case c;
    for (const std::string& text :
         {export_spice(c.card, c.column, "col"), export_system_verilog(c.card, c.column, "col")}) {
        CHECK_THAT(text, Catch::Matchers::ContainsSubstring("readout: rms 0.1, worst 0.2 LSB"));
        CHECK_THAT(text, Catch::Matchers::ContainsSubstring("6-bit"));
    }
}

TEST_CASE("exports refuse names, columns and states that do not fit") {
    const Case c;
    CHECK_THROWS_AS(export_spice(c.card, c.column, "Bad"), Error);
    CHECK_THROWS_AS(export_system_verilog(c.card, c.column, "2x"), Error);
    CHECK_THROWS_AS(export_verilog_a(c.card, c.column, ""), Error);
    const Eigen::MatrixXd states = Eigen::MatrixXd::Constant(kRows, kColumns, 1e-5);
    CHECK_THROWS_AS(column_coefficients(c.card, states, kColumns), Error);
    CHECK_THROWS_AS(column_coefficients(c.card, states, -1), Error);
    CHECK_THROWS_AS(column_coefficients(c.card, states.topRows(2), 0), Error);
}
