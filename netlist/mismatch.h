// SPDX-License-Identifier: Apache-2.0
// Random mismatch of transistors and capacitors after Pelgrom (JSSC 24, 1989): what distinguishes
// two devices drawn alike goes with one over the square root of their area.
#pragma once

#include <cstdint>

#include "netlist/deck.h"
#include "netlist/technology.h"

namespace mho::netlist {

struct MismatchDraw {
    std::uint64_t seed = 1;
    std::uint32_t sample = 0;
};

// The deck with one draw of mismatch in every subcircuit; each instance becomes a subcircuit of its
// own, named after its path. What stands in the top circuit is the bench's and stays ideal.
//   Transistors: threshold, sigma = a_vt / sqrt(2 W L), into delvto; current factor, sigma =
//   a_beta / sqrt(2 W L) relative, into the width. W counts fingers and parallel transistors. The
//   technology's coefficients are of pairs, hence the 2.
//   Capacitors: relative, sigma = a_c / sqrt(2 area) with the area from the density of "mom". One
//   of n unit capacitors so gets the sum of n independent draws of a unit.
// The same draw gives the same deck. Throws bad_input for a size that is a parameter, a device or a
// mismatch that the technology does not have.
Deck with_mismatch(const Deck& deck, const Technology& technology, const MismatchDraw& draw);

// Relative standard deviation of one capacitor, and of a transistor's threshold.
double capacitor_sigma(const Technology& technology, double farad);
double threshold_sigma_volt(const Technology& technology, const std::string& model, double area_m2);

}  // namespace mho::netlist
