// SPDX-License-Identifier: Apache-2.0
// The cards that ship are those of their specs and technology, and still describe the circuits.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "behavioral/card_json.h"
#include "calibrate/calibrate.h"
#include "calibrate/provenance.h"
#include "netlist/spec_toml.h"

using namespace mho;

namespace {

const std::filesystem::path kCards = std::filesystem::path(MHO_SOURCE_DIR) / "data/cards";
constexpr std::size_t kMaxBytes = 200'000;

}  // namespace

TEST_CASE("ready cards are fresh: data/cards/regenerate.sh makes them anew") {
    std::size_t cards = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kCards / "specs")) {
        const std::string name = entry.path().stem().string();
        INFO(name);
        ++cards;
        const std::string text = read_file(kCards / (name + ".json"));
        CHECK(text.size() < kMaxBytes);
        const behavioral::ModelCard card = behavioral::card_from_json(text, name);
        const netlist::Spec spec = netlist::read_spec(entry.path());
        CHECK(card.provenance.spec_name == name);
        CHECK(card.provenance.spec_hash == calibrate::design_hash(netlist::load_design(spec)));
        for (const behavioral::QuantityError& error : card.errors) {
            INFO(error.quantity);
            CHECK(error.within());
        }
        calibrate::CalibrateOptions options;
        options.seed = card.provenance.seed + 1;
        options.workers = 2;
        for (const behavioral::QuantityError& error :
             calibrate::check(card, options, calibrate::CheckDepth::blocks).errors) {
            INFO(error.quantity << ": worst " << error.worst);
            CHECK(error.within());
        }
    }
    for (const auto& entry : std::filesystem::directory_iterator(kCards)) {
        if (entry.path().extension() != ".json") continue;
        INFO(entry.path().filename().string());
        CHECK(std::filesystem::exists(kCards / "specs" / entry.path().stem().concat(".toml")));
    }
    CHECK(cards > 0);
}
