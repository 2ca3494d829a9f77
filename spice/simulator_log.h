// SPDX-License-Identifier: Apache-2.0
// What ngspice prints, line by line, and what mho concludes from it. ngspice's return codes say
// nothing; its texts and the variable sim_status do. Keeps a bounded number of lines.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spice/job.h"

namespace mho::spice {

// What ngspice's command "version -f" prints tells.
struct VersionText {
    std::string version;  // "46", or empty when the lines do not tell
    bool klu = false;     // built with; without, it takes ".option klu" and solves with Sparse
    bool xspice = false;  // built with
};
VersionText read_version(std::span<const std::string> lines);

class SimulatorLog {
  public:
    // A line as ngspice's SendChar callback gives it, with or without "stdout " or "stderr ".
    void add(std::string_view line);
    void clear();

    // The first lines since clear(), up to 400.
    const std::vector<std::string>& lines() const { return lines_; }

    // While a circuit is read: the first line that tells of a defect in the netlist (a warning
    // counts, since ngspice then drops or changes something), with the lines that explain it;
    // empty when there is none.
    std::string netlist_complaint() const;

    // The same without lines that are mere warnings, after which ngspice goes on.
    std::string netlist_error() const;

    // What .meas cards gave after the analysis.
    const std::vector<Measured>& measured() const { return measured_; }

    // The first .meas card that ngspice could not make sense of, "measure td: bad syntax"; empty
    // when all were understood. One whose event did not happen is no mistake.
    const std::string& measure_error() const { return measure_error_; }

    // The first vector that a .meas card reads and the circuit does not have, or empty; ngspice
    // then measures 0.
    const std::string& unknown_vector() const { return unknown_vector_; }

    // While an analysis runs: the first "singular matrix" or "transient op" line, after which
    // ngspice may give any answer (also infinity, and success as status); empty when there is none.
    const std::string& unsound() const { return unsound_; }

    // After a failed analysis: the lines that best say why; empty when there is nothing to say.
    std::string failure() const;

    // True when none of the vectors that the deck saves exists; the analysis is then not run.
    bool nothing_saved() const { return nothing_saved_; }

    // True when a line says that Newton's iteration, a time step or a matrix failed, as against a
    // wrong parameter or a missing source.
    bool numerical_trouble() const { return numerical_trouble_; }

  private:
    std::vector<std::string> lines_;
    void add_measured(const std::string& line);
    void add_mistake(const std::string& line);

    std::vector<std::string> complaint_;
    std::vector<std::string> error_;
    std::vector<Measured> measured_;
    bool measuring_ = false;  // since the heading above the measurements
    std::string before_;      // the line above, of the measurements
    std::string measure_error_;
    std::string unknown_vector_;
    std::string unsound_;
    std::vector<std::string> fatal_;  // from the first fatal line on
    std::string verdict_;             // last "doAnalyses: ..." line
    std::string last_error_;          // last line on standard error that is no note
    bool nothing_saved_ = false;
    bool numerical_trouble_ = false;
};

}  // namespace mho::spice
