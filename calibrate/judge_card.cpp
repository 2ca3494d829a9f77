// SPDX-License-Identifier: Apache-2.0
#include "calibrate/judge_card.h"

#include "calibrate/measure_adc.h"
#include "calibrate/measure_array.h"
#include "calibrate/measure_cell.h"
#include "calibrate/measure_column.h"
#include "calibrate/measure_readout.h"
#include "calibrate/measure_settling.h"

namespace mho::calibrate {

Evidence judge_card(const behavioral::ModelCard& card, const netlist::Design& design,
                    std::uint64_t seed, Campaign& campaign) {
    const CellExperiment cell = plan_cell_check(design, seed, campaign);
    const ReadoutExperiment readout = plan_readout_check(design, campaign);
    const AdcExperiment adc = plan_adc_check(design, seed, campaign);
    const ArrayExperiment arrays = plan_arrays(design, card.array.sense_ohm, seed, campaign);
    const SettlingExperiment settling = plan_settling_check(design, card, seed, campaign);
    const ColumnExperiment columns =
        plan_columns(design, card.timing.settle_second, seed, campaign);
    campaign.run();
    Evidence evidence;
    check_cell(cell, design, card.cell, campaign, evidence);
    check_readout(readout, design, card.readout, campaign, evidence);
    check_adc(adc, design, card.adc, campaign, evidence);
    check_arrays(arrays, design, card, campaign, evidence);
    check_settling(settling, design, campaign, evidence);
    check_columns(columns, design, card, campaign, evidence);
    return evidence;
}

// One sweep each of cell and read-out, 12 conversions, four arrays, five settling columns.
std::size_t judging_runs(const netlist::Spec& spec) {
    return 23 + static_cast<std::size_t>(spec.calibration.held_out_columns);
}

}  // namespace mho::calibrate
