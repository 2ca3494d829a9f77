// SPDX-License-Identifier: Apache-2.0
#include "spice/request.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "spice/text.h"

namespace mho::spice {
namespace {

constexpr std::size_t kLongestCommand = 1023;

bool is_ground(std::string_view node) {
    return node == "0" || node == "gnd";
}

void check_analysis_fields(const std::vector<std::string_view>& fields, std::size_t fewest,
                           std::string_view form) {
    if (fields.size() < fewest) {
        throw bad_input("analysis '{}': expected '{}'", fmt::format("{}", fmt::join(fields, " ")),
                        form);
    }
}

struct AnalysisForm {
    AnalysisKind kind;
    std::size_t fewest_fields;
    std::string_view form;
};

constexpr std::array<AnalysisForm, 5> kForms{
    {{AnalysisKind::op, 1, "op"},
     {AnalysisKind::dc, 5, "dc SOURCE FROM TO STEP"},
     {AnalysisKind::tran, 3, "tran STEP STOP"},
     {AnalysisKind::ac, 5, "ac dec POINTS FROM TO"},
     {AnalysisKind::noise, 7, "noise V(OUT) SOURCE dec POINTS FROM TO"}}};

using Fields = std::vector<std::string_view>;

std::optional<std::size_t> sweep_word(const Fields& fields) {
    for (std::size_t i = 1; i < fields.size(); ++i) {
        const std::string word = lower_case(fields[i]);
        if (word == "dec" || word == "oct" || word == "lin") return i;
    }
    return std::nullopt;
}

// The numbers of an analysis that ngspice refuses with a line of its own count, replaces by others
// or takes without a result.
class NumberCheck {
  public:
    NumberCheck(std::string_view text, const Fields& fields) : text_(text), fields_(fields) {}

    // Returns the stop time.
    double transient() const {
        const double stop = number(2, "stop time");
        require(stop > 0, 2, "stop time", "is no positive number");
        require(number(1, "step") > 0, 1, "step", "is no positive number");
        if (has_number(3)) {
            require(number(3, "start") < stop, 3, "start", "is not before the stop time");
        }
        if (has_number(3) && has_number(4)) {
            require(number(4, "largest step") >= 0, 4, "largest step", "is negative");
        }
        return stop;
    }

    void sweeps() const {
        for (std::size_t at = 1; at == 1 || (at == 5 && fields_.size() > 8); at += 4) {
            const double span = number(at + 2, "end") - number(at + 1, "start");
            const double step = number(at + 3, "step");
            require(step != 0, at + 3, "step", "is zero");
            require(span * step >= 0, at + 3, "step", "goes away from the end");
        }
    }

    void frequencies() const {
        const std::optional<std::size_t> word = sweep_word(fields_);
        if (!word || *word + 3 >= fields_.size()) {
            throw bad_input("analysis '{}': expected dec, oct or lin, then POINTS FROM TO",
                            shown(text_));
        }
        const std::size_t at = *word;
        require(number(at + 1, "number of points") >= 1, at + 1, "number of points",
                "is less than 1");
        const double from = number(at + 2, "frequency");
        const bool linear = lower_case(fields_[at]) == "lin";
        require(linear ? from >= 0 : from > 0, at + 2, "frequency",
                linear ? "is negative" : "is no positive number");
        require(number(at + 3, "frequency") >= from, at + 3, "frequency", "is below the first");
    }

  private:
    bool has_number(std::size_t at) const {
        return at < fields_.size() && spice_number(fields_[at]).has_value();
    }

    double number(std::size_t at, std::string_view what) const {
        const std::optional<double> value = spice_number(fields_[at]);
        require(value.has_value(), at, what, "is no number");
        return *value;
    }

    void require(bool holds, std::size_t at, std::string_view what, std::string_view wrong) const {
        if (holds) return;
        throw bad_input("analysis '{}': {} '{}' {}", shown(text_), what, shown(fields_[at]), wrong);
    }

    std::string_view text_;
    const Fields& fields_;
};

void check_numbers(std::string_view text, const Fields& fields, Analysis& analysis) {
    const NumberCheck check(text, fields);
    switch (analysis.kind) {
        case AnalysisKind::op:
            return;
        case AnalysisKind::dc:
            return check.sweeps();
        case AnalysisKind::tran:
            analysis.stop_second = check.transient();
            return;
        case AnalysisKind::ac:
        case AnalysisKind::noise:
            return check.frequencies();
    }
}

}  // namespace

std::string_view to_string(AnalysisKind kind) {
    switch (kind) {
        case AnalysisKind::op:
            return "op";
        case AnalysisKind::dc:
            return "dc";
        case AnalysisKind::tran:
            return "tran";
        case AnalysisKind::ac:
            return "ac";
        case AnalysisKind::noise:
            return "noise";
    }
    return "unknown";
}

Analysis parse_analysis(std::string_view command) {
    const std::string_view text = trimmed(command);
    const bool is_card = text.starts_with('.');
    if (!is_card && command.size() > kLongestCommand) {
        throw bad_input("analysis command has {} characters, ngspice takes {}", command.size(),
                        kLongestCommand);
    }
    // ngspice would read these as further commands, redirections or substitutions.
    const std::string_view misread = is_card ? ";`$\\\n\r" : ";`$|<>&{}\"'\\!^\n\r";
    if (text.find_first_of(misread) != std::string_view::npos) {
        throw bad_input("analysis '{}': expected one plain ngspice {}", shown(command),
                        is_card ? "card" : "command");
    }
    const std::vector<std::string_view> fields = split(text, kBlank);
    const std::string word = fields.empty() ? "" : lower_case(fields.front().substr(is_card));
    const auto found =
        std::find_if(kForms.begin(), kForms.end(),
                     [&word](const AnalysisForm& form) { return to_string(form.kind) == word; });
    if (found == kForms.end()) {
        throw bad_input("analysis '{}': expected op, dc, tran, ac or noise", shown(command));
    }
    check_analysis_fields(fields, found->fewest_fields, found->form);
    Analysis analysis;
    analysis.kind = found->kind;
    analysis.command = is_card ? "run" : std::string(text);
    if (is_card) analysis.card = std::string(text);
    // Only ngspice can tell what expressions are.
    if (text.find_first_of("{'") == std::string_view::npos) check_numbers(text, fields, analysis);
    return analysis;
}

VectorRequest parse_vector(std::string_view name) {
    const std::string text = lower_case(trimmed(name));
    const auto wrong = [&name] {
        return bad_input(
            "vector '{}': expected v(node), v(a,b), i(source), @device[parameter] or "
            "a plain name",
            shown(name));
    };
    // Operators would make ngspice evaluate an expression.
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.#:-+";
    const auto plain = [kAllowed](std::string_view part) {
        return !part.empty() && part.find_first_not_of(kAllowed) == std::string_view::npos;
    };
    // A vector's whole name is looked up as it is.
    const auto in_parentheses = [kAllowed](std::string_view part) {
        constexpr std::string_view kFurther = "/[]~%";
        return std::all_of(part.begin(), part.end(), [&](char c) {
            return kAllowed.find(c) != kAllowed.npos || kFurther.find(c) != kFurther.npos;
        });
    };
    VectorRequest request{std::string(name), text, {}};
    if (text.starts_with('@')) {
        const std::size_t open = text.find('[');
        if (open == std::string::npos || text.back() != ']' ||
            !plain(std::string_view(text).substr(1, open - 1)) ||
            !plain(std::string_view(text).substr(open + 1, text.size() - open - 2))) {
            throw wrong();
        }
        return request;
    }
    if (!text.ends_with(')')) {
        if (!plain(text)) throw wrong();
        return request;
    }
    if (!text.starts_with("v(") && !text.starts_with("i(")) throw wrong();
    const std::vector<std::string_view> nodes =
        split(std::string_view(text).substr(2, text.size() - 3), " \t,");
    const bool voltage = text.front() == 'v';
    if (nodes.empty() || nodes.size() > (voltage ? 2U : 1U) ||
        !std::all_of(nodes.begin(), nodes.end(), in_parentheses)) {
        throw wrong();
    }
    const auto vector_of = [voltage](std::string_view node) {
        if (voltage && is_ground(node)) return std::string("0");
        return std::string(voltage ? "v(" : "i(").append(node).append(")");
    };
    request.first = vector_of(nodes[0]);
    if (nodes.size() == 2) request.second = vector_of(nodes[1]);
    return request;
}

void check_table(const ValueTable& table, std::string_view what) {
    if (table.names.empty() && !table.rows.empty()) {
        throw bad_input("{}: {} rows of values and no names", what, table.rows.size());
    }
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.#:@[]";
    for (const std::string& name : table.names) {
        if (name.empty() || lower_case(name).find_first_not_of(kAllowed) != std::string::npos) {
            throw bad_input("{}: '{}' is neither a device nor @device[parameter]", what,
                            shown(name));
        }
    }
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        const std::vector<double>& values = table.rows[row];
        if (values.size() != table.names.size()) {
            throw bad_input("{}: row {} has {} values, expected {}", what, row, values.size(),
                            table.names.size());
        }
        const auto bad = std::find_if(values.begin(), values.end(),
                                      [](double value) { return !std::isfinite(value); });
        if (bad != values.end()) {
            throw bad_input("{}: row {} has {} for {}, expected a finite number", what, row, *bad,
                            table.names[static_cast<std::size_t>(bad - values.begin())]);
        }
    }
}

}  // namespace mho::spice
