// SPDX-License-Identifier: Apache-2.0
#include "calibrate/card_design.h"

#include "base/error.h"
#include "calibrate/provenance.h"
#include "netlist/spec_toml.h"

namespace mho::calibrate {

netlist::Design start_design(const netlist::Spec& spec, const spice::Pool& pool) {
    netlist::Design design = netlist::load_design(spec);
    design.klu = pool.simulator().klu;
    return design;
}

void require_calibratable(const netlist::Spec& spec) {
    netlist::load_design(spec);
    if (spec.adc.kind != netlist::AdcKind::ramp) {
        throw bad_input(
            "{}: [adc] kind: a card needs \"ramp\", found \"sar\", which `mho adc` measures",
            spec.name);
    }
    if (netlist::has_transistor_drivers(spec)) return;
    throw bad_input(
        "{}: only arrays of 1t1r cells in topology \"a\", with plain columns and no keys of the "
        "array's shape, can be calibrated",
        spec.name);
}

netlist::Spec spec_of(const behavioral::ModelCard& card) {
    netlist::Spec spec = netlist::parse_spec(card.provenance.spec_toml, "the card's spec");
    require_calibratable(spec);
    return spec;
}

netlist::Design design_of(const behavioral::ModelCard& card, const spice::Pool& pool) {
    netlist::Design design = start_design(spec_of(card), pool);
    if (const std::string hash = design_hash(design); hash != card.provenance.spec_hash) {
        throw bad_input(
            "the card was measured on spec and technology {}, these files are {}: calibrate anew",
            card.provenance.spec_hash, hash);
    }
    return design;
}

}  // namespace mho::calibrate
