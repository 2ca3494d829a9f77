// SPDX-License-Identifier: Apache-2.0
// Resistive arrays with wires, for tests and benches of SPICE runs.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <vector>

#include "base/random.h"
#include "spice/job.h"

namespace mho::spice::test {

// N x N cells of 1 to 100 microsiemens, wires of 2.5 ohm per cell, drivers of 100 ohm at the left,
// columns that end in 0 V sources at the bottom (NGSPICE.md section 2 measures the same).
struct ArrayOptions {
    bool klu = true;
    bool external_inputs = false;  // "external" instead of random values
    double node_farad = 0;         // at every wire node; 0: none
    std::string input_shape = {};  // of the sources, instead of values: "pulse(...)"
};

inline std::string array_deck(std::size_t n, std::uint32_t trial, const ArrayOptions& options) {
    RandomStream random(11, RandomPurpose::array_states, trial);
    std::string deck = "crossbar\n";
    if (options.klu) deck += ".option klu\n";
    for (std::size_t r = 0; r < n; ++r) {
        const double volt = random.uniform(0.0, 0.3);
        const std::string value = options.external_inputs        ? std::string("external")
                                  : !options.input_shape.empty() ? options.input_shape
                                                                 : fmt::format("dc {:.17g}", volt);
        deck += fmt::format("vin{0} in{0} 0 {1}\nrd{0} in{0} w{0}_0 100\n", r, value);
        for (std::size_t c = 0; c < n; ++c) {
            deck += fmt::format("rc{0}_{1} w{0}_{1} b{0}_{1} {2:.17g}\n", r, c,
                                1 / random.uniform(1e-6, 100e-6));
            if (c > 0) deck += fmt::format("rw{0}_{1} w{0}_{2} w{0}_{1} 2.5\n", r, c, c - 1);
            const std::string below =
                r + 1 == n ? fmt::format("out{}", c) : fmt::format("b{}_{}", r + 1, c);
            deck += fmt::format("rb{0}_{1} b{0}_{1} {2} 2.5\n", r, c, below);
            if (options.node_farad > 0) {
                deck += fmt::format("cw{0}_{1} w{0}_{1} 0 {2}\ncb{0}_{1} b{0}_{1} 0 {2}\n", r, c,
                                    options.node_farad);
            }
        }
    }
    for (std::size_t c = 0; c < n; ++c) deck += fmt::format("vsense{0} out{0} 0 dc 0\n", c);
    return deck + ".end\n";
}

inline std::vector<std::string> column_currents(std::size_t n) {
    std::vector<std::string> vectors;
    for (std::size_t c = 0; c < n; ++c) vectors.push_back(fmt::format("i(vsense{})", c));
    return vectors;
}

inline Job array_job(std::size_t n, std::uint32_t trial, const ArrayOptions& options = {}) {
    Job job;
    job.netlist = array_deck(n, trial, options);
    job.analysis = "op";
    job.vectors = column_currents(n);
    job.timeout_second = 600;
    job.label = fmt::format("array {}", trial);
    return job;
}

// Different arrays with 0.2 fF at every wire node, all rows of which rise at once.
inline std::vector<Job> transient_array_jobs(std::size_t n, std::size_t count) {
    ArrayOptions options;
    options.node_farad = 0.2e-15;
    options.input_shape = "pulse(0 0.3 10p 20p 20p 1 2)";
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < count; ++i) {
        jobs.push_back(array_job(n, static_cast<std::uint32_t>(i), options));
        jobs.back().analysis = "tran 20p 0.4n";
    }
    return jobs;
}

inline std::vector<double> random_inputs(std::size_t n, std::uint32_t trial) {
    RandomStream random(11, RandomPurpose::array_inputs, trial);
    std::vector<double> inputs(n);
    for (double& volt : inputs) volt = random.uniform(0.0, 0.3);
    return inputs;
}

}  // namespace mho::spice::test
