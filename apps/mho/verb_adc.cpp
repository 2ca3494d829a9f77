// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <vector>

#include "apps/mho/adc_text.h"
#include "apps/mho/arguments.h"
#include "apps/mho/output.h"
#include "apps/mho/spice_options.h"
#include "apps/mho/verb.h"
#include "base/progress.h"
#include "netlist/spec_toml.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path spec, output;
    SpiceOptions spice;
    calibrate::AdcStudyOptions study;
};

int run(const Options& options) {
    if (!options.output.empty()) check_output(options.output, std::vector<fs::path>{options.spec});
    const netlist::Spec spec = netlist::read_spec(options.spec);
    calibrate::AdcStudyOptions how = options.study;
    how.how = calibrate_options(options.spice);
    calibrate::AdcStudy study;
    {
        ProgressBar bar("conversions", options.spice.quiet);
        how.how.progress = bar.callback();
        study = calibrate::study_adc(spec, how);
    }
    tell(options.output,
         fmt::format("{}: {}{}", spec.name, runs_text(study.runs), adc_table(study, spec.adc)));
    if (options.output.empty()) return 0;
    write_output(options.output, adc_json(study, spec));
    tell_written(options.output);
    return 0;
}

}  // namespace

Verb adc_verb() {
    return {
        "adc", "measure the transfer curve of a spec's converter in ngspice",
        "  mho adc examples/sar/spec.toml --samples 10 -o adc.json\n"
        "  converts voltages spread over the range at transistor level, as drawn and with ten\n"
        "  draws of mismatch, and prints offset, gain, INL, DNL, energy and time of a conversion.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            app.add_option("spec", options->spec, "the spec (TOML)")->required();
            app.add_option("-o,--output", options->output,
                           "also write transitions, INL and DNL (JSON); - is standard output");
            require_count(app.add_option("--samples", options->study.samples,
                                         "draws of random mismatch (default 0)"));
            app.add_option("--conversions", options->study.conversions,
                           "that a SAR's nominal curve is fitted to (default 24)");
            app.add_option("--sample-conversions", options->study.sample_conversions,
                           "the same for each draw (default 4)");
            app.add_option("--transitions", options->study.found_transitions,
                           "of a SAR's nominal circuit, found by codes alone (default 5)");
            declare(app, options->spice);
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
