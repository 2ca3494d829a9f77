// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_noise.h"

#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/grid_solver.h"
#include "behavioral/injection_solver.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Power that the wires turn to heat at these drops: sum of volt^2 / ohm.
double wire_watt(const Wires& wires, const MatrixXd& drop) {
    const Index count = drop.rows(), nodes = drop.cols();
    double sum = 0;
    for (Index l = 0; l < count; ++l) {
        const auto add = [&](double volt, double ohm) {
            if (ohm > 0) sum += volt * volt / ohm;  // an open end has infinite ohms
        };
        add(drop(l, 0), wires.first_ohm(l));
        add(drop(l, nodes - 1), wires.last_ohm(l));
        for (Index n = 0; n + 1 < nodes; ++n) {
            add(drop(l, n + 1) - drop(l, n), wires.between_ohm(l, n));
        }
    }
    return sum;
}

// Squared voltages over all cells, one row per input vector, cells column by column.
MatrixXd squared_cell_volts(InjectionSolver& solver, const MatrixXd& drive, Index columns) {
    MatrixXd squares(drive.rows(), drive.cols() * columns);
    for (Index b = 0; b < drive.rows(); ++b) {
        const Drops s = solver.drive(drive.row(b).transpose());
        const MatrixXd volt = (-(s.row + s.column)).colwise() + drive.row(b).transpose();
        squares.row(b) = volt.cwiseAbs2().reshaped().transpose();
    }
    return squares;
}

// Calls use(column, squared voltages over all cells, drops) with 1 V at one read-out at a time.
template <typename Use>
void for_each_readout(InjectionSolver& solver, Index columns, const Use& use) {
    for (Index j = 0; j < columns; ++j) {
        const Drops s = solver.drive_readout(j);
        MatrixXd volt = -(s.row + s.column);
        volt.col(j).array() += 1;
        use(j, MatrixXd(volt.cwiseAbs2()), s);
    }
}

void check_sigma(const MatrixXd& sigma, const MatrixXd& g) {
    if (sigma.rows() != g.rows() || sigma.cols() != g.cols()) {
        throw bad_input("read noise: {} x {} deviations, expected {} x {}", sigma.rows(),
                        sigma.cols(), g.rows(), g.cols());
    }
    if (!sigma.allFinite() || sigma.minCoeff() < 0) {
        throw bad_input("read noise: not all deviations are finite and >= 0 siemens");
    }
}

}  // namespace

OutputNoise output_noise(const MatrixXd& g_siemens, const ArrayCircuit& circuit,
                         const MatrixXd& drive_volt, const NoiseOptions& options) {
    check_circuit(g_siemens, circuit);
    check_request(drive_volt, circuit.rows(), {options.tolerance, 0, false});
    if (!(std::isfinite(options.temperature_kelvin) && options.temperature_kelvin >= 0)) {
        throw bad_input("noise: temperature {} K, expected >= 0", options.temperature_kelvin);
    }
    if (!(std::isfinite(options.fano) && options.fano >= 0)) {
        throw bad_input("noise: Fano factor {}, expected >= 0", options.fano);
    }
    InjectionSolver solver(g_siemens, circuit, options.tolerance);
    const Index columns = circuit.columns();
    // |currents| of the cells, one row per input vector.
    MatrixXd current = squared_cell_volts(solver, drive_volt, columns).cwiseSqrt();
    current.array().rowwise() *= g_siemens.reshaped().transpose().array();
    OutputNoise noise;
    for (VectorXd* part :
         {&noise.cells, &noise.row_wires, &noise.column_wires, &noise.output_siemens}) {
        part->setZero(columns);
    }
    noise.shot.setZero(drive_volt.rows(), columns);
    const double thermal = 4 * kBoltzmannJoulePerKelvin * options.temperature_kelvin;
    const double shot = 2 * kElementaryChargeCoulomb * options.fano;
    for_each_readout(solver, columns, [&](Index j, const MatrixXd& square, const Drops& s) {
        noise.cells(j) = thermal * g_siemens.cwiseProduct(square).sum();
        noise.row_wires(j) = thermal * wire_watt(circuit.row, s.row);
        noise.column_wires(j) = thermal * wire_watt(circuit.column, s.column.transpose());
        noise.shot.col(j) = shot * (current * square.reshaped());
        noise.output_siemens(j) = s.column_ampere(j);
    });
    noise.solved_directly = solver.solved_directly();
    return noise;
}

MatrixXd read_noise_variance(const MatrixXd& g_siemens, const MatrixXd& sigma_siemens,
                             const ArrayCircuit& circuit, const MatrixXd& drive_volt,
                             double tolerance) {
    check_circuit(g_siemens, circuit);
    check_sigma(sigma_siemens, g_siemens);
    check_request(drive_volt, circuit.rows(), {tolerance, 0, false});
    InjectionSolver solver(g_siemens, circuit, tolerance);
    MatrixXd weight = squared_cell_volts(solver, drive_volt, circuit.columns());
    weight.array().rowwise() *= sigma_siemens.cwiseAbs2().reshaped().transpose().array();
    MatrixXd variance(drive_volt.rows(), circuit.columns());
    for_each_readout(solver, circuit.columns(), [&](Index j, const MatrixXd& square, const Drops&) {
        variance.col(j) = weight * square.reshaped();
    });
    return variance;
}

MatrixXd read_noise_map(const MatrixXd& g_siemens, const MatrixXd& sigma_siemens,
                        const ArrayCircuit& circuit, const VectorXd& reference_volt,
                        double tolerance) {
    check_circuit(g_siemens, circuit);
    check_sigma(sigma_siemens, g_siemens);
    check_request(reference_volt.transpose(), circuit.rows(), {tolerance, 0, false});
    if (reference_volt.cwiseAbs().minCoeff() == 0) {
        throw bad_input("read noise: a reference drive is 0 V, expected none");
    }
    InjectionSolver solver(g_siemens, circuit, tolerance);
    const MatrixXd driven =
        squared_cell_volts(solver, reference_volt.transpose(), circuit.columns());
    MatrixXd weight = driven.reshaped(circuit.rows(), circuit.columns());
    weight.array() *= sigma_siemens.array().square();
    weight.array().colwise() /= reference_volt.array().square();
    MatrixXd map(circuit.rows(), circuit.columns());
    for_each_readout(solver, circuit.columns(), [&](Index j, const MatrixXd& square, const Drops&) {
        map.col(j) = weight.cwiseProduct(square).rowwise().sum();
    });
    return map;
}

void add_read_noise(const MatrixXd& map, const MatrixXd& drive_volt, std::uint64_t seed,
                    std::uint32_t first_vector, Eigen::Ref<MatrixXd> ampere) {
    if (drive_volt.cols() != map.rows() || ampere.rows() != drive_volt.rows() ||
        ampere.cols() != map.cols()) {
        throw bad_input("read noise: {} x {} inputs and {} x {} currents of a {} x {} map",
                        drive_volt.rows(), drive_volt.cols(), ampere.rows(), ampere.cols(),
                        map.rows(), map.cols());
    }
    const MatrixXd deviation = (drive_volt.cwiseAbs2() * map).cwiseSqrt();
    for (Index b = 0; b < ampere.rows(); ++b) {
        RandomStream random(seed, RandomPurpose::cell_read_noise,
                            first_vector + static_cast<std::uint32_t>(b));
        for (Index j = 0; j < ampere.cols(); ++j) ampere(b, j) += deviation(b, j) * random.normal();
    }
}

}  // namespace mho::behavioral
