// SPDX-License-Identifier: Apache-2.0
// Multiplies of a macro whose inputs stand on the gates bit by bit and whose columns are read by
// integrators (BitSerialModel in behavioral/card.h).
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

// Energy of one multiply by block, joule.
struct BitSerialJoules {
    double gate_lines = 0;
    double cells = 0;
    double integrators = 0;
    double accumulators = 0;
    double holds = 0;
    double comparators = 0;
    double ramp = 0;

    double total() const;
};

struct BitSerialProducts {
    Eigen::MatrixXd held_volt;       // vectors x columns, what the converter sees
    double reference_held_volt = 0;  // of the reference column
    Eigen::MatrixXd counter;  // vectors x columns: periods after the reference column's trip, with
                              // their fraction; below 0 is 0
    Eigen::MatrixXi codes;    // its floor, at most bit_serial_code_max
    std::vector<BitSerialJoules> energy;  // of each vector
};

// The voltage that the converter sees after all bits, for a column's currents in each of them.
// Throws bad_input for another number of bits.
double held_volt(const IntegratorModel& model, std::span<const double> ampere);

// How often a gate line rises, and falls again, while the bits of a code stand on it in turn.
int gate_swings(int code);

// The largest code: the ramp's end, less the reference column's nominal counter.
int bit_serial_code_max(const BitSerialModel& model);

// The gates of every bit: rows x (vectors bits), column v * bits + k has bit k of vector v.
// `codes`: rows x vectors. Throws bad_input for codes outside 0 .. 2^bits - 1.
Eigen::MatrixXd gates_of_bits(const Eigen::MatrixXi& codes, int bits);

// `states`: rows x columns, siemens; `codes`: rows x vectors, 0 .. 2^bits - 1. Currents are those
// of the network with its cell law (behavioral/column_currents.h), without noise. Throws bad_input
// for a card without such a read-out, for wrong shapes and for codes out of range.
BitSerialProducts bit_serial_products(const ModelCard& card, const Eigen::MatrixXd& states,
                                      const Eigen::MatrixXi& codes);

// Into the read-out during each bit: (vectors bits) x columns, vectors as in gates_of_bits.
Eigen::MatrixXd bit_currents(const ModelCard& card, const Eigen::MatrixXd& states,
                             const Eigen::MatrixXi& codes);

}  // namespace mho::behavioral
