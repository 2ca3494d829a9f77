// SPDX-License-Identifier: Apache-2.0
// A deck as people write them for `ngspice -b`, turned into jobs: the circuit and its models go to
// ngspice as they are, what a job says otherwise (analysis, vectors) is taken out.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spice/job.h"
#include "spice/pool.h"
#include "spice/request.h"

namespace mho::spice {

struct DeckAnalysis {
    AnalysisKind kind = AnalysisKind::op;
    std::string card;                  // ".tran 1n {stop}"
    std::size_t line = 0;              // of the file, from 1
    std::vector<std::string> vectors;  // of its .print and .plot cards
};

struct DeckMeasure {
    std::string name;      // in lower case
    std::string card;      // as it stands there, with its continuations
    std::size_t line = 0;  // of the file, from 1
};

struct UserDeck {
    std::string title;
    std::string netlist;  // a job's: line numbers are those of the file, included paths absolute
    std::vector<DeckAnalysis> analyses;               // in the order of the file; at least one
    std::vector<std::string> saved;                   // of the .save cards; all analyses have them
    std::map<std::string, std::size_t> vector_lines;  // where a card first names each of those
    std::vector<std::string> measured;                // what the .meas cards read
    std::vector<DeckMeasure> measures;                // the .meas cards
    std::vector<std::string> osdi_models;             // of pre_osdi commands; absolute
    bool klu = false;                                 // asked for, and there is a noise analysis
    std::string klu_place;                            // "deck.cir:3", where KLU is asked for
    std::vector<std::string> notes;  // "deck.cir:7: ... is left out", one line each
};

// Reads a deck; `file` names it in messages, and its folder is where relative names of included
// files count from. Lines behind ".end" are left out. A .control block may have analyses, meas,
// print and run, which count as the cards of that name, and pre_osdi, as in decks that write_deck
// makes. Throws Error(bad_input), "deck.cir:7: ...", for any other command, for a .control block in
// an included file, an analysis other than op, dc, tran, ac and noise, a malformed one, when
// there is none, a .meas card without analysis, name or a known function, and for what
// check_deck_files refuses.
UserDeck read_user_deck(std::string_view text, const std::filesystem::path& file);

// "deck.cir:3: option klu is not used: this ngspice (39.3) has no KLU, Sparse solves", or empty
// where the deck does not ask for KLU or ngspice has it. The answer is the same, large arrays take
// minutes.
std::string missing_klu_note(const UserDeck& deck, const SimulatorInfo& simulator);

// The job of one analysis of the deck: `vectors`, or, where there are none, those that its cards
// name, or every node voltage and source current. What .meas cards read is saved as well. Warnings
// of ngspice's are allowed. Noise is solved by Sparse, since ngspice's KLU does not do it.
Job make_job(const UserDeck& deck, const DeckAnalysis& analysis,
             const std::vector<std::string>& vectors = {});

}  // namespace mho::spice
