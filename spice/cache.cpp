// SPDX-License-Identifier: Apache-2.0
#include "spice/cache.h"

#include <set>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "spice/protocol.h"
#include "spice/text.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

// To be changed whenever a job's text means another run: the ladder, the file's layout.
constexpr std::string_view kFormat = "mho SPICE result 1\n";
constexpr std::size_t kHashLength = 32;

// The path that an .include or .lib line names, or an empty one.
fs::path included_path(std::string_view line) {
    constexpr std::string_view kBlank = " \t\r";
    const std::size_t start = line.find_first_not_of(kBlank);
    if (start == std::string_view::npos || line[start] != '.') return {};
    line.remove_prefix(start);
    const std::size_t space = line.find_first_of(kBlank);
    if (space == std::string_view::npos) return {};
    const std::string command = lower_case(line.substr(0, space));
    if (!command.starts_with(".inc") && command != ".lib") return {};
    line.remove_prefix(std::min(line.find_first_not_of(kBlank, space), line.size()));
    if (line.empty()) return {};
    const bool quoted = line.front() == '"' || line.front() == '\'';
    const std::size_t end = quoted ? line.find(line.front(), 1) : line.find_first_of(kBlank);
    return fs::path(quoted ? line.substr(1, end - 1) : line.substr(0, end));
}

void append_included(std::string& content, const std::string& text, const fs::path& base,
                     std::set<fs::path>& seen) {
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        fs::path path = included_path(std::string_view(text).substr(start, end - start));
        start = end + 1;
        if (path.empty()) continue;
        path = (base / path).lexically_normal();
        std::error_code ignored;
        if (!fs::is_regular_file(path, ignored) || !seen.insert(path).second) continue;
        const std::string file = read_file(path);
        content.append("\n* ").append(path.string()).append("\n").append(file);
        append_included(content, file, path.parent_path(), seen);
    }
}

}  // namespace

std::string with_included_files(const std::string& netlist) {
    std::string content = netlist;
    std::set<fs::path> seen;
    append_included(content, netlist, {}, seen);
    return content;
}

Cache::Cache(fs::path folder, SimulatorInfo simulator)
    : folder_(std::move(folder)), simulator_(std::move(simulator)) {
    std::error_code failure;
    fs::create_directories(folder_, failure);
    if (!fs::is_directory(folder_)) {
        throw system_error("{}: cannot be made a cache folder: {}", folder_.string(),
                           failure ? failure.message() : "it is a file");
    }
}

std::string Cache::key(const Job& job) const {
    ByteWriter writer;
    writer.text(kFormat);
    writer.text(encode(simulator_));
    writer.text(encode(job));
    writer.text(with_included_files(job.netlist));
    return content_hash(writer.take());
}

fs::path Cache::file(const std::string& key) const {
    return folder_ / key.substr(0, 2) / (key + ".result");
}

std::optional<Waveforms> Cache::find(const std::string& key) const {
    const fs::path path = file(key);
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return std::nullopt;
    try {
        const std::string content = read_file(path);
        std::string_view rest = content;
        if (!rest.starts_with(kFormat)) return std::nullopt;
        rest.remove_prefix(kFormat.size());
        const std::string_view hash = rest.substr(0, kHashLength);
        rest.remove_prefix(hash.size());
        if (content_hash(rest) != hash) return std::nullopt;
        ByteReader reader(rest);
        if (reader.text() != key) return std::nullopt;
        Waveforms waveforms = decode_waveforms(reader);
        reader.finish();
        return waveforms;
    } catch (const Error&) {
        return std::nullopt;  // unreadable or malformed: the job runs again
    }
}

void Cache::store(const std::string& key, const Waveforms& waveforms) const {
    ByteWriter writer;
    writer.text(key);
    encode(writer, waveforms);
    const std::string payload = writer.take();
    const fs::path path = file(key);
    std::error_code failure;
    fs::create_directories(path.parent_path(), failure);
    write_file(path, std::string(kFormat) + content_hash(payload) + payload);
}

}  // namespace mho::spice
