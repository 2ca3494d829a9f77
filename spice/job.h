// SPDX-License-Identifier: Apache-2.0
// One SPICE run as a value: what goes to a worker process and what comes back. The netlist is
// checked strictly: any warning of ngspice's while reading it counts as a defect unless the job
// allows warnings, and .control blocks are refused. Workers have their own folders, so included
// files need absolute paths.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mho::spice {

// Values of named quantities: one run per row.
struct ValueTable {
    std::vector<std::string> names;
    std::vector<std::vector<double>> rows;  // each as long as `names`, all finite
    bool operator==(const ValueTable&) const = default;
};

struct Job {
    std::string netlist;               // lines of the deck: title first, ".end" last, no analysis
    std::string analysis;              // one ngspice command: "op", "tran 1n 300n", "dc vk 0 9 1",
                                       // or a card, ".tran 1n {stop}", of which the netlist then
                                       // has no other
    std::vector<std::string> vectors;  // what to return: "v(out)", "i(vsense0)", "onoise_total";
                                       // "all" is every node voltage and source current
    double timeout_second = 120;       // wall time; the worker is killed at its end
    std::string label;                 // for messages only; not part of the cache key
    bool warnings_allowed = false;     // while ngspice reads the netlist

    // Devices or their parameters, "r1" or "@m1[w]", that take other values without the netlist
    // being read again. The analysis runs once per row, always with every one of them set, so no
    // row depends on another; the rows of the results stand one below the other, after a column
    // "run" that counts from 0.
    ValueTable alterations = {};

    // Sources "Vin3 in3 0 external" (or I), all that the netlist has, for an op: one operating
    // point per row, all found in one sweep, which is much cheaper than one op each and solves the
    // same equations. Column "run" as above.
    ValueTable inputs = {};

    // Absolute paths of compiled Verilog-A models (OSDI), loaded before the netlist is read.
    std::vector<std::string> osdi_models = {};
};

enum class JobStatus {
    ok,
    bad_netlist,    // ngspice refused the deck
    not_converged,  // the analysis failed or was aborted
    incomplete,     // it ended early, or a vector is missing or not finite
    timed_out,
    crashed,  // the worker died, twice
};

std::string_view to_string(JobStatus status);

// The result of a .meas card of the netlist; no value when ngspice could not measure it.
struct Measured {
    std::string name;
    std::optional<double> value;
    bool operator==(const Measured&) const = default;
};

// Named columns of equal length: the independent variable first (time, sweep value, frequency;
// absent for op), then the vectors in the order the job asked for them. "run" goes before all. A
// vector of an ac analysis has two, re(NAME) and im(NAME).
struct Waveforms {
    std::vector<std::string> names;
    std::vector<std::vector<double>> columns;
    std::vector<Measured> measured = {};  // and, with "all" of a noise analysis, its totals

    // The column with this name; throws Error(simulator) when there is none.
    const std::vector<double>& operator[](std::string_view name) const;
    std::size_t points() const { return columns.empty() ? 0 : columns.front().size(); }
};

struct JobResult {
    JobStatus status = JobStatus::ok;
    Waveforms waveforms;  // empty unless ok
    std::string message;  // the line of ngspice's that says what failed; when ok, its warning about
                          // a netlist that may have one, else empty
    int attempts = 1;     // 2 when the job was repeated on another rung or in a fresh worker
    bool from_cache = false;
    std::string kept_deck = {};  // path of the failed job's deck, where the pool keeps them
};

}  // namespace mho::spice
