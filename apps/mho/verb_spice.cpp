// SPDX-License-Identifier: Apache-2.0
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "apps/mho/arguments.h"
#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "apps/mho/waveform_files.h"
#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "spice/pool.h"
#include "spice/text.h"
#include "spice/user_deck.h"
#include "spice/vector_list.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path deck, output;
    std::string vectors;
    double timeout_second = 600;
    bool quiet = false;
};

// The wanted vectors, checked before anything runs.
std::vector<std::string> wanted_vectors(const Options& options) {
    std::vector<std::string> vectors = spice::split_vectors(options.vectors);
    for (const std::string& vector : vectors) (void)spice::parse_vector(vector);
    if (vectors.empty() && !options.vectors.empty()) {
        throw bad_input("--vectors: there is no vector in '{}'", options.vectors);
    }
    return vectors;
}

// " (line 3)", where a card of the deck names a vector that the message says is missing.
std::string asked_for_in(const spice::UserDeck& deck, std::string_view message) {
    std::set<std::size_t> lines;
    for (const auto& [vector, line] : deck.vector_lines) {
        if (message.find(vector) != std::string_view::npos) lines.insert(line);
    }
    if (lines.empty()) return "";
    return fmt::format(" (asked for in line{} {})", lines.size() == 1 ? "" : "s",
                       fmt::join(lines, ", "));
}

// ngspice's own line numbers count another text, so they are left to its message.
bool is_about(const spice::DeckAnalysis& analysis, const std::string& message) {
    return message.find(analysis.card) != std::string::npos || message.starts_with("doAnalyses");
}

// "netlist line 7: ..." of a worker as "deck.cir:7: ...".
std::string located(const Options& options, const spice::UserDeck& user_deck,
                    const spice::DeckAnalysis& analysis, const spice::JobResult& result) {
    constexpr std::string_view kPrefix = "netlist line ";
    const std::string deck = options.deck.string();
    std::string_view message = result.message;
    if (message.starts_with(kPrefix)) {
        message.remove_prefix(kPrefix.size());
        return fmt::format("{}:{}", deck, message);
    }
    for (const spice::DeckMeasure& measure : user_deck.measures) {
        constexpr std::string_view kNone = "the circuit has no ";
        const std::string prefix = fmt::format("measure {}: ", measure.name);
        const std::string_view missing =
            message.starts_with(kNone)
                ? message.substr(kNone.size(), message.find(',') - kNone.size())
                : std::string_view();
        const bool reads =
            !missing.empty() && spice::lower_case(measure.card).find(missing) != std::string::npos;
        if (!reads && !message.starts_with(prefix)) continue;
        return fmt::format("{}:{}: '{}' cannot be measured: {}", deck, measure.line, measure.card,
                           reads ? message : message.substr(prefix.size()));
    }
    if (result.status == spice::JobStatus::bad_netlist) {
        return is_about(analysis, result.message)
                   ? fmt::format("{}:{}: {}: ngspice refused it: {}", deck, analysis.line,
                                 analysis.card, message)
                   : fmt::format("{}: ngspice refused it: {}", deck, message);
    }
    const bool by_deck = result.status == spice::JobStatus::incomplete && options.vectors.empty();
    return fmt::format("{}:{}: {}: {}: {}{}", deck, analysis.line, analysis.card,
                       to_string(result.status), message,
                       by_deck ? asked_for_in(user_deck, message) : "");
}

[[noreturn]] void fail(const Options& options, const spice::UserDeck& deck,
                       const spice::DeckAnalysis& analysis, const spice::JobResult& result) {
    const bool users_fault = result.status == spice::JobStatus::bad_netlist;
    throw Error(users_fault ? ErrorKind::bad_input : ErrorKind::simulator,
                located(options, deck, analysis, result));
}

std::vector<Plot> run_deck(const Options& options, const spice::UserDeck& deck,
                           const std::vector<std::string>& vectors) {
    std::vector<spice::Job> jobs;
    for (const spice::DeckAnalysis& analysis : deck.analyses) {
        jobs.push_back(make_job(deck, analysis, vectors));
        jobs.back().timeout_second = options.timeout_second;
    }
    spice::PoolOptions pool_options;
    pool_options.workers = std::min<std::size_t>(jobs.size(), thread_count(0));
    spice::Pool pool(pool_options);
    const std::string note = spice::missing_klu_note(deck, pool.simulator());
    if (!options.quiet && !note.empty()) fmt::print(stderr, "mho: {}\n", note);
    std::vector<spice::JobResult> results;
    {
        ProgressBar bar("SPICE runs", options.quiet || jobs.size() == 1);
        results = pool.run(jobs, bar.callback());
    }
    std::vector<Plot> plots;
    for (std::size_t k = 0; k < results.size(); ++k) {
        if (results[k].status != spice::JobStatus::ok) {
            fail(options, deck, deck.analyses[k], results[k]);
        }
        plots.push_back({deck.title, deck.analyses[k].kind, std::move(results[k].waveforms)});
    }
    if (!options.quiet && !results.front().message.empty()) {
        fmt::print(stderr, "mho: {}: ngspice says: {}\n", options.deck.string(),
                   results.front().message);
    }
    return plots;
}

int run(const Options& options) {
    const std::vector<std::string> vectors = wanted_vectors(options);
    const spice::UserDeck deck = spice::read_user_deck(read_file(options.deck), options.deck);
    std::vector<spice::AnalysisKind> kinds;
    for (const spice::DeckAnalysis& analysis : deck.analyses) kinds.push_back(analysis.kind);
    std::vector<WaveformFile> files;
    if (!options.output.empty()) {
        files = waveform_files(options.output, kinds);
        for (const WaveformFile& file : files) check_output(file.path, {&options.deck, 1});
    }
    if (!options.quiet) {
        for (const std::string& note : deck.notes) fmt::print(stderr, "mho: {}\n", note);
    }
    const std::vector<Plot> plots = run_deck(options, deck, vectors);
    for (const WaveformFile& file : files) {
        std::vector<const Plot*> in_file;
        for (const std::size_t k : file.plots) in_file.push_back(&plots[k]);
        write_output(file.path, file_content(in_file, waveform_format(options.output)));
    }
    if (options.quiet) return 0;
    for (std::size_t k = 0; k < plots.size(); ++k) {
        tell(options.output, fmt::format("{}{}\n{}", k == 0 ? "" : "\n", deck.analyses[k].card,
                                         waveform_table(plots[k].waveforms)));
    }
    for (const WaveformFile& file : files) tell_written(file.path);
    return 0;
}

}  // namespace

Verb spice_verb() {
    return {
        "spice", "run any SPICE deck in ngspice",
        "  mho spice column.cir --vectors 'v(out),i(vdd)' -o column.npz\n"
        "  runs the deck's .op, .dc, .tran, .ac and .noise cards in processes of their own, "
        "prints\n"
        "  a table of the vectors and what .meas cards measured, and writes the vectors.",
        [](CLI::App& app) -> std::function<int()> {
            const auto options = std::make_shared<Options>();
            app.add_option("deck", options->deck, "the deck")->required();
            app.add_option("-o,--output", options->output,
                           "result: .raw (ngspice, all analyses in one file), .npz (NumPy) or\n"
                           ".csv (one file per analysis); - is CSV on standard output");
            app.add_option("--vectors", options->vectors,
                           "what to keep, for example 'v(out),v(a,b),i(vdd)' or 'all' (default:\n"
                           "the deck's .save, .print and .plot cards; all where it has none)");
            require_positive(app.add_option("--timeout", options->timeout_second,
                                            "seconds that one analysis may take (default 600)"));
            app.add_flag("--quiet", options->quiet, "print nothing but errors");
            return [options] { return run(*options); };
        }};
}

}  // namespace mho::apps
