// SPDX-License-Identifier: Apache-2.0
// Stock `ngspice -b` as an independent reference.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "spice/job.h"

namespace mho::spice::test {

// The deck of an op job with cards that keep its vectors.
inline std::string batch_deck(const Job& job) {
    std::string cards;
    for (const std::string& vector : job.vectors) cards += fmt::format(".save {}\n", vector);
    std::string deck = job.netlist;
    return deck.insert(deck.rfind(".end"), cards + ".op\n");
}

// Runs a deck that stands in `deck`; the raw file goes beside it. Throws Error(simulator).
inline void run_batch(const std::filesystem::path& deck) {
    const std::string command =
        fmt::format("ngspice -b -r '{0}.raw' '{0}' >'{0}.log' 2>&1", deck.string());
    if (std::system(command.c_str()) != 0) throw simulator_error("'{}' failed", command);
}

// The values of the first point of a binary raw file by ngspice's names, "i(vsense0)".
inline std::map<std::string, double> raw_point(const std::filesystem::path& file) {
    const std::string content = read_file(file);
    const std::string_view kData = "Binary:\n";
    const std::string_view kNames = "\nVariables:\n";
    const std::size_t names = content.find(kNames);
    const std::size_t data = content.find(kData);
    if (data == std::string::npos || names > data)
        throw simulator_error("{}: no binary data", file.string());
    std::istringstream header(content.substr(names + kNames.size(), data - names - kNames.size()));
    std::map<std::string, double> values;
    std::string word;
    std::string name;
    std::string type;
    for (std::size_t i = 0; header >> word >> name >> type; ++i) {
        const std::size_t at = data + kData.size() + i * sizeof(double);
        if (at + sizeof(double) > content.size()) throw simulator_error("{}: short", file.string());
        std::memcpy(&values[name], content.data() + at, sizeof(double));
    }
    return values;
}

}  // namespace mho::spice::test
