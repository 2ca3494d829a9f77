// SPDX-License-Identifier: Apache-2.0
// Successive-approximation converter at transistor level: capacitive DAC with its switches,
// sampling switch and StrongARM comparator (sar_analog), and the logic as XSPICE gates (sar_logic),
// which can be replaced by whatever drives the same nets (behavioral/sar_logic.h).
//
// Charge balance. With all 2^N units C on the top plate, S of them switched from v_low to v_high
// since the sample raise it by (v_high - v_low) S / 2^N, less what parasitics take.
//   Top-plate sampling: the top plate samples v_in while code 2^(N-1) stands on the switches, which
//   are inverted. Trial code D leaves v_in + (v_high - v_low) (2^(N-1) - D) / 2^N on it: above
//   v_cm = (v_low + v_high) / 2 the bit stays.
//   Bottom-plate sampling: the bottom plates sample v_in against v_cm. Trial code D leaves
//   v_cm + v_low - v_in + (v_high - v_low) D / 2^N: below v_cm the bit stays. The charge of the
//   sampling switch, which opens first, does not depend on v_in.
#pragma once

#include <vector>

#include "netlist/circuit.h"
#include "netlist/deck.h"
#include "netlist/spec.h"
#include "netlist/strongarm.h"

namespace mho::netlist {

// One capacitor of the DAC.
struct CdacBranch {
    int bit = 0;       // kTermination: the one that completes the power of two
    int units = 1;     // of unit_farad
    bool low = false;  // on the low side of the bridge
    static constexpr int kTermination = -1;
    bool operator==(const CdacBranch&) const = default;
};

// From the highest bit down, the termination last. Binary: bit k has 2^k units. Split: the upper
// half of the bits (rounded up) and the lower half are two such arrays.
std::vector<CdacBranch> cdac_branches(const AdcSpec& spec);
// Bits below the bridge, L; 0 where there is none.
int cdac_low_bits(const AdcSpec& spec);
// In series with the low array of 2^L units and the parasitic on its top plate, seen from above one
// unit: (2^L C + C_parasitic) / (2^L - 1).
double cdac_bridge_farad(const AdcSpec& spec, double vdd_volt);
// Of the open sampling switch on the low array's top plate; 0 where there is none.
double cdac_low_parasitic_farad(const AdcSpec& spec, double vdd_volt);
// The capacitance on the top plate: 2^N units, or 2^(N-L) where the array is split.
double cdac_total_farad(const AdcSpec& spec);

// Resistance of one unit's switches, to either level: settles to a quarter of an LSB within half a
// clock, with a margin for mismatch, and not more than the narrowest transistor has.
double cdac_unit_switch_ohm(const AdcSpec& spec, double vdd_volt);

// Bottom-plate switch of `units` units. Ports of top-plate sampling: bit out v_low v_high vdd, with
// v_high on the plate while the bit is low; of bottom-plate sampling: bit track trackb out vin
// v_low v_high vdd, with v_low on the plate while the bit is low and vin while it is tracked.
Definition cdac_switch(const AdcSpec& spec, int units, double vdd_volt);

// Ports: top, [low_top of a split array,] [vin sample for bottom-plate sampling,] bit_<N-1> ..
// bit_0, v_low v_high vdd.
Definition cdac(const AdcSpec& spec, double vdd_volt);

// Width of the switch that samples on `farad` of the top plate, tracking to an eighth of an LSB:
// bootstrapped on the input, or a transmission gate on the middle of the range.
double sar_sampling_width(const AdcSpec& spec, double farad, double vdd_volt);

// Ports: vin v_low v_high v_cm sample clk bit_<N-1> .. bit_0 decision top vdd vdd_comparator.
// While `sample` is high the input is tracked, with code 2^(N-1) on the bits; a rising clk makes
// the comparator decide whether the trial code on the bits is at most the input. `top` is the top
// plate, for observation.
Definition sar_analog(const AdcSpec& spec, double vdd_volt);
StrongArmSize sar_comparator(const AdcSpec& spec, double vdd_volt);

// Ports: clk track decision sample bit_<N-1> .. bit_0, all voltages; gates from sar_logic_models.
// `sample` follows `track` at the next rising edge of clk. When it falls the first trial begins;
// each further edge takes the decision into its bit and tries the next one. After N edges the bits
// hold the code until `track` rises.
Definition sar_logic(int bits);
// With the flip-flop of `sample` high at time 0, so that the operating point is that of tracking,
// or low, at rest.
Library sar_logic_models(double vdd_volt, bool tracking = true);

// Less array per width of the comparator's input transistors is refused. The pair's gates kick each
// input by some femtocoulomb; at 100 fF per um margins of a tenth of an LSB are still decided alike
// at all codes (docs/adc.md).
inline constexpr double kArrayFaradPerComparatorM = 100e-15 / 1e-6;

// Sampling and N decisions.
double sar_conversion_second(const AdcSpec& spec);

}  // namespace mho::netlist
