// SPDX-License-Identifier: Apache-2.0
// Comments by which write_deck says what SPICE cards cannot, so that read_deck finds it again.
// docs/formats/deck.md describes them.
#pragma once

#include <string_view>

namespace mho::netlist {

inline constexpr std::string_view kHeadingStart = "* ---- ";
inline constexpr std::string_view kCircuitHeading = "circuit";
inline constexpr std::string_view kTopName = "top";  // of the circuit, unless it says another
inline constexpr std::string_view kSectionStart = "* -- ";           // a section's title
inline constexpr std::string_view kLibraryStart = "* ---- library";  // " FILE, section NAME"
inline constexpr std::string_view kLibraryEnd = "* ---- end of library";
inline constexpr std::string_view kWantedStart = "* ---- wanted: ";  // Deck::saved, with blanks

// ngspice repeats a pulse without a period as soon as it is over.
inline constexpr double kNeverSecond = 1e9;

}  // namespace mho::netlist
