// SPDX-License-Identifier: Apache-2.0
// The behavioural layer's array kernels against ngspice on the same circuits.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <iterator>
#include <numbers>

#include "base/random.h"
#include "behavioral/array_noise.h"
#include "behavioral/array_timing.h"
#include "behavioral/gated_nonlinear.h"
#include "behavioral/nonlinear_solver.h"
#include "spice/decks.h"

using namespace mho;
using namespace mho::behavioral;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr int kKernelRows = 9, kKernelColumns = 7;
const ArrayModel kWires{kKernelRows, kKernelColumns, 60, 40, 300, 150};

MatrixXd drawn(int rows, int columns, std::uint32_t id, double low, double high) {
    RandomStream random(13, RandomPurpose::test, id);
    return MatrixXd::NullaryExpr(rows, columns, [&] { return random.uniform(low, high); });
}

// Sources on the rows' drivers, wires, and 0 V sources that read the columns' currents.
// cell(i, j, above, below) is the line of a cell; source(i) what a driver's source says.
template <typename Source, typename Cell>
std::string array_deck(const Source& source, const Cell& cell) {
    std::string text = "array\n";
    const auto out = std::back_inserter(text);
    for (int i = 0; i < kKernelRows; ++i) {
        fmt::format_to(out, "V{0} in{0} 0 {1}\nRd{0} in{0} r{0}_0 {2}\n", i, source(i),
                       kWires.driver_ohm + kWires.row_segment_ohm);
        for (int j = 0; j < kKernelColumns; ++j) {
            if (j > 0) {
                fmt::format_to(out, "Rr{0}_{1} r{0}_{2} r{0}_{1} {3}\n", i, j, j - 1,
                               kWires.row_segment_ohm);
            }
            if (i > 0) {
                fmt::format_to(out, "Rc{0}_{1} c{2}_{1} c{0}_{1} {3}\n", i, j, i - 1,
                               kWires.column_segment_ohm);
            }
            text += cell(i, j, fmt::format("r{}_{}", i, j), fmt::format("c{}_{}", i, j));
        }
    }
    for (int j = 0; j < kKernelColumns; ++j) {
        fmt::format_to(out, "Re{0} c{1}_{0} s{0} {2}\nVs{0} s{0} 0 dc 0\n", j, kKernelRows - 1,
                       kWires.sense_ohm + kWires.column_segment_ohm);
    }
    return text;
}

std::vector<std::string> sensed() {
    std::vector<std::string> names;
    for (int j = 0; j < kKernelColumns; ++j) names.push_back(fmt::format("i(vs{})", j));
    return names;
}

VectorXd op_currents(const std::string& deck) {
    const spice::JobResult result = spice::test::run_one(
        spice::test::make_job(deck + ".option reltol=1e-9 abstol=1e-18\n.end\n", "op", sensed()));
    REQUIRE(result.status == spice::JobStatus::ok);
    VectorXd ampere(kKernelColumns);
    for (int j = 0; j < kKernelColumns; ++j) {
        ampere(j) = result.waveforms[fmt::format("i(vs{})", j)][0];
    }
    return ampere;
}

}  // namespace

TEST_CASE("Newton's currents of non-linear cells are ngspice's") {
    const MatrixXd g = drawn(kKernelRows, kKernelColumns, 1, 20e-6, 200e-6);
    const MatrixXd drive = drawn(1, kKernelRows, 2, -0.3, 0.3);
    const auto source = [&](int i) { return fmt::format("dc {:.17g}", drive(0, i)); };
    const SinhCells steep{g, 0.07};
    const VectorXd sinh_spice = op_currents(
        array_deck(source, [&](int i, int j, const std::string& above, const std::string& below) {
            return fmt::format("B{}_{} {} {} i={:.17g}*sinh(v({},{})/0.07)\n", i, j, above, below,
                               0.07 * g(i, j), above, below);
        }));
    const PolynomialCells hfo2 = hfo2_cells(g);
    const VectorXd hfo2_spice = op_currents(
        array_deck(source, [&](int i, int j, const std::string& above, const std::string& below) {
            const std::string v = fmt::format("v({},{})", above, below);
            return fmt::format("B{0}_{1} {2} {3} i={4}*({5:.17g}+{4}*({6:.17g}+{4}*({7:.17g})))\n",
                               i, j, above, below, v, g(i, j), hfo2.a2_ampere_per_volt2(i, j),
                               hfo2.a3_ampere_per_volt3(i, j));
        }));
    const auto ours = [&](const CellArray& cells) -> VectorXd {
        return solve_nonlinear_fast(cells, ArrayCircuit(kWires), drive, {1e-10, 40, false})
            .column_ampere.row(0);
    };
    CHECK((ours(steep) - sinh_spice).lpNorm<1>() < 1e-6 * sinh_spice.lpNorm<1>());
    CHECK((ours(hfo2) - hfo2_spice).lpNorm<1>() < 1e-6 * hfo2_spice.lpNorm<1>());
    // The laws matter: ohmic cells would be further off by far.
    const MatrixXd none = MatrixXd::Zero(kKernelRows, kKernelColumns);
    CHECK((ours(PolynomialCells{g, none, none}) - sinh_spice).lpNorm<1>() >
          1e-2 * sinh_spice.lpNorm<1>());
}

TEST_CASE("the reduced step response of an array is ngspice's transient") {
    const MatrixXd g = drawn(kKernelRows, kKernelColumns, 3, 20e-6, 200e-6);
    const VectorXd drive = drawn(kKernelRows, 1, 4, 0.1, 0.3);
    const ArrayCapacitance farad =
        uniform_capacitance(kKernelRows, kKernelColumns, 2e-15, 1e-15, 0.5e-15);
    const StepResponse found = step_response(g, ArrayCircuit(kWires), farad, drive, {20, 1e-11});
    const double stop = 8 * found.time_constant_second(0);
    const std::string deck = array_deck(
        [&](int i) { return fmt::format("pwl(0 0 {:.17g} {:.17g})", 1e-6 * stop, drive(i)); },
        [&](int i, int j, const std::string& above, const std::string& below) {
            return fmt::format(
                "R{0}_{1} {2} {3} {4:.17g}\nCa{0}_{1} {2} 0 2f\nCb{0}_{1} {3} 0 1f\n"
                "Cx{0}_{1} {2} {3} 0.5f\n",
                i, j, above, below, 1 / g(i, j));
        });
    const spice::JobResult result = spice::test::run_one(spice::test::make_job(
        deck + ".option reltol=1e-6 abstol=1e-15 chgtol=1e-22\n.end\n",
        fmt::format("tran {0:.9g} {1:.9g} 0 {0:.9g}", stop / 2000, stop), sensed()));
    REQUIRE(result.status == spice::JobStatus::ok);
    const std::vector<double>& time = result.waveforms["time"];
    for (int j = 0; j < kKernelColumns; ++j) {
        CAPTURE(j);
        const std::vector<double>& ampere = result.waveforms[fmt::format("i(vs{})", j)];
        double worst = 0, last_outside = 0, missing = 0;
        const double band = found.final_ampere(j) / 512;
        for (std::size_t k = 0; k < time.size(); ++k) {
            const double lack = found.final_ampere(j) - ampere[k];
            if (k > 0) {
                missing +=
                    0.5 * (time[k] - time[k - 1]) * (lack + found.final_ampere(j) - ampere[k - 1]);
            }
            if (std::abs(lack) > band) last_outside = time[k];
            if (time[k] < 0.02 * stop) continue;
            worst = std::max(worst, std::abs(found.ampere(j, time[k]) - ampere[k]));
        }
        CHECK(worst < 1e-3 * found.final_ampere(j));
        CHECK(std::abs(found.settling_second(j, band) - last_outside) < 2e-3 * stop);
        CHECK(std::abs(found.missing_coulomb(j) - missing) < 5e-3 * missing);
    }
}

TEST_CASE("the thermal noise at a read-out is ngspice's") {
    const MatrixXd g = drawn(kKernelRows, kKernelColumns, 5, 20e-6, 200e-6);
    std::string deck = array_deck(
        [](int) { return "dc 0.1 ac 1"; },
        [&](int i, int j, const std::string& above, const std::string& below) {
            return fmt::format("R{}_{} {} {} {:.17g}\n", i, j, above, below, 1 / g(i, j));
        });
    // A current-controlled voltage of 1 ohm makes the current of read-out 3 a voltage.
    deck += "H1 out 0 vs3 1\n.options temp=26.85 tnom=26.85\n.end\n";
    const spice::JobResult result = spice::test::run_one(
        spice::test::make_job(deck, "noise v(out) v0 lin 2 1 2", {"onoise_spectrum"}));
    REQUIRE(result.status == spice::JobStatus::ok);
    const OutputNoise found =
        output_noise(g, ArrayCircuit(kWires), MatrixXd(0, kKernelRows), {300, 0, 1e-11});
    const double spice = result.waveforms["onoise_spectrum"][0];
    CHECK(std::abs(std::sqrt(found.thermal()(3)) / spice - 1) < 1e-4);
}
