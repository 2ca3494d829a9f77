// SPDX-License-Identifier: Apache-2.0
// A process technology: a folder with `tech.toml` and the model libraries it names. The TOML holds
// supplies, corners, limits of devices, wires, vias, passives, cells and mismatch; every table has
// a `source` that says where its figures come from. Keys beyond those read here are allowed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "netlist/deck.h"

namespace mho::netlist {

struct Supply {
    std::string name;  // "core", "io"
    double volt = 0;
    std::string source;
};

// A transistor, the geometry and voltage it may be used at, and how decks call it.
struct DeviceLimits {
    std::string name;  // in circuits, and the model's unless `call` says otherwise
    bool is_p = false;
    std::string supply;
    double min_length_m = 0, max_length_m = 0;
    double min_width_m = 0, max_width_m = 0;
    double max_volt = 0;  // over any two terminals
    DeviceCall call = {};
    std::string source;
};

// Pelgrom coefficients: sigma of the difference of a pair = a / sqrt(W L).
struct Mismatch {
    std::string name;        // the supply class of its devices
    double a_vt_volt_m = 0;  // threshold
    double a_beta_m = 0;     // relative current factor
    std::string source;
};

// A wire of minimum width; the capacitance is the total to everything around it.
struct MetalLayer {
    std::string name;
    double width_m = 0, pitch_m = 0, thickness_m = 0;
    double ohm_per_um = 0;
    double farad_per_um = 0;
    double coupling_fraction = 0;  // share of the capacitance that goes to the two neighbours
    std::string source;
};

struct Via {
    std::string name;
    double ohm = 0;  // per cut
    std::string source;
};

struct CapacitorKind {
    std::string name;
    double farad_per_um2 = 0;
    double a_c_m = 0;  // relative mismatch of a pair = a_c / sqrt(area)
    std::string source;
};

struct ResistorKind {
    std::string name;
    double sheet_ohm = 0;
    double min_width_m = 0;
    std::string source;
};

// Layout of one cell of an array: rows run along x, columns along y.
struct CellLayout {
    std::string name;  // "1t1r"
    double pitch_x_m = 0, pitch_y_m = 0;
    std::string source;
};

struct Technology {
    std::string name;
    std::string description;
    std::filesystem::path folder;                    // absolute
    std::filesystem::path model_file;                // absolute
    std::vector<std::filesystem::path> osdi_models;  // absolute; compiled Verilog-A, may be none
    std::string model_source;
    std::vector<std::string> corners;
    std::string default_corner;
    double min_celsius = 0, max_celsius = 0;  // range of the models
    std::vector<Supply> supplies;
    std::vector<DeviceLimits> devices;
    std::vector<Mismatch> mismatches;
    std::vector<MetalLayer> metals;
    std::vector<Via> vias;
    std::vector<CapacitorKind> capacitors;
    std::vector<ResistorKind> resistors;
    std::vector<CellLayout> cells;

    // Each throws bad_input naming the technology and what it has instead. Names of metals and
    // corners are found in either case ("M4" is "m4").
    const Supply& supply(std::string_view name) const;
    const DeviceLimits& device(std::string_view model) const;
    const Mismatch& mismatch(std::string_view supply) const;
    const CapacitorKind& capacitor(std::string_view name) const;
    const MetalLayer& metal(std::string_view name) const;
    const CellLayout& cell(std::string_view name) const;
};

// A technology by name ("generic40"), looked for in the data folders (base/data_folder.h), or by
// the path of its folder, which a name that is not shipped is taken for too. Throws bad_input, one
// line with file, line and key, when something is missing or wrong.
Technology read_technology(const std::filesystem::path& name_or_folder);

// The model library of a corner. Throws bad_input for an unknown corner.
Library model_library(const Technology& technology, std::string_view corner);

// Of the devices that are not m elements of a .model of their own name.
std::vector<DeviceCall> device_calls(const Technology& technology);

// Throws bad_input when the models do not reach to this temperature.
void require_temperature(const Technology& technology, double celsius);

// Throws bad_input naming device and limit when a MOSFET of the circuit, at any depth, is of an
// unknown model or its width per finger or its length is outside the technology's range.
void require_in_range(const Technology& technology, const Circuit& circuit);

// Resistance and capacitance of one piece of minimum-width wire.
struct WireSegment {
    double ohm = 0;
    double farad = 0;
};
WireSegment wire_segment(const Technology& technology, std::string_view layer, double length_m);

}  // namespace mho::netlist
