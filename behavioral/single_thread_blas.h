// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mho::behavioral {

// Makes OpenBLAS compute in the calling thread, once per process. mho runs one tile per thread;
// threads inside a product would fight for the same cores.
void use_single_thread_blas();

}  // namespace mho::behavioral
