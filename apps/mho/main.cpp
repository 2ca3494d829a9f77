// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "apps/mho/arguments.h"
#include "apps/mho/output.h"
#include "apps/mho/verb.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/version.h"

namespace {

using mho::apps::Verb;

constexpr const char* kExitCodes =
    "exit codes: 0 done, 1 a result misses its tolerance, 2 bad input or usage,\n"
    "            3 the simulator failed, 4 the system refused, 130 interrupted";

std::vector<Verb> all_verbs() {
    return {
        mho::apps::netlist_verb(), mho::apps::calibrate_verb(), mho::apps::adc_verb(),
        mho::apps::card_verb(),    mho::apps::check_verb(),     mho::apps::device_verb(),
        mho::apps::export_verb(),  mho::apps::infer_verb(),     mho::apps::macro_verb(),
        mho::apps::map_verb(),     mho::apps::report_verb(),    mho::apps::size_verb(),
        mho::apps::solve_verb(),   mho::apps::spice_verb(),     mho::apps::tech_verb(),
    };
}

int run(const std::vector<std::string>& arguments) {
    CLI::App app("mho " + std::string(mho::kVersion) +
                     ": from a SPICE netlist of an analog array to the accuracy of a network on it",
                 "mho");
    app.set_version_flag("--version", std::string("mho ") + mho::kVersion);
    app.require_subcommand(0, 1);
    app.footer(kExitCodes);
    std::vector<std::pair<CLI::App*, std::function<int()>>> verbs;
    for (const Verb& verb : all_verbs()) {
        CLI::App* sub = app.add_subcommand(verb.name, verb.summary);
        sub->footer("example:\n" + verb.example);
        verbs.emplace_back(sub, verb.declare(*sub));
    }
    std::string topic;
    CLI::App* help = app.add_subcommand("help", "this text, or the help of one command");
    help->add_option("command", topic, "the command to explain");

    // Taken before parsing: afterwards it would be the help of the command that was given.
    const std::string overview = app.help();
    mho::apps::reject_unknown(app, arguments);
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::Success& asked) {  // --help and --version
        return app.exit(asked);
    } catch (const CLI::ParseError& error) {
        throw mho::bad_input("{}", error.what());
    }
    for (const auto& [sub, action] : verbs) {
        if (sub->parsed()) return action();
    }
    if (topic.empty()) {
        std::fputs(overview.c_str(), stdout);
        return 0;
    }
    mho::apps::reject_unknown(app, {topic});
    std::fputs(app.get_subcommand(topic)->help(app.get_name()).c_str(), stdout);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    mho::catch_interrupts();
    try {
        const int exit_code = run(std::vector<std::string>(argv + 1, argv + argc));
        mho::apps::finish_standard_output();
        return exit_code;
    } catch (const mho::Error& error) {
        std::fprintf(stderr, "mho: %s\n", error.what());
        return error.exit_code();
    } catch (const std::bad_alloc&) {
        std::fputs("mho: out of memory\n", stderr);
        return static_cast<int>(mho::ErrorKind::system);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mho: internal error, please report: %s\n", error.what());
        return static_cast<int>(mho::ErrorKind::system);
    }
}
