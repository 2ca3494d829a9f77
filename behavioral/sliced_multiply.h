// SPDX-License-Identifier: Apache-2.0
// Quantised multiply of a described analog system: inputs through DACs, whole or in slices of a few
// bits; weights as pairs of cells or with an offset, whole or in slices; rows in parts of a given
// size; wires exactly; a converter behind every array; shift and add in capacitors or digitally.
// It needs no calibrated card. Each converter works on a product that is still in cache.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "behavioral/card.h"
#include "behavioral/converter.h"
#include "behavioral/input_slices.h"
#include "behavioral/readout_noise.h"
#include "behavioral/weight_slices.h"

namespace mho::behavioral {

// How the negative cells of a pair count.
enum class Subtraction {
    analog,   // their current is taken from the positive cells' before conversion
    digital,  // both are converted
};

// What takes the offset of WeightSign::offset away again.
enum class OffsetRemoval {
    digital,      // offset times the sum of the input codes
    unit_column,  // the result of the last output, whose weights are zero; it is no output then
};

// Parts of max_rows rows and a rest, or as many parts of sizes that differ by one at most.
enum class RowSplit { full, equal };

enum class Topology {
    a,  // inputs on the rows' wires
    b,  // inputs on gates, positive and negative cells on columns of their own
    c,  // inputs on gates, positive and negative cells on the same column
};

// Wires and terminations of every array. Topology A: G_eff, exact for cells that are ohmic and to
// first order for the others (behavioral/sliced_planes.h). B and C: exact for every input, which
// arrives in slices of one bit, with ohmic cells.
struct WireOptions {
    ArrayModel model;  // its rows and columns are not used
    double siemens_per_level = 0;
    Topology topology = Topology::a;
    // Topology A: time that currents have to settle after a step of the inputs; 0: all that it
    // takes. Each column's sum is what it is then when all inputs step together, which keeps the
    // column's delay but not how it differs between inputs. From behavioral/array_timing.h.
    double settle_second = 0;
    double row_farad = 0;     // at each node of the rows' wires
    double column_farad = 0;  // likewise of the columns'
    double cell_farad = 0;    // across each cell
    bool integrates = false;  // the mean over that time counts instead
};

struct MultiplyOptions {
    InputCoding input = {};
    WeightCoding weight = {};
    AdcOptions adc = {};
    Subtraction subtraction = Subtraction::analog;
    OffsetRemoval offset_removal = OffsetRemoval::digital;
    Eigen::Index max_rows = 0;     // of an array; 0: all inputs on one
    Eigen::Index max_columns = 0;  // of an array, where wires count; 0: all outputs on one
    RowSplit split = RowSplit::full;
    Eigen::Index range_rows = 0;  // that AdcRange::maximum counts; 0: of the largest part
    std::optional<WireOptions> wires = {};
    double readout_noise = 0;  // rms at each conversion, in levels times input codes
    double output_step = 1;    // of the outputs per level of the lowest slice and step of the input
};

// Where a conversion happens.
struct ConversionPlace {
    Eigen::Index part = 0;  // of the rows
    int weight_slice = 0;
    bool negative = false;  // the negative cells' own conversion
    int input_slice = 0;    // 0 where all are converted at once
    Eigen::Index first_sample = 0;
    Eigen::Index first_column = 0;
};

// Sees every conversion of a run, for statistics, calibrated ranges and tests: `analog` is what the
// converter gets, `codes` what it gives, both samples x kPanelWidth; columns beyond the array's
// last are to be ignored. Called in the thread that runs.
using ConversionObserver = std::function<void(const ConversionPlace&, std::span<const float> analog,
                                              std::span<const float> codes)>;

// Immutable; run may be called from any number of threads at once.
//
//   y = output_step * input.step * sum over parts, weight slices and input slices of
//       2^(shifts) * decoded(convert(sum over the part's rows of input code * level + noise))
//
// less the offset, where decoded(code) = low + lsb * code. The analog sum of input slices is
// computed as one product of whole codes wherever cells are linear, which is the same.
//
// A cell's read noise is normal, independent from cell to cell and from read to read, with the
// variance that CellSlice gives: what adds to a sum of currents is then one normal of variance
// sum of code^2 * variance, so a second product with squared codes replaces drawing all cells
// (exactly the same distribution). With wires a cell's noise counts as without them.
//
// Cells that are not ohmic (CellSlice) cost two more products, of squared and of cubed codes, which
// is exact without wires.
//
// A sample's result depends neither on the batch around it nor on threads.
class SlicedMultiply {
  public:
    // `cells` as slice_weights gives them, changed by whatever devices do to levels. Throws
    // bad_input on shapes, codings and options that do not fit each other, on levels that are not
    // finite, and with wires on negative ones.
    SlicedMultiply(const std::vector<CellSlice>& cells, const MultiplyOptions& options);

    Eigen::Index inputs() const;
    Eigen::Index outputs() const;
    Eigen::Index conversions() const;  // per input vector
    bool in_integers() const;          // products of bytes

    // y (batch x outputs) of x (batch x inputs). Without `noise` there is none of cells and
    // read-outs. Throws bad_input on other shapes and on inputs that are not finite.
    void run(const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> y,
             const std::optional<NoiseStream>& noise = {},
             const ConversionObserver& observer = {}) const;

  private:
    struct Compiled;
    class Run;
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace mho::behavioral
