// SPDX-License-Identifier: Apache-2.0
#include "behavioral/array_circuit.h"

#include "behavioral/array_check.h"

namespace mho::behavioral {

using Eigen::Index;
using Eigen::MatrixXd;

ArrayCircuit::ArrayCircuit(const ArrayModel& model)
    : ArrayCircuit(regular_circuit(model, Ends::one, Ends::one)) {}

ArrayCircuit ArrayCircuit::exchanged() const {
    ArrayCircuit other;
    other.row = column;
    other.column = row;
    return other;
}

ArrayCircuit regular_circuit(const ArrayModel& model, Ends rows_driven, Ends columns_sensed) {
    ArrayCircuit circuit;
    circuit.row = unconnected_wires(model.rows, model.columns, model.row_segment_ohm);
    circuit.row.first_ohm.setConstant(model.driver_ohm + model.row_segment_ohm);
    if (rows_driven == Ends::both) circuit.row.last_ohm = circuit.row.first_ohm;
    circuit.column = unconnected_wires(model.columns, model.rows, model.column_segment_ohm);
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
