// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <string_view>

#include "netlist/benches.h"
#include "spice/job.h"

namespace mho::calibrate {

struct Span {
    double from_second = 0;
    double to_second = 0;
    double second() const { return to_second - from_second; }
};

// Energy in joule that the constant source v<name> at `volt` delivers over `span`, from its
// current i(v<name>). Current that flows back into it counts as nothing, not as energy regained.
double supply_joule(const spice::Waveforms& waves, std::string_view name, double volt, Span span);

// Energy by block of one multiply, joule. `comparator` has the whole of SARs, with their
// references.
struct BlockEnergy {
    double drivers = 0, readout = 0, comparator = 0, ramp = 0;
    double total() const { return drivers + readout + comparator + ramp; }
};

// Of a column_bench or macro_bench whose rows stood at row_volts about the common mode.
BlockEnergy block_energy(const spice::Waveforms& waves, const netlist::Design& design,
                         const Eigen::VectorXd& row_volts, Span active);

}  // namespace mho::calibrate
