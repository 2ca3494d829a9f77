// SPDX-License-Identifier: Apache-2.0
// Cells of every kind as circuits, the arrays made of them, and a user's own .subckt.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/file.h"
#include "netlist/array_shape.h"
#include "netlist/benches.h"
#include "netlist/cell.h"
#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/deck_read.h"
#include "netlist/spec_toml.h"
#include "support/temporary_folder.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::ContainsSubstring;
using Eigen::MatrixXd;
using Names = std::vector<std::string>;

namespace {

Spec spec_of(CellKind kind, Topology topology) {
    Spec spec;
    spec.name = "cells";
    spec.array.rows = 4;
    spec.array.columns = 2;
    spec.array.shape.topology = topology;
    spec.cell.kind = kind;
    if (kind == CellKind::two_transistor_sonos) spec.cell.g_max_siemens = 16e-6;
    if (kind == CellKind::polynomial_resistor || kind == CellKind::ecram) {
        spec.cell.g_min_siemens = kind == CellKind::ecram ? 298e-6 : 50e-6;
        spec.cell.g_max_siemens = kind == CellKind::ecram ? 978e-6 : 225e-6;
    }
    return spec;
}

// All but the user's own.
CellKind any_kind() {
    return static_cast<CellKind>(GENERATE(range(0, 7)));
}

constexpr const char* kOwnCell =
    "* models and a cell\n"
    ".model mynmos nmos level=1 vto=0.4\n"
    ".subckt own g d s r=1k\n"
    "r1 d n {r}\n"
    "m1 n g s 0 mynmos w=1u l=1u\n"
    ".ends\n";

UserCellSpec own_cell(const std::filesystem::path& file) {
    return {.file = file, .subckt = "own", .ports = {"wl", "row", "col"}, .state = "r"};
}

// The line with which a spec with this user's cell is refused.
std::string cell_refusal(const UserCellSpec& user, Topology topology = Topology::a) {
    Spec spec = spec_of(CellKind::user_subcircuit, topology);
    spec.cell.user = user;
    return bad_input_line([&] { (void)load_design(spec); });
}

}  // namespace

TEST_CASE("every kind of cell has a row, a column and what its topology needs") {
    const CellKind kind = any_kind();
    const Topology topology = GENERATE(Topology::a, Topology::b, Topology::c);
    const Cell cell = make_cell(spec_of(kind, topology));
    CHECK(cell.ports.size() == cell.definition->ports().size());
    CHECK(cell.has(CellPort::Role::row));
    CHECK(cell.has(CellPort::Role::column));
    if (topology != Topology::a) CHECK(cell.has(CellPort::Role::select));
    const bool has_bias = kind == CellKind::two_transistor_sonos || kind == CellKind::ecram;
    CHECK(cell.has(CellPort::Role::bias) == has_bias);
    const std::size_t named = cell.state(300e-6 / 30, CellSign::positive).size();
    CHECK(named == cell.definition->parameters().size());
}

TEST_CASE("arrays of every cell and topology are sound and read back as they were written") {
    const CellKind kind = any_kind();
    const Topology topology = GENERATE(Topology::a, Topology::b, Topology::c);
    Spec spec = spec_of(kind, topology);
    spec.array.shape.drive = spec.array.shape.sense = LineEnds::both;
    spec.array.shape.dummy_rows = spec.array.shape.dummy_columns = 1;
    spec.array.terminals = GENERATE(ArrayTerminals{}, ArrayTerminals{10, 20});
    require_valid(spec);
    const int cells = cell_columns(spec.array.shape, 2);
    const MatrixXd states = MatrixXd::Constant(4, cells, spec.cell.g_max_siemens);
    const MatrixXd inputs = MatrixXd::Ones(4, GENERATE(1, 3));
    const Deck deck = any_array_bench(load_design(spec), states, 0.05 * inputs);
    CHECK(std::holds_alternative<OperatingPoint>(deck.analysis) == (inputs.cols() == 1));
    CHECK(check(deck.circuit).empty());
    CHECK(read_deck(write_deck(deck), "deck.cir") == deck);
    CHECK(deck.saved.size() == 4);  // two bitlines, two ends
    CHECK(parse_spec(spec_to_toml(spec), "s.toml") == spec);
}

TEST_CASE("two-terminal cells get an ideal gate where inputs drive gates") {
    const Cell plain = make_cell(spec_of(CellKind::ohmic_resistor, Topology::a));
    CHECK(port_names(*plain.definition) == Names{"row", "col"});
    CHECK(body<Resistor>(*plain.definition, "rcell").ohm == Value::parameter("r"));
    const Cell gated = make_cell(spec_of(CellKind::ohmic_resistor, Topology::b));
    CHECK(port_names(*gated.definition) == Names{"row", "col", "wl"});
    CHECK(body<BehaviouralSource>(*gated.definition, "bcell").expression ==
          "u(v(wl)-1.25)*(g*v(row,col))");
}

TEST_CASE(
    "a SONOS cell is a select transistor and a trap transistor whose threshold is the state") {
    Spec spec = spec_of(CellKind::two_transistor_sonos, Topology::b);
    spec.cell.sonos.trap_width_m = 0.5e-6;
    const Cell cell = make_cell(spec);
    CHECK(pins(*cell.definition, "mselect") == Names{"row", "wl", "n", "0"});
    CHECK(pins(*cell.definition, "mtrap") == Names{"n", "cg", "col", "0"});
    const Mosfet& trap = body<Mosfet>(*cell.definition, "mtrap");
    CHECK(trap.size.threshold_shift_volt == Value::parameter("dvt"));
    CHECK(trap.size.width_m == Value(0.5e-6));
    CHECK(cell.ports.back() == CellPort{CellPort::Role::bias, 1.0});
    const auto shift = [&](double g) {
        return cell.state(g, CellSign::positive).at(0).value.number();
    };
    CHECK(shift(1e-9) > shift(1e-6));  // a higher threshold, a smaller current
}

TEST_CASE("cells outside the technology's range are refused") {
    Spec spec = spec_of(CellKind::two_transistor_sonos, Topology::b);
    SECTION("select gate") {
        spec.cell.wordline_volt = 3.3;
        CHECK_THAT(bad_input_line([&] { (void)load_design(spec); }),
                   ContainsSubstring("wordline_volt = 3.3 V") && ContainsSubstring("nch_io"));
    }
    SECTION("control gate") {
        spec.cell.sonos.control_volt = 4;
        CHECK_THAT(bad_input_line([&] { (void)load_design(spec); }),
                   ContainsSubstring("control_volt = 4 V"));
    }
    SECTION("trap transistor") {
        spec.cell.sonos.trap_length_m = 0.1e-6;
        CHECK_THAT(bad_input_line([&] { (void)load_design(spec); }),
                   ContainsSubstring("mtrap") && ContainsSubstring("length"));
    }
    SECTION("states that no threshold gives") {
        spec.cell.sonos.control_volt = 0;
        spec.cell.sonos.max_shift_volt = 0.1;
        CHECK_THAT(bad_input_line([&] { (void)load_design(spec); }),
                   ContainsSubstring("no threshold shift within 0.1 V"));
    }
    SECTION("layout") {
        spec = spec_of(CellKind::user_subcircuit, Topology::a);
        const TemporaryFolder folder;
        mho::write_file(folder / "own.sp", kOwnCell);
        spec.cell.user = own_cell(folder / "own.sp");
        CHECK_NOTHROW(load_design(spec));
    }
}

TEST_CASE("a user's cell brings its models, and any case of names") {
    const TemporaryFolder folder;
    mho::write_file(folder / "own.sp", kOwnCell);
    Spec spec = spec_of(CellKind::user_subcircuit, Topology::b);
    spec.cell.user = own_cell(folder / "own.sp");
    spec.cell.user.subckt = "OWN";
    const Cell cell = make_cell(spec);
    CHECK(cell.definition->name() == "own");
    REQUIRE(cell.libraries.size() == 1);
    CHECK_THAT(cell.libraries[0].text, ContainsSubstring("mynmos"));
    CHECK(cell.state(1e-4, CellSign::positive).at(0) == ParameterValue{"r", 1e4});
    const Deck deck =
        any_array_bench(load_design(spec), MatrixXd::Constant(4, 2, 1e-4), MatrixXd::Ones(4, 1));
    CHECK(check(deck.circuit).empty());
    CHECK_THAT(write_deck(deck), ContainsSubstring(".model mynmos"));
    const Deck alone = inline_libraries(deck);
    CHECK(read_deck(write_deck(alone), "deck.cir") == alone);
}

TEST_CASE("a user's libraries are looked for beside the file") {
    const TemporaryFolder folder;
    mho::write_file(folder / "own.sp",
                    std::string("title\n.include my.mod\n") + std::string(kOwnCell).substr(60));
    mho::write_file(folder / "own2.sp",
                    "t\n.include my.mod\n.subckt own g d s r=1\nr1 d s {r}\n"
                    "r2 g s 1k\n.ends\n.end\n");
    Spec spec = spec_of(CellKind::user_subcircuit, Topology::a);
    spec.cell.user = own_cell(folder / "own2.sp");
    REQUIRE(make_cell(spec).libraries.size() == 1);
    CHECK(make_cell(spec).libraries[0].file == folder / "my.mod");
}

TEST_CASE("a user's cell that does not suit is refused with the reason") {
    const TemporaryFolder folder;
    const auto file = folder / "own.sp";
    mho::write_file(file, kOwnCell);
    UserCellSpec user = own_cell(file);
    SECTION("file") {
        user.file = folder / "none.sp";
        CHECK_THAT(cell_refusal(user), ContainsSubstring("none.sp"));
    }
    SECTION("text") {
        mho::write_file(file, "* t\n.subckt own g d s r=1\nq1 g d s bad\n.ends\n");
        CHECK_THAT(cell_refusal(user), ContainsSubstring("own.sp:3:1") && ContainsSubstring("q1"));
        mho::write_file(file, ".SUBCKT own g d s r=1\nr1 d s {r}\n.ends\n");
        CHECK_THAT(cell_refusal(user), ContainsSubstring("own.sp:1:1: found .subckt in the first "
                                                         "line, which is the title"));
    }
    SECTION("name") {
        user.subckt = "other";
        CHECK_THAT(cell_refusal(user), ContainsSubstring("no .subckt 'other', only own"));
        mho::write_file(file, "* nothing\nr1 a 0 1\n");
        CHECK_THAT(cell_refusal(user), ContainsSubstring("only none at all"));
    }
    SECTION("ports") {
        user.ports = {"row", "col"};
        CHECK_THAT(cell_refusal(user), ContainsSubstring("has 3 ports, found 2 texts"));
        user.ports = {"gate", "row", "col"};
        CHECK_THAT(cell_refusal(user), ContainsSubstring("found \"gate\""));
        user.ports = {"row", "row", "col"};
        CHECK_THAT(cell_refusal(user), ContainsSubstring("expected one row, one col"));
        user.ports = {"wl", "wl", "col"};
        CHECK_THAT(cell_refusal(user), ContainsSubstring("expected one row, one col"));
    }
    SECTION("state") {
        user.state = "g";
        CHECK_THAT(cell_refusal(user), ContainsSubstring("has no parameter 'g'"));
    }
    SECTION("no gate where inputs drive gates") {
        user.ports = {"0", "row", "col"};
        Spec spec = spec_of(CellKind::user_subcircuit, Topology::b);
        spec.cell.user = user;
        CHECK_THAT(bad_input_line([&] {
                       (void)any_array_bench(load_design(spec), MatrixXd::Constant(4, 2, 1e-4),
                                             MatrixXd::Ones(4, 1));
                   }),
                   ContainsSubstring("'own' has no select gate"));
    }
}

TEST_CASE("array benches refuse operands of other sizes and arrays they are not for") {
    Spec spec = spec_of(CellKind::ohmic_resistor, Topology::b);
    const Design design = load_design(spec);
    const auto refused = [&](const MatrixXd& states, const MatrixXd& inputs) {
        CHECK_THAT(bad_input_line([&] { (void)any_array_bench(design, states, inputs); }),
                   ContainsSubstring("expected 4 x 2 states and 4 inputs"));
    };
    const MatrixXd states = MatrixXd::Constant(4, 2, 1e-5);
    refused(MatrixXd::Ones(4, 3), MatrixXd::Ones(4, 1));
    refused(MatrixXd::Ones(3, 2), MatrixXd::Ones(4, 1));
    refused(states, MatrixXd::Ones(3, 1));
    refused(states, MatrixXd(4, 0));
    CHECK_THAT(bad_input_line([&] { (void)array_bench(design, states, MatrixXd::Ones(4, 1), 0); }),
               ContainsSubstring("topology \"a\""));
    const std::vector<double> column(4, 1e-5);
    CHECK_THAT(bad_input_line([&] { (void)column_bench(design, column, column, {}); }),
               ContainsSubstring("read-out column"));
    CHECK_FALSE(has_transistor_drivers(spec));
    CHECK(has_transistor_drivers(Spec{}));
}
