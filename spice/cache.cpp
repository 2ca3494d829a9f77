// SPDX-License-Identifier: Apache-2.0
#include "spice/cache.h"

#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "spice/included_files.h"
#include "spice/protocol.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

// To be changed whenever a job's text means another run: the ladder, the file's layout.
constexpr std::string_view kFormat = "mho SPICE result 2\n";
constexpr std::size_t kHashLength = 32;

}  // namespace

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
    for (const std::string& model : job.osdi_models) {
        std::error_code ignored;
        writer.text(fs::is_regular_file(model, ignored) ? read_file(model) : std::string());
    }
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
