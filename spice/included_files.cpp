// SPDX-License-Identifier: Apache-2.0
#include "spice/included_files.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "spice/text.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

void add_included(std::vector<IncludedFile>& files, std::set<fs::path>& seen, std::string_view text,
                  const fs::path& folder) {
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const auto include = include_line(text.substr(start, end - start));
        start = end + 1;
        if (!include) continue;
        fs::path path = (folder / include->path).lexically_normal();
        std::error_code ignored;
        if (!fs::is_regular_file(path, ignored) || !seen.insert(path).second) continue;
        const std::string content = read_file(path);
        files.push_back({path, content});
        add_included(files, seen, content, path.parent_path());
    }
}

}  // namespace

std::optional<IncludeLine> include_line(std::string_view line) {
    const std::size_t dot = line.find_first_not_of(kBlank);
    if (dot == std::string_view::npos || line[dot] != '.') return std::nullopt;
    const std::size_t space = line.find_first_of(kBlank, dot);
    const std::size_t start = line.find_first_not_of(kBlank, std::min(space, line.size()));
    if (start == std::string_view::npos) return std::nullopt;
    const std::string command = lower_case(line.substr(dot, space - dot));
    if (!command.starts_with(".inc") && command != ".lib") return std::nullopt;
    const char quote = line[start];
    const bool quoted = quote == '"' || quote == '\'';
    const std::size_t from = quoted ? start + 1 : start;
    const std::size_t end =
        std::min(quoted ? line.find(quote, from) : line.find_first_of(kBlank, from), line.size());
    if (end == from) return std::nullopt;
    const std::size_t behind = std::min(quoted ? end + 1 : end, line.size());
    IncludeLine include{fs::path(line.substr(from, end - from)), start, behind - start, false};
    const std::string_view rest = trimmed(line.substr(behind));
    include.has_section =
        command == ".lib" && !rest.empty() && rest.front() != ';' && rest.front() != '$';
    return include;
}

std::vector<IncludedFile> included_files(std::string_view netlist, const fs::path& folder) {
    std::vector<IncludedFile> files;
    std::set<fs::path> seen;
    add_included(files, seen, netlist, folder);
    return files;
}

std::string with_included_files(const std::string& netlist) {
    std::string content = netlist;
    for (const IncludedFile& file : included_files(netlist)) {
        content.append("\n* ").append(file.path.string()).append("\n").append(file.text);
    }
    return content;
}

}  // namespace mho::spice
