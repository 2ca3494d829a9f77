// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/nearest.h"
#include "flows/device_page.h"
#include "flows/device_toml.h"

namespace mho::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string action;
    fs::path device;
    std::optional<fs::path> output;
};

int run_list(const Options& options) {
    if (!options.device.empty() || options.output) {
        throw bad_input("device list takes no further arguments");
    }
    for (const std::string& name : flows::shipped_devices()) {
        fmt::print("{:<22} {}\n", name, flows::read_device(name).title);
    }
    return 0;
}

int run_show(const Options& options) {
    if (options.device.empty()) {
        throw bad_input(
            "device show needs a device: a shipped name ('mho device list'), or a "
            "TOML file");
    }
    const behavioral::DeviceModel device = flows::read_device(options.device);
    if (!options.output) {
        fmt::print("{}", flows::device_text(device));
        return 0;
    }
    const fs::path& output = *options.output;
    const std::vector<fs::path> inputs{options.device};
    check_output(output, inputs);
    if (is_standard_output(output)) {
        write_output(output, flows::build_device_page(device, "device_plots").html);
        return 0;
    }
    flows::write_device_page(device, output);
    tell_written(output);
    const fs::path plots = flows::plots_folder(output);
    if (fs::is_directory(plots)) tell(output, fmt::format("wrote {}/*.svg\n", plots.string()));
    return 0;
}

int run(const Options& options) {
    if (options.action == "list") return run_list(options);
    if (options.action == "show") return run_show(options);
    const std::vector<std::string> known{"list", "show"};
    throw bad_input("device: unknown action '{}'{}; known are list, show", options.action,
                    did_you_mean(options.action, known));
}

}  // namespace

Verb device_verb() {
    return {"device", "show a memory device: errors, drift, noise, with sources; or list them",
            "  mho device list\n"
            "  mho device show sonos-iedm -o sonos.html\n"
            "  writes sonos.html with plots of target against programmed state, sigma(G), drift\n"
            "  and the distribution of states, and sonos_plots/*.svg. Without -o: a text. Copy a\n"
            "  file of data/devices, change it, and:\n"
            "  mho device show mine.toml -o mine.html",
            [](CLI::App& app) -> std::function<int()> {
                const auto options = std::make_shared<Options>();
                app.add_option("action", options->action,
                               "list: the shipped devices; show: one device")
                    ->required();
                app.add_option("device", options->device,
                               "a shipped name, or a TOML file (docs/formats/device.md)");
                app.add_option("-o,--output", options->output,
                               "the page to write; - is standard output, without the plots' files");
                return [options] { return run(*options); };
            }};
}

}  // namespace mho::apps
