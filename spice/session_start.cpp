// SPDX-License-Identifier: Apache-2.0
// What this libngspice can do, and the models it takes.
#include <dlfcn.h>
#include <fmt/format.h>
#include <ngspice/sharedspice.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "base/error.h"
#include "spice/session.h"
#include "spice/text.h"

namespace mho::spice {
namespace fs = std::filesystem;
namespace {

// Folders that may hold ngspice's code models, for when its start file is not installed.
std::vector<fs::path> code_model_folders() {
    std::vector<fs::path> folders;
    Dl_info library{};
    if (::dladdr(reinterpret_cast<void*>(&ngSpice_Init), &library) != 0 &&
        library.dli_fname != nullptr) {
        std::error_code ignored;
        const fs::path folder = fs::canonical(library.dli_fname, ignored).parent_path();
        folders = {folder / "ngspice", folder.parent_path() / "ngspice"};
    }
    return folders;
}

}  // namespace

void Session::learn_simulator() {
    log_.clear();
    command("version -f");
    const VersionText text = read_version(log_.lines());
    simulator_.version = text.version;
    simulator_.klu = text.klu;
    if (simulator_.version.empty()) throw simulator_error("libngspice does not tell its version");
    log_.clear();
    // Without arguments: a library that fails to load would spoil every later circuit.
    command("osdi");
    simulator_.osdi =
        std::none_of(log_.lines().begin(), log_.lines().end(), [](const std::string& line) {
            return lower_case(line).find("no such command") != std::string::npos;
        });
    if (text.xspice) {
        if (!has_code_models()) load_code_models();
        simulator_.xspice = has_code_models();
    }
}

bool Session::has_code_models() {
    log_.clear();
    command("devhelp adc_bridge");
    return std::none_of(log_.lines().begin(), log_.lines().end(), [](const std::string& line) {
        return lower_case(line).find("not found") != std::string::npos;
    });
}

void Session::load_code_models() {
    for (const fs::path& folder : code_model_folders()) {
        for (const char* name :
             {"spice2poly", "analog", "digital", "xtradev", "xtraevt", "table"}) {
            const fs::path path = folder / (std::string(name) + ".cm");
            std::error_code ignored;
            if (fs::exists(path, ignored)) command("codemodel " + path.string());
        }
    }
}

// A library that ngspice cannot load spoils later circuits, so the process then leaves.
std::string Session::load_models(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
        if (loaded_models_.contains(file)) continue;
        if (!simulator_.osdi) {
            return fmt::format("{}: this ngspice ({}) takes no OSDI models", file,
                               simulator_.version);
        }
        constexpr std::string_view kSplitting = " \t;`$|<>&{}\"'\\!^*?[]~\n\r";
        if (file.empty() || file.find_first_of(kSplitting) != std::string::npos) {
            return fmt::format("OSDI model '{}': ngspice takes no such name", shown(file));
        }
        log_.clear();
        command("osdi " + file);
        if (std::string complaint = log_.netlist_complaint(); !complaint.empty()) {
            asked_to_exit_ = true;
            return complaint;
        }
        loaded_models_.insert(file);
    }
    return {};
}

}  // namespace mho::spice
