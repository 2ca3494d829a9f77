// SPDX-License-Identifier: Apache-2.0
// Arrays of ideal parts in ngspice: specs, random states and inputs, and the currents they give.
#pragma once

#include <fmt/format.h>

#include <Eigen/Core>
#include <cmath>

#include "base/random.h"
#include "netlist/array_shape.h"
#include "spice/bench_runs.h"

namespace mho::spice::test {

constexpr double kReadVolt = 0.1;

// Ohmic cells of 10 to 100 uS with wires of these resistances.
inline netlist::Spec ideal_spec(netlist::Topology topology, int rows, int columns,
                                const netlist::GivenWires& wires = {}) {
    netlist::Spec spec;
    spec.name = "arrays";
    spec.cell.kind = netlist::CellKind::ohmic_resistor;
    spec.cell.g_min_siemens = 10e-6;
    spec.cell.g_max_siemens = 100e-6;
    spec.array.rows = rows;
    spec.array.columns = columns;
    spec.array.shape.topology = topology;
    spec.array.wires = netlist::WireSource::given;
    spec.array.given = wires;
    spec.driver.amplitude_volt = kReadVolt;
    return spec;
}

inline Eigen::MatrixXd random_matrix(Eigen::Index rows, Eigen::Index columns, double low,
                                     double high, std::uint32_t trial) {
    RandomStream random(11, RandomPurpose::test, trial);
    return Eigen::MatrixXd::NullaryExpr(rows, columns, [&] { return random.uniform(low, high); });
}

inline Eigen::MatrixXd random_states(const netlist::Spec& spec, std::uint32_t trial) {
    return random_matrix(spec.array.rows,
                         netlist::cell_columns(spec.array.shape, spec.array.columns),
                         spec.cell.g_min_siemens, spec.cell.g_max_siemens, trial);
}

inline Eigen::MatrixXd random_gates(Eigen::Index rows, Eigen::Index vectors, std::uint32_t trial) {
    return random_matrix(rows, vectors, 0, 2, trial).array().floor();
}

// vectors x bitlines, far ends behind the near ones.
inline Eigen::MatrixXd array_currents(const netlist::Spec& spec, const Eigen::MatrixXd& states,
                                      const Eigen::MatrixXd& inputs) {
    return column_currents(
        run_deck(netlist::any_array_bench(netlist::load_design(spec), states, inputs)));
}

// Largest difference, of the largest value.
inline double relative_error(const Eigen::MatrixXd& found, const Eigen::MatrixXd& expected) {
    if (found.rows() != expected.rows() || found.cols() != expected.cols()) return INFINITY;
    return (found - expected).cwiseAbs().maxCoeff() / expected.cwiseAbs().maxCoeff();
}

}  // namespace mho::spice::test
