// SPDX-License-Identifier: Apache-2.0
#include "behavioral/panel_kernel_body.h"

namespace mho::behavioral {

void multiply_panel_any(const PanelProduct& product) {
    multiply_rows<4, 2, 4>(product, 0);
}

void multiply_windows_any(const WindowPanelProduct& product) {
    multiply_windows<4, 2, 4>(product);
}

}  // namespace mho::behavioral
