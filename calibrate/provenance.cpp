// SPDX-License-Identifier: Apache-2.0
#include "calibrate/provenance.h"

#include "base/file.h"
#include "base/hash.h"
#include "netlist/spec_toml.h"

namespace mho::calibrate {

std::string design_hash(const netlist::Design& design) {
    netlist::Spec spec = design.spec;
    spec.technology = design.technology.name;
    return content_hash(spec_to_toml(spec) + '\0' +
                        read_file(design.technology.folder / "tech.toml") + '\0' +
                        read_file(design.technology.model_file));
}

}  // namespace mho::calibrate
