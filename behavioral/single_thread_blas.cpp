// SPDX-License-Identifier: Apache-2.0
#include "behavioral/single_thread_blas.h"

#include <cblas.h>

namespace mho::behavioral {

void use_single_thread_blas() {
    static const bool done = [] {
        openblas_set_num_threads(1);
        return true;
    }();
    static_cast<void>(done);
}

}  // namespace mho::behavioral
