// SPDX-License-Identifier: Apache-2.0
// Exact linear map of an array of ohmic cells with wires and terminations, built once; every later
// multiply is a plain matrix product.
#pragma once

#include <Eigen/Core>

#include "behavioral/array_circuit.h"
#include "behavioral/card.h"

namespace mho::behavioral {

struct ArrayResponse {
    // rows x columns: current into read-out j per volt on driver i.
    Eigen::MatrixXd column_ampere_per_volt;
    // rows x rows, symmetric: current out of driver k per volt on driver i. Empty unless asked for.
    Eigen::MatrixXd row_ampere_per_volt;
};

enum class RowResponse { skip, build };

// `g_siemens` is rows x columns, 0 = open cell; zero resistances are allowed anywhere.
//
// Method: large arrays with resistance in both wires by dissection (behavioral/block_response.h),
// about 40 n^3 multiply-adds for n x n cells. The others by a sweep: the wires of one direction are
// eliminated one after the other. What lies behind the current wire is a dense network of n nodes,
// known by its n x n conductances and by the currents it passes on from every source. A wire with
// its cells is tridiagonal; its Schur complement has closed form in ladder quantities (input
// impedances and admittances) that are sums, products and quotients of positive numbers. A segment
// then costs one inverse of I + r Y; in all columns * (rows^3 + rows^2 columns) multiply-adds with
// the row response, or without it the same with the smaller dimension cubed.
// Neither ever subtracts numbers of like size, so each entry is accurate relative to itself even
// over many decades.
//
// Throws bad_input on wrong shapes, negative or non-finite values.
ArrayResponse array_response(const Eigen::MatrixXd& g_siemens, const ArrayModel& model,
                             RowResponse row_response = RowResponse::build);

// rows x columns: the first of the two for wires of any kind, by one solve for each row or each
// column (whichever are fewer) to 1e-12 of the drivers' currents. Throws as above.
Eigen::MatrixXd effective_siemens(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit);

}  // namespace mho::behavioral
