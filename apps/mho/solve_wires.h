// SPDX-License-Identifier: Apache-2.0
// The wires that `mho solve` is told of.
#pragma once

#include <Eigen/Core>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "behavioral/array_circuit.h"
#include "behavioral/gated_circuit.h"

namespace mho::apps {

// Ohm of every segment, or a NumPy file: one value per segment, the same on all wires, or one row
// of them per wire. Segments count from row 0 or column 0: to the first cell (where that end is
// connected), between neighbours, beyond the last cell (where connected).
using SegmentSource = std::variant<double, std::filesystem::path>;

// A number, or else a path. Throws bad_input naming `option` for empty text and numbers out of
// range.
SegmentSource segment_source(const std::string& option, const std::string& text);

struct WireOptions {
    SegmentSource row, column;
    double driver_ohm = 0, sense_ohm = 0;
    behavioral::Ends rows_driven = behavioral::Ends::one, columns_sensed = behavioral::Ends::one;

    // The regular array that ArrayModel describes, if it is one.
    std::optional<behavioral::ArrayModel> regular(Eigen::Index rows, Eigen::Index columns) const;
};

// Topology A: rows are wordlines. Throws bad_input naming the file when its shape does not fit.
behavioral::ArrayCircuit wired_circuit(const WireOptions& options, Eigen::Index rows,
                                       Eigen::Index columns);
// Topologies B and C: `row` and the drivers are those of the source lines, one per column.
behavioral::GatedCircuit gated_circuit(const WireOptions& options, Eigen::Index rows,
                                       Eigen::Index columns);

// A matrix from a NumPy file of one (a single row) or two dimensions, called `meaning` in errors.
Eigen::MatrixXd read_matrix(const std::filesystem::path& path, const char* meaning);

}  // namespace mho::apps
