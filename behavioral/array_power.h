// SPDX-License-Identifier: Apache-2.0
// Where the power of an array of ohmic cells goes, as quadratic forms in the drive voltages: for
// volts V on the drivers and read-outs at 0 V, V^T M V is the power in watt, whatever V.
#pragma once

#include <Eigen/Core>

#include "behavioral/card.h"

namespace mho::behavioral {

// All rows x rows, symmetric, watt per square volt.
struct ArrayPower {
    Eigen::MatrixXd cells;
    Eigen::MatrixXd wires;     // segments of both directions
    Eigen::MatrixXd drivers;   // driver_ohm
    Eigen::MatrixXd readouts;  // sense_ohm
    Eigen::MatrixXd total() const { return cells + wires + drivers + readouts; }
};

// `g_siemens` is rows x columns, 0 = open cell. Topology A, in the time of five array_response.
//
// Method: with d_k the voltage of element k per volt on each driver, the network's conductances
// seen from the drivers have dY/dg_k = d_k d_k^T (Cohn, Proc. IRE 38, 1950), so the sum of g_k d_k
// d_k^T over the cells, their power, is the derivative of Y by the logarithm of a factor on all of
// them. As a function of that logarithm Y has no singularity closer than pi to the real axis, so a
// difference of fourth order gives the derivative to about 1e-10 of Y's entries. Drivers and
// read-outs follow from their currents, Y V and the transfer, and the wires from what is left: to
// about 1e-10 of the total.
//
// Throws bad_input as array_response does.
ArrayPower array_power(const Eigen::MatrixXd& g_siemens, const ArrayModel& model);

}  // namespace mho::behavioral
