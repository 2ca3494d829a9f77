// SPDX-License-Identifier: Apache-2.0
// What a job's analysis and vector names mean, checked before ngspice sees them: ngspice cuts and
// splits commands, and evaluates names, without a word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "netlist/value.h"
#include "spice/job.h"

namespace mho::spice {

using netlist::spice_number;

enum class AnalysisKind { op, dc, tran, ac, noise };

// "op", "dc", "tran", "ac", "noise".
std::string_view to_string(AnalysisKind kind);

struct Analysis {
    AnalysisKind kind = AnalysisKind::op;
    std::string command;     // what ngspice is told
    std::string card;        // the card that "run" runs; empty unless the job's analysis is a card
    double stop_second = 0;  // tran only; 0 when the card's stop time is an expression
};

// Reads "op", "dc SOURCE FROM TO STEP ...", "tran STEP STOP ...", "ac dec POINTS FROM TO" or "noise
// V(OUT) SOURCE ...", a command of at most 1023 characters (ngspice cuts longer ones without a
// word); or the same with a point before it, a card, whose numbers may be expressions in braces or
// quotes. Throws Error(bad_input), also for numbers that make no sense: a step of 0 or away from
// the end, no points, frequencies that fall.
Analysis parse_analysis(std::string_view command);

inline constexpr std::string_view kAllVectors = "all";

// One vector that a job asks for. v(a,b) is the difference of two vectors, since ngspice does not
// store it.
struct VectorRequest {
    std::string name;    // as the job wrote it
    std::string first;   // what to ask ngspice for, in lower case
    std::string second;  // v(a,b): the vector to subtract
};

// v(node), v(a,b), i(vsource), @device[parameter], or a bare name such as onoise_total. Ground is
// "0" or "gnd". "all" is every node voltage and source current. Throws Error(bad_input).
VectorRequest parse_vector(std::string_view name);

// Throws Error(bad_input) when a row has another number of values than there are names, a value is
// not finite, a name is no device or @device[parameter], or there are rows and no names. `what`
// says in messages what the table is for.
void check_table(const ValueTable& table, std::string_view what);

}  // namespace mho::spice
