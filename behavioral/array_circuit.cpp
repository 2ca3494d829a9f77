// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_circuit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "base/error.h"
#include "behavioral/array_check.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kOpen = std::numeric_limits<double>::infinity();

double smallest_positive(double ohm) {
    return ohm > 0 ? ohm : kOpen;
}

void check_wires(std::string_view name, const Wires& wires, Index count, Index nodes) {
    if (wires.between_ohm.rows() != count || wires.between_ohm.cols() != nodes - 1 ||
        wires.first_ohm.size() != count || wires.last_ohm.size() != count) {
        throw bad_input(
            "array circuit: {} wires have {} x {} segments and {} + {} ends, expected {} x {} and "
            "{} + {}",
            name, wires.between_ohm.rows(), wires.between_ohm.cols(), wires.first_ohm.size(),
            wires.last_ohm.size(), count, nodes - 1, count, count);
    }
    for (Index l = 0; l < count; ++l) {
        for (Index n = 0; n + 1 < nodes; ++n) {
            const double ohm = wires.between_ohm(l, n);
            if (!(std::isfinite(ohm) && ohm >= 0)) {
                throw bad_input(
                    "array circuit: {} wire {}, segment {} is {}, expected a finite number of ohms "
                    ">= 0",
                    name, l, n, ohm);
            }
        }
        const double first = wires.first_ohm(l), last = wires.last_ohm(l);
        double least = std::min(smallest_positive(first), smallest_positive(last));
        for (Index n = 0; n + 1 < nodes; ++n) {
            least = std::min(least, smallest_positive(wires.between_ohm(l, n)));
        }
        if (least < kSmallestOhm) {
            throw bad_input("array circuit: {} wire {} has {} ohm, expected 0 or at least {}", name,
                            l, least, kSmallestOhm);
        }
        if (!(first >= 0 && last >= 0)) {
            throw bad_input("array circuit: {} wire {} ends in {} and {} ohm, expected >= 0", name,
                            l, first, last);
        }
        if (std::isinf(first) && std::isinf(last)) {
            throw bad_input("array circuit: {} wire {} is connected at neither end", name, l);
        }
    }
}

}  // namespace

ArrayCircuit::ArrayCircuit(const ArrayModel& model)
    : ArrayCircuit(regular_circuit(model, Ends::one, Ends::one)) {}

ArrayCircuit ArrayCircuit::exchanged() const {
    ArrayCircuit other;
    other.row = column;
    other.column = row;
    return other;
}

ArrayCircuit regular_circuit(const ArrayModel& model, Ends rows_driven, Ends columns_sensed) {
    const auto wires = [](Index count, Index nodes, double segment) {
        return Wires{MatrixXd::Constant(count, nodes - 1, segment),
                     VectorXd::Constant(count, kOpen), VectorXd::Constant(count, kOpen)};
    };
    ArrayCircuit circuit;
    circuit.row = wires(model.rows, model.columns, model.row_segment_ohm);
    circuit.row.first_ohm.setConstant(model.driver_ohm + model.row_segment_ohm);
    if (rows_driven == Ends::both) circuit.row.last_ohm = circuit.row.first_ohm;
    circuit.column = wires(model.columns, model.rows, model.column_segment_ohm);
    circuit.column.last_ohm.setConstant(model.sense_ohm + model.column_segment_ohm);
    if (columns_sensed == Ends::both) circuit.column.first_ohm = circuit.column.last_ohm;
    return circuit;
}

void check_circuit(const MatrixXd& g_siemens, const ArrayCircuit& circuit) {
    const Index rows = circuit.rows(), columns = circuit.columns();
    check_array(g_siemens, {static_cast<int>(rows), static_cast<int>(columns), 0, 0, 0, 0});
    check_wires("row", circuit.row, rows, columns);
    check_wires("column", circuit.column, columns, rows);
}

}  // namespace mho::behavioral
