// SPDX-License-Identifier: Apache-2.0
// Cards of every kind of cell and topology, with real ngspice runs on small arrays.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "behavioral/card_json.h"
#include "behavioral/cell_law.h"
#include "calibrate/calibrate.h"
#include "netlist/spec_toml.h"
#include "support/temporary_folder.h"

using namespace mho;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;
using netlist::CellKind;
using netlist::Topology;

namespace {

netlist::Spec array_spec(CellKind kind, Topology topology, double g_min, double g_max) {
    netlist::Spec spec;
    spec.name = "small";
    spec.cell.kind = kind;
    spec.cell.g_min_siemens = g_min;
    spec.cell.g_max_siemens = g_max;
    spec.array.rows = 20;
    spec.array.columns = 18;
    spec.array.shape.topology = topology;
    spec.array.terminals.driver_ohm = 100;
    spec.array.terminals.sense_ohm = 50;
    return spec;
}

calibrate::Calibration run_kind(const netlist::Spec& spec) {
    calibrate::CalibrateOptions options;
    options.workers = 2;
    return calibrate::calibrate(spec, options);
}

const behavioral::QuantityError& kind_error_of(const behavioral::ModelCard& card,
                                               const std::string& quantity) {
    const auto found = std::find_if(card.errors.begin(), card.errors.end(),
                                    [&](const auto& e) { return e.quantity == quantity; });
    if (found == card.errors.end()) throw std::runtime_error("no error of " + quantity);
    return *found;
}

// As the file has it.
behavioral::ModelCard reread(const behavioral::ModelCard& card) {
    return behavioral::card_from_json(behavioral::card_to_json(card), "card");
}

}  // namespace

TEST_CASE("cells of every kind and topology: laws and columns of held-out arrays are met") {
    struct Case {
        CellKind kind;
        Topology topology;
        double g_min, g_max;
    };
    const Case cases[] = {
        {CellKind::polynomial_resistor, Topology::a, 50e-6, 225e-6},
        {CellKind::sinh_resistor, Topology::a, 1e-6, 40e-6},
        {CellKind::ecram, Topology::a, 300e-6, 900e-6},
        {CellKind::one_selector_one_resistor, Topology::a, 1e-6, 40e-6},
        {CellKind::two_transistor_sonos, Topology::b, 1.6e-12, 16e-6},
        {CellKind::two_transistor_sonos, Topology::c, 1.6e-12, 16e-6},
        {CellKind::one_transistor_one_resistor, Topology::b, 1e-6, 40e-6},
        {CellKind::one_transistor_one_resistor, Topology::c, 1e-6, 40e-6},
        {CellKind::polynomial_resistor, Topology::c, 50e-6, 225e-6},
    };
    for (const Case& c : cases) {
        INFO("kind " << static_cast<int>(c.kind) << ", topology " << static_cast<int>(c.topology));
        netlist::Spec spec = array_spec(c.kind, c.topology, c.g_min, c.g_max);
        if (c.kind == CellKind::one_selector_one_resistor) {
            spec.readout.common_mode_volt = 0.55;
            spec.driver.amplitude_volt = 0.5;
        }
        if (c.kind == CellKind::two_transistor_sonos && c.topology == Topology::c) {
            // One source_weight cannot hold cells on either side: only stiff source lines are met.
            spec.array.wires = netlist::WireSource::given;
            spec.array.given.column_ohm = 3;
            spec.array.terminals.driver_ohm = 0;
        }
        const behavioral::ModelCard card = reread(run_kind(spec).card);
        CHECK(card.array_only);
        for (const behavioral::QuantityError& error : card.errors) {
            INFO(error.quantity << ": rms " << error.rms << ", worst " << error.worst << " on "
                                << error.held_out);
            CHECK(error.within());
        }
        CHECK(kind_error_of(card, "column_current").rms < 1e-3);
        CHECK(kind_error_of(card, "column_current_16x16").samples > 0);
        CHECK_FALSE(card.cell.table.empty());
        CHECK((card.cell.table.volt.front() == 0) == (c.topology == Topology::b));
    }
}

TEST_CASE("a plain array of resistors gets a whole card, whose tile is as good as its network") {
    netlist::Spec spec = array_spec(CellKind::ohmic_resistor, Topology::a, 1e-6, 30e-6);
    spec.array.rows = 8;
    spec.array.columns = 4;
    spec.array.terminals = {};
    spec.adc.bits = 5;
    spec.adc.shared_by = 4;
    spec.calibration.held_out_columns = 2;
    const calibrate::Calibration result = run_kind(spec);
    const behavioral::ModelCard& card = result.card;
    CHECK_FALSE(card.array_only);
    for (const char* quantity : {"cell_current", "column_current", "tile_current", "column_code"}) {
        INFO(quantity << " " << kind_error_of(card, quantity).worst);
        CHECK(kind_error_of(card, quantity).within());
    }
    CHECK(card.cell.kind == "1r");
    CHECK_THAT(linear_conductance(card.cell, 0.05, 17e-6), WithinRel(17e-6, 1e-6));
    // The same card judges itself alike, and a wrong law is found out.
    calibrate::CalibrateOptions options;
    options.seed = 3;
    for (const auto& error : calibrate::check(reread(card), options).errors) {
        INFO(error.quantity);
        CHECK(error.within());
    }
    behavioral::ModelCard wrong = card;
    for (double& ampere : wrong.cell.table.ampere) ampere *= 1.01;
    const calibrate::CardCheck found = calibrate::check(wrong, options);
    CHECK_FALSE(found.errors.front().within());
}

TEST_CASE("a cell of the user's own is calibrated like ours") {
    netlist::Spec spec =
        netlist::read_spec(std::filesystem::path(MHO_SOURCE_DIR) / "examples/byo_cell/spec.toml");
    spec.array.rows = 8;
    spec.array.columns = 4;
    spec.adc.bits = 5;
    spec.adc.shared_by = 4;
    spec.calibration.held_out_columns = 2;
    const behavioral::ModelCard card = reread(run_kind(spec).card);
    CHECK_FALSE(card.array_only);
    CHECK(card.cell.kind == "subckt");
    for (const behavioral::QuantityError& error : card.errors) {
        INFO(error.quantity << ": rms " << error.rms << ", worst " << error.worst);
        CHECK(error.within());
    }
    // Contacts and the transistor take some of the conductance, the leak adds a little.
    const double g = linear_conductance(card.cell, 0.05, 20e-6);
    CHECK(g < 20e-6);
    CHECK(g > 15e-6);

    // What the file holds is part of what was measured, where it lies is not.
    const test::TemporaryFolder folder;
    const std::string text = read_file(spec.cell.user.file);
    write_file(folder / "contact_cell.sp", text);
    behavioral::ModelCard moved = card;
    netlist::Spec other = spec;
    other.cell.user.file = folder / "contact_cell.sp";
    moved.provenance.spec_toml = netlist::spec_to_toml(other);
    CHECK_NOTHROW(calibrate::check(moved, {}));
    write_file(folder / "contact_cell.sp", text + "* changed\n");
    CHECK_THROWS_AS(calibrate::check(moved, {}), Error);
}

TEST_CASE("arrays whose ends no card describes are refused in one line") {
    netlist::Spec spec = array_spec(CellKind::sinh_resistor, Topology::a, 1e-6, 40e-6);
    spec.array.shape.dummy_rows = 1;
    try {
        run_kind(spec);
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::bad_input);
        CHECK_THAT(error.what(), ContainsSubstring("dummies"));
    }
}
