// SPDX-License-Identifier: Apache-2.0
#include "flows/size_kept.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/file.h"

namespace mho::flows {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kPassesSchema = "mho.size-passes/1";

}  // namespace

KeptPasses::KeptPasses(std::filesystem::path file) : file_(std::move(file)) {
    if (file_.empty() || !std::filesystem::exists(file_)) return;
    try {
        const Json json = Json::parse(read_file(file_));
        if (json.at("schema") != kPassesSchema) throw bad_input("");
        for (const auto& [key, pass] : json.at("passes").items()) {
            const auto count = [&](std::size_t i) { return pass.at(i).get<std::size_t>(); };
            passes_[key] = {count(0), count(1), count(2)};
        }
    } catch (const std::exception&) {
        throw bad_input("{}: not finished passes of 'mho size' ({}); remove it to start afresh",
                        file_.string(), kPassesSchema);
    }
}

std::optional<SizeTrial> KeptPasses::find(const std::string& key) const {
    const auto at = passes_.find(key);
    return at == passes_.end() ? std::nullopt : std::optional<SizeTrial>(at->second);
}

void KeptPasses::keep(const std::string& key, const SizeTrial& trial) {
    passes_[key] = trial;
    if (file_.empty()) return;
    Json passes = Json::object();
    for (const auto& [name, pass] : passes_) passes[name] = {pass.right, pass.lost, pass.gained};
    write_file(file_,
               Json{{"schema", kPassesSchema}, {"passes", std::move(passes)}}.dump(1) + "\n");
}

}  // namespace mho::flows
