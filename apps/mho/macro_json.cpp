// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/macro_json.h"

namespace mho::apps {

nlohmann::ordered_json card_json(const behavioral::Provenance& card) {
    return {{"spec_name", card.spec_name},
            {"spec_hash", card.spec_hash},
            {"seed", card.seed},
            {"ngspice_version", card.ngspice_version}};
}

std::string macro_to_json(const calibrate::MacroEquivalence& equivalence,
                          const calibrate::MacroSummary& summary,
                          const behavioral::Provenance& card) {
    using Json = nlohmann::ordered_json;
    Json root;
    root["schema"] = "mho.macro/1";
    root["card"] = card_json(card);
    root["summary"] = {{"vectors", equivalence.multiplies.size()},
                       {"codes", summary.codes},
                       {"equal_codes", summary.equal},
                       {"worst_code_difference", summary.worst_code},
                       {"spice_joule_mean", summary.spice_joule},
                       {"model_joule_mean", summary.model_joule},
                       {"energy_error_rms", summary.rms_joule_error},
                       {"energy_error_worst", summary.worst_joule_error}};
    Json& multiplies = root["multiplies"] = Json::array();
    for (const calibrate::MacroMultiply& multiply : equivalence.multiplies) {
        multiplies.push_back({{"spice_codes", multiply.spice_codes},
                              {"model_codes", multiply.model_codes},
                              {"spice_counter", multiply.spice_counter},
                              {"model_counter", multiply.model_counter},
                              {"spice_joule", multiply.spice_joule},
                              {"model_joule", multiply.model_joule}});
    }
    return root.dump() + "\n";
}

}  // namespace mho::apps
