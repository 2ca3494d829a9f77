// SPDX-License-Identifier: Apache-2.0
// Macros with integrators at transistor level against the quantised multiply that they stand for.
#include "calibrate/integrating_macro.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "base/random.h"
#include "calibrate/run_pool.h"
#include "netlist/bench_bit_serial.h"

using namespace mho;
using namespace mho::netlist;
using calibrate::IntegratedColumn;
using calibrate::IntegratedMultiply;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

Spec small_spec(DriverKind kind) {
    Spec spec;
    spec.name = "small";
    spec.array.rows = 4;
    spec.array.columns = 4;
    spec.array.shape.topology = Topology::b;
    spec.driver.kind = kind;
    spec.driver.bits = 4;
    spec.readout.kind = ReadoutKind::integrator;
    spec.readout.integrator.mirror_ratio = 4;
    spec.readout.integrator.integrate_farad = 80e-15;
    spec.adc.bits = 6;
    spec.adc.shared_by = 4;
    return spec;
}

// Columns of the smallest and the largest state, and two of random ones.
Eigen::MatrixXd some_states(const CellSpec& cell) {
    RandomStream random(7, RandomPurpose::test);
    Eigen::MatrixXd states = Eigen::MatrixXd::NullaryExpr(
        4, 4, [&] { return random.uniform(cell.g_min_siemens, cell.g_max_siemens); });
    states.col(0).setConstant(cell.g_min_siemens);
    states.col(1).setConstant(cell.g_max_siemens);
    return states;
}

IntegratedMultiply run(const Spec& spec) {
    const Design design = load_design(spec);
    calibrate::CalibrateOptions options;
    options.workers = 1;
    spice::Pool pool = calibrate::start_pool(options);
    const std::vector<int> codes{15, 6, 0, 9};
    return calibrate::integrated_multiply(design, some_states(spec.cell), codes, pool);
}

void check_codes(const IntegratedMultiply& multiply) {
    REQUIRE(multiply.columns.size() == 4);
    for (const IntegratedColumn& column : multiply.columns) {
        INFO("column " << column.line << ": " << column.count << " for " << column.ideal_count);
        CHECK(std::abs(column.code - column.ideal_code) <= 1);
        // Gain and bend of the chain; the reference column takes its offset off.
        CHECK_THAT(column.count, WithinAbs(column.ideal_count, 1));
    }
    // A column of the least states and one of the largest are far apart.
    CHECK(multiply.columns[0].ideal_code <= 2);
    CHECK(multiply.columns[1].ideal_code > 10);
    CHECK(std::abs(multiply.offset_lsb) < 6);
}

}  // namespace

TEST_CASE("a macro with integrators gives the codes of the ideal multiply, bit by bit") {
    // Of SONOS cells; tests/calibrate/bit_serial.test.cpp has 1T1R cells.
    Spec spec = small_spec(DriverKind::binary);
    spec.cell.kind = CellKind::two_transistor_sonos;
    spec.cell.g_min_siemens = 1e-8;
    spec.cell.g_max_siemens = 16e-6;
    const IntegratedMultiply multiply = run(spec);
    check_codes(multiply);
    // Each block once, and the whole of them; class-A currents of five conveyors and buffers.
    CHECK(multiply.blocks.size() == 7);
    double sum = 0;
    for (const auto& block : multiply.blocks) {
        INFO(block.source);
        CHECK(block.joule > 0);
        sum += block.joule;
    }
    CHECK_THAT(multiply.joule(), WithinRel(sum, 1e-12));
    CHECK(multiply.joule() > 10e-12);
    CHECK(multiply.joule() < 200e-12);
}

TEST_CASE("and with pulses of as many periods as the code") {
    check_codes(run(small_spec(DriverKind::pulse_width)));
}
