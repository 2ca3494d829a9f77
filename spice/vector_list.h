// SPDX-License-Identifier: Apache-2.0
// Vectors in the texts of decks and options.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mho::spice {

// "v(out),i(vdd) v(a,b)" as single vectors; commas and blanks in parentheses do not separate.
std::vector<std::string> split_vectors(std::string_view list);

// True when parse_vector takes it.
bool is_vector(const std::string& text);

// v(a) of vm(a), vdb(a), vp(a), vr(a) and vi(a), as .print and .meas write parts of it; the same
// for i( ). Another text comes back as it is. In lower case.
std::string whole_vector(const std::string& text);

// The v( ), i( ) and @device[ ] that an expression in lower case reads.
std::vector<std::string> vectors_in(const std::string& expression);

}  // namespace mho::spice
