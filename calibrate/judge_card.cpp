// SPDX-License-Identifier: Apache-2.0
#include "calibrate/judge_card.h"

#include "calibrate/card_design.h"
#include "calibrate/check_bit_serial.h"
#include "calibrate/converter_card.h"
#include "calibrate/measure_adc.h"
#include "calibrate/measure_array.h"
#include "calibrate/measure_cell.h"
#include "calibrate/measure_cell_table.h"
#include "calibrate/measure_column.h"
#include "calibrate/measure_readout.h"
#include "calibrate/measure_settling.h"

namespace mho::calibrate {

namespace {

// Cells of either law.
struct CellCheck {
    CellExperiment access;
    CellSweepRun table;
};

CellCheck plan_cells(const behavioral::ModelCard& card, const netlist::Design& design,
                     std::uint64_t seed, Campaign& campaign) {
    if (card.cell.table.empty()) return {plan_cell_check(design, seed, campaign), {}};
    return {{}, plan_cell_table_check(design, seed, campaign)};
}

void check_cells(const CellCheck& run, const netlist::Design& design,
                 const behavioral::ModelCard& card, const Campaign& campaign, Evidence& evidence) {
    if (card.cell.table.empty()) {
        check_cell(run.access, design, card.cell, campaign, evidence);
    } else {
        check_cell_table(run.table, design, card.cell, campaign, evidence);
    }
}

Evidence judge_array(const behavioral::ModelCard& card, const netlist::Design& design,
                     std::uint64_t seed, Campaign& campaign) {
    const CellCheck cell = plan_cells(card, design, seed, campaign);
    const ArrayExperiment arrays = plan_arrays(design, card.array.sense_ohm, seed, campaign);
    const bool integrated = card.bit_serial.integrator.bits > 0;
    BitSerialCheck macros;
    if (integrated) macros = plan_bit_serial_check(design, seed, campaign);
    campaign.run();
    Evidence evidence;
    check_cells(cell, design, card, campaign, evidence);
    check_arrays(arrays, design, card, campaign, evidence);
    if (integrated) check_bit_serial(macros, design, card, campaign, evidence);
    return evidence;
}

}  // namespace

Evidence judge_card(const behavioral::ModelCard& card, const netlist::Design& design,
                    std::uint64_t seed, Campaign& campaign) {
    if (card.array_only) return judge_array(card, design, seed, campaign);
    const CellCheck cell = plan_cells(card, design, seed, campaign);
    const ReadoutExperiment readout = plan_readout_check(design, campaign);
    const bool is_sar = design.spec.adc.kind == netlist::AdcKind::sar;
    AdcExperiment adc;
    if (!is_sar) adc = plan_adc_check(design, seed, campaign);
    const ArrayExperiment arrays = plan_arrays(design, card.array.sense_ohm, seed, campaign);
    const SettlingExperiment settling = plan_settling_check(design, card, seed, campaign);
    const ColumnExperiment columns =
        plan_columns(design, card.timing.settle_second, seed, campaign);
    campaign.run();
    Evidence evidence;
    check_cells(cell, design, card, campaign, evidence);
    check_readout(readout, design, card.readout, campaign, evidence);
    if (!is_sar) check_adc(adc, design, card.adc, campaign, evidence);
    check_arrays(arrays, design, card, campaign, evidence);
    check_settling(settling, design, campaign, evidence);
    check_columns(columns, design, card, campaign, evidence);
    if (is_sar) {
        const Evidence converter = judge_converter(card, design, seed, campaign, CheckDepth::all);
        evidence.errors.insert(evidence.errors.end(), converter.errors.begin(),
                               converter.errors.end());
        evidence.points.insert(evidence.points.end(), converter.points.begin(),
                               converter.points.end());
    }
    return evidence;
}

Evidence judge_blocks(const behavioral::ModelCard& card, const netlist::Design& design,
                      std::uint64_t seed, Campaign& campaign) {
    const CellCheck cell = plan_cells(card, design, seed, campaign);
    ReadoutExperiment readout;
    if (!card.array_only) readout = plan_readout_check(design, campaign);
    campaign.run();
    Evidence evidence;
    check_cells(cell, design, card, campaign, evidence);
    if (!card.array_only) check_readout(readout, design, card.readout, campaign, evidence);
    return evidence;
}

std::size_t judging_runs(const netlist::Spec& spec) {
    const std::size_t cells_and_arrays = 1 + 2 * array_sizes(spec).size();
    if (card_scope(spec) == CardScope::array) return cells_and_arrays;
    if (card_scope(spec) == CardScope::bit_serial) {
        return cells_and_arrays + kBitSerialMacros + 12;  // macros and conversions
    }
    // A sweep of the read-out, 12 conversions, five settling columns.
    const std::size_t converter =
        spec.adc.kind == netlist::AdcKind::sar ? converter_judging_runs(spec, CheckDepth::all) : 12;
    return cells_and_arrays + 6 + converter +
           static_cast<std::size_t>(spec.calibration.held_out_columns);
}

}  // namespace mho::calibrate
