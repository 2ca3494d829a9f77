// SPDX-License-Identifier: Apache-2.0
#include "calibrate/integrating_macro.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/random.h"
#include "calibrate/bit_serial_reading.h"
#include "calibrate/campaign.h"
#include "calibrate/random_operands.h"
#include "calibrate/run_pool.h"
#include "netlist/array_shape.h"
#include "netlist/bench_bit_serial.h"
#include "netlist/spec_toml.h"

namespace mho::calibrate {
namespace {

// An operating point has no sweep.
std::vector<double> steps_of(const spice::Waveforms& waves, const std::string& line) {
    return waves[fmt::format("i(vsense_{})", line)];
}

int code_of(double count, double most) {
    return static_cast<int>(std::floor(std::clamp(count, 0.0, most)));
}

}  // namespace

int IntegratedMultiply::worst_code() const {
    int worst = 0;
    for (const IntegratedColumn& column : columns) {
        worst = std::max(worst, std::abs(column.code - column.ideal_code));
    }
    return worst;
}

double IntegratedMultiply::joule() const {
    double sum = 0;
    for (const SupplyEnergy& block : blocks) sum += block.joule;
    return sum;
}

IntegratedMultiply integrated_multiply(const netlist::Design& design, const Eigen::MatrixXd& states,
                                       std::span<const int> codes, spice::Pool& pool,
                                       const ProgressCallback& progress) {
    const netlist::Spec& spec = design.spec;
    Campaign campaign(pool, progress, 2);
    const Campaign::Ticket macro = campaign.submit(bit_serial_macro_bench(design, states, codes));
    netlist::Deck array = any_array_bench(design, states, netlist::ideal_gates(spec, codes));
    array.klu = false;  // takes some arrays whose gates are off for singular
    const Campaign::Ticket dc = campaign.submit(array);
    campaign.run();
    BitSerialReading reading = read_bit_serial_macro(
        campaign[macro], design, static_cast<int>(states.rows()), static_cast<int>(states.cols()));
    const double end = std::ldexp(1.0, spec.adc.bits);
    const double lsb = (spec.adc.high_volt - spec.adc.low_volt) / end;
    const double zero = (spec.readout.integrator.start_volt - spec.adc.low_volt) / lsb;
    const double most = end - 1 - zero;

    IntegratedMultiply result;
    result.offset_lsb = reading.reference_counter - zero;
    const netlist::ArrayLines lines = array_lines(spec.array.shape, states.rows(), states.cols());
    for (std::size_t j = 0; j < lines.bitlines.size(); ++j) {
        IntegratedColumn column;
        column.line = lines.bitlines[j];
        column.ideal_count = netlist::ideal_count(spec, steps_of(campaign[dc], column.line));
        column.count = reading.counters[j];
        column.ideal_code = code_of(column.ideal_count, most);
        column.code = code_of(column.count, most);
        result.columns.push_back(column);
    }
    result.multiply_second = reading.multiply_second;
    result.blocks = std::move(reading.blocks);
    return result;
}

IntegratedMacro run_integrated_macro(const netlist::Spec& spec, const CalibrateOptions& options) {
    netlist::require_valid(spec);
    netlist::Design design = netlist::load_design(spec);
    spice::Pool pool = start_pool(options);
    design.klu = pool.simulator().klu;
    IntegratedMacro macro;
    RandomStream random(options.seed, RandomPurpose::array_states);
    macro.states =
        random_states(spec.cell, StateKind::uniform, spec.array.rows,
                      netlist::cell_columns(spec.array.shape, spec.array.columns), random);
    RandomStream inputs(options.seed, RandomPurpose::array_inputs);
    macro.codes = random_unsigned_codes(spec.driver, spec.array.rows, inputs);
    macro.multiply = integrated_multiply(design, macro.states, macro.codes, pool, options.progress);
    macro.runs = count_runs(2, pool, options);
    return macro;
}

}  // namespace mho::calibrate
