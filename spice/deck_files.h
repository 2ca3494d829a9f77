// SPDX-License-Identifier: Apache-2.0
// What is looked at in a deck and in every file that it includes before ngspice reads them: it
// takes some texts wrongly without a word, or dies of them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace mho::spice {

// `deck` is the text, title first, of the file `name`; included relative names count from its
// folder. Throws Error(bad_input), "deck.cir:7: ...", for a byte above 0x7f outside comments,
// titles and names of files (ngspice takes all such letters for the same), for a number larger than
// any (ngspice takes it for infinity), and for an .include or .lib that comes back to a file, or a
// section of a library, that is being read (ngspice dies).
// Files that are missing are left out.
void check_deck_files(std::string_view deck, const std::filesystem::path& name);

class DeckWalk;

// The same for what netlists with absolute paths include, once for each file of all of them.
class IncludedFileChecks {
  public:
    IncludedFileChecks();
    ~IncludedFileChecks();
    IncludedFileChecks(IncludedFileChecks&&) noexcept;
    IncludedFileChecks& operator=(IncludedFileChecks&&) noexcept;

    void check(std::string_view netlist);

  private:
    std::unique_ptr<DeckWalk> walk_;
};

// The line, from 1, of the .option card that asks for the solver KLU, or no value when there is
// none or one behind it asks for Sparse.
std::optional<std::size_t> klu_option_line(std::string_view text);

}  // namespace mho::spice
