// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "flows/network.h"

namespace mho::flows {

// The network with every ScaleShift that only rescales the outputs of a Conv or Gemm (batch
// normalisation, a bias added on its own) folded into its weights and bias: the same function with
// fewer nodes. Those whose input others read too stay. Weights are multiplied in double precision.
Network fold_scale_shift(Network network);

}  // namespace mho::flows
