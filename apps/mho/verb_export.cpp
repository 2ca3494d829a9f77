// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/file.h"
#include "behavioral/card_json.h"
#include "calibrate/export.h"
#include "flows/npy.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

using Format = calibrate::ExportFormat;

struct Options {
    fs::path card, states, output;
    Format format = Format::spice;
    int column = 0;
    std::string name = "mho_column";
};

// Conductances of the array, from a file, or all cells in the middle of their range.
Eigen::MatrixXd array_states(const Options& options, const behavioral::ModelCard& card) {
    const Eigen::Index rows = card.array.rows, columns = card.array.columns;
    if (options.states.empty()) {
        return Eigen::MatrixXd::Constant(rows, columns,
                                         0.5 * (card.cell.g_min_siemens + card.cell.g_max_siemens));
    }
    const flows::NpyArray file = flows::read_npy(options.states);
    if (file.shape.size() != 2 || file.shape[0] != static_cast<std::size_t>(rows) ||
        file.shape[1] != static_cast<std::size_t>(columns)) {
        throw bad_input("{}: shape is not ({}, {}), the card's array", options.states.string(),
                        rows, columns);
    }
    using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    return Eigen::Map<const RowMatrix>(file.values.data(), rows, columns);
}

int run(const Options& options) {
    check_output(options.output, std::vector<fs::path>{options.card, options.states});
    const behavioral::ModelCard card =
        behavioral::card_from_json(read_file(options.card), options.card.string());
    if (card.converter_only) {
        if (!options.states.empty()) {
            throw bad_input("{}: the card is of a converter alone, expected no --states",
                            options.card.string());
        }
        write_output(options.output, export_adc(card, options.format, options.name));
        tell_written(options.output);
        return 0;
    }
    const calibrate::ColumnCoefficients column =
        calibrate::column_coefficients(card, array_states(options, card), options.column);
    std::string text;
    switch (options.format) {
        case Format::spice:
            text = export_spice(card, column, options.name);
            break;
        case Format::verilog_a:
            text = export_verilog_a(card, column, options.name);
            break;
        case Format::system_verilog:
            text = export_system_verilog(card, column, options.name);
            break;
    }
    write_output(options.output, text);
    tell_written(options.output);
    return 0;
}

}  // namespace

Verb export_verb() {
    return {
        "export", "a card's column and converter as models for circuit simulators",
        "  mho export card.json --format system-verilog --column 3 -o column.sv\n"
        "  writes modules mho_column (row levels to read-out voltage) and mho_column_adc\n"
        "  (voltage to code) that give what mho's own model gives; formats: spice, verilog-a,\n"
        "  system-verilog. Of a card of a converter alone: mho_column_adc only.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            const std::map<std::string, Format> formats{{"spice", Format::spice},
                                                        {"verilog-a", Format::verilog_a},
                                                        {"system-verilog", Format::system_verilog}};
            app.add_option("card", options->card, "the card (JSON) of mho calibrate")->required();
            app.add_option("--format", options->format, "language (default spice)")
                ->transform(CLI::CheckedTransformer(formats));
            app.add_option("--states", options->states,
                           "conductances of the array, rows x columns, siemens (NPY; default: "
                           "every cell in the middle of its range)");
            app.add_option("--column", options->column, "which column (default 0)");
            app.add_option("--name", options->name, "of the module (default mho_column)");
            app.add_option("-o,--output", options->output,
                           "the text to write; - is standard output")
                ->required();
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
