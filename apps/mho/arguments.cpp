// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/error.h"
#include "base/nearest.h"

namespace mho::apps {
namespace {

bool is_flag(const std::string& argument) {
    return argument.size() > 1 && argument[0] == '-' &&
           std::isdigit(static_cast<unsigned char>(argument[1])) == 0 && argument[1] != '.';
}

std::vector<std::string> flags_of(const CLI::App& app) {
    std::vector<std::string> flags;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
        for (const std::string& name : option->get_snames()) flags.push_back("-" + name);
    }
    return flags;
}

const CLI::App* find_verb(const CLI::App& app, const std::string& name) {
    std::vector<std::string> known{"help"};
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (verb->get_name() == name) return verb;
        known.push_back(verb->get_name());
    }
    throw bad_input("unknown command '{}'{}; 'mho help' lists them", name,
                    did_you_mean(name, known));
}

bool known_flag(const std::string& flag, const std::vector<std::string>& flags) {
    for (const std::string& name : flags) {
        // "-ofile" is "-o file".
        if (flag == name || (name.size() == 2 && flag[1] != '-' && flag.starts_with(name))) {
            return true;
        }
    }
    return false;
}

}  // namespace

void reject_unknown(const CLI::App& app, const std::vector<std::string>& arguments) {
    const CLI::App* scope = &app;
    for (const std::string& argument : arguments) {
        if (argument == "--") return;
        if (!is_flag(argument)) {
            if (scope == &app) scope = find_verb(app, argument);
            continue;
        }
        const std::string flag = argument.substr(0, argument.find('='));
        const std::vector<std::string> flags = flags_of(*scope);
        if (!known_flag(flag, flags)) {
            throw bad_input("unknown option '{}'{}; see 'mho {}--help'", flag,
                            did_you_mean(flag, flags),
                            scope == &app ? "" : scope->get_name() + " ");
        }
    }
}

void require_number(CLI::Option* option) {
    option->check([](const std::string& text) -> std::string {
        return text.empty() ? "empty text is not a number" : "";
    });
}

void require_positive(CLI::Option* option) {
    option->check([](const std::string& text) -> std::string {
        double value = 0;
        const char* end = text.data() + text.size();
        const auto [stop, failure] = std::from_chars(text.data(), end, value);
        if (failure == std::errc() && stop == end && std::isfinite(value) && value > 0) return {};
        return fmt::format("'{}' is not a positive number", text);
    });
}

void require_count(CLI::Option* option) {
    option->check([](const std::string& text) -> std::string {
        std::uint64_t value = 0;
        const char* end = text.data() + text.size();
        const auto [stop, failure] = std::from_chars(text.data(), end, value);
        if (failure == std::errc() && stop == end) return {};
        return fmt::format("'{}' is not a whole number from 0 to {}", text,
                           std::numeric_limits<std::uint64_t>::max());
    });
}

}  // namespace mho::apps
