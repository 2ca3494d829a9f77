// SPDX-License-Identifier: Apache-2.0
// Results of SPICE runs by the content of their jobs: one file per result. A file that is not whole
// (another version, cut short, altered) is no result; it is made again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "spice/job.h"
#include "spice/pool.h"

namespace mho::spice {

class Cache {
  public:
    // Creates the folder where it is missing. Throws Error(system) naming it.
    Cache(std::filesystem::path folder, SimulatorInfo simulator);

    // Names what decides the result: netlist, the files it includes, analysis, vectors, ngspice's
    // version and solver. Timeout and label do not count.
    std::string key(const Job& job) const;

    std::optional<Waveforms> find(const std::string& key) const;

    // Throws Error(system) when the file cannot be written.
    void store(const std::string& key, const Waveforms& waveforms) const;

    std::filesystem::path file(const std::string& key) const;

  private:
    std::filesystem::path folder_;
    SimulatorInfo simulator_;
};

}  // namespace mho::spice
