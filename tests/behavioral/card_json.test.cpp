// SPDX-License-Identifier: Apache-2.0
#include "behavioral/card_json.h"

#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "behavioral/bit_serial_cards.h"
#include "behavioral/card_check.h"
#include "behavioral/cards.h"
#include "behavioral/tables.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using Json = nlohmann::ordered_json;
using namespace mho::behavioral;
using mho::test::some_card;

namespace {

// The message of reading a card after `change` was made to its JSON.
template <typename Change>
std::string text_complaint(const Change& change) {
    Json json = Json::parse(card_to_json(some_card(4, 3)));
    change(json);
    try {
        card_from_json(json.dump(), "c.json");
    } catch (const mho::Error& error) {
        CHECK(error.kind() == mho::ErrorKind::bad_input);
        CHECK(std::string_view(error.what()).find('\n') == std::string_view::npos);
        return error.what();
    }
    return "accepted";
}

// Every path of a key or list element, as the schema and the writer see it.
void collect_keys(const Json& value, std::string path, std::vector<std::string>& keys) {
    for (const auto& [key, item] : value.items()) {
        keys.push_back(fmt::format("{}/{}", path, key));
        if (item.is_object()) collect_keys(item, keys.back(), keys);
        if (item.is_array() && !item.empty() && item[0].is_object()) {
            collect_keys(item[0], keys.back(), keys);
        }
    }
}
void collect_schema(const Json& schema, std::string path, std::vector<std::string>& keys) {
    CHECK(schema.at("additionalProperties") == false);
    // What is not required is what describe() calls optional.
    for (const Json& key : schema.at("required")) CHECK(schema.at("properties").contains(key));
    for (const auto& [key, item] : schema.at("properties").items()) {
        keys.push_back(fmt::format("{}/{}", path, key));
        CHECK(item.contains("description"));
        if (item.value("type", "") == "object") collect_schema(item, keys.back(), keys);
        if (item.value("type", "") == "array" && item.at("items").value("type", "") == "object") {
            collect_schema(item.at("items"), keys.back(), keys);
        }
    }
}

ModelCard with_uncertainty(ModelCard card) {
    card.cell.access_standard_error = {1.5, 0.02, 0.3};
    return card;
}

// Between two conditions.
ModelCard mixed_card() {
    ModelCard card = some_card(4, 3);
    const std::vector<ReadoutDynamics> all{card.timing.sourcing, card.timing.resting,
                                           card.timing.sinking};
    card.timing.mixed = {{0.25, all}, {0.75, all}};
    return card;
}

// Of gated cells with a table.
ModelCard array_card() {
    ModelCard card = some_card(4, 3);
    card.array_only = true;
    card.array.topology = ArrayTopology::c;
    card.cell = mho::test::table_law([](double v, double g) { return g * v * (1 + v); });
    card.cell.source_weight = 0.2;
    return card;
}

// Of a ramp, with the shapes of its draws.
ModelCard converter_card() {
    ModelCard card = some_card(4, 3);
    card.converter_only = true;
    card.converter = {"ramp", std::vector<double>(256, 1e-12), 2e-8, 1e-9, 3e-7, 1e-13};
    card.adc.mismatch.draws = 2;
    card.adc.mismatch.bit_volt_rms.clear();
    card.adc.mismatch.shapes = {1, -1, 0.5, 0.1, 0.2, -1, 1, -0.5, -0.1, -0.2};
    return card;
}

}  // namespace

TEST_CASE("a card of a converter alone comes back, and has nothing else") {
    const ModelCard card = converter_card();
    const std::string text = card_to_json(card);
    const Json json = Json::parse(text);
    for (const char* key : {"cell", "array", "driver", "programming", "readout", "energy"}) {
        CHECK_FALSE(json.contains(key));
    }
    const ModelCard back = card_from_json(text, "c.json");
    CHECK(back.converter_only);
    CHECK(card_to_json(back) == text);
    ModelCard wrong = card;
    wrong.converter.code_joule.pop_back();
    CHECK_THROWS_WITH(card_to_json(wrong),
                      "card: converter.code_joule has 255 values, expected 256 for 8 bits");
    wrong = card;
    wrong.adc.mismatch.shapes.pop_back();
    CHECK_THROWS_WITH(card_to_json(wrong), ContainsSubstring("adc.mismatch.shapes has 9 values"));
    Json both = json;
    both["cell"] = 1;
    CHECK_THROWS_WITH(card_from_json(both.dump(), "c.json"), ContainsSubstring("cell"));
    CHECK_THROWS_WITH(require_column(card, "a tile"),
                      "example: the card is of a converter alone, without cells and array: a tile "
                      "needs them");
}

TEST_CASE("a column's card may have a converter, whose energies are by code, and more dynamics") {
    ModelCard card = some_card(8, 4);
    card.converter = converter_card().converter;
    card.converter.kind = "sar";
    card.converter.code_joule.resize(card.adc.transition_volt.size() + 1, 1e-12);
    ReadoutDynamics between = card.timing.resting;
    between.ampere = 0.5 * card.timing.sinking.ampere;
    card.timing.between = {between};
    const std::string text = card_to_json(card);
    const ModelCard back = card_from_json(text, "c.json");
    CHECK_FALSE(back.converter_only);
    CHECK_FALSE(back.array_only);
    CHECK(back.converter.kind == "sar");
    CHECK(back.timing.between.size() == 1);
    CHECK(card_to_json(back) == text);
    ModelCard wrong = card;
    wrong.timing.between[0].ampere = 2 * card.timing.sinking.ampere;
    CHECK_THROWS_WITH(card_to_json(wrong), ContainsSubstring("timing.between[0].ampere is"));
    wrong = card;
    wrong.converter.code_joule.pop_back();
    CHECK_THROWS_WITH(card_to_json(wrong), ContainsSubstring("converter.code_joule has"));
}

TEST_CASE("a card between conditions comes back, and its weights add up to 1") {
    const ModelCard card = mixed_card();
    const std::string text = card_to_json(card);
    const ModelCard back = card_from_json(text, "c.json");
    CHECK(card_to_json(back) == text);
    REQUIRE(back.timing.mixed.size() == 2);
    CHECK(back.timing.mixed[1].weight == 0.75);
    ModelCard wrong = card;
    wrong.timing.mixed.pop_back();
    CHECK_THROWS_WITH(card_to_json(wrong), ContainsSubstring("timing.mixed add up to 0.25"));
    wrong = card;
    std::swap(wrong.timing.mixed[1].at_currents[0], wrong.timing.mixed[1].at_currents[2]);
    CHECK_THROWS_WITH(card_to_json(wrong), ContainsSubstring("timing.mixed[1].at_currents"));
    wrong = card;
    wrong.timing.mixed[0].at_currents[1].input_ohm.pop_back();
    CHECK_THROWS_WITH(card_to_json(wrong), ContainsSubstring("timing.mixed[0].at_currents[1]"));
}

TEST_CASE("a card of an array alone comes back with its table, and has nothing else") {
    const ModelCard card = array_card();
    const std::string text = card_to_json(card);
    const ModelCard back = card_from_json(text, "memory");
    CHECK(back.array_only);
    CHECK(back.array.topology == ArrayTopology::c);
    CHECK(back.cell.kind == "subckt");
    CHECK(back.cell.table.volt == card.cell.table.volt);
    CHECK(back.cell.table.ampere == card.cell.table.ampere);
    CHECK(back.cell.source_weight == 0.2);
    CHECK(card_to_json(back) == text);
    for (const char* key : {"\"readout\": {", "\"adc\"", "access_ohm"}) {
        CHECK(text.find(key) == std::string::npos);
    }
    CHECK(card_from_json(card_to_json(with_uncertainty(some_card(4, 3))), "memory")
              .cell.access_standard_error.size() == 3);
}

TEST_CASE("tables and parts of cards that do not fit are refused") {
    const auto refusal = [](const auto& change) -> std::string {
        Json json = Json::parse(card_to_json(array_card()));
        change(json);
        try {
            card_from_json(json.dump(), "c.json");
        } catch (const mho::Error& error) {
            return error.what();
        }
        return "accepted";
    };
    CHECK_THAT(refusal([](Json& j) { j["cell"]["access_ohm"] = 5; }),
               StartsWith("c.json: unknown key cell.access_ohm"));
    CHECK_THAT(refusal([](Json& j) { j["array"]["topology"] = "d"; }),
               StartsWith("c.json: array.topology is \"d\", expected \"a\", \"b\" or \"c\""));
    CHECK_THAT(refusal([](Json& j) { j["cell"].erase("table"); }),
               StartsWith("c.json: cell.access_ohm is missing"));
    CHECK_THAT(refusal([](Json& j) { j["adc"] = Json::object(); }),
               StartsWith("c.json: readout is missing"));
    CHECK_THAT(refusal([](Json& j) { j["cell"]["table"]["ampere"].erase(0); }),
               StartsWith("c.json: cell.table.ampere has"));
    CHECK_THAT(refusal([](Json& j) { j["cell"]["table"]["ampere"][1] = -1; }),
               StartsWith("c.json: cell.table.ampere[1] is -1"));
    CHECK_THAT(refusal([](Json& j) { j["cell"]["table"]["ampere"][24] = 1e-9; }),
               StartsWith("c.json: cell.table.ampere[24]"));
    CHECK_THAT(refusal([](Json& j) { j["cell"]["table"]["volt"][24] = 1e-4; }),
               StartsWith("c.json: cell.table.volt has no 0"));
    CHECK_THAT(refusal([](Json& j) { j["cell"]["table"]["state_siemens"][1] = 0.5e-6; }),
               StartsWith("c.json: cell.table.state_siemens[1]"));
}

TEST_CASE("cards come back from JSON bit for bit") {
    for (std::uint32_t id = 0; id < 200; ++id) {
        ModelCard card = some_card(4, 3, id);
        mho::RandomStream random(8, mho::RandomPurpose::test, id);
        // Numbers of all magnitudes with all their digits, and the ends of the format.
        card.held_out[0].spice.clear();
        for (int k = 0; k < 20; ++k) {
            card.held_out[0].spice.push_back(random.normal() *
                                             std::pow(10.0, random.uniform(-300, 300)));
        }
        card.held_out[0].spice.push_back(std::numeric_limits<double>::denorm_min());
        card.held_out[0].spice.push_back(-std::numeric_limits<double>::max());
        card.held_out[0].spice.push_back(-0.0);
        card.held_out[0].model = card.held_out[0].spice;
        card.provenance.seed = static_cast<std::uint64_t>(random.bits()) << 32 | random.bits();
        const std::string text = card_to_json(card);
        const ModelCard back = card_from_json(text, "memory");
        REQUIRE(card_to_json(back) == text);
        REQUIRE(std::signbit(back.held_out[0].spice.back()));
        REQUIRE(back.held_out[0].spice == card.held_out[0].spice);
        REQUIRE(back.adc.transition_volt == card.adc.transition_volt);
        REQUIRE(back.cell.access_ohm == card.cell.access_ohm);
        REQUIRE(back.energy.comparator_joule_per_code == card.energy.comparator_joule_per_code);
        REQUIRE(back.timing.conversion_second == card.timing.conversion_second);
        REQUIRE(back.programming.source == card.programming.source);
        REQUIRE(back.errors[1].held_out == card.errors[1].held_out);
        REQUIRE(back.provenance.spec_toml == card.provenance.spec_toml);
        REQUIRE(back.provenance.seed == card.provenance.seed);
        REQUIRE(back.provenance.spice_runs == card.provenance.spice_runs);
    }
}

TEST_CASE("a card of columns with integrators comes back, and is checked") {
    const ModelCard card = mho::test::bit_serial_card();
    const std::string text = card_to_json(card);
    const ModelCard back = card_from_json(text, "c.json");
    CHECK(card_to_json(back) == text);
    CHECK(back.bit_serial.integrator.bit_volt == card.bit_serial.integrator.bit_volt);
    CHECK_FALSE(Json::parse(card_to_json(array_card())).contains("bit_serial"));
    CHECK_THROWS_WITH(require_column(card, "a tile"),
                      ContainsSubstring("read by integrators, bit by bit: a tile needs"));
    const auto complaint = [&](auto&& edit, const char* expected) {
        ModelCard wrong = card;
        edit(wrong.bit_serial);
        CHECK_THROWS_WITH(card_to_json(wrong), ContainsSubstring(expected));
    };
    complaint([](BitSerialModel& m) { m.integrator.bits = 17; }, "bits is 17, expected 1 to 16");
    complaint([](BitSerialModel& m) { m.integrator.bit_volt.pop_back(); },
              "bit_volt has 2 values, expected 3");
    complaint([](BitSerialModel& m) { m.integrator.bit_ampere[0] = 1e-9; }, "bit_ampere[0]");
    complaint([](BitSerialModel& m) { m.integrator.bit_ampere[2] = 1e-6; }, "bit_ampere[2]");
    complaint([](BitSerialModel& m) { m.integrator.held_gain = NAN; }, "held_gain is nan");
    complaint([](BitSerialModel& m) { m.sharing.count.pop_back(); }, "sharing.count has 1 values");
    complaint([](BitSerialModel& m) { m.energy.ramp_joule = INFINITY; }, "ramp_joule is inf");
    ModelCard beside = some_card(4, 3);
    beside.bit_serial = card.bit_serial;
    CHECK_THROWS_WITH(card_to_json(beside), ContainsSubstring("bit_serial stands beside"));
}

TEST_CASE("the text of a card is valid JSON with lines of readable length") {
    const std::string text = card_to_json(some_card(4, 3));
    const Json json = Json::parse(text);
    CHECK(json.at("schema") == "mho.card/1");
    CHECK(json.at("adc").at("transition_volt").size() == 255);
    CHECK(text.back() == '\n');
    std::size_t start = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', start)) {
        CHECK(end - start <= 102);
        start = end + 1;
    }
}

TEST_CASE("the published JSON Schema names the keys that are written, and no others") {
    const std::filesystem::path root = MHO_SOURCE_DIR;
    const Json schema = Json::parse(mho::read_file(root / "data/schemas/card.schema.json"));
    CHECK(schema.at("properties").at("schema").at("const") == kCardSchema);
    ModelCard bit_serial = mho::test::bit_serial_card();
    bit_serial.bit_serial.adc = converter_card().adc;
    const std::vector<ModelCard> cards{some_card(4, 3),  with_uncertainty(some_card(4, 3)),
                                       mixed_card(),     array_card(),
                                       converter_card(), bit_serial};
    std::set<std::string> written;
    for (const ModelCard& card : cards) {
        std::vector<std::string> keys;
        collect_keys(Json::parse(card_to_json(card)), "", keys);
        written.insert(keys.begin(), keys.end());
    }
    std::vector<std::string> described;
    collect_schema(schema, "", described);
    CHECK(written == std::set<std::string>(described.begin(), described.end()));
    CHECK(written.size() == described.size());
}

TEST_CASE("a converter of an older card has neither noise nor mismatch, and is written without") {
    Json json = Json::parse(card_to_json(some_card(4, 3)));
    for (const char* key :
         {"noise_volt_rms", "regeneration_second", "unresolved_volt", "mismatch"}) {
        CHECK(json["adc"].erase(key) == 1);
    }
    const ModelCard old = card_from_json(json.dump(), "c.json");
    CHECK(old.adc.noise_volt_rms == 0);
    CHECK(old.adc.mismatch.draws == 0);
    CHECK(Json::parse(card_to_json(old)) == json);
}

TEST_CASE("a converter alone comes back as it stands in a card") {
    const ModelCard card = some_card(4, 3);
    const std::string text = adc_to_json(card.adc);
    CHECK(Json::parse(text) == Json::parse(card_to_json(card)).at("adc"));
    CHECK(adc_to_json(adc_from_json(text, "a.json")) == text);
    AdcModel wrong = card.adc;
    wrong.mismatch.bit_volt_rms.pop_back();
    CHECK_THROWS_WITH(adc_to_json(wrong),
                      "adc: adc.mismatch.bit_volt_rms has 7 values, expected none or 8");
    wrong = card.adc;
    wrong.noise_volt_rms = -1;
    CHECK_THROWS_WITH(adc_to_json(wrong), ContainsSubstring("adc.noise_volt_rms is -1"));
}

TEST_CASE("another schema or version is refused") {
    CHECK_THAT(text_complaint([](Json& j) { j["schema"] = "mho.card/2"; }),
               StartsWith("c.json: schema is \"mho.card/2\", expected \"mho.card/1\""));
    CHECK_THAT(text_complaint([](Json& j) { j.erase("schema"); }),
               StartsWith("c.json: schema is missing"));
    CHECK_THAT(text_complaint([](Json& j) { j["schema"] = 1; }), StartsWith("c.json: schema is"));
}

TEST_CASE("missing, unknown and repeated keys are named with their path") {
    CHECK(text_complaint([](Json& j) { j["cell"].erase("access_ohm"); }) ==
          "c.json: cell.access_ohm is missing");
    CHECK(text_complaint([](Json& j) { j.erase("timing"); }) == "c.json: timing is missing");
    CHECK(text_complaint([](Json& j) { j["errors"][1].erase("worst"); }) ==
          "c.json: errors[1].worst is missing");
    CHECK(text_complaint([](Json& j) { j["array"]["row_segment_oms"] = 1; }) ==
          "c.json: unknown key array.row_segment_oms (did you mean 'row_segment_ohm'?)");
    CHECK_THAT(text_complaint([](Json& j) { j["redout"] = 1; }),
               StartsWith("c.json: unknown key redout (did you mean 'readout'?)"));
    const std::string text = card_to_json(some_card(4, 3));
    const std::string key = "driver_ohm";
    const std::size_t at = text.find(key);
    const std::string twice =
        fmt::format("{}sense_ohm{}", text.substr(0, at), text.substr(at + key.size()));
    CHECK_THROWS_WITH(card_from_json(twice, "c.json"),
                      "c.json: key 'sense_ohm' occurs twice in one object");
}

TEST_CASE("values of the wrong type are shown with what was expected") {
    CHECK(text_complaint([](Json& j) { j["array"]["rows"] = "64"; }) ==
          "c.json: array.rows is \"64\", expected an integer of 32 bits");
    CHECK_THAT(text_complaint([](Json& j) { j["array"]["rows"] = 64.5; }),
               ContainsSubstring("array.rows is 64.5"));
    CHECK_THAT(text_complaint([](Json& j) { j["array"]["rows"] = 1ll << 40; }),
               ContainsSubstring("expected an integer of 32 bits"));
    CHECK_THAT(text_complaint([](Json& j) { j["array"]["rows"] = -(1ll << 40); }),
               ContainsSubstring("expected an integer of 32 bits"));
    CHECK(text_complaint([](Json& j) { j["cell"]["access_ohm"] = nullptr; }) ==
          "c.json: cell.access_ohm is null, expected a number");
    CHECK_THAT(text_complaint([](Json& j) { j["provenance"]["seed"] = -1; }),
               ContainsSubstring("provenance.seed is -1, expected an integer >= 0"));
    CHECK_THAT(text_complaint([](Json& j) { j["programming"]["source"] = 3; }),
               ContainsSubstring("programming.source is 3, expected a string"));
    CHECK_THAT(text_complaint([](Json& j) { j["adc"]["transition_volt"] = 3; }),
               ContainsSubstring("adc.transition_volt is 3, expected a list"));
    CHECK_THAT(text_complaint([](Json& j) { j["adc"]["transition_volt"][7] = true; }),
               ContainsSubstring("adc.transition_volt[7] is true, expected a number"));
    CHECK_THAT(text_complaint([](Json& j) { j["held_out"] = Json::array({1}); }),
               ContainsSubstring("held_out[0] is 1, expected an object"));
    CHECK_THROWS_WITH(card_from_json("[1]", "c.json"),
                      "c.json: the file is [1], expected an object");
}

TEST_CASE("what the models cannot use is refused on reading") {
    CHECK_THAT(text_complaint([](Json& j) { j["adc"]["transition_volt"][9] = 0.0; }),
               ContainsSubstring("c.json: adc.transition_volt[9] is 0, expected more than"));
    CHECK_THAT(text_complaint([](Json& j) { j["adc"]["transition_volt"].erase(3); }),
               ContainsSubstring("has 254 values, expected 255 for 8 bits"));
    CHECK_THAT(text_complaint([](Json& j) { j["adc"]["bits"] = 60; }),
               ContainsSubstring("adc.bits is 60, expected 2 to 16"));
}

TEST_CASE("broken JSON is refused in one line that says where it breaks") {
    const std::string text = card_to_json(some_card(4, 3));
    CHECK_THROWS_WITH(card_from_json("", "c.json"), StartsWith("c.json: not JSON: parse error"));
    CHECK_THROWS_WITH(card_from_json(text.substr(0, text.size() / 2), "c.json"),
                      ContainsSubstring("line"));
    CHECK_THROWS_WITH(card_from_json("{\"schema\": 1e999}", "c.json"),
                      StartsWith("c.json: not JSON"));
    CHECK_THROWS_WITH(card_from_json(std::string(100000, '['), "c.json"),
                      StartsWith("c.json: not JSON"));
    CHECK_THROWS_WITH(card_from_json("{\"a\": \"\xff\"}", "c.json"),
                      StartsWith("c.json: not JSON"));
    // Any cut-off text must end in one of our errors.
    for (std::size_t size = 0; size + 2 < text.size(); size += 97) {
        CHECK_THROWS_AS(card_from_json(text.substr(0, size), "c.json"), mho::Error);
    }
}

TEST_CASE("cards that could not be read back are not written") {
    ModelCard card = some_card(4, 3);
    card.cell.access_ohm = std::nan("");
    CHECK_THROWS_WITH(card_to_json(card),
                      "card: cell.access_ohm is nan, expected a finite number >= 0");
    card = some_card(4, 3);
    card.provenance.spec_name.assign(1, '\xff');
    CHECK_THROWS_WITH(card_to_json(card), "card: a text in it is not valid UTF-8");
}
