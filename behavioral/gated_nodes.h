// SPDX-License-Identifier: Apache-2.0
// Reference solver of the arrays whose inputs drive gates: topologies B and C, sparse direct,
// double precision. Plain rather than fast; behavioral/gated_multiply.h is tested against it.
//
// Topology B: every column has a source line beside its bitline, fed at row 0 with the read
// voltage; the bitline is sensed at the last row. An input of 1 connects the cell of its row
// between both lines, 0 disconnects it. Topology C: a positive and a negative cell meet in each
// crossing of a bitline; the positive one comes from a source line at +read voltage, the negative
// one from a second line at minus that, and one input gates both.
//
// ArrayModel is read as: row_segment_ohm and driver_ohm belong to the source lines (one segment
// before row 0 and between neighbours), column_segment_ohm and sense_ohm to the bitlines (between
// neighbours and after the last row). Zero is allowed for any of them. Columns do not touch. Wires
// of any kind are behavioral/gated_circuit.h.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "behavioral/card.h"
#include "behavioral/gated_circuit.h"

namespace mho::behavioral {

// One solved gate vector, relative to the read-outs' virtual ground; all rows x columns.
struct GatedNodes {
    Eigen::MatrixXd source_volt;           // line of the (positive) cells
    Eigen::MatrixXd negative_source_volt;  // line of the negative cells; empty for topology B
    Eigen::MatrixXd column_volt;
    Eigen::VectorXd column_ampere;  // columns: out of both ends of each bitline
};

// Topology B. `g_siemens` is rows x columns (0 = open), `gates` batch x rows of 0 and 1. Residual
// at rounding level. Throws bad_input on wrong shapes, negative or non-finite values and other
// gates.
std::vector<GatedNodes> solve_gated(const Eigen::MatrixXd& g_siemens, const ArrayModel& model,
                                    const Eigen::MatrixXd& gates, double read_volt);
std::vector<GatedNodes> solve_gated(const Eigen::MatrixXd& g_siemens, const GatedCircuit& circuit,
                                    const Eigen::MatrixXd& gates, double read_volt);

// Topology C: both matrices rows x columns.
std::vector<GatedNodes> solve_interleaved(const Eigen::MatrixXd& positive_siemens,
                                          const Eigen::MatrixXd& negative_siemens,
                                          const ArrayModel& model, const Eigen::MatrixXd& gates,
                                          double read_volt);
std::vector<GatedNodes> solve_interleaved(const Eigen::MatrixXd& positive_siemens,
                                          const Eigen::MatrixXd& negative_siemens,
                                          const GatedCircuit& circuit, const Eigen::MatrixXd& gates,
                                          double read_volt);

// Throws bad_input unless `gates` is batch x rows of 0 and 1 and `read_volt` finite.
void check_gates(const Eigen::MatrixXd& gates, Eigen::Index rows, double read_volt);

}  // namespace mho::behavioral
