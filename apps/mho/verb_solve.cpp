// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "apps/mho/arguments.h"
#include "apps/mho/output.h"
#include "apps/mho/solve_wires.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "behavioral/array_nodes.h"
#include "behavioral/effective_matrix.h"
#include "behavioral/gated_multiply.h"
#include "behavioral/gated_nodes.h"
#include "behavioral/gated_nonlinear.h"
#include "behavioral/grid_solver.h"
#include "behavioral/nonlinear_solver.h"
#include "flows/npy.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;
using Eigen::Index;
using Eigen::MatrixXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

enum class Topology { a, b, c };
enum class Method { exact, fast };

struct Options {
    fs::path g, v, output, nodes_row, nodes_column, effective, quadratic, cubic;
    WireOptions wires;
    Topology topology = Topology::a;
    Method method = Method::exact;
    double tolerance = 1e-6;
    std::optional<double> read_volt, sinh_volt;

    bool ohmic() const { return quadratic.empty() && cubic.empty() && !sinh_volt; }
    bool nodes() const { return !nodes_row.empty() || !nodes_column.empty(); }
};

// Everything that is written, batch first.
struct Result {
    MatrixXd ampere;                                // batch x columns
    std::vector<MatrixXd> row_nodes, column_nodes;  // empty unless asked for
    std::string note;                               // how it was solved
};

void write_matrices(const fs::path& path, const std::vector<MatrixXd>& matrices, bool stacked) {
    flows::NpyArray file;
    if (stacked) file.shape.push_back(matrices.size());
    file.shape.push_back(static_cast<std::size_t>(matrices.empty() ? 0 : matrices[0].rows()));
    file.shape.push_back(static_cast<std::size_t>(matrices.empty() ? 0 : matrices[0].cols()));
    for (const MatrixXd& matrix : matrices) {
        const RowMatrix rows = matrix;
        file.values.insert(file.values.end(), rows.data(), rows.data() + rows.size());
    }
    write_output(path, flows::npy_bytes(file));
    tell_written(path);
}

// Rows first, first + 2, first + 4 ...
MatrixXd every_other(const MatrixXd& rows, Index first) {
    return rows(Eigen::seq(first, Eigen::last, 2), Eigen::all);
}

MatrixXd interleaved(const MatrixXd& even, const MatrixXd& odd) {
    MatrixXd both(2 * even.rows(), even.cols());
    both(Eigen::seq(0, Eigen::last, 2), Eigen::all) = even;
    both(Eigen::seq(1, Eigen::last, 2), Eigen::all) = odd;
    return both;
}

behavioral::CellArray cell_array(const Options& options, const MatrixXd& g) {
    if (options.sinh_volt) return behavioral::SinhCells{g, *options.sinh_volt};
    const auto coefficients = [&](const fs::path& path) -> MatrixXd {
        return path.empty() ? MatrixXd::Zero(g.rows(), g.cols())
                            : read_matrix(path, "(rows, columns)");
    };
    return behavioral::PolynomialCells{g, coefficients(options.quadratic),
                                       coefficients(options.cubic)};
}

MatrixXd column_amperes(const std::vector<behavioral::ArrayNodes>& nodes, Index columns) {
    MatrixXd ampere(static_cast<Index>(nodes.size()), columns);
    for (Index b = 0; b < ampere.rows(); ++b) {
        ampere.row(b) = nodes[static_cast<std::size_t>(b)].column_ampere.transpose();
    }
    return ampere;
}

std::string told_directly(Index vectors) {
    if (vectors == 0) return "";
    return fmt::format("; {} vectors did not converge and were solved directly", vectors);
}

double largest(const Eigen::VectorXd& values) {
    return values.size() > 0 ? values.maxCoeff() : 0;
}

Result solve_wired(const Options& options, const behavioral::ArrayCircuit& circuit,
                   const MatrixXd& g, const MatrixXd& volt) {
    Result result;
    std::vector<behavioral::ArrayNodes> nodes;
    if (options.method == Method::exact) {
        nodes = options.ohmic()
                    ? behavioral::solve_nodes(g, circuit, volt)
                    : behavioral::solve_nonlinear(cell_array(options, g), circuit, volt);
        result.ampere = column_amperes(nodes, g.cols());
        result.note = "sparse direct solver";
    } else if (options.ohmic()) {
        const behavioral::GridSolver solver(g, circuit);
        behavioral::GridSolution found =
            solver.solve(volt, {options.tolerance, 300, options.nodes()});
        result.ampere = std::move(found.column_ampere);
        nodes = std::move(found.nodes);
        result.note = fmt::format(
            "at most {} iterations, errors together below {:.2g} of the drivers' currents{}",
            found.iterations, largest(found.relative_bound), told_directly(found.solved_directly));
    } else {
        behavioral::NonlinearSolution found = behavioral::solve_nonlinear_fast(
            cell_array(options, g), circuit, volt, {options.tolerance, 40, options.nodes()});
        result.ampere = std::move(found.column_ampere);
        nodes = std::move(found.nodes);
        result.note = fmt::format(
            "at most {} Newton steps, Kirchhoff's law kept to {:.2g} of the drivers' currents{}",
            found.newton_steps, largest(found.relative_residual),
            told_directly(found.solved_directly));
    }
    for (behavioral::ArrayNodes& node : nodes) {
        if (!options.nodes()) break;
        result.row_nodes.push_back(std::move(node.row_volt));
        result.column_nodes.push_back(std::move(node.column_volt));
    }
    return result;
}

void store_gated_nodes(const std::vector<behavioral::GatedNodes>& solved, bool pairs,
                       Result& result) {
    for (const behavioral::GatedNodes& nodes : solved) {
        result.row_nodes.push_back(
            pairs ? interleaved(nodes.source_volt, nodes.negative_source_volt) : nodes.source_volt);
        result.column_nodes.push_back(nodes.column_volt);
    }
}

Result solve_gates_exactly(const Options& options, const behavioral::GatedCircuit& circuit,
                           const MatrixXd& g, const MatrixXd& gates) {
    const bool pairs = options.topology == Topology::c;
    const std::vector<behavioral::GatedNodes> solved =
        pairs ? behavioral::solve_interleaved(every_other(g, 0), every_other(g, 1), circuit, gates,
                                              *options.read_volt)
              : behavioral::solve_gated(g, circuit, gates, *options.read_volt);
    Result result{MatrixXd(gates.rows(), g.cols()), {}, {}, "sparse direct solver"};
    for (Index b = 0; b < gates.rows(); ++b) {
        const behavioral::GatedNodes& nodes = solved[static_cast<std::size_t>(b)];
        result.ampere.row(b) = nodes.column_ampere.transpose();
    }
    if (options.nodes()) store_gated_nodes(solved, pairs, result);
    return result;
}

behavioral::CellArray every_other_cell(const behavioral::CellArray& cells, Index first) {
    if (const auto* s = std::get_if<behavioral::SinhCells>(&cells)) {
        return behavioral::SinhCells{every_other(s->g_siemens, first), s->v0_volt};
    }
    const auto& p = std::get<behavioral::PolynomialCells>(cells);
    return behavioral::PolynomialCells{every_other(p.g_siemens, first),
                                       every_other(p.a2_ampere_per_volt2, first),
                                       every_other(p.a3_ampere_per_volt3, first)};
}

// Newton, which ohmic cells leave after one step.
Result solve_gates_by_rows(const Options& options, const behavioral::GatedCircuit& circuit,
                           const MatrixXd& g, const MatrixXd& gates) {
    const bool pairs = options.topology == Topology::c;
    const behavioral::CellArray cells = cell_array(options, g);
    behavioral::check_cells(cells, g.rows(), g.cols());
    const behavioral::NonlinearOptions wanted{options.tolerance, 60, options.nodes()};
    behavioral::GatedNonlinearSolution found =
        pairs
            ? behavioral::solve_interleaved_nonlinear(every_other_cell(cells, 0),
                                                      every_other_cell(cells, 1), circuit, gates,
                                                      *options.read_volt, wanted)
            : behavioral::solve_gated_nonlinear(cells, circuit, gates, *options.read_volt, wanted);
    Result result;
    result.ampere = std::move(found.column_ampere);
    if (options.nodes()) store_gated_nodes(found.nodes, pairs, result);
    result.note = options.ohmic()
                      ? "recurrence over the rows, exact to rounding"
                      : fmt::format(
                            "at most {} Newton steps, Kirchhoff's law kept to {:.2g} of the cells' "
                            "currents",
                            found.newton_steps, largest(found.relative_residual));
    return result;
}

Result solve_gates_by_ladder(const Options& options, const behavioral::ArrayModel& model,
                             const MatrixXd& g, const MatrixXd& gates) {
    using Array = behavioral::GatedArray<double>;
    const Array array =
        options.topology == Topology::c
            ? Array::interleaved(every_other(g, 0), every_other(g, 1), model, *options.read_volt)
            : Array::gated(g, model, *options.read_volt);
    behavioral::check_gates(gates, model.rows, *options.read_volt);
    Array::Output ampere(gates.rows(), g.cols());
    array.multiply(gates.cast<std::uint8_t>(), ampere);
    return {ampere, {}, {}, "ladder recurrence, exact to rounding"};
}

Result solve_gates(const Options& options, const MatrixXd& g, const MatrixXd& gates) {
    const bool pairs = options.topology == Topology::c;
    if (pairs && g.rows() % 2 != 0) {
        throw bad_input("{}: {} rows, expected an even number: positive and negative cells in turn",
                        options.g.string(), g.rows());
    }
    const Index rows = pairs ? g.rows() / 2 : g.rows();
    const behavioral::GatedCircuit circuit = gated_circuit(options.wires, rows, g.cols());
    if (!options.ohmic()) return solve_gates_by_rows(options, circuit, g, gates);
    if (options.method == Method::exact) return solve_gates_exactly(options, circuit, g, gates);
    const auto model = options.wires.regular(rows, g.cols());
    const bool ladder = model && !options.nodes() &&
                        (!pairs || (model->row_segment_ohm == 0 && model->driver_ohm == 0));
    return ladder ? solve_gates_by_ladder(options, *model, g, gates)
                  : solve_gates_by_rows(options, circuit, g, gates);
}

void check_options(const Options& options) {
    if (!(options.tolerance >= 1e-12 && options.tolerance <= 1)) {
        throw bad_input("--tolerance is {}, expected 1e-12 to 1", options.tolerance);
    }
    if (options.topology == Topology::a && options.read_volt) {
        throw bad_input("--v-read is for topology B and C; --v holds the voltages of topology A");
    }
    if (options.topology != Topology::a && !options.read_volt) {
        throw bad_input("--v-read is missing: the read voltage of topology B and C");
    }
    if (options.topology != Topology::a && !options.effective.empty()) {
        throw bad_input("--effective: only topology A has a matrix that holds for all inputs");
    }
    if (options.sinh_volt && !(options.quadratic.empty() && options.cubic.empty())) {
        throw bad_input("--sinh is another cell law than --quadratic and --cubic");
    }
    if (!options.effective.empty() && !options.ohmic()) {
        throw bad_input("--effective: only ohmic cells have a matrix that holds for all inputs");
    }
    std::vector<fs::path> inputs{options.g, options.v};
    for (const fs::path& input : {options.quadratic, options.cubic}) {
        if (!input.empty()) inputs.push_back(input);
    }
    for (const SegmentSource& source : {options.wires.row, options.wires.column}) {
        if (const auto* input = std::get_if<fs::path>(&source)) inputs.push_back(*input);
    }
    const auto first_output = static_cast<std::ptrdiff_t>(inputs.size());
    for (const fs::path& output :
         {options.output, options.nodes_row, options.nodes_column, options.effective}) {
        if (output.empty()) continue;
        check_output(output, inputs);
        if (std::find(inputs.begin() + first_output, inputs.end(), output) != inputs.end()) {
            throw bad_input("{}: is to be written twice", output.string());
        }
        inputs.push_back(output);
    }
}

void check_result(const Result& result) {
    bool finite = result.ampere.allFinite();
    for (const MatrixXd& nodes : result.row_nodes) finite = finite && nodes.allFinite();
    for (const MatrixXd& nodes : result.column_nodes) finite = finite && nodes.allFinite();
    if (!finite) {
        throw Error(ErrorKind::bad_result,
                    "array solve: currents or voltages beyond the range of double precision");
    }
}

MatrixXd effective_siemens(const Options& options, const MatrixXd& g) {
    if (const auto model = options.wires.regular(g.rows(), g.cols())) {
        return behavioral::array_response(g, *model, behavioral::RowResponse::skip)
            .column_ampere_per_volt;
    }
    return behavioral::effective_siemens(g, wired_circuit(options.wires, g.rows(), g.cols()));
}

int run(const Options& options) {
    check_options(options);
    const MatrixXd g = read_matrix(options.g, "(rows, columns)");
    const MatrixXd volt = read_matrix(options.v, "(batch, rows)");
    const Result result =
        options.topology == Topology::a
            ? solve_wired(options, wired_circuit(options.wires, g.rows(), g.cols()), g, volt)
            : solve_gates(options, g, volt);
    check_result(result);
    const MatrixXd effective =
        options.effective.empty() ? MatrixXd() : effective_siemens(options, g);
    write_matrices(options.output, {result.ampere}, false);
    if (!options.nodes_row.empty()) write_matrices(options.nodes_row, result.row_nodes, true);
    if (!options.nodes_column.empty()) {
        write_matrices(options.nodes_column, result.column_nodes, true);
    }
    if (!options.effective.empty()) write_matrices(options.effective, {effective}, false);
    tell(options.output, fmt::format("{} x {} cells, {} input vectors: {}\n", g.rows(), g.cols(),
                                     volt.rows(), result.note));
    return 0;
}

void declare_wires(CLI::App& app, Options& options) {
    WireOptions& wires = options.wires;
    const auto segments = [&app](const char* name, SegmentSource& value, const char* meaning) {
        app.add_option_function<std::string>(
               name,
               [&value, name](const std::string& text) { value = segment_source(name, text); },
               meaning)
            ->required();
    };
    segments("--r-row", wires.row,
             "ohm per row segment, or a NumPy file of all of them: (segments) or\n"
             "(wires, segments); of the source lines in topology B and C");
    segments("--r-col", wires.column, "ohm per column segment, or a file");
    require_number(app.add_option("--r-driver", wires.driver_ohm,
                                  "ohm of each row driver, or source line supply (default 0)"));
    require_number(
        app.add_option("--r-sense", wires.sense_ohm, "ohm of each read-out (default 0)"));
    const std::map<std::string, behavioral::Ends> ends{{"one", behavioral::Ends::one},
                                                       {"both", behavioral::Ends::both}};
    app.add_option("--drive-ends", wires.rows_driven,
                   "ends at which rows, or source lines, are driven")
        ->transform(CLI::CheckedTransformer(ends).description("{one,both}"));
    app.add_option("--sense-ends", wires.columns_sensed, "ends at which columns are sensed")
        ->transform(CLI::CheckedTransformer(ends).description("{one,both}"));
}

void declare_files(CLI::App& app, Options& options) {
    app.add_option("--g", options.g, "conductances, siemens (rows, columns); 0 is an open cell")
        ->required();
    app.add_option("--v", options.v,
                   "inputs (batch, rows): volts; gates 0 or 1 in topology B and C")
        ->required();
    app.add_option("-o,--output", options.output,
                   "column currents to write, ampere (batch, columns); - is standard output")
        ->required();
    app.add_option("--nodes-row", options.nodes_row,
                   "also write the row wires' voltages (batch, rows, columns)");
    app.add_option("--nodes-col", options.nodes_column,
                   "also write the column wires' voltages (batch, rows, columns)");
    app.add_option("--effective", options.effective,
                   "also write the matrix of ampere per volt with all wires in it (rows, columns)");
}

void declare_cells(CLI::App& app, Options& options) {
    app.add_option("--quadratic", options.quadratic,
                   "non-linear cells: a2 of I = g V + a2 V^2 + a3 V^3 (rows, columns)");
    app.add_option("--cubic", options.cubic, "and a3 (rows, columns)");
    app.add_option("--sinh", options.sinh_volt, "non-linear cells I = g V0 sinh(V / V0): V0, volt");
}

}  // namespace

Verb solve_verb() {
    return {
        "solve", "currents of a resistive crossbar with its wires, from NumPy files",
        "  mho solve --g G.npy --v V.npy --r-row 1 --r-col 1 --method fast -o I.npy\n"
        "  rows are driven at column 0, columns sensed at the last row into ground. In topology\n"
        "  B inputs gate the cells between a source line and the bitline of their column; in C\n"
        "  rows of G are in turn the positive and the negative cell of one gate, so V has half\n"
        "  as many.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            declare_files(app, *options);
            declare_wires(app, *options);
            declare_cells(app, *options);
            const std::map<std::string, Topology> topologies{
                {"A", Topology::a}, {"B", Topology::b}, {"C", Topology::c}};
            app.add_option("--topology", options->topology,
                           "A: inputs on the row wires (default); B: inputs on gates;\n"
                           "C: as B, positive and negative cells on one bitline")
                ->transform(CLI::CheckedTransformer(topologies).description("{A,B,C}"));
            const std::map<std::string, Method> methods{{"exact", Method::exact},
                                                        {"fast", Method::fast}};
            app.add_option("--method", options->method,
                           "exact: sparse direct (default); fast: iteration to --tolerance\n"
                           "in topology A, recurrences exact to rounding in B and C")
                ->transform(CLI::CheckedTransformer(methods).description("{exact,fast}"));
            require_number(
                app.add_option("--tolerance", options->tolerance,
                               "of --method fast and of non-linear cells in B and C: bound on\n"
                               "the sum of all column errors, as a part of the drivers'\n"
                               "currents (default 1e-6)"));
            require_number(
                app.add_option("--v-read", options->read_volt, "read voltage of topology B and C"));
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
