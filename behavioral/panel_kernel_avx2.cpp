// SPDX-License-Identifier: Apache-2.0
#include "behavioral/panel_kernel_body.h"

namespace mho::behavioral {

void multiply_panel_avx2(const PanelProduct& product) {
    multiply_rows<8, 2, 6>(product, 0);
}

void multiply_windows_avx2(const WindowPanelProduct& product) {
    multiply_windows<8, 2, 6>(product);
}

}  // namespace mho::behavioral
