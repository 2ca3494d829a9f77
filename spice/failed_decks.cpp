// SPDX-License-Identifier: Apache-2.0
#include "spice/failed_decks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "spice/deck.h"
#include "spice/request.h"
#include "spice/text.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

std::string comment(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return fmt::format("* {}\n", line);
}

// Of ".tran 1n 5n".
std::string analysis_word(const std::string& analysis) {
    const std::vector<std::string_view> words = split(analysis, " \t.");
    return words.empty() ? "" : lower_case(words.front());
}

// ".save" and ".print" cards, as far as the names make sense; a job may have failed because they do
// not. ngspice runs nothing in batch mode, but for op, unless something is to be printed.
std::string save_cards(const Job& job) {
    std::string cards;
    const std::string analysis = analysis_word(job.analysis);
    for (const std::string& vector : job.vectors) {
        try {
            const VectorRequest request = parse_vector(vector);
            for (const std::string& name : {request.first, request.second}) {
                if (name.empty() || name == "0") continue;
                cards += fmt::format(".save {}\n", name);
                if (analysis != "op") cards += fmt::format(".print {} {}\n", analysis, name);
            }
        } catch (const Error&) {
            cards += comment(fmt::format("save {}", vector));
        }
    }
    return cards;
}

}  // namespace

std::string failed_deck(const Job& job, const JobResult& result) {
    const std::size_t body = std::min(job.netlist.find('\n'), job.netlist.size() - 1) + 1;
    const std::size_t end = std::min(end_line_offset(job.netlist), job.netlist.size());
    std::string text = job.netlist.substr(0, std::min(body, end));
    if (!text.ends_with('\n')) text += '\n';
    text += comment(
        fmt::format("SPICE job '{}': {}: {}", job.label, to_string(result.status), result.message));
    for (const std::string& model : job.osdi_models) text += comment("loads " + model);
    if (!job.alterations.rows.empty()) {
        text +=
            comment(fmt::format("{} runs with altered parameters", job.alterations.rows.size()));
    }
    text += job.netlist.substr(std::min(body, end), end - std::min(body, end));
    if (!text.ends_with('\n')) text += '\n';
    text += save_cards(job);
    if (!job.analysis.empty()) {
        text += fmt::format("{}{}\n", job.analysis.front() == '.' ? "" : ".", job.analysis);
    }
    return text + ".end\n";
}

FailedDecks::FailedDecks(const PoolOptions& options) : folder_(options.failed_folder) {
    if (folder_.empty() && !options.cache_folder.empty()) folder_ = options.cache_folder / "failed";
}

std::string FailedDecks::keep(const Job& job, const JobResult& result) const {
    if (folder_.empty()) return {};
    const std::string deck = failed_deck(job, result);
    const fs::path file = folder_ / (content_hash(deck) + ".cir");
    std::error_code failure;
    fs::create_directories(folder_, failure);
    write_file(file, deck);
    return file.string();
}

}  // namespace mho::spice
