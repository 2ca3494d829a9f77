// SPDX-License-Identifier: Apache-2.0
// An array: its size and wires, how inputs reach its cells, and what stands at its edges.
// docs/circuits.md draws the topologies.
#pragma once

#include <string>
#include <vector>

namespace mho::netlist {

// a: inputs are voltages of the row wires. b: inputs drive select gates, every bitline has a source
// line beside it. c: as b, with a positive and a negative cell at each crossing of a bitline, fed
// from source lines above and below the common mode.
enum class Topology { a, b, c };

// What the columns of a weight matrix are made of (topologies a and b). differential: two bitlines
// each, positive and negative. offset: one each, and a unit column at the end.
enum class ColumnScheme { plain, differential, offset };

enum class LineEnds { one, both };
enum class WireSource { technology, given };

struct ArrayShape {
    Topology topology = Topology::a;
    ColumnScheme scheme = ColumnScheme::plain;
    LineEnds drive = LineEnds::one;  // rows (a) or gates and source lines (b, c)
    LineEnds sense = LineEnds::one;  // bitlines
    int dummy_rows = 0;              // at each edge, 0 .. 8
    int dummy_columns = 0;
    bool operator==(const ArrayShape&) const = default;
};

// Of one cell pitch each, for WireSource::given.
struct GivenWires {
    double row_ohm = 0, row_farad = 0;
    double column_ohm = 0, column_farad = 0;
    double source_ohm = 0, source_farad = 0;  // source lines of b and c
    bool operator==(const GivenWires&) const = default;
};

// What the array bench puts at the ends of the wires; 0 is an ideal source.
struct ArrayTerminals {
    double driver_ohm = 0;  // at each driven end of a row (a) or source line (b, c)
    double sense_ohm = 0;   // at each sensed end of a bitline
    bool operator==(const ArrayTerminals&) const = default;
};

// Cells that hold g_max (on) or g_min (off) whatever is programmed: "row,column", counted from 0.
// Columns count as cells do: with differential columns and topology c, cell 2j is positive and
// 2j + 1 negative; the unit column is the last.
struct StuckCells {
    std::vector<std::string> on, off;
    bool operator==(const StuckCells&) const = default;
};

struct ArraySpec {
    int rows = 64;     // 1 .. 2048; topology a: 2 .. 1024 and even, driven in pairs +v and -v
    int columns = 64;  // 1 .. 1024
    std::string row_layer = "m5";     // metal of the row wires, by its name in the technology
    std::string column_layer = "m4";  // metal of the column wires
    std::string source_layer = "m7";  // metal of the source lines of topologies b and c
    ArrayShape shape = {};
    WireSource wires = WireSource::technology;
    GivenWires given = {};
    ArrayTerminals terminals = {};
    StuckCells stuck = {};
    bool operator==(const ArraySpec&) const = default;
};

}  // namespace mho::netlist
