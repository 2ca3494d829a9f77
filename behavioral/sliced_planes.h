// SPDX-License-Identifier: Apache-2.0
// A SlicedMultiply as compiled: for every part of the rows the products that lead to converters.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "behavioral/gated_multiply.h"
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
    std::variant<PackedMatrix, PackedBytes, GatedProduct> product;
    std::optional<PackedMatrix> variance;
};

struct Part {
    Eigen::Index first_input;
    Eigen::Index inputs;
    std::vector<Plane> planes;
};

struct SlicedMultiply::Compiled {
    MultiplyOptions options;
    Eigen::Index inputs;
    Eigen::Index columns;  // outputs, and the unit column
    bool integers;
    std::int32_t bias;  // of integers
    std::vector<Part> parts;
    std::vector<Converter> converters;  // per weight slice
};

// Sizes of the parts of `inputs` rows.
std::vector<Eigen::Index> part_sizes(Eigen::Index inputs, const MultiplyOptions& options);

std::vector<Part> make_parts(const std::vector<CellSlice>& cells, const MultiplyOptions& options,
                             bool integers, std::int32_t bias);

// Whether bytes can hold all cells and codes, and integers their sums.
bool fits_bytes(const std::vector<CellSlice>& cells, const MultiplyOptions& options);

std::vector<Converter> make_converters(const MultiplyOptions& options, Eigen::Index rows);

// Throws bad_input as SlicedMultiply does.
void check_multiply(const std::vector<CellSlice>& cells, const MultiplyOptions& options);

}  // namespace mho::behavioral
