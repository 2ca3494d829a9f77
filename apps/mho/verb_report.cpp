// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "base/file.h"
#include "flows/report.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::vector<fs::path> results;
    fs::path output;
};

int run(const Options& options) {
    check_output(options.output, options.results);
    std::vector<flows::ReportInput> inputs;
    for (const fs::path& path : options.results) inputs.push_back({path.string(), read_file(path)});
    if (is_standard_output(options.output)) {
        write_output(options.output, flows::build_report(inputs, "report_plots").html);
        return 0;
    }
    flows::write_report(inputs, options.output);
    tell_written(options.output);
    const fs::path plots =
        options.output.parent_path() / (options.output.stem().string() + "_plots");
    if (fs::is_directory(plots))
        tell(options.output, fmt::format("wrote {}/*.svg\n", plots.string()));
    return 0;
}

}  // namespace

Verb report_verb() {
    return {"report", "make a page with plots and advice from results of infer",
            "  mho report result.json -o report.html\n"
            "  writes report.html, one page that needs nothing else, and its plots as\n"
            "  report_plots/*.svg. Several results stand side by side:\n"
            "  mho report 8bit.json 6bit.json -o comparison.html",
            [](CLI::App& app) -> std::function<int()> {
                const auto options = std::make_shared<Options>();
                app.add_option("results", options->results, "results of 'mho infer' (JSON)")
                    ->required();
                app.add_option("-o,--output", options->output,
                               "the page to write; - is standard output, without the plots' files")
                    ->required();
                return [options] { return run(*options); };
            }};
}

}  // namespace mho::apps
