// SPDX-License-Identifier: Apache-2.0
// What `mho adc` measures: the transfer curve of a spec's converter, ramp or SAR, as drawn and with
// random mismatch, from conversions in ngspice (docs/adc.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "behavioral/adc_metrics.h"
#include "calibrate/calibrate.h"
#include "calibrate/campaign.h"
#include "calibrate/sar_conversion.h"
#include "calibrate/transition_search.h"

namespace mho::calibrate {

// Energy of one conversion that gave `code`; of a ramp, `position` is the counter with its
// fraction.
struct CodeEnergy {
    std::uint32_t code = 0;
    double joule = 0;
    double position = 0;
};

struct AdcMeasurement {
    behavioral::AdcModel model;
    behavioral::AdcMetrics metrics;
    std::size_t conversions = 0;  // that were simulated
    std::size_t explained = 0;    // of them, whose code is that of the curve
    // Between the largest margin that the comparator took for negative and the smallest that it
    // took for positive; negative: they overlap, since its kick-back depends on the code. 0 for a
    // ramp.
    double turn_spread_lsb = 0;
    double residual_lsb = 0;             // largest distance of a conversion from the curve
    std::vector<SupplyEnergy> supplies;  // of one conversion, mean over the conversions
    double joule = 0;                    // their sum
    std::vector<CodeEnergy> energies;    // of every conversion
    // Of a ramp's nominal circuit, where draws were measured too: transitions from as few
    // conversions as those of a draw. Empty otherwise.
    std::vector<double> coarse_transition_volt;
    // Of a SAR: steps of its bits referred to the input, bit 0 first (calibrate/sar_curve.h).
    std::vector<double> bit_volt;
    // Transitions found by conversions alone, for the curve to be held against.
    std::vector<FoundTransition> found;

    // Largest distance of a found transition from the curve's; 0 where none was looked for.
    double worst_found_lsb() const;
    // Bits of an ideal converter with the same mean square error over its range: quantization and
    // INL about the end-point line, and noise of so many volt.
    double effective_bits(double noise_volt = 0) const;
};

// What is random from conversion to conversion, referred to the input.
struct AdcNoise {
    double sampling_volt = 0;    // root of 2 k T / C: both plates are sampled on; k T / C of a
                                 // ramp's reset
    double comparator_volt = 0;  // SAR: thermal, of its pair (calibrate/comparator_noise.h); ramp:
                                 // of all its transistors (calibrate/ramp_noise.h)
    double ramp_volt = 0;        // of a ramp's current, in the middle of the range
    // Of a SAR.
    double regeneration_second = 0;
    double unresolved_volt = 0;  // a margin that the comparator does not resolve in half a clock

    double total_volt() const;
};

struct AdcStudy {
    AdcMeasurement nominal;
    std::vector<AdcMeasurement> samples;
    double conversion_second = 0;  // from the start of sampling, or of the reset, to the code
    AdcNoise noise;
    double logic_joule = 0;  // per conversion: an estimate (calibrate/adc_logic.h), in no sum
    RunCount runs;
};

struct AdcStudyOptions {
    std::size_t samples = 0;  // draws of mismatch, 0 .. 10000; sample k is the same for any number
    int conversions = 24;     // of the nominal circuit, 8 .. 65536; the ramp takes 25
    int sample_conversions = 4;    // of each draw, 3 .. 65536; the ramp takes 9
    int found_transitions = 5;     // of a SAR's nominal circuit, looked for by codes; 0 .. 1023
    std::uint32_t first_draw = 0;  // number of the first draw
    CalibrateOptions how = {};
};

// Throws bad_input for options out of range or a spec that no circuit can be built from,
// Error(simulator) naming the run when ngspice fails or lacks XSPICE where a SAR needs it. The
// result depends on spec, technology, seed and ngspice version only.
AdcStudy study_adc(const netlist::Spec& spec, const AdcStudyOptions& options);

// The same with SPICE workers that run already; `runs` is left empty.
AdcStudy study_adc(const netlist::Design& design, const AdcStudyOptions& options,
                   Campaign& campaign);
std::size_t study_runs(const netlist::AdcSpec& spec, const AdcStudyOptions& options);  // about

// Throws Error(simulator) when the spec's converter needs XSPICE and there is none.
void require_xspice(const netlist::Spec& spec, const spice::Pool& pool);

// The transitions to so many codes of a SAR, found by conversions alone. Guesses are the model's.
std::vector<FoundTransition> find_sar_transitions(const behavioral::AdcModel& model,
                                                  std::span<const std::uint32_t> codes,
                                                  const netlist::Design& design,
                                                  Campaign& campaign);

}  // namespace mho::calibrate
