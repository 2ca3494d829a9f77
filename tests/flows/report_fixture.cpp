// SPDX-License-Identifier: Apache-2.0
#include "report_fixture.h"

#include <cmath>
#include <numbers>

#include "base/random.h"
#include "behavioral/cell_law.h"
#include "flows/infer_json.h"

namespace mho::test {
namespace {

constexpr int kRows = 64;
constexpr int kColumns = 32;

behavioral::AdcModel bent_adc() {
    behavioral::AdcModel adc;
    adc.bits = 6;
    adc.ideal_low_volt = 0.2;
    adc.ideal_high_volt = 0.9;
    RandomStream random(1, RandomPurpose::test);
    for (int k = 1; k < 64; ++k) {
        const double bow = 0.6 * std::sin(2 * std::numbers::pi * k / 64.0);
        const double step = 0.7 / 64;
        adc.transition_volt.push_back(0.2 + step * (k + bow + 0.08 * random.normal()));
    }
    return adc;
}

behavioral::HeldOutPoints points(const char* quantity, const char* unit, double scale) {
    behavioral::HeldOutPoints held{quantity, unit, {}, {}};
    RandomStream random(2, RandomPurpose::test);
    for (int i = 0; i < 60; ++i) {
        const double spice = scale * random.uniform(-1, 1);
        held.spice.push_back(spice);
        held.model.push_back(spice * (1 + 0.004 * random.normal()) +
                             5e-4 * scale * random.normal());
    }
    return held;
}

}  // namespace

behavioral::ModelCard report_card() {
    behavioral::ModelCard card;
    card.cell.access_ohm = 4.2e3;
    card.cell.access_per_volt = 0.15;
    card.cell.access_per_volt_squared = 0.9;
    card.cell.g_min_siemens = 2e-6;
    card.cell.g_max_siemens = 40e-6;
    card.cell.v_max_volt = 0.22;
    card.array.rows = kRows;
    card.array.columns = kColumns;
    card.array.row_segment_ohm = 1.1;
    card.array.column_segment_ohm = 1.3;
    card.array.driver_ohm = 240;
    card.array.sense_ohm = 85;
    card.driver.bits = 5;
    card.driver.amplitude_volt = 0.2;
    card.driver.common_mode_volt = 0.55;
    card.readout.transimpedance_ohm = 6.0e3;
    card.readout.offset_volt = 0.55;
    card.readout.quadratic_per_ampere = 120;
    card.readout.cubic_per_ampere_squared = -3e5;
    card.readout.current_max_ampere = 58e-6;
    card.readout.noise_volt_rms = 0.9e-3;
    card.adc = bent_adc();
    card.energy.row_switch_joule = 2.1e-15;
    card.energy.readout_static_watt = 31e-6;
    card.energy.readout_sourced_volt = 0.55;
    card.energy.readout_sunk_volt = 0.55;
    card.energy.comparator_joule = 0.4e-12;
    card.energy.comparator_joule_per_code = 2e-15;
    card.energy.ramp_joule = 3.1e-12;
    card.energy.ramp_shared_by = 8;
    card.timing.settle_second = 14e-9;
    card.timing.conversion_second = 66e-9;
    card.programming.c0 = 0.12;
    card.programming.c1 = 0.031;
    card.programming.c2 = -4.2e-4;
    card.programming.source = "made-up coefficients <for a test>";
    card.validity = {{"rows", "", 2, 64}, {"column_current", "A", -58e-6, 58e-6}};
    card.errors = {{"cell_current", "of full scale", 0.0011, 0.0043, 0.01, 60, "6 states, 2 seeds"},
                   {"column_current", "of full scale", 0.003, 0.011, 0.02, 60, "16x16, 64x32"},
                   {"adc_transition", "LSB", 0.08, 0.21, 0.25, 63, "odd codes"}};
    card.held_out = {points("cell_current", "A", 8e-6), points("column_current", "A", 50e-6),
                     points("adc_transition", "V", 0.4)};
    card.provenance.mho_version = "0.1.0";
    card.provenance.ngspice_version = "46, KLU";
    card.provenance.spec_name = "demo";
    card.provenance.spec_hash = "0123456789abcdef0123456789abcdef";
    card.provenance.spec_toml = "name = \"demo\"\n[array]\nrows = 64\n";
    card.provenance.technology = "generic40, tt";
    card.provenance.temperature_celsius = 27;
    card.provenance.seed = 1;
    card.provenance.spice_runs = 58;
    return card;
}

flows::InferenceReport report_result() {
    flows::InferenceReport report;
    report.mho_version = "0.1.0";
    report.model = {"data/digits/mlp_digits.onnx", "mlp", 12826, 12768};
    report.data = {"data/digits", "idx"};
    report.samples = 1000;
    report.seed = 1;
    report.trials = 3;
    report.quality_images = 64;
    report.accuracy_float = 0.978;
    report.analog = {0.9603, 0.0031, {0.957, 0.961, 0.963}, 0.9741};
    report.energy.per_inference_joule = 4.31e-9;
    report.energy.breakdown = {2.6e-9, 1.3e-9, 0.31e-9, 0.1e-9};
    report.energy.operations_per_inference = 25536;
    report.energy.tops_per_watt = 25536 / 4.31e-9 * 1e-12;
    report.energy.images_evaluated = 100;
    report.latency_per_inference_second = 160e-9;
    flows::LayerReport first;
    first.name = "fc1";
    first.op = "Gemm";
    first.inputs = 256;
    first.outputs = 48;
    first.macs = 12288;
    first.positions = 1;
    first.row_blocks = 8;
    first.column_blocks = 2;
    first.tiles = 16;
    first.utilisation = 0.75;
    first.weight_max = 0.61;
    first.activation_max = 1;
    first.signal_to_error_db = 24.6;
    first.column_current_max_ampere = 41e-6;
    first.adc_saturated_fraction = 1e-4;
    first.energy_joule = 3.9e-9;
    first.latency_second = 80e-9;
    flows::LayerReport second;
    second.name = "fc2";
    second.op = "Gemm";
    second.inputs = 48;
    second.outputs = 10;
    second.macs = 480;
    second.positions = 1;
    second.row_blocks = 2;
    second.column_blocks = 1;
    second.tiles = 2;
    second.utilisation = 0.31;
    second.weight_max = 1.3;
    second.activation_max = 7.2;
    second.signal_to_error_db = 17.3;
    second.column_current_max_ampere = 52e-6;
    second.adc_saturated_fraction = 0.004;
    second.energy_joule = 0.41e-9;
    second.latency_second = 80e-9;
    report.layers = {first, second};
    report.ir_drop.layer = "fc1";
    report.ir_drop.rows_used = kRows;
    report.ir_drop.columns_used = 24;
    report.ir_drop.drive_volt = 0.2;
    report.ir_drop.ratio.resize(kRows, kColumns);
    for (int i = 0; i < kRows; ++i) {
        for (int j = 0; j < kColumns; ++j) {
            report.ir_drop.ratio(i, j) = 0.985 - 6e-4 * j - 2.5e-4 * (kRows - i) - 1e-3 * (i % 2);
        }
    }
    report.card = report_card();
    report.notes = {"layer fc2: 0.40 % of the conversions give the first or last code"};
    return report;
}

std::string report_json() {
    return flows::inference_to_json(report_result());
}

}  // namespace mho::test
