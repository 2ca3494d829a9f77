// SPDX-License-Identifier: Apache-2.0
// What a job's analysis and vector names mean, checked before ngspice sees them: ngspice cuts and
// splits commands, and evaluates names, without a word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mho::spice {

// "1k", "10p", "3meg", "1e-9", "5ns": a number with an optional scale factor; letters after it are
// a unit. No value when the text is something else or not finite.
std::optional<double> spice_number(std::string_view text);

enum class AnalysisKind { op, dc, tran, noise };

struct Analysis {
    AnalysisKind kind = AnalysisKind::op;
    std::string command;
    double stop_second = 0;  // tran only
};

// Reads "op", "dc SOURCE FROM TO STEP ...", "tran STEP STOP ..." or "noise V(OUT) SOURCE ...". At
// most 1023 characters (ngspice cuts longer commands without a word). Throws Error(bad_input).
Analysis parse_analysis(std::string_view command);

// One vector that a job asks for. v(a,b) is the difference of two vectors, since ngspice does not
// store it.
struct VectorRequest {
    std::string name;    // as the job wrote it
    std::string first;   // what to ask ngspice for, in lower case
    std::string second;  // v(a,b): the vector to subtract
};

// v(node), v(a,b), i(vsource), @device[parameter], or a bare name such as onoise_total. Ground is
// "0" or "gnd". Throws Error(bad_input).
VectorRequest parse_vector(std::string_view name);

}  // namespace mho::spice
