// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "calibrate/macro_equivalence.h"

namespace mho::calibrate {

// compare_macro for a card whose columns are read by integrators: states uniform, codes over the
// whole range of the inputs. Throws as compare_macro does.
MacroEquivalence compare_bit_serial_macro(const behavioral::ModelCard& card,
                                          const MacroOptions& macro,
                                          const CalibrateOptions& options);

}  // namespace mho::calibrate
