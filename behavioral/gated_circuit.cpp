// SPDX-License-Identifier: Apache-2.0
#include "behavioral/gated_circuit.h"

#include "behavioral/array_check.h"

namespace mho::behavioral {

GatedCircuit::GatedCircuit(const ArrayModel& model)
    : GatedCircuit(regular_gated_circuit(model, Ends::one, Ends::one)) {}

GatedCircuit regular_gated_circuit(const ArrayModel& model, Ends sources_fed,
                                   Ends bitlines_sensed) {
    GatedCircuit circuit;
    circuit.source = unconnected_wires(model.columns, model.rows, model.row_segment_ohm);
    circuit.source.first_ohm.setConstant(model.driver_ohm + model.row_segment_ohm);
    if (sources_fed == Ends::both) circuit.source.last_ohm = circuit.source.first_ohm;
    circuit.bitline = unconnected_wires(model.columns, model.rows, model.column_segment_ohm);
    circuit.bitline.last_ohm.setConstant(model.sense_ohm + model.column_segment_ohm);
    if (bitlines_sensed == Ends::both) circuit.bitline.first_ohm = circuit.bitline.last_ohm;
    return circuit;
}

void check_gated_circuit(const Eigen::MatrixXd& g_siemens, const GatedCircuit& circuit) {
    const Eigen::Index rows = circuit.rows(), columns = circuit.columns();
    check_array(g_siemens, {static_cast<int>(rows), static_cast<int>(columns), 0, 0, 0, 0});
    check_wires("source line", circuit.source, columns, rows);
    check_wires("bitline", circuit.bitline, columns, rows);
}

}  // namespace mho::behavioral
