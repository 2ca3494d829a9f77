// SPDX-License-Identifier: Apache-2.0
// The transistor-level macro against the card: the whole array with drivers, read-outs, ramp and
// comparators in one transient for each random input vector, and the same multiply by a tile
// compiled from the card. Nothing is fitted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "behavioral/card.h"
#include "calibrate/calibrate.h"

namespace mho::calibrate {

struct MacroOptions {
    int vectors = 1000;           // >= 1
    int vectors_per_array = 100;  // then other random states; >= 1
};

// One multiply: code and counter with its fraction for every column, energy in joule.
struct MacroMultiply {
    std::vector<std::int32_t> spice_codes, model_codes;
    std::vector<double> spice_counter, model_counter;  // clamped to 0 .. 2^bits
    double spice_joule = 0, model_joule = 0;
};

struct MacroEquivalence {
    std::vector<MacroMultiply> multiplies;
    RunCount runs;
    double model_second = 0;  // wall time of the tile's multiplies, one thread, no energy asked for
};

// Figures of a comparison.
struct MacroSummary {
    std::size_t codes = 0;
    std::size_t equal = 0;
    std::int32_t worst_code = 0;  // largest difference of two codes
    double rms_joule_error = 0;   // relative to the mean energy of a multiply in SPICE
    double worst_joule_error = 0;
    double spice_joule = 0;  // means
    double model_joule = 0;
};
MacroSummary summarize(const MacroEquivalence& equivalence);

// Array, drivers and converters are those of the card's spec; states are drawn as `check` draws
// them, inputs over the whole range. Runs go through the cache, so interrupted work resumes.
// Throws as `check` does, and bad_input for options out of range or a ramp shared by fewer columns
// than the array has.
MacroEquivalence compare_macro(const behavioral::ModelCard& card, const MacroOptions& macro,
                               const CalibrateOptions& options);

}  // namespace mho::calibrate
