// SPDX-License-Identifier: Apache-2.0
#include "calibrate/provenance.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/version.h"
#include "netlist/spec_toml.h"

namespace mho::calibrate {

std::string design_hash(const netlist::Design& design) {
    netlist::Spec spec = design.spec;
    spec.technology = design.technology.name;
    // Of the user's files the content counts, not where they lie.
    std::string content;
    for (std::filesystem::path* file :
         {&spec.cell.user.file, &spec.readout.user.file, &spec.adc.user.file}) {
        if (file->empty()) continue;
        content += '\0' + read_file(*file);
        *file = file->filename();
    }
    return content_hash(spec_to_toml(spec) + '\0' +
                        read_file(design.technology.folder / "tech.toml") + '\0' +
                        read_file(design.technology.model_file) + content);
}

behavioral::Provenance provenance(const netlist::Design& design,
                                  const spice::SimulatorInfo& simulator, std::uint64_t seed,
                                  std::size_t runs) {
    behavioral::Provenance origin;
    origin.mho_version = kVersion;
    origin.ngspice_version = simulator.version + (simulator.klu ? ", KLU" : ", Sparse 1.3");
    origin.spec_name = design.spec.name;
    origin.spec_hash = design_hash(design);
    origin.spec_toml = spec_to_toml(design.spec);
    origin.technology = fmt::format("{}, corner {}", design.technology.name, design.spec.corner);
    origin.temperature_celsius = design.spec.temperature_celsius;
    origin.seed = seed;
    origin.spice_runs = static_cast<int>(runs);
    return origin;
}

}  // namespace mho::calibrate
