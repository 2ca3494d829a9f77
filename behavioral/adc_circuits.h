// SPDX-License-Identifier: Apache-2.0
// Converters as their circuits make them: ramp, SAR, pipeline and cyclic, with finite gain,
// capacitors that miss their size and comparators with an offset. The models are those of M. Spear
// et al., "The Impact of Analog-to-Digital Converter Architecture and Variability on Analog Neural
// Network Accuracy", IEEE JXCDC 9, 2023, as CrossSim (Sandia, BSD-3-Clause) defines them, but each
// group of columns of a SAR converter draws its own capacitors.
//
// Inputs are parts of the reference: -1 .. 1. Code k of 2^bits stands for the middle of its step,
// code_centre(k, bits).
//
// Capacitive DAC: capacitor n counts C_n = 2^n + s 2^(n/2) N(0, 1), s the deviation of a unit
// capacitor, so that the relative error falls with the square root of the size. A closed loop of
// gain A with feedback factor b gives 1 / (1 + 1 / (A b)) of what it should.
//  - Ramp: one DAC for an array, a comparator for each column; the code is that of the nearest
//    level. symmetric_cdac: level = +-C(|k - 2^(bits-1)|) / C_(bits-1), the last capacitor being as
//    large as the first in the loop (b = C_last / (C_last + C)); else level = 2 C(k) / C_bits - 1.
//  - SAR: a DAC and a comparator for each group of columns; binary search over its levels, which
//    lie half a step lower. split_cdac: two DACs of half the bits with a bridge of
//    2^h / (2^h - 1) units between them, h = floor(bits / 2), and b = 1.
//  - Pipeline: bits - 1 stages of 1.5 bits for each group, thresholds +-1/4, residue
//    ((1 + g) x + D g) / (1 + 1 / (A b)), g = C2 / C1, b = C1 / (C1 + C2 + Cpar), D = +1, 0, -1
//    below, between and above the thresholds; C1 and C2 are 1 + s N(0, 1), Cpar s N(0, 1). The last
//    comparator decides about 0.
//  - Cyclic: the same stage for all bits, with three comparators.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "behavioral/card.h"
#include "behavioral/converter.h"

namespace mho::behavioral {

enum class AdcArchitecture { ramp, sar, pipeline, cyclic };

// Deviations are 0 .. 0.3.
struct AdcCircuit {
    AdcArchitecture architecture = AdcArchitecture::ramp;
    double gain_db = 100;         // A = 10^(gain_db / 20), 0 .. 400
    double sigma_capacitor = 0;   // ramp and SAR: of a unit capacitor, part of it
    double sigma_comparator = 0;  // of the offset, part of the reference
    bool symmetric_cdac = true;   // ramp
    bool split_cdac = true;       // SAR
    double sigma_c1 = 0;          // pipeline and cyclic, parts of C1
    double sigma_c2 = 0;
    double sigma_cpar = 0;
    int group_size = 8;  // columns that share a converter; not of the ramp

    bool varies() const;  // one converter differs from the next
};

// Throws bad_input on values outside the ranges above, or bits outside 2 .. 16.
void check_adc_circuit(const AdcCircuit& circuit, int bits);

// What a converter makes of its input: codes[k] between transitions[k - 1] and transitions[k],
// which rise. Codes may be missing, and with capacitors far off need not rise.
struct AdcCurve {
    std::vector<double> transitions;
    std::vector<std::int32_t> codes;

    std::int32_t code(double input) const;
};

double code_centre(std::int32_t code, int bits);  // (2 code + 1) / 2^bits - 1

// Levels of the capacitive DAC of one ramp or SAR converter, one a code; exact ones are the codes'
// centres. They need not rise. Numbers are taken from `random` as adc_curve takes them.
std::vector<double> dac_levels(const AdcCircuit& circuit, int bits, RandomStream& random);

// One converter. Of a ramp, without the comparators' offsets, which only shift its input. Numbers
// are taken from `random` in a fixed order, also where deviations are 0.
AdcCurve adc_curve(const AdcCircuit& circuit, int bits, RandomStream& random);

// Makes `options` the converters of `arrays` arrays of `columns` columns, ramps shared by at most
// `columns_per_array` (0: all) of them. The middle of the first code comes to the lower limit of
// the range, that of the last to the upper one.
struct ConverterKey {
    std::uint64_t seed = 1;
    std::uint32_t trial = 0;
    std::uint32_t matrix = 0;
};
void draw_converters(const AdcCircuit& circuit, Eigen::Index arrays, Eigen::Index columns,
                     Eigen::Index columns_per_array, const ConverterKey& key, AdcOptions& options);

// The same without deviations: one curve for all columns.
void nominal_converters(const AdcCircuit& circuit, AdcOptions& options);

// The same of a measured converter with mismatch (behavioral/adc_instance.h). A ramp, which its
// statistics tell from others by the bends, is shared by at most `shared` columns (0: all), whose
// comparators each have an offset of their own; any other converter serves `shared` columns.
void draw_measured_converters(const AdcModel& adc, Eigen::Index arrays, Eigen::Index columns,
                              Eigen::Index shared, const ConverterKey& key, AdcOptions& options);

// A measured converter's transitions as parts of its nominal range, for AdcOptions::tables.
std::vector<double> measured_transitions(const AdcModel& adc);

}  // namespace mho::behavioral
