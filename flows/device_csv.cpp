// SPDX-License-Identifier: Apache-2.0
#include "flows/device_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>

#include "base/error.h"

namespace mho::flows {
namespace {

using behavioral::Formula;
using behavioral::StateMap;

struct Row {
    std::size_t line = 0;
    std::vector<double> values;
};

std::string_view trimmed(std::string_view text) {
    const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && space(text.front())) text.remove_prefix(1);
    while (!text.empty() && space(text.back())) text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> cells;
    for (std::size_t at = 0; at <= line.size();) {
        const std::size_t end = std::min(line.find(',', at), line.size());
        cells.push_back(trimmed(line.substr(at, end - at)));
        at = end + 1;
    }
    return cells;
}

double number(std::string_view cell, std::string_view where, std::size_t line) {
    double value = 0;
    const auto [end, failure] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (failure != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) {
        throw bad_input("{}:{}: expected a finite number, found '{}'", where, line, cell);
    }
    return value;
}

// Rows below a header that must be exactly `header` (names with commas).
std::vector<Row> read_rows(std::string_view text, std::string_view where,
                           const std::string& header) {
    const std::vector<std::string_view> names = split(header);
    std::vector<Row> rows;
    bool headed = false;
    std::size_t number_of_line = 1;
    for (std::size_t at = 0; at < text.size(); ++number_of_line) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = trimmed(text.substr(at, end - at));
        at = end + 1;
        if (line.empty() || line.front() == '#') continue;
        const std::vector<std::string_view> cells = split(line);
        if (!headed) {
            if (cells != names) {
                throw bad_input("{}:{}: expected the header '{}', found '{}'", where,
                                number_of_line, header, line.substr(0, 60));
            }
            headed = true;
            continue;
        }
        if (cells.size() != names.size()) {
            throw bad_input("{}:{}: expected {} values ({}), found {}", where, number_of_line,
                            names.size(), header, cells.size());
        }
        Row row{number_of_line, {}};
        for (const std::string_view cell : cells) {
            row.values.push_back(number(cell, where, number_of_line));
        }
        rows.push_back(std::move(row));
    }
    if (!headed) throw bad_input("{}:1: expected the header '{}', found nothing", where, header);
    if (rows.empty()) throw bad_input("{}:1: no rows below the header", where);
    return rows;
}

// Columns x and y of the rows, straight between the points.
Formula table(const std::vector<Row>& rows, std::size_t x, std::size_t y, std::string_view where) {
    std::string text = "lin(G";
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const Row& row = rows[k];
        if (k > 0 && !(row.values[x] > rows[k - 1].values[x])) {
            throw bad_input("{}:{}: expected rising states and means, found {} after {}", where,
                            row.line, row.values[x], rows[k - 1].values[x]);
        }
        text += fmt::format(",{},{}", row.values[x], row.values[y]);
    }
    if (rows.size() < 2) {
        throw bad_input("{}:{}: expected at least two states, found one", where, rows[0].line);
    }
    return Formula(text + ")");
}

}  // namespace

std::vector<StateMap> read_state_maps(std::string_view text, std::string_view where,
                                      std::string_view header, double unit) {
    std::map<double, std::vector<Row>> groups;
    for (Row& row : read_rows(text, where, fmt::format("{},state,mean,sigma", header))) {
        if (row.values[0] <= 0) {
            throw bad_input("{}:{}: expected {} above 0, found {}", where, row.line, header,
                            row.values[0]);
        }
        groups[row.values[0]].push_back(std::move(row));
    }
    std::vector<StateMap> maps;
    for (auto& [at, rows] : groups) {
        std::sort(rows.begin(), rows.end(),
                  [](const Row& a, const Row& b) { return a.values[1] < b.values[1]; });
        maps.push_back({at * unit, table(rows, 1, 2, where), table(rows, 2, 3, where)});
    }
    return maps;
}

Formula read_sigma_table(std::string_view text, std::string_view where) {
    return table(read_rows(text, where, "state,sigma"), 0, 1, where);
}

}  // namespace mho::flows
