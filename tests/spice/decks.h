// SPDX-License-Identifier: Apache-2.0
// Small circuits that several tests run.
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "spice/job.h"
#include "spice/pool.h"

namespace mho::spice::test {

inline Job make_job(std::string netlist, std::string analysis, std::vector<std::string> vectors) {
    Job job;
    job.netlist = std::move(netlist);
    job.analysis = std::move(analysis);
    job.vectors = std::move(vectors);
    job.timeout_second = 60;
    return job;
}

// 1 V over 1 kohm and 3 kohm.
inline const std::string kDivider =
    "divider\n"
    "V1 1 0 dc 1\n"
    "R1 1 2 1k\n"
    "R2 2 0 3k\n"
    ".end\n";

// A 1 V step on 1 kohm and 1 pF.
inline const std::string kLowPass =
    "low pass\n"
    "V1 in 0 dc 0 ac 1 pulse(0 1 0 1f 1f 1 2)\n"
    "R1 in out 1k\n"
    "C1 out 0 1p\n"
    ".end\n";

inline bool same_bits(const Waveforms& a, const Waveforms& b) {
    if (a.names != b.names || a.columns.size() != b.columns.size()) return false;
    for (std::size_t i = 0; i < a.columns.size(); ++i) {
        if (a.columns[i].size() != b.columns[i].size() ||
            std::memcmp(a.columns[i].data(), b.columns[i].data(),
                        a.columns[i].size() * sizeof(double)) != 0) {
            return false;
        }
    }
    return true;
}

inline PoolOptions with_workers(std::size_t workers) {
    PoolOptions options;
    options.workers = workers;
    return options;
}

inline JobResult run_one(const Job& job) {
    Pool pool(with_workers(1));
    return pool.run({&job, 1}).front();
}

}  // namespace mho::spice::test
