// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_kernel_body.h"

namespace mho::behavioral {

void climb_panel_avx2(const GatedPanel& panel) {
    climb_panel<8, 1, 2>(panel);
}

}  // namespace mho::behavioral
