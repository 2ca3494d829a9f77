// SPDX-License-Identifier: Apache-2.0
#include "behavioral/panel_kernel_body.h"

namespace mho::behavioral {

void multiply_panel_avx512(const PanelProduct& product) {
    multiply_rows<16, 2, 12>(product, 0);
}

void multiply_windows_avx512(const WindowPanelProduct& product) {
    if (product.width == 16) {
        multiply_windows<16, 1, 16>(product);
    } else {
        multiply_windows<16, 2, 12>(product);
    }
}

}  // namespace mho::behavioral
