// SPDX-License-Identifier: Apache-2.0
// What `mho adc` measures: the transfer curve of a spec's converter, ramp or SAR, as drawn and with
// random mismatch, from conversions in ngspice (docs/adc.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "behavioral/adc_metrics.h"
#include "calibrate/calibrate.h"
#include "calibrate/sar_conversion.h"

namespace mho::calibrate {

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

    // Bits of an ideal converter with the same mean square error over its range: quantization and
    // INL, about the end-point line. Noise is not in it.
    double static_effective_bits() const;
};

struct AdcStudy {
    AdcMeasurement nominal;
    std::vector<AdcMeasurement> samples;
    double conversion_second = 0;  // from the start of sampling, or of the reset, to the code
    // Root of 2 k T / C: both plates that a SAR samples on. 0 for a ramp, whose noise it is not.
    double sampling_noise_volt = 0;
    RunCount runs;
};

struct AdcStudyOptions {
    std::size_t samples = 0;  // draws of mismatch, 0 .. 10000; sample k is the same for any number
    int conversions = 64;     // of the nominal circuit, 8 .. 65536; the ramp takes 25
    int sample_conversions = 16;  // of each draw, 8 .. 65536; the ramp takes 9
    CalibrateOptions how = {};
};

// Throws bad_input for options out of range or a spec that no circuit can be built from,
// Error(simulator) naming the run when ngspice fails or lacks XSPICE where a SAR needs it. The
// result depends on spec, technology, seed and ngspice version only.
AdcStudy study_adc(const netlist::Spec& spec, const AdcStudyOptions& options);

}  // namespace mho::calibrate
