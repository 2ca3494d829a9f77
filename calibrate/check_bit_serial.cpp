// SPDX-License-Identifier: Apache-2.0
#include "calibrate/check_bit_serial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "behavioral/bit_serial.h"
#include "calibrate/bit_serial_reading.h"
#include "calibrate/held_out.h"
#include "calibrate/random_operands.h"
#include "netlist/array_shape.h"
#include "netlist/bench_bit_serial.h"

namespace mho::calibrate {
namespace {

using Eigen::Index;

BitSerialRun random_macro(const netlist::Spec& spec, std::uint64_t seed, int number) {
    const auto stream = static_cast<std::uint32_t>(4000 + number);
    RandomStream states(seed, RandomPurpose::array_states, stream);
    RandomStream inputs(seed, RandomPurpose::array_inputs, stream);
    BitSerialRun run;
    run.states = random_states(spec.cell, StateKind::uniform, spec.array.rows,
                               netlist::bitlines(spec.array.shape, spec.array.columns), states);
    run.codes = random_unsigned_codes(spec.driver, spec.array.rows, inputs);
    return run;
}

struct Block {
    const char* name;  // of the supplies
    const char* quantity;
    double behavioral::BitSerialJoules::*part;
};
constexpr Block kBlocks[] = {
    {"gate lines", "energy_gate_lines", &behavioral::BitSerialJoules::gate_lines},
    {"cells", "energy_cells", &behavioral::BitSerialJoules::cells},
    {"integrators", "energy_integrators", &behavioral::BitSerialJoules::integrators},
    {"accumulators", "energy_accumulators", &behavioral::BitSerialJoules::accumulators},
    {"buffers and holds", "energy_holds", &behavioral::BitSerialJoules::holds},
    {"comparators", "energy_comparators", &behavioral::BitSerialJoules::comparators},
    {"ramp", "energy_ramp", &behavioral::BitSerialJoules::ramp},
};

}  // namespace

BitSerialCheck plan_bit_serial_check(const netlist::Design& design, std::uint64_t seed,
                                     Campaign& campaign) {
    BitSerialCheck check;
    for (int k = 0; k < kBitSerialMacros; ++k) {
        BitSerialRun run = random_macro(design.spec, seed, k);
        run.ticket = campaign.submit(bit_serial_macro_bench(design, run.states, run.codes));
        check.macros.push_back(std::move(run));
    }
    check.adc = plan_adc_check(with_reference_column(design), seed, campaign);
    return check;
}

void check_bit_serial(const BitSerialCheck& check, const netlist::Design& design,
                      const behavioral::ModelCard& card, const Campaign& campaign,
                      Evidence& evidence) {
    const netlist::CalibrationSpec& tolerance = design.spec.calibration;
    HeldOut held("readout", "LSB", lsb_volt(design.spec)), counters("column_code", "LSB", 1);
    std::vector<BitSerialReading> spice;
    std::vector<behavioral::BitSerialJoules> model;
    for (const BitSerialRun& run : check.macros) {
        const Eigen::MatrixXi codes = run.code_column();
        const auto products = bit_serial_products(card, run.states, codes);
        BitSerialReading reading =
            read_bit_serial_macro(campaign[run.ticket], design, static_cast<int>(run.states.rows()),
                                  static_cast<int>(run.states.cols()));
        for (std::size_t j = 0; j < reading.counters.size(); ++j) {
            const auto column = static_cast<Index>(j);
            held.add(reading.held_volt[j] - reading.reference_held_volt,
                     products.held_volt(0, column) - products.reference_held_volt);
            counters.add(std::max(0.0, reading.counters[j]), products.counter(0, column));
        }
        spice.push_back(std::move(reading));
        model.push_back(products.energy.front());
    }
    const std::string circuits =
        fmt::format("{} whole macros of {} x {} cells, random states and codes", kBitSerialMacros,
                    design.spec.array.rows, design.spec.array.columns);
    held.describe(circuits);
    evidence.errors.push_back(held.error(tolerance.readout_tolerance_lsb));
    evidence.points.push_back(held.points("V"));
    check_adc(check.adc, with_reference_column(design), card.bit_serial.adc, campaign, evidence);
    counters.describe(circuits);
    evidence.errors.push_back(
        counters.error(tolerance.readout_tolerance_lsb + tolerance.adc_tolerance_lsb));
    evidence.points.push_back(counters.points("LSB"));

    const auto compare = [&](const std::string& quantity, double allowed, auto truth, auto part) {
        double sum = 0;
        for (const BitSerialReading& one : spice) sum += truth(one);
        HeldOut energy(quantity, "of its mean", sum / static_cast<double>(spice.size()));
        for (std::size_t k = 0; k < spice.size(); ++k) energy.add(truth(spice[k]), part(model[k]));
        energy.describe(circuits);
        evidence.errors.push_back(energy.error(allowed));
        evidence.points.push_back(energy.points("J"));
    };
    compare(
        "energy", tolerance.energy_total_tolerance,
        [](const BitSerialReading& one) {
            double sum = 0;
            for (const SupplyEnergy& block : one.blocks) sum += block.joule;
            return sum;
        },
        [](const behavioral::BitSerialJoules& one) { return one.total(); });
    for (const Block& block : kBlocks) {
        compare(
            block.quantity, tolerance.energy_tolerance,
            [&](const BitSerialReading& one) { return block_joule(one.blocks, block.name); },
            [&](const behavioral::BitSerialJoules& one) { return one.*block.part; });
    }
}

}  // namespace mho::calibrate
