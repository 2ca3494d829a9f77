// SPDX-License-Identifier: Apache-2.0
// The keys of a spec file as a table: what each sets and the values it takes. Private to the
// reader and writer of specs.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "netlist/spec.h"

namespace mho::netlist {

struct IntegerRange {
    int low = 0;
    int high = 0;
    bool even = false;
};

// Closed, or open at the low end.
struct NumberRange {
    double low = 0;
    double high = 0;
    bool above_low = false;
};

// Any text, or one of `choices` (separated by spaces) when there are some: then the member is an
// enumeration whose values are in the same order.
struct TextRange {
    std::string_view choices;
    bool may_be_empty = false;
};

// Texts, none of them empty.
struct ListRange {};

// Numbers, all of them in the range.
struct NumberListRange {
    double low = 0;
    double high = 0;
};

// Of read-outs that give a voltage at once: transimpedance and the user's.
struct NoIntegrator {};

struct SpecField {
    std::string_view section;  // empty: top of the file
    std::string_view key;
    std::variant<IntegerRange, NumberRange, TextRange, ListRange, NumberListRange> range;
    // The member as the kind that stands in the file; enumerations are texts.
    std::variant<int& (*)(Spec&), double& (*)(Spec&), std::string& (*)(Spec&),
                 std::filesystem::path& (*)(Spec&), std::vector<std::string>& (*)(Spec&),
                 std::vector<double>& (*)(Spec&), CellKind& (*)(Spec&), Topology& (*)(Spec&),
                 ColumnScheme& (*)(Spec&), LineEnds& (*)(Spec&), WireSource& (*)(Spec&),
                 ReadoutKind& (*)(Spec&), DriverKind& (*)(Spec&), AdcKind& (*)(Spec&),
                 SarSampling& (*)(Spec&), CdacKind& (*)(Spec&), CalibrationScope& (*)(Spec&)>
        member;
    bool is_written_always = true;  // false: left out of files that have its default
    // Of the driver, read-out or converter that has this key; none: every spec has it.
    std::variant<std::monostate, DriverKind, ReadoutKind, NoIntegrator, AdcKind> only = {};

    bool applies(const Spec& spec) const;
    std::string expected() const;  // "an even integer from 2 to 1024"
};

// In the order in which files are written.
std::span<const SpecField> spec_fields();

// A value that only is wrong beside another.
struct SpecConflict {
    std::string_view section;
    std::string_view key;
    std::string message;  // empty: the spec is consistent
};
SpecConflict find_conflict(const Spec& spec);

// The part of it that is about the cell, and that about the array.
SpecConflict find_cell_conflict(const Spec& spec);
SpecConflict find_array_conflict(const Spec& spec);

// And that about drivers and read-out, and about the converter.
SpecConflict find_periphery_conflict(const Spec& spec);
SpecConflict find_converter_conflict(const Spec& spec);

}  // namespace mho::netlist
