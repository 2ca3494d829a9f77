// SPDX-License-Identifier: Apache-2.0
#include "spice/user_deck.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "base/error.h"
#include "spice/deck_files.h"
#include "spice/included_files.h"
#include "spice/text.h"
#include "spice/vector_list.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kAnalysisWords = "expected .op, .dc, .tran, .ac or .noise";
constexpr std::array<std::string_view, 7> kOtherAnalyses{".tf", ".sens", ".pz", ".disto",
                                                         ".sp", ".pss",  ".hb"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Of "tran".
std::optional<AnalysisKind> analysis_kind(std::string_view command) {
    for (const AnalysisKind kind : {AnalysisKind::op, AnalysisKind::dc, AnalysisKind::tran,
                                    AnalysisKind::ac, AnalysisKind::noise}) {
        if (command == to_string(kind)) return kind;
    }
    return std::nullopt;
}

std::string_view without_deck_comment(std::string_view line) {
    line = line.substr(0, line.find(';'));
    return trimmed(line.substr(0, line.find(" $")));
}

bool has_control(std::string_view text) {
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string_view line = trimmed(text.substr(start, end - start));
        if (line.starts_with('.') && lower_case(line.substr(0, 8)) == ".control") return true;
        start = end + 1;
    }
    return false;
}

// Reads the physical lines of a deck one after the other.
class DeckReader {
  public:
    DeckReader(std::string_view text, const fs::path& file)
        : name_(file.string()), folder_(fs::absolute(file).parent_path()) {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            lines_.emplace_back(text.substr(0, end));
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        }
    }

    UserDeck read() {
        if (lines_.empty()) throw bad_input("{}: it is empty, expected a SPICE deck", name_);
        deck_.title = trimmed(lines_.front());
        if (lower_case(deck_.title).starts_with(".subckt")) {
            throw error(0,
                        "found .subckt in the first line, which is the deck's title; expected a "
                        "line of text before it");
        }
        bool ended = false;
        for (std::size_t i = 1; i < lines_.size() && !ended; ++i) {
            if (in_control_) {
                read_command(i);
                continue;
            }
            if (!trimmed(lines_[i]).starts_with('.')) continue;
            ended = lower_case(without_deck_comment(lines_[i])) == ".end";
            if (ended) {
                lines_.resize(i);
            } else {
                read_card(i);
            }
        }
        if (deck_.analyses.empty()) {
            throw bad_input("{}: it has no analysis, {}", name_, kAnalysisWords);
        }
        finish();
        return std::move(deck_);
    }

  private:
    Error error(std::size_t i, std::string_view message) const {
        return bad_input("{}:{}: {}", name_, i + 1, message);
    }

    void read_card(std::size_t i) {
        const std::string command =
            lower_case(split(without_deck_comment(lines_[i]), " \t(=\r").front());
        if (command == ".control") {
            lines_[i].assign(1, '*');
            in_control_ = true;
            return;
        }
        if (is_one_of(command, kOtherAnalyses)) {
            throw error(i, fmt::format("'{}' is no analysis that is run here, {}", command,
                                       kAnalysisWords));
        }
        if (const auto include = include_line(lines_[i])) {
            include_file(i, *include);
        } else if (const auto kind = analysis_kind(command.substr(1))) {
            add_analysis(i, *kind);
        } else if (command == ".print" || command == ".plot") {
            printed_.push_back({i, take_out(i)});
        } else if (command == ".four" || command == ".fourier") {
            (void)take_out(i);
            note(i, fmt::format("{} is left out", command));
        } else if (command == ".save") {
            for (const std::string& vector : vectors_of(i, joined(i).substr(5))) {
                deck_.saved.push_back(vector);
            }
        } else if (command == ".meas" || command == ".measure") {
            add_measure(i);
        }
    }

    // ngspice itself leaves some malformed cards out without a word.
    void add_measure(std::size_t i) {
        constexpr std::array<std::string_view, 6> kKinds{"tran", "ac", "dc", "op", "noise", "sp"};
        constexpr std::array<std::string_view, 17> kFunctions{
            "trig", "find",   "when",   "deriv", "derivative", "avg",   "max",  "min",  "pp",
            "rms",  "min_at", "max_at", "integ", "integral",   "param", "targ", "cross"};
        const std::string card = joined(i);
        const std::string lower = lower_case(card);
        const std::vector<std::string_view> words = split(lower, " \t\r=");
        const auto refuse = [&](std::string_view expected) {
            throw error(i,
                        fmt::format("'{}' measures nothing, expected {}", shown(card), expected));
        };
        if (words.size() < 2 || !is_one_of(words[1], kKinds)) refuse("tran, ac, dc, op or noise");
        if (words.size() < 3) refuse("a name");
        if (words.size() < 4 || !is_one_of(words[3], kFunctions)) {
            refuse(
                "trig, find, when, deriv, avg, max, min, max_at, min_at, pp, rms, integ or param "
                "behind the name");
        }
        if (words.size() < 5) refuse(fmt::format("more behind '{}'", words[3]));
        deck_.measures.push_back({std::string(words[2]), card, i + 1});
        for (std::string& vector : vectors_in(lower)) measured_.insert(std::move(vector));
    }

    // A control block is a program, and its commands do anything; those that mean the same as a
    // card are taken for it.
    void read_command(std::size_t i) {
        const std::string line(without_deck_comment(lines_[i]));
        lines_[i].assign(1, '*');
        if (line.empty() || line.front() == '*') return;
        const std::string word = lower_case(split(line, kBlank).front());
        constexpr std::array<std::string_view, 3> kHarmless{"numdgt", "nobreak", "width"};
        const std::vector<std::string_view> fields = split(line, " \t\r=");
        const bool harmless_set =
            word == "set" && fields.size() > 1 && is_one_of(lower_case(fields[1]), kHarmless);
        if (word == ".endc") {
            in_control_ = false;
        } else if (const auto kind = analysis_kind(word)) {
            lines_[i] = fmt::format(".{}", line);
            add_analysis(i, *kind);
        } else if (word == "meas") {
            lines_[i] = fmt::format(".{}", line);
            read_card(i);
        } else if (word == "print") {
            for (const std::string& vector : vectors_of(i, line.substr(5))) {
                deck_.saved.push_back(vector);
            }
        } else if (word == "pre_osdi" || word == "osdi") {
            if (fields.size() != 2) throw error(i, fmt::format("{}: expected one file", word));
            deck_.osdi_models.push_back((folder_ / fields[1]).lexically_normal().string());
        } else if (word != "run" && !harmless_set) {
            throw error(
                i, fmt::format("'{}' in a .control block is not run, expected op, dc, "
                               "tran, ac, noise, meas, print, pre_osdi or run; write the others as "
                               "cards",
                               shown(line)));
        }
    }

    // The card that starts in line i with its continuations; `lines` becomes the line behind it.
    std::string joined(std::size_t i, std::size_t* behind = nullptr) const {
        std::string card(without_deck_comment(lines_[i]));
        for (++i; i < lines_.size(); ++i) {
            const std::string_view line = trimmed(lines_[i]);
            const bool comment = line.empty() || line.front() == '*' || line.front() == '$';
            if (!comment && line.front() != '+') break;
            if (comment) continue;
            card.append(" ").append(without_deck_comment(line.substr(1)));
            if (behind != nullptr) *behind = i + 1;
        }
        return card;
    }

    // The card, which stands in the netlist no more.
    std::string take_out(std::size_t i) {
        std::size_t behind = i + 1;
        std::string card = joined(i, &behind);
        for (; i < behind; ++i) lines_[i].assign(1, '*');
        return card;
    }

    void add_analysis(std::size_t i, AnalysisKind kind) {
        DeckAnalysis analysis{kind, take_out(i), i + 1, {}};
        try {
            (void)parse_analysis(analysis.card);
        } catch (const Error& problem) {
            throw error(i, problem.what());
        }
        deck_.analyses.push_back(std::move(analysis));
    }

    void include_file(std::size_t i, const IncludeLine& include) {
        const bool opens_section =
            !include.has_section && lower_case(trimmed(lines_[i])).starts_with(".lib");
        if (opens_section || include.path.string().starts_with('~')) return;
        const fs::path path = (folder_ / include.path).lexically_normal();
        if (path.string().find('"') != std::string::npos) {
            throw error(i, "the file's path has a quotation mark, which ngspice does not take");
        }
        std::error_code ignored;
        if (!fs::is_regular_file(path, ignored)) {
            throw error(i, fmt::format("there is no file {}", path.string()));
        }
        lines_[i].replace(include.start, include.length, fmt::format("\"{}\"", path.string()));
    }

    std::vector<std::string> vectors_of(std::size_t i, std::string_view list) {
        std::vector<std::string> vectors;
        for (const std::string& vector : split_vectors(list)) {
            std::string whole = whole_vector(lower_case(vector));
            if (is_vector(whole)) {
                deck_.vector_lines.emplace(whole, i + 1);
                vectors.push_back(std::move(whole));
            } else {
                note(i, fmt::format("'{}' is no plain vector and is left out", shown(vector)));
            }
        }
        return vectors;
    }

    // ".print tran v(a) v(b)", ".plot ac vdb(a) (0,5)"
    void read_printed(std::size_t i, std::string_view card) {
        const std::vector<std::string_view> words = split(card, kBlank);
        const auto kind = words.size() < 2 ? std::nullopt : analysis_kind(lower_case(words[1]));
        if (!kind) return note(i, "a .print without op, dc, tran, ac or noise is left out");
        const auto rest = static_cast<std::size_t>(words[1].data() - card.data()) + words[1].size();
        for (std::string& vector : vectors_of(i, card.substr(rest))) {
            if (vector == "onoise" || vector == "inoise") vector += "_spectrum";
            deck_.vector_lines.emplace(vector, i + 1);
            for (DeckAnalysis& analysis : deck_.analyses) {
                if (analysis.kind == *kind) analysis.vectors.push_back(vector);
            }
        }
    }

    void finish() {
        for (const auto& [i, card] : printed_) read_printed(i, card);
        for (const std::string& line : lines_) deck_.netlist.append(line).append("\n");
        check_deck_files(deck_.netlist, name_);
        note_klu(deck_.netlist, name_);
        for (const IncludedFile& included : included_files(deck_.netlist)) {
            note_klu(included.text, included.path.string());
            if (has_control(included.text)) {
                throw bad_input("{}: included file {} has a .control block, which is not run",
                                name_, included.path.string());
            }
        }
        for (const std::string& vector : measured_) {
            const VectorRequest request = parse_vector(vector);
            for (const std::string* one : {&request.first, &request.second}) {
                if (!one->empty() && *one != "0") deck_.measured.push_back(*one);
            }
        }
    }

    void note_klu(std::string_view text, const std::string& file) {
        const std::optional<std::size_t> line = klu_option_line(text);
        const auto noise = std::find_if(
            deck_.analyses.begin(), deck_.analyses.end(),
            [](const DeckAnalysis& analysis) { return analysis.kind == AnalysisKind::noise; });
        if (line) deck_.klu_place = fmt::format("{}:{}", file, *line);
        if (!line || noise == deck_.analyses.end()) return;
        deck_.klu = true;
        deck_.notes.push_back(
            fmt::format("{}:{}: option klu is not used for the .noise of line {}, which ngspice's "
                        "KLU does not do",
                        file, *line, noise->line));
    }

    void note(std::size_t i, std::string_view message) {
        deck_.notes.push_back(fmt::format("{}:{}: {}", name_, i + 1, message));
    }

    std::string name_;
    fs::path folder_;
    bool in_control_ = false;
    std::vector<std::string> lines_;
    std::vector<std::pair<std::size_t, std::string>> printed_;
    std::set<std::string> measured_;
    UserDeck deck_;
};

// Each once, in the order they come; ".save" and ".print" often name the same.
void add_once(std::vector<std::string>& vectors, const std::vector<std::string>& more) {
    for (const std::string& vector : more) {
        if (std::find(vectors.begin(), vectors.end(), vector) == vectors.end()) {
            vectors.push_back(vector);
        }
    }
}

bool is_total(const std::string& vector) {
    return vector.ends_with("noise_total");
}

// A noise analysis takes nothing but its own results, and either densities or totals.
std::vector<std::string> noise_vectors(const std::vector<std::string>& vectors) {
    std::vector<std::string> densities;
    std::vector<std::string> totals;
    for (const std::string& vector : vectors) {
        if (vector.ends_with("_spectrum")) densities.push_back(vector);
        if (is_total(vector)) totals.push_back(vector);
    }
    return densities.empty() ? totals : densities;
}

}  // namespace

UserDeck read_user_deck(std::string_view text, const fs::path& file) {
    return DeckReader(text, file).read();
}

std::string missing_klu_note(const UserDeck& deck, const SimulatorInfo& simulator) {
    if (deck.klu_place.empty() || simulator.klu) return {};
    return fmt::format("{}: option klu is not used: this ngspice ({}) has no KLU, Sparse solves",
                       deck.klu_place, simulator.version);
}

Job make_job(const UserDeck& deck, const DeckAnalysis& analysis,
             const std::vector<std::string>& vectors) {
    Job job;
    job.analysis = analysis.card;
    job.warnings_allowed = true;
    job.label = analysis.card;
    job.osdi_models = deck.osdi_models;
    add_once(job.vectors, vectors);
    if (vectors.empty()) {
        add_once(job.vectors, deck.saved);
        add_once(job.vectors, analysis.vectors);
        if (analysis.kind == AnalysisKind::noise) job.vectors = noise_vectors(job.vectors);
    }
    if (job.vectors.empty()) job.vectors.emplace_back(kAllVectors);
    job.netlist = deck.netlist;
    const bool all =
        std::find(job.vectors.begin(), job.vectors.end(), kAllVectors) != job.vectors.end();
    if (!all && analysis.kind != AnalysisKind::noise) {
        for (const std::string& vector : deck.measured)
            job.netlist += fmt::format(".save {}\n", vector);
    }
    if (deck.klu && analysis.kind == AnalysisKind::noise) job.netlist += ".option sparse\n";
    job.netlist += ".end\n";
    return job;
}

}  // namespace mho::spice
