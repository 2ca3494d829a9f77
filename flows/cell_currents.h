// SPDX-License-Identifier: Apache-2.0
// Cells of a described system whose current does not rise in proportion to their voltage.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "behavioral/sliced_multiply.h"
#include "behavioral/weight_slices.h"
#include "flows/system_spec.h"

namespace mho::flows {

// The device has an I-V curve and the system asks for it.
bool has_curve(const SystemSpec& spec);

// Largest code that drives the array at once, which stands for device.read_volt. `input_max` is the
// largest input where there is no DAC.
double full_code(const behavioral::InputCoding& input, double input_max);

// Gives cells the currents of their device. A code c drives `c / full read_volt`:
// I = G V + a2 V^2 + a3 V^3, in units of a level times a code, is level c + quadratic c^2 + cubic
// c^3. Where a cell is on or off and nothing else (slices of one bit without sign), its level is
// I(read_volt) / read_volt, which is the same.
void apply_curve(const SystemSpec& spec, const behavioral::InputCoding& input, double full,
                 std::vector<behavioral::CellSlice>& slices);

// The largest array of wires and cells that are not ohmic, on some inputs: root mean square of the
// difference of all column currents from those of the same circuit solved by Newton, over that of
// the currents. `codes` are samples x inputs of the layer, of one slice. Of the first weight
// slice's positive cells in the first part of the rows and the first columns, or both signs where
// they share a column. `cells` are without apply_curve.
double curve_error(const SystemSpec& spec, const behavioral::MultiplyOptions& options, double full,
                   const behavioral::CellSlice& cells, const Eigen::MatrixXd& codes);

}  // namespace mho::flows
