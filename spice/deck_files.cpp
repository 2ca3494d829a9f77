// SPDX-License-Identifier: Apache-2.0
#include "spice/deck_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "spice/included_files.h"
#include "spice/number_text.h"
#include "spice/text.h"

namespace mho::spice {
namespace fs = std::filesystem;
class DeckWalk {
  public:
    // A file, or one section of a library.
    struct Part {
        fs::path path;  // canonical, so that each file has one
        std::string section;
        auto operator<=>(const Part&) const = default;

        std::string text() const {
            const std::string name = path.filename().string();
            return section.empty() ? name : fmt::format("{} {}", name, section);
        }
    };

    struct OpenFile {
        std::string_view text;
        std::string name;  // in messages
        fs::path folder;   // that its relative names count from
        bool titled = false;
    };

    // What a netlist includes; its own lines are looked at where it is run.
    void read_included(std::string_view netlist) {
        open_.clear();  // of one that failed
        const OpenFile file{netlist, "netlist", {}, true};
        std::size_t number = 0;
        for (std::size_t start = 0; start < netlist.size();) {
            const std::size_t end = std::min(netlist.find('\n', start), netlist.size());
            const std::string_view line = trimmed(netlist.substr(start, end - start));
            start = end + 1;
            if (++number == 1 || !line.starts_with('.')) continue;
            const auto include = include_line(line);
            const bool is_lib = include && lower_case(split(line, kBlank).front()) == ".lib";
            if (include && (!is_lib || include->has_section)) follow(file, number, line, *include);
        }
    }

    void read(const OpenFile& file, const Part& part) {
        open_.push_back(part);
        std::string section;  // that the line stands in
        std::size_t number = 0;
        for (std::size_t start = 0; start < file.text.size();) {
            const std::size_t end = std::min(file.text.find('\n', start), file.text.size());
            const std::string_view line = trimmed(file.text.substr(start, end - start));
            start = end + 1;
            if (++number == 1 && file.titled) continue;
            const auto include = include_line(line);
            const bool is_lib = include && lower_case(split(line, kBlank).front()) == ".lib";
            if (include && is_lib && !include->has_section) {
                section = lower_case(include->path.string());
            } else if (include) {
                // ngspice follows every .include of a file, but .lib lines of the wanted section
                // only.
                if (!is_lib || section == part.section) follow(file, number, line, *include);
            } else if (lower_case(line.substr(0, 5)) == ".endl") {
                section.clear();
            } else {
                check_letters(file, number, line);
                check_numbers(file, number, line);
            }
        }
        open_.pop_back();
        done_.insert(part);
    }

  private:
    static void check_letters(const OpenFile& file, std::size_t number, std::string_view line) {
        if (has_foreign_letter(line)) {
            throw bad_input(
                "{}:{}: '{}' has letters outside ASCII, which ngspice cannot tell apart; expected "
                "them in comments only",
                file.name, number, shown(line));
        }
    }

    static void check_numbers(const OpenFile& file, std::size_t number, std::string_view line) {
        if (lower_case(line.substr(0, 6)) == ".title") return;
        const std::string_view found = overflowing_number(line);
        if (found.empty()) return;
        throw bad_input("{}:{}: '{}': {} is larger than any number", file.name, number, shown(line),
                        shown(found));
    }

    void follow(const OpenFile& file, std::size_t number, std::string_view line,
                const IncludeLine& include) {
        const fs::path path = (file.folder / include.path).lexically_normal();
        std::error_code failure;
        if (!fs::is_regular_file(path, failure)) return;
        Part part{fs::weakly_canonical(path, failure), {}};
        if (failure) part.path = path;
        if (include.has_section) {
            const auto behind = line.substr(include.start + include.length);
            part.section = lower_case(split(behind, kBlank).front());
        }
        if (const auto again = std::find(open_.begin(), open_.end(), part); again != open_.end()) {
            std::string circle;
            for (auto one = again; one != open_.end(); ++one) circle += one->text() + " -> ";
            throw bad_input("{}:{}: '{}' includes a file that is being read: {}{}", file.name,
                            number, shown(line), circle, part.text());
        }
        if (done_.contains(part)) return;
        const std::string content = read_file(path);
        read({content, path.string(), path.parent_path(), false}, part);
    }

    std::vector<Part> open_;
    std::set<Part> done_;
};

IncludedFileChecks::IncludedFileChecks() : walk_(std::make_unique<DeckWalk>()) {}
IncludedFileChecks::~IncludedFileChecks() = default;
IncludedFileChecks::IncludedFileChecks(IncludedFileChecks&&) noexcept = default;
IncludedFileChecks& IncludedFileChecks::operator=(IncludedFileChecks&&) noexcept = default;

void IncludedFileChecks::check(std::string_view netlist) {
    walk_->read_included(netlist);
}

void check_deck_files(std::string_view deck, const fs::path& name) {
    std::error_code failure;
    const fs::path path = fs::weakly_canonical(fs::absolute(name), failure);
    DeckWalk().read({deck, name.string(), fs::absolute(name).parent_path(), true},
                    {failure ? name : path, {}});
}

std::optional<std::size_t> klu_option_line(std::string_view text) {
    std::optional<std::size_t> found;
    std::size_t card = 0;  // line of the .option card that goes on, or 0
    std::size_t number = 0;
    for (std::size_t start = 0; start < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string line = lower_case(trimmed(text.substr(start, end - start)));
        start = end + 1;
        if (line.empty() || line.front() == '*' || line.front() == '$') continue;
        if (line.front() != '+') card = line.starts_with(".opt") ? number + 1 : 0;
        if (card == 0) continue;
        const std::string_view content = std::string_view(line).substr(0, line.find(';'));
        for (const std::string_view word : split(content, " \t,=+")) {
            if (word == "$") break;
            if (word == "klu") found = card;
            if (word == "sparse") found.reset();
        }
    }
    return found;
}

}  // namespace mho::spice
