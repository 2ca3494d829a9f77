// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/solve_wires.h"

#include <charconv>

#include "base/error.h"
#include "behavioral/array_check.h"
#include "flows/npy.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;
using behavioral::ArrayModel;
using behavioral::Ends;
using behavioral::Wires;
using Eigen::Index;
using Eigen::MatrixXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

MatrixXd segment_ohms(const SegmentSource& source, Index wires, Index segments) {
    if (const auto* ohm = std::get_if<double>(&source)) {
        return MatrixXd::Constant(wires, segments, *ohm);
    }
    const fs::path& path = std::get<fs::path>(source);
    const MatrixXd read = read_matrix(path, "(segments) or (wires, segments)");
    if (read.cols() != segments || (read.rows() != 1 && read.rows() != wires)) {
        throw bad_input(
            "{}: {} x {} resistances, expected {} segments, of one wire or of each of {}",
            path.string(), read.rows(), read.cols(), segments, wires);
    }
    return read.rows() == wires ? read : read.replicate(wires, 1);
}

// Ends that are connected lead through `end_ohm` to what drives or reads the wires.
Wires wires_of(const SegmentSource& source, Index count, Index nodes, bool first, bool last,
               double end_ohm) {
    const Index segments = nodes - 1 + (first ? 1 : 0) + (last ? 1 : 0);
    const MatrixXd ohm = segment_ohms(source, count, segments);
    Wires wires = behavioral::unconnected_wires(count, nodes, 0);
    wires.between_ohm = ohm.middleCols(first ? 1 : 0, nodes - 1);
    if (first) wires.first_ohm = ohm.col(0).array() + end_ohm;
    if (last) wires.last_ohm = ohm.col(segments - 1).array() + end_ohm;
    return wires;
}

Wires driven_wires(const WireOptions& options, Index count, Index nodes) {
    return wires_of(options.row, count, nodes, true, options.rows_driven == Ends::both,
                    options.driver_ohm);
}

Wires sensed_wires(const WireOptions& options, Index count, Index nodes) {
    return wires_of(options.column, count, nodes, options.columns_sensed == Ends::both, true,
                    options.sense_ohm);
}

// What ArrayModel would be refused for, named by its keys.
void check_scalars(const WireOptions& options, Index rows, Index columns) {
    const auto scalar = [](const SegmentSource& source) {
        const auto* ohm = std::get_if<double>(&source);
        return ohm == nullptr ? 0.0 : *ohm;
    };
    behavioral::check_array(MatrixXd::Zero(rows, columns),
                            {static_cast<int>(rows), static_cast<int>(columns), scalar(options.row),
                             scalar(options.column), options.driver_ohm, options.sense_ohm});
}

}  // namespace

SegmentSource segment_source(const std::string& option, const std::string& text) {
    if (text.empty()) throw bad_input("{}: empty, expected ohms or a NumPy file", option);
    double ohm = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, ohm);
    if (stop == end && failure == std::errc()) return ohm;
    if (stop == end) throw bad_input("{}: {} is beyond the range of numbers", option, text);
    return fs::path(text);
}

std::optional<ArrayModel> WireOptions::regular(Index rows, Index columns) const {
    const auto* row_ohm = std::get_if<double>(&row);
    const auto* column_ohm = std::get_if<double>(&column);
    if (row_ohm == nullptr || column_ohm == nullptr) return std::nullopt;
    if (rows_driven == Ends::both || columns_sensed == Ends::both) return std::nullopt;
    return ArrayModel{static_cast<int>(rows),
                      static_cast<int>(columns),
                      *row_ohm,
                      *column_ohm,
                      driver_ohm,
                      sense_ohm};
}

behavioral::ArrayCircuit wired_circuit(const WireOptions& options, Index rows, Index columns) {
    check_scalars(options, rows, columns);
    behavioral::ArrayCircuit circuit;
    circuit.row = driven_wires(options, rows, columns);
    circuit.column = sensed_wires(options, columns, rows);
    return circuit;
}

behavioral::GatedCircuit gated_circuit(const WireOptions& options, Index rows, Index columns) {
    check_scalars(options, rows, columns);
    behavioral::GatedCircuit circuit;
    circuit.source = driven_wires(options, columns, rows);
    circuit.bitline = sensed_wires(options, columns, rows);
    return circuit;
}

MatrixXd read_matrix(const fs::path& path, const char* meaning) {
    const flows::NpyArray file = flows::read_npy(path);
    if (file.shape.empty() || file.shape.size() > 2) {
        throw bad_input("{}: {} dimensions, expected {}", path.string(), file.shape.size(),
                        meaning);
    }
    const auto columns = static_cast<Index>(file.shape.back());
    const auto rows = file.shape.size() == 2 ? static_cast<Index>(file.shape[0]) : 1;
    return Eigen::Map<const RowMatrix>(file.values.data(), rows, columns);
}

}  // namespace mho::apps
