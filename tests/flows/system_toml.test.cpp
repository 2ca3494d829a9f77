// SPDX-License-Identifier: Apache-2.0
// Systems as files: what is read, what --set changes, and what is refused.
#include "flows/system_toml.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <set>
#include <string>

#include "base/data_folder.h"
#include "base/file.h"
#include "flows/made_networks.h"
#include "flows/system_map.h"
#include "flows/thrown_text.h"
#include "support/temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using namespace mho::flows;
using namespace mho::test;

namespace {

const std::string kHead = "schema = \"mho.system/1\"\nname = \"mine\"\n";

SystemSpec mine(const std::string& text, const std::vector<std::string>& changes = {}) {
    return parse_system(kHead + text, "mine.toml", changes);
}

std::string refusal(const std::string& text, const std::vector<std::string>& changes = {}) {
    return thrown_text([&] { mine(text, changes); });
}

}  // namespace

TEST_CASE("a system file without sections gives the documented defaults") {
    const SystemSpec spec = mine("");
    CHECK(spec.products == Products::quantised);
    CHECK(spec.weights.bits == 8);
    CHECK(spec.array.rows == 0);
    CHECK(spec.inputs.bits == 8);
    CHECK(spec.adc.range == AdcRule::none);
    CHECK_FALSE(spec.device.model);
    CHECK_FALSE(spec.wire.any());
    CHECK_FALSE(spec.cost.conversion_joule);
}

TEST_CASE("every shipped system reads, and writes itself so that it reads the same") {
    const std::vector<std::string> names = shipped_systems();
    const std::set<std::string> expected{"digital-float", "digital8", "ideal8", "sonos-tcas",
                                         "isaac",         "prime",    "taox",   "pcm",
                                         "hfo2",          "rram-wan"};
    CHECK(std::set<std::string>(names.begin(), names.end()) == expected);
    for (const std::string& name : names) {
        INFO(name);
        const SystemSpec spec = read_system(name);
        CHECK(spec.name == name);
        CHECK_FALSE(spec.title.empty());
        if (!name.starts_with("digital")) CHECK_FALSE(spec.source.empty());
        const bool costs = spec.cost.conversion_joule || spec.cost.slice_second;
        CHECK(costs == !spec.cost.source.empty());
        const std::string text = system_to_toml(spec);
        CHECK(system_to_toml(parse_system(text, "again")) == text);
    }
}

TEST_CASE("a change replaces one value, whatever its kind") {
    const SystemSpec spec =
        mine("[array]\nrows = 1152\n[device]\nname = \"pcm\"\n",
             {"array.rows=256", "wire.r_col=1", "device.time_second=8.64e4", "weights.sign=offset",
              "device.compensation=true", "digital_layers=[\"first\"]", "device.celsius=85"});
    CHECK(spec.array.rows == 256);
    CHECK(spec.wire.r_col == 1);
    CHECK(spec.device.time_second == 86400);
    CHECK(spec.weights.sign == mho::behavioral::WeightSign::offset);
    CHECK(spec.device.compensation);
    CHECK(spec.device.celsius == 85);
    CHECK(spec.digital_layers == std::vector<std::string>{"first"});
    CHECK(mine("", {"inputs.negative=twos_complement", "inputs.slice_bits=1"}).inputs.negative ==
          mho::behavioral::InputSign::twos_complement);
}

TEST_CASE("on_off moves the lowest state of the device") {
    const SystemSpec spec = mine("[device]\nname = \"taox\"\n", {"device.on_off=50"});
    REQUIRE(spec.device.model);
    CHECK(spec.device.model->state.low == spec.device.model->state.high / 50);
}

TEST_CASE("a device of a file is looked for beside the system, with a change in this folder") {
    const TemporaryFolder folder;
    mho::write_file(folder / "my.toml", mho::read_file(mho::find_data("devices/taox.toml")));
    mho::write_file(folder / "s.toml", kHead + "[device]\nname = \"my.toml\"\n");
    CHECK(read_system(folder / "s.toml").device.model->state.high == 133);
    const auto changed = [](const std::string& name) {
        return thrown_text([&] { read_system("ideal8", {"device.name=" + name}); });
    };
    CHECK_THAT(changed("no_such.toml"),
               ContainsSubstring((std::filesystem::current_path() / "no_such.toml").string()));
    CHECK(changed((folder / "my.toml").string()) == "nothing thrown");
}

TEST_CASE("slips in a system file are refused with line, key and expectation") {
    CHECK(refusal("[array]\nrow = 4\n") ==
          "2: mine.toml:4: unknown key 'array.row' (did you mean 'array.rows'?)");
    CHECK(refusal("[arrays]\nrows = 4\n") ==
          "2: mine.toml:3: unknown section [arrays] (did you mean 'array'?)");
    CHECK(refusal("[weights]\nbits = 17\n") ==
          "2: mine.toml:4: weights.bits: expected a whole number 2 to 16, found 17");
    CHECK(refusal("[weights]\nbits = 7.5\n") ==
          "2: mine.toml:4: weights.bits: expected a whole number 2 to 16, found 7.5");
    CHECK_THAT(refusal("[adc]\nrange = \"all\"\n"),
               ContainsSubstring("adc.range: expected one of none, maximum, granular, calibrated"));
    CHECK_THAT(refusal("[adc]\npercentile = nan\n"),
               ContainsSubstring("adc.percentile: expected a number 1 to 100"));
    CHECK_THAT(refusal("[adc]\nexact_zero = 1\n"), ContainsSubstring("expected true or false"));
    CHECK_THAT(refusal("digital_layers = 3\n"), ContainsSubstring("expected an array of texts"));
    CHECK_THAT(refusal("title = 3\n"), ContainsSubstring("title: expected a text, found 3"));
    CHECK_THAT(refusal("[device]\nname = \"sonos-tcsa\"\n"), ContainsSubstring("sonos-tcas"));
    CHECK_THAT(thrown_text([] { parse_system("name = \"x\"\n", "x.toml"); }),
               ContainsSubstring("x.toml:1: expected schema = \"mho.system/1\""));
    CHECK_THAT(thrown_text([] { parse_system("schema = \"mho.system/1\"\n", "x.toml"); }),
               ContainsSubstring("missing key 'name'"));
    CHECK_THAT(thrown_text([] { read_system("ideal9"); }),
               ContainsSubstring("no system 'ideal9' is shipped (did you mean 'ideal8'?)"));
    CHECK_THAT(thrown_text([] { read_system("/nowhere/x.toml"); }), StartsWith("2: "));
}

TEST_CASE("slips in a change are refused with the change") {
    CHECK(refusal("", {"array.row=4"}) ==
          "2: --set array.row=4: unknown key 'array.row' (did you mean 'array.rows'?)");
    CHECK(refusal("", {"array.rows=-1"}) ==
          "2: --set array.rows=-1: array.rows: expected a whole number 0 to 65536, found -1");
    for (const std::string change : {"array.rows", "=4", "array.rows=", "a b=1", "x\n=1"}) {
        CHECK_THAT(refusal("", {change}), StartsWith("2: --set "));
    }
    CHECK_THAT(refusal("", {"array.rows=4\nname=\"x\""}), StartsWith("2: --set array.rows=4"));
}

TEST_CASE("values that exclude each other are refused") {
    CHECK_THAT(refusal("[wire]\nr_col = 1\n"), ContainsSubstring("wires need device.name"));
    CHECK_THAT(refusal("", {"device.r_min=1e3", "wire.r_col=1", "wire.topology=b"}),
               ContainsSubstring("inputs.slice_bits = 1"));
    CHECK_THAT(refusal("", {"adc.range=granular", "inputs.bits=0"}),
               ContainsSubstring("adc.range"));
    CHECK_THAT(refusal("", {"noise.readout_lsb=1"}), ContainsSubstring("noise.readout_lsb"));
    CHECK_THAT(refusal("", {"device.time_second=5"}), ContainsSubstring("need device.name"));
    CHECK_THAT(refusal("", {"device.on_off=0.5"}), ContainsSubstring("device.on_off"));
    CHECK_THAT(refusal("", {"device.name=pcm", "device.on_off=1"}),
               ContainsSubstring("device.on_off"));
    CHECK_THAT(refusal("", {"device.name=pcm", "device.r_min=1"}),
               ContainsSubstring("device.r_min"));
    CHECK_THAT(refusal("", {"weights.rounded=false", "weights.slice_bits=2"}),
               ContainsSubstring("weights.rounded"));
    CHECK_THAT(refusal("", {"inputs.negative=twos_complement"}),
               ContainsSubstring("inputs.slice_bits = 1"));
}

TEST_CASE("the map counts arrays and the part of their cells that is used") {
    const SystemSpec spec = mine("", {"array.rows=50", "array.columns=2", "weights.slice_bits=4"});
    const std::vector<LayerMap> layers = map_system(conv_network(), spec);
    REQUIRE(layers.size() == 2);
    // 2 groups of 18 x 3; pairs of cells; 7 value bits in slices of 4.
    CHECK(layers[0].row_parts == 1);
    CHECK(layers[0].column_blocks == 2);
    CHECK(layers[0].weight_slices == 2);
    CHECK(layers[0].arrays == 1 * 2 * 2 * 2 * 2);
    CHECK(layers[0].utilisation == 18.0 / 50 * 3 / 4);
    // 180 x 3
    CHECK(layers[1].row_parts == 4);
    CHECK(layers[1].arrays == 4 * 2 * 2 * 2);
    CHECK(layers[1].utilisation == 180.0 / 200 * 3 / 4);
    CHECK_THAT(map_text(layers, spec), ContainsSubstring("48 arrays of 50 x 2 cells (mine)"));
}

TEST_CASE("layers stay digital by name, or as first and last") {
    const auto digital = [](const std::string& names) {
        const auto layers = map_system(conv_network(), mine("", {"digital_layers=" + names}));
        return std::pair(layers[0].digital, layers[1].digital);
    };
    CHECK(digital("[\"first\"]") == std::pair(true, false));
    CHECK(digital("[\"last\"]") == std::pair(false, true));
    CHECK(digital("[\"fc\"]") == std::pair(false, true));
    CHECK(thrown_text([&] { digital("[\"cnv\"]"); }) ==
          "2: digital_layers: the network has no layer 'cnv' (did you mean 'conv'?)");
}
