// SPDX-License-Identifier: Apache-2.0
#include "flows/cell_currents.h"

#include <algorithm>
#include <cmath>

#include "behavioral/array_circuit.h"
#include "behavioral/device_state.h"
#include "behavioral/gated_multiply.h"
#include "behavioral/gated_nonlinear.h"
#include "behavioral/nonlinear_solver.h"
#include "behavioral/sliced_planes.h"
#include "flows/system_cells.h"

namespace mho::flows {
namespace {

using namespace behavioral;
using Eigen::Index;
using Eigen::MatrixXd;

// Coefficients in levels and codes. A negative code's cube and square keep their signs.
struct Curve {
    MatrixXd level, quadratic, cubic;
};

Curve curve_of(const SystemSpec& spec, const MatrixXd& level, double full) {
    const double step = level_scale(spec).step_siemens, volt = spec.device.read_volt;
    const PolynomialCells cells = cell_polynomials(*spec.device.model, level * step, volt);
    return {level, cells.a2_ampere_per_volt2 * (volt / (full * step)),
            cells.a3_ampere_per_volt3 * (volt * volt / (full * full * step))};
}

// Of a cell that is on, at the read voltage or minus that; an open cell stays open.
MatrixXd level_when_on(const Curve& curve, double code) {
    return (curve.level + curve.quadratic * code + curve.cubic * (code * code)).cwiseMax(0.0);
}

bool on_or_off(const InputCoding& input) {
    return input.bits > 0 && slice_code_max(input) == 1 && !has_negative_codes(input);
}

// Negative cells of topology C see minus the read voltage.
double code_of_negative(const SystemSpec& spec) {
    return spec.wire.any() && spec.wire.topology == Topology::c ? -1 : 1;
}

void apply(const SystemSpec& spec, bool gates, double full, double on_code, MatrixXd& level,
           MatrixXd& quadratic, MatrixXd& cubic) {
    Curve curve = curve_of(spec, level, full);
    if (gates) {
        level = level_when_on(curve, on_code);
        return;
    }
    quadratic = std::move(curve.quadratic);
    cubic = std::move(curve.cubic);
}

double relative_rms(const MatrixXd& found, const MatrixXd& exact) {
    const double size = exact.norm();
    return size > 0 ? (found - exact).norm() / size : 0;
}

// Voltages count in codes, conductances in siemens: only their products with ohms matter.
PolynomialCells in_codes(const Curve& curve, double siemens) {
    return {curve.level * siemens, curve.quadratic * siemens, curve.cubic * siemens};
}

double error_on_rows(const MultiplyOptions& options, const Curve& curve, const ArrayModel& model,
                     const MatrixXd& codes) {
    const double siemens = options.wires->siemens_per_level;
    const EffectiveCells cells =
        cells_behind_wires({curve.level, curve.quadratic, curve.cubic}, options);
    const MatrixXd squares = codes.array().square(), cubes = codes.array().cube();
    const MatrixXd found = codes * cells.level + squares * cells.quadratic + cubes * cells.cubic;
    const NonlinearSolution exact =
        solve_nonlinear_fast(in_codes(curve, siemens), ArrayCircuit(model), codes);
    return relative_rms(found, exact.column_ampere / siemens);
}

double error_on_gates(const MultiplyOptions& options, const Curve& positive, const Curve& negative,
                      const ArrayModel& model, const MatrixXd& gates) {
    const double siemens = options.wires->siemens_per_level;
    const MatrixXd on = level_when_on(positive, 1) * siemens;
    const GateMatrix bits = gates.cast<std::uint8_t>();
    GatedArray<double>::Output found(gates.rows(), on.cols());
    if (options.wires->topology == Topology::b) {
        GatedArray<double>::gated(on, model, 1).multiply(bits, found);
        return relative_rms(
            found,
            solve_gated_nonlinear(in_codes(positive, siemens), model, gates, 1).column_ampere);
    }
    GatedArray<double>::interleaved(on, level_when_on(negative, -1) * siemens, model, 1)
        .multiply(bits, found);
    return relative_rms(
        found, solve_interleaved_nonlinear(in_codes(positive, siemens), in_codes(negative, siemens),
                                           model, gates, 1)
                   .column_ampere);
}

}  // namespace

bool has_curve(const SystemSpec& spec) {
    return spec.device.model && spec.device.model->current && !spec.device.ohmic;
}

double full_code(const InputCoding& input, double input_max) {
    if (input.bits == 0) return input_max > 0 ? input_max / input.step : 1;
    return slice_code_max(input);
}

void apply_curve(const SystemSpec& spec, const InputCoding& input, double full,
                 std::vector<CellSlice>& slices) {
    if (!has_curve(spec)) return;
    const bool gates = on_or_off(input);
    for (CellSlice& slice : slices) {
        apply(spec, gates, full, 1, slice.positive, slice.positive_quadratic, slice.positive_cubic);
        if (slice.negative.size() == 0) continue;
        apply(spec, gates, full, code_of_negative(spec), slice.negative, slice.negative_quadratic,
              slice.negative_cubic);
    }
}

double curve_error(const SystemSpec& spec, const MultiplyOptions& options, double full,
                   const CellSlice& cells, const MatrixXd& codes) {
    const std::vector<Index> sizes = part_sizes(cells.positive.rows(), options);
    const Index rows = sizes.front();
    const Index most = options.max_columns > 0 ? options.max_columns : cells.positive.cols();
    const Index columns = std::min(most, cells.positive.cols());
    ArrayModel model = options.wires->model;
    model.rows = static_cast<int>(rows);
    model.columns = static_cast<int>(columns);
    const Curve positive = curve_of(spec, cells.positive.topLeftCorner(rows, columns), full);
    const MatrixXd driven = codes.leftCols(rows);
    if (options.wires->topology == Topology::a && !on_or_off(options.input)) {
        return error_on_rows(options, positive, model, driven);
    }
    if (options.wires->topology == Topology::a) {
        const double siemens = options.wires->siemens_per_level;
        const MatrixXd found =
            driven * cells_behind_wires({level_when_on(positive, 1), {}, {}}, options).level;
        const NonlinearSolution exact =
            solve_nonlinear_fast(in_codes(positive, siemens), ArrayCircuit(model), driven);
        return relative_rms(found, exact.column_ampere / siemens);
    }
    if (options.wires->topology == Topology::b) {
        return error_on_gates(options, positive, {}, model, driven);
    }
    return error_on_gates(options, positive,
                          curve_of(spec, cells.negative.topLeftCorner(rows, columns), full), model,
                          driven);
}

}  // namespace mho::flows
