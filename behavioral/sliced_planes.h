// SPDX-License-Identifier: Apache-2.0
// A SlicedMultiply as compiled: for every part of the rows the products that lead to converters.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "behavioral/gated_multiply.h"
#include "behavioral/gated_slices.h"
#include "behavioral/packed_matrix.h"
#include "behavioral/sliced_multiply.h"

namespace mho::behavioral {

// Arrays whose inputs drive gates.
struct GatedProduct {
    GatedArray<float> array;
    bool pairs;  // the right half of its columns holds the negative cells
    double levels_per_ampere;

    using Output = GatedArray<float>::Output;
    void add(const GateMatrix& gates, float weight, Output& scratch, Output& sum) const;
};

// What one set of converters, one per column, looks at.
struct Plane {
    int weight_slice;
    bool negative;
    double weight;  // of a converted level in the result
    std::variant<PackedMatrix, PackedBytes, GatedProduct, GatedSlices> product;
    std::optional<PackedMatrix> variance;
    std::size_t converter = 0;  // of Compiled::converters
};

struct Part {
    Eigen::Index first_input;
    Eigen::Index inputs;
    std::vector<Plane> planes;

    const GatedSlices* gated_slices() const;  // of all planes, or null
};

struct SlicedMultiply::Compiled {
    MultiplyOptions options;
    Eigen::Index inputs;
    Eigen::Index columns;  // outputs, and the unit column
    bool integers;
    std::int32_t bias;  // of integers
    bool powers;        // cells are not ohmic: products take codes, their squares and their cubes
    std::vector<Part> parts;
    std::vector<Converter> converters;  // per weight slice, or per plane of every part
};

// Sizes of the parts of `inputs` rows.
std::vector<Eigen::Index> part_sizes(Eigen::Index inputs, const MultiplyOptions& options);

std::vector<Part> make_parts(const std::vector<CellSlice>& cells, const MultiplyOptions& options,
                             bool integers, std::int32_t bias);

// What cells act like behind wires of topology A.
struct EffectiveCells {
    Eigen::MatrixXd level, quadratic, cubic;  // the latter two empty for ohmic cells
};

// Exact for levels. A cell that keeps the part a = effective level / level of its input has a of it
// as its voltage, and a of what it adds to its ohmic current reaches the read-out: quadratic a^3
// and cubic a^4, to first order in both (flows/current_error.h measures what that misses).
EffectiveCells cells_behind_wires(const EffectiveCells& cells, const MultiplyOptions& options);

// Whether bytes can hold all cells and codes, and integers their sums.
bool fits_bytes(const std::vector<CellSlice>& cells, const MultiplyOptions& options);

// One for each weight slice: the converters of the first array where arrays have their own.
std::vector<Converter> make_converters(const MultiplyOptions& options, Eigen::Index rows);

// What the planes of `parts` look at, whose Plane::converter it sets.
std::vector<Converter> assign_converters(const MultiplyOptions& options, Eigen::Index rows,
                                         std::vector<Part>& parts);

// Throws bad_input as SlicedMultiply does.
void check_multiply(const std::vector<CellSlice>& cells, const MultiplyOptions& options);

}  // namespace mho::behavioral
