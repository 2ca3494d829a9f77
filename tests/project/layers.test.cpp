// SPDX-License-Identifier: Apache-2.0
// The include graph is the one that docs/architecture.md draws.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"

namespace {

namespace fs = std::filesystem;
using Layers = std::map<std::string, std::set<std::string>>;

Layers allowed_layers() {
    std::istringstream page(mho::read_file(fs::path(MHO_SOURCE_DIR) / "docs/architecture.md"));
    Layers layers;
    const std::regex row(R"(\|\s*(\w+)\s*\|\s*([\w, ]*)\|)");
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("<!-- layers:")) inside = true;
        if (inside && line.empty()) break;
        std::smatch match;
        if (!inside || !std::regex_match(line, match, row) || match[1] == "layer") continue;
        std::set<std::string>& names = layers[match[1]];
        const std::string list = match[2];
        const std::regex word(R"(\w+)");
        for (std::sregex_iterator it(list.begin(), list.end(), word), end; it != end; ++it) {
            names.insert(it->str());
        }
    }
    return layers;
}

// The folders of this project that a source text includes from: "spice/job.h" gives "spice".
std::set<std::string> included_folders(const std::string& text, const Layers& layers) {
    std::set<std::string> folders;
    const std::regex include(R"re(#\s*include\s*["<](\w+)/)re");
    for (std::sregex_iterator it(text.begin(), text.end(), include), end; it != end; ++it) {
        if (layers.contains((*it)[1])) folders.insert((*it)[1]);
    }
    return folders;
}

std::vector<fs::path> sources_below(const fs::path& folder) {
    std::vector<fs::path> sources;
    if (!fs::exists(folder)) return sources;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        const std::string extension = entry.path().extension().string();
        if (extension == ".h" || extension == ".cpp") sources.push_back(entry.path());
    }
    return sources;
}

}  // namespace

TEST_CASE("no layer includes what the architecture page forbids") {
    const Layers layers = allowed_layers();
    REQUIRE(layers.size() == 8);
    REQUIRE(layers.at("behavioral") == std::set<std::string>{"base"});
    std::size_t read = 0;
    for (const auto& [layer, allowed] : layers) {
        for (const fs::path& source : sources_below(fs::path(MHO_SOURCE_DIR) / layer)) {
            ++read;
            for (const std::string& folder : included_folders(mho::read_file(source), layers)) {
                INFO(source.string() << " includes " << folder << "/");
                CHECK((folder == layer || allowed.contains(folder)));
            }
        }
    }
    CHECK(read > 50);
}

TEST_CASE("the allowed includes form no cycle") {
    const Layers layers = allowed_layers();
    std::set<std::string> settled;
    for (std::size_t round = 0; round < layers.size(); ++round) {
        for (const auto& [layer, allowed] : layers) {
            if (std::includes(settled.begin(), settled.end(), allowed.begin(), allowed.end())) {
                settled.insert(layer);
            }
        }
    }
    CHECK(settled.size() == layers.size());
}

TEST_CASE("third-party headers stay in the files that wrap them") {
    const std::map<std::string, std::vector<std::string>> homes{
        {"boost/graph", {"netlist/circuit_"}},
        {"boost/math", {"flows/confidence.cpp", "flows/size_choice.cpp"}},
        {"ngspice/sharedspice.h", {"spice/lockstep_driver.cpp", "spice/plot.cpp", "spice/session"}},
        {"CLI/", {"apps/"}},
        {"toml++/",
         {"netlist/spec_toml", "netlist/technology", "netlist/toml", "flows/preprocessing.cpp"}},
        {"onnx/", {"flows/onnx_"}},
        {"zip.h", {"flows/npz.cpp"}},
        {"oneapi/dnnl", {"flows/float_network.cpp"}},
        {"turbojpeg.h", {"flows/"}},
        {"png.h", {"flows/"}},
        {"ceres/", {"calibrate/"}},
    };
    for (const char* layer :
         {"base", "netlist", "behavioral", "spice", "calibrate", "flows", "apps"}) {
        const fs::path root(MHO_SOURCE_DIR);
        for (const fs::path& source : sources_below(root / layer)) {
            const std::string text = mho::read_file(source);
            const std::string name = fs::relative(source, root).generic_string();
            for (const auto& [header, places] : homes) {
                if (text.find("#include <" + header) == std::string::npos) continue;
                INFO(name << " includes <" << header);
                CHECK(std::any_of(places.begin(), places.end(), [&name](const std::string& place) {
                    return name.starts_with(place);
                }));
            }
        }
    }
}
