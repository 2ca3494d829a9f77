// SPDX-License-Identifier: Apache-2.0
// What a behavioural source's expression reads, found by splitting it into words. Private to the
// circuit builder and the deck writer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mho::netlist {

struct ExpressionReads {
    std::vector<std::string> nets;        // arguments of v( )
    std::vector<std::string> sources;     // arguments of i( )
    std::vector<std::string> parameters;  // other words that are no function, constant or number
    std::string problem;                  // not empty: the expression is malformed, and why
};

ExpressionReads scan_expression(std::string_view expression);

// The expression with the words in `parameters` in braces, as ngspice wants them in a subcircuit.
std::string with_braced_parameters(std::string_view expression,
                                   const std::vector<std::string>& parameters);

}  // namespace mho::netlist
