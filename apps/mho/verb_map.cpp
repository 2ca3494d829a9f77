// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "flows/onnx_read.h"
#include "flows/system_map.h"
#include "flows/system_toml.h"

namespace mho::apps {
namespace {

struct Options {
    std::filesystem::path model, system;
    std::vector<std::string> changes;
};

int run(const Options& options) {
    const flows::SystemSpec spec = flows::read_system(options.system, options.changes);
    const flows::Network network = flows::read_onnx(options.model);
    tell("", flows::map_text(flows::map_system(network, spec), spec));
    return 0;
}

}  // namespace

Verb map_verb() {
    return {"map", "show which arrays of a described system hold which layer of a network",
            "  mho map --model data/digits/mlp_digits.onnx --system isaac --set array.rows=64",
            [](CLI::App& app) -> std::function<int()> {
                const auto options = std::make_shared<Options>();
                app.add_option("--model", options->model, "the network (ONNX)")->required();
                app.add_option("--system", options->system,
                               "a name (data/systems) or a .toml file (docs/formats/system.md)")
                    ->required();
                app.add_option("--set", options->changes,
                               "KEY=VALUE: one value of the system changed, e.g. array.rows=256")
                    ->allow_extra_args(false);
                return [options] { return run(*options); };
            }};
}

}  // namespace mho::apps
