// SPDX-License-Identifier: Apache-2.0
// The keys of a spec that choose cell, topology and shape.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/file.h"
#include "netlist/circuit_lookup.h"
#include "netlist/spec_toml.h"
#include "support/temporary_folder.h"

using namespace mho::netlist;
using Catch::Matchers::ContainsSubstring;
using mho::test::bad_input_line;

namespace {

Spec parsed(const std::string& text) {
    return parse_spec("schema = \"mho.spec/1\"\n" + text, "s.toml");
}

std::string array_refusal(const std::string& text) {
    return bad_input_line([&] { (void)parsed(text); });
}

}  // namespace

TEST_CASE("all keys of cells and arrays are read and written") {
    Spec spec;
    spec.cell.kind = CellKind::one_selector_one_resistor;
    spec.cell.selector = {0.5, 2e-6, 0.03};
    spec.array = {6, 3, "m3", "m2", "m6"};
    spec.array.shape = {
        Topology::b, ColumnScheme::differential, LineEnds::both, LineEnds::one, 2, 1};
    spec.array.wires = WireSource::given;
    spec.array.given = {1, 2e-15, 3, 4e-15, 5, 6e-15};
    spec.array.terminals = {7, 8};
    spec.array.stuck = {{"0,0", "5,5"}, {"1,2"}};
    CHECK(parse_spec(spec_to_toml(spec), "s.toml") == spec);
    for (const CellKind kind :
         {CellKind::polynomial_resistor, CellKind::sinh_resistor, CellKind::two_transistor_sonos,
          CellKind::ecram, CellKind::user_subcircuit}) {
        Spec one;
        one.cell.kind = kind;
        one.cell.g_min_siemens = 50e-6;
        one.cell.g_max_siemens = 60e-6;
        if (kind == CellKind::polynomial_resistor) {
            one.cell.polynomial = {1, 2, 3, 4, 5, 6, 7, 8, 0.4, {40e-6, 70e-6}};
        } else if (kind == CellKind::sinh_resistor) {
            one.cell.sinh = {0.25};
        } else if (kind == CellKind::two_transistor_sonos) {
            one.cell.sonos = {1e-6, 2e-6, 1.5, 1e-5, 2, 1e-6, 1.4, 0.6, 0.9, 100};
        } else if (kind == CellKind::ecram) {
            one.cell.ecram = {1e10, 2e-15, {40e-6, 70e-6}};
        } else {
            one.cell.user = {"/a/b.sp", "sub", {"row", "col", "1.5"}, "st", "siemens", 2e-6, 3e-6};
        }
        CHECK(parse_spec(spec_to_toml(one), "s.toml") == one);
    }
}

TEST_CASE("keys of cells and arrays at their defaults are left out of files") {
    const std::string text = spec_to_toml(Spec{});
    for (const char* key : {"topology", "cell.", "array.", "wires", "dummy", "source_layer"}) {
        CHECK_THAT(text, !ContainsSubstring(key));
    }
}

TEST_CASE("a user's cell file counts from the spec's folder") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "s.toml",
                    "schema = \"mho.spec/1\"\n[cell]\nkind = \"subckt\"\n[cell.subckt]\nfile = "
                    "\"c.sp\"\nname = \"c\"\nports = [\"row\", \"col\"]\nstate = \"r\"\n");
    CHECK(read_spec(folder / "s.toml").cell.user.file == folder / "c.sp");
}

TEST_CASE("topology a drives rows in pairs, the others any number") {
    CHECK(array_refusal("[array]\nrows = 3\n") ==
          "s.toml:3: [array] rows: expected an even integer from 2 to 1024 with topology \"a\", "
          "found 3");
    CHECK_THAT(array_refusal("[array]\nrows = 1026\n"), ContainsSubstring("from 2 to 1024"));
    CHECK(parsed("[array]\nrows = 1\ntopology = \"b\"\n").array.rows == 1);
    CHECK(parsed("[array]\nrows = 1152\ntopology = \"c\"\n").array.rows == 1152);
    CHECK_THAT(array_refusal("[array]\ntopology = \"d\"\n"),
               ContainsSubstring("expected one of \"a\", \"b\", \"c\", found \"d\""));
}

TEST_CASE("a shape that contradicts itself is refused") {
    CHECK_THAT(array_refusal("[array]\ntopology = \"c\"\nscheme = \"offset\"\n"),
               ContainsSubstring("s.toml:4: [array] scheme"));
    CHECK_THAT(array_refusal("[array.given]\nrow_ohm = 1\n"),
               ContainsSubstring("[array] wires: expected \"given\" beside [array.given]"));
    CHECK_THAT(array_refusal("[array]\ndummy_rows = 9\n"), ContainsSubstring("from 0 to 8"));
    CHECK_THAT(array_refusal("[array.terminals]\nsense_ohm = -1\n"),
               ContainsSubstring("sense_ohm"));
}

TEST_CASE("stuck cells have to be in the array, each once") {
    const auto stuck = [](const std::string& lists, const std::string& array = "") {
        return array_refusal("[array]\nrows = 4\ncolumns = 2\n" + array + "[array.stuck]\n" +
                             lists);
    };
    CHECK_THAT(stuck("on = [\"4,0\"]\n"),
               ContainsSubstring("s.toml:6: [array.stuck] on: expected positions \"row,column\" "
                                 "within 4 x 2 cells, counted from 0, found \"4,0\""));
    CHECK_THAT(stuck("off = [\"0,2\"]\n"), ContainsSubstring("found \"0,2\""));
    CHECK_THAT(stuck("off = [\"0;1\"]\n"), ContainsSubstring("found \"0;1\""));
    CHECK_THAT(stuck("on = [\"1,1\"]\noff = [\"1,1\"]\n"), ContainsSubstring("\"1,1\" twice"));
    CHECK_THAT(stuck("on = \"1,1\"\n"), ContainsSubstring("expected an array of texts"));
    CHECK_THAT(stuck("on = [\"\"]\n"), ContainsSubstring("expected an array of texts"));
    CHECK_THAT(stuck("on = [1]\n"), ContainsSubstring("expected an array of texts"));
    CHECK_THAT(stuck("on = [\"0,4\"]\n", "scheme = \"differential\"\n"),
               ContainsSubstring("within 4 x 4 cells"));
    CHECK(parsed("[array]\nrows = 4\ncolumns = 2\n[array.stuck]\non = [\"3,1\"]\n")
              .array.stuck.on.size() == 1);
}

TEST_CASE("states and voltages outside a cell's law are refused") {
    CHECK_THAT(array_refusal("[cell]\nkind = \"1r_polynomial\"\n"),
               ContainsSubstring("s.toml:2: [cell] g_min_siemens: expected a state from 5e-05 to "
                                 "0.000225 S") &&
                   ContainsSubstring("found 1e-06"));
    CHECK_THAT(
        array_refusal("[cell]\nkind = \"1r_polynomial\"\ng_min_siemens = 50e-6\ng_max_siemens = "
                      "3e-4\n"),
        ContainsSubstring("s.toml:5: [cell] g_max_siemens"));
    CHECK_THAT(
        array_refusal("[cell]\nkind = \"1r_polynomial\"\ng_min_siemens = 50e-6\ng_max_siemens = "
                      "2e-4\n[driver]\namplitude_volt = 0.6\n"),
        ContainsSubstring("s.toml:7: [driver] amplitude_volt: expected at most 0.5 V"));
    CHECK_THAT(array_refusal("[cell]\nkind = \"ecram\"\n"), ContainsSubstring("from 0.000298 to"));
    // 3.2 uA at 0.1 V.
    CHECK_THAT(array_refusal("[cell]\nkind = \"2t_sonos\"\n"), ContainsSubstring("g_max_siemens"));
    CHECK(parsed("[cell]\nkind = \"2t_sonos\"\ng_max_siemens = 32e-6\n").cell.g_max_siemens ==
          32e-6);
}

TEST_CASE("a table of another kind of cell is refused") {
    CHECK(array_refusal("[cell]\nkind = \"1r\"\n[cell.sinh]\nscale_volt = 0.2\n") ==
          "s.toml:5: [cell.sinh] scale_volt: [cell.sinh] is for cells of kind \"1r_sinh\", [cell] "
          "kind is another");
    for (const char* table :
         {"polynomial]\nv_max_volt = 0.1", "sonos]\ncontrol_volt = 1.5",
          "selector]\nslope_volt = 0.1", "ecram]\ngate_ohm = 1e9", "subckt]\nname = \"x\""}) {
        CHECK_THAT(array_refusal(fmt::format("[cell.{}\n", table)),
                   ContainsSubstring("is for cells of kind"));
    }
}

TEST_CASE("a user's cell needs its file, name, ports and state") {
    const std::string head = "[cell]\nkind = \"subckt\"\n[cell.subckt]\n";
    CHECK_THAT(array_refusal(head), ContainsSubstring("file: expected a SPICE file"));
    CHECK_THAT(array_refusal(head + "file = \"f\"\n"),
               ContainsSubstring("name: expected the name"));
    CHECK_THAT(array_refusal(head + "file = \"f\"\nname = \"n\"\n"),
               ContainsSubstring("state: expected"));
    CHECK_THAT(array_refusal(head + "file = \"f\"\nname = \"n\"\nstate = \"r\"\n"),
               ContainsSubstring("ports: expected"));
    CHECK_THAT(array_refusal(head + "file = \"f\"\nname = \"n\"\nstate = \"r\"\nports = [\"row\"]\n"
                                    "state_unit = \"mho\"\n"),
               ContainsSubstring("expected \"ohm\" or \"siemens\", found \"mho\""));
}
