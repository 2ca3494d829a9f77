// SPDX-License-Identifier: Apache-2.0
// Multiplies of the whole macro at transistor level: array, drivers, read-outs, ramp and
// comparators of a card's spec in one transient for each input vector.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "behavioral/card.h"
#include "calibrate/calibrate.h"
#include "netlist/benches.h"
#include "spice/pool.h"

namespace mho::calibrate {

// One multiply: for every column the counter with its fraction when its comparator trips, clamped
// to 0 .. 2^bits, and the code; and the energy of drivers, read-outs and converters in joule.
struct MacroConversion {
    std::vector<double> counters;
    std::vector<std::int32_t> codes;
    double joule = 0;
};

class MacroInSpice {
  public:
    // Starts the SPICE workers. Throws bad_input when the card's spec cannot be built, is not the
    // one that the card was measured on, or its ramp is shared by fewer columns than the array has.
    MacroInSpice(const behavioral::ModelCard& card, const CalibrateOptions& options);

    // states: rows x columns, siemens; codes: rows / 2 x vectors, drive codes. Runs go through the
    // cache, so interrupted work resumes. Throws Error(simulator) naming the run that fails.
    std::vector<MacroConversion> multiply(const Eigen::MatrixXd& states,
                                          const Eigen::MatrixXd& codes,
                                          const ProgressCallback& progress = {});

    const netlist::Spec& spec() const { return design_.spec; }
    RunCount runs() const;  // of all multiplies so far

  private:
    // All node voltages at rest, as guesses for transients that start there.
    std::vector<std::pair<std::string, double>> operating_point(const Eigen::MatrixXd& states);

    CalibrateOptions options_;
    spice::Pool pool_;
    netlist::Design design_;
    netlist::ColumnTiming timing_;
    double conversion_second_;
    std::size_t runs_ = 0;
};

}  // namespace mho::calibrate
