// SPDX-License-Identifier: Apache-2.0
// A SPICE deck as a value: a circuit, the models it uses, one analysis and what is wanted of it.
// `write_deck` makes a file for stock `ngspice -b`; `netlist_text` with `analysis_command` makes
// the same for an ngspice library in a worker process.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "netlist/circuit.h"
#include "netlist/device_call.h"

namespace mho::netlist {

// A section of a model library, `.lib 'file' section`; an empty section includes the whole file.
// With `text` set the models stand in the deck itself, and of the file only its name is told.
struct Library {
    std::filesystem::path file;
    std::string section;
    std::string text = {};
    bool operator==(const Library&) const = default;
};

struct OperatingPoint {
    bool operator==(const OperatingPoint&) const = default;
};
struct DcSweep {
    std::string source;  // independent source of the top circuit
    double start = 0, stop = 0, step = 0;
    bool operator==(const DcSweep&) const = default;
};
struct Transient {
    double step_second = 0;
    double stop_second = 0;
    double max_step_second = 0;  // 0: ngspice chooses
    bool use_initial_conditions = false;
    bool operator==(const Transient&) const = default;
};
struct Noise {
    std::string output;        // top net
    std::string input_source;  // with ac = 1
    int points_per_decade = 10;
    double from_hertz = 1, to_hertz = 1e9;
    bool operator==(const Noise&) const = default;
};
// Small signals: sources with `ac` drive, about the operating point.
struct SmallSignal {
    int points_per_decade = 10;
    double from_hertz = 1, to_hertz = 1e9;
    bool operator==(const SmallSignal&) const = default;
};
using Analysis = std::variant<OperatingPoint, DcSweep, Transient, Noise, SmallSignal>;

// `.meas <analysis> name expression`, for example {"td", "when v(out)=0.5 rise=1"}.
struct Measure {
    std::string name;
    std::string expression;
    bool operator==(const Measure&) const = default;
};

struct Deck {
    std::string title = "mho";               // one line
    std::vector<std::string> comments = {};  // lines below the title
    std::vector<Library> libraries = {};
    std::vector<std::filesystem::path> osdi_models = {};  // compiled Verilog-A, loaded before all
    std::vector<DeviceCall> device_calls = {};  // of transistors that are written otherwise
    std::vector<std::string> options = {};      // "reltol=1e-4", "savecurrents"
    bool klu = false;  // the sparse solver KLU; needs an ngspice that has it
    double temperature_celsius = 27;
    Circuit circuit{"top"};  // no ports
    // .ic v(net)=volt; top nets, or hierarchical "x1.net"
    std::vector<std::pair<std::string, double>> initial_volt = {};
    // .nodeset v(net)=volt: where the search for the operating point starts; changes no result
    std::vector<std::pair<std::string, double>> guessed_volt = {};
    Analysis analysis = OperatingPoint{};
    std::vector<std::string> saved = {};  // "v(out)", "i(vin)", "@m.x1.m1[id]"; empty: everything
    std::vector<Measure> measures = {};
    bool operator==(const Deck&) const = default;
};

// The whole deck as a file that runs unmodified in `ngspice -b` and prints its measures and, where
// it has none, its saved vectors. Lines are continued below 100 columns. Each subcircuit stands
// once, before its users. Throws bad_input for two different subcircuits of one name, a top with
// ports, a sweep of a missing source, or text that would break out of its line.
std::string write_deck(const Deck& deck);

// The same without analysis, print and measure cards; first line the title, last ".end".
std::string netlist_text(const Deck& deck);

// The analysis as an interactive command: "op", "dc vk 0 9 1", "tran 1e-09 3e-07", "noise ...".
std::string analysis_command(const Analysis& analysis);

// The measure as a command for after the run: "meas tran td when ...". ngspice itself rounds what
// it measures to seven digits, its vector too; take it from waveforms where that is not enough.
std::string measure_command(const Analysis& analysis, const Measure& measure);

// The deck with the text of its libraries in it, nested `.lib` and `.include` resolved, so that it
// runs on a machine without the technology. The libraries keep the names of their files without the
// folders. Throws bad_input naming file and section.
Deck inline_libraries(Deck deck);

// The vectors of a flattened circuit. `path` is the instance path, "" for the top or "x1.x2".
std::string voltage_vector(std::string_view path, std::string_view net);     // v(x1.x2.net)
std::string current_vector(std::string_view path, std::string_view source);  // i(v.x1.x2.vs)

}  // namespace mho::netlist
