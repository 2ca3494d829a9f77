// SPDX-License-Identifier: Apache-2.0
// Noise of an ohmic array of topology A at its read-outs, below all of the array's poles: thermal
// and shot noise by adjoint solves, and noise of the cells' conductances from read to read.
#pragma once

#include <Eigen/Core>
#include <cstdint>

#include "behavioral/array_circuit.h"

namespace mho::behavioral {

inline constexpr double kBoltzmannJoulePerKelvin = 1.380649e-23;     // exact, SI 2019
inline constexpr double kElementaryChargeCoulomb = 1.602176634e-19;  // exact, SI 2019

struct NoiseOptions {
    double temperature_kelvin = 300;
    // Shot noise of a cell: 2 q fano |I|. 0 for a metallic resistor, 1 for independent carriers.
    double fano = 0;
    double tolerance = 1e-9;  // of each linear solve
};

// One-sided power densities of the short-circuit current of each read-out, ampere^2 / hertz. Every
// resistance of the circuit is taken to be at the temperature, sense resistances too.
struct OutputNoise {
    Eigen::VectorXd cells;         // columns: thermal, of the cells
    Eigen::VectorXd row_wires;     // thermal, with the drivers
    Eigen::VectorXd column_wires;  // thermal, with the sense resistances
    Eigen::MatrixXd shot;          // batch x columns: of the cells at each input vector
    // columns: conductance seen from each read-out with all else at rest. Nyquist's theorem: the
    // three thermal parts add up to 4 k T times this.
    Eigen::VectorXd output_siemens;
    Eigen::Index solved_directly = 0;

    Eigen::VectorXd thermal() const { return cells + row_wires + column_wires; }
};

// Adjoint method: a current i across a resistance changes the current of read-out j by i times the
// voltage over that resistance when 1 V drives that read-out alone (reciprocity), so every source
// of independent noise counts with that voltage squared. Exact; one solve per column and one per
// input vector (`drive_volt`: batch x rows, may be empty). Throws bad_input on wrong shapes and
// values.
OutputNoise output_noise(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit,
                         const Eigen::MatrixXd& drive_volt, const NoiseOptions& options = {});

// Read noise: at every read each cell has its conductance plus an independent normal error of
// `sigma_siemens` (rows x columns, >= 0).
//
// Variances of the column currents, ampere^2, batch x columns: sum of (u a sigma)^2 over all cells
// with the voltages u at the input and a as above. Without wires exact; with wires exact to first
// order in sigma / g. One solve per column and one per input vector.
Eigen::MatrixXd read_noise_variance(const Eigen::MatrixXd& g_siemens,
                                    const Eigen::MatrixXd& sigma_siemens,
                                    const ArrayCircuit& circuit, const Eigen::MatrixXd& drive_volt,
                                    double tolerance = 1e-9);

// The same as a second product: a matrix S (rows x columns, siemens^2) such that the variances at
// the input v are (v .* v) S. Without wires S is sigma^2 and the product exact for every input:
// currents are then normal with just this variance and independent between columns, the equal of a
// matrix drawn anew at every read. With wires the product equals read_noise_variance at
// `reference_volt` (rows, none 0) and its multiples, and approximates it at other inputs, whose
// drops differ; noise of different columns is then slightly correlated, which S does not tell.
Eigen::MatrixXd read_noise_map(const Eigen::MatrixXd& g_siemens,
                               const Eigen::MatrixXd& sigma_siemens, const ArrayCircuit& circuit,
                               const Eigen::VectorXd& reference_volt, double tolerance = 1e-9);

// Adds normal errors of variance (v .* v) `map` to `ampere` (batch x columns). Vector b draws from
// stream (seed, cell_read_noise, first_vector + b): batches may be cut anywhere.
void add_read_noise(const Eigen::MatrixXd& map, const Eigen::MatrixXd& drive_volt,
                    std::uint64_t seed, std::uint32_t first_vector,
                    Eigen::Ref<Eigen::MatrixXd> ampere);

}  // namespace mho::behavioral
