// SPDX-License-Identifier: Apache-2.0
#include "calibrate/bit_serial_equivalence.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/random.h"
#include "behavioral/bit_serial.h"
#include "calibrate/bit_serial_reading.h"
#include "calibrate/campaign.h"
#include "calibrate/card_design.h"
#include "calibrate/random_operands.h"
#include "calibrate/run_pool.h"
#include "netlist/array_shape.h"
#include "netlist/bench_bit_serial.h"

namespace mho::calibrate {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXi;

constexpr std::uint32_t kFirstMacro = 5000;  // beside the streams of other held-out circuits

MatrixXd macro_states(const netlist::Spec& spec, std::uint64_t seed, int array) {
    RandomStream random(seed, RandomPurpose::array_states,
                        kFirstMacro + static_cast<std::uint32_t>(array));
    return random_states(spec.cell, StateKind::uniform, spec.array.rows,
                         netlist::bitlines(spec.array.shape, spec.array.columns), random);
}

// rows x vectors.
MatrixXi macro_codes(const netlist::Spec& spec, std::uint64_t seed, int first, int count) {
    MatrixXi codes(spec.array.rows, count);
    for (int k = 0; k < count; ++k) {
        RandomStream random(seed, RandomPurpose::array_inputs,
                            kFirstMacro + static_cast<std::uint32_t>(first + k));
        const std::vector<int> drawn = random_unsigned_codes(spec.driver, spec.array.rows, random);
        codes.col(k) = Eigen::Map<const Eigen::VectorXi>(drawn.data(), codes.rows());
    }
    return codes;
}

std::vector<MacroMultiply> spice_batch(const netlist::Design& design, const MatrixXd& states,
                                       const MatrixXi& codes, spice::Pool& pool,
                                       const ProgressCallback& progress) {
    Campaign campaign(pool, progress, static_cast<std::size_t>(codes.cols()));
    for (Index k = 0; k < codes.cols(); ++k) {
        const auto vector = codes.col(k);
        campaign.submit(bit_serial_macro_bench(
            design, states, {vector.data(), static_cast<std::size_t>(vector.size())}));
    }
    campaign.run();
    std::vector<MacroMultiply> batch(static_cast<std::size_t>(codes.cols()));
    for (std::size_t k = 0; k < batch.size(); ++k) {
        const BitSerialReading reading = read_bit_serial_macro(
            campaign[k], design, static_cast<int>(states.rows()), static_cast<int>(states.cols()));
        for (const double counter : reading.counters) {
            batch[k].spice_counter.push_back(std::max(0.0, counter));
        }
        for (const SupplyEnergy& block : reading.blocks) batch[k].spice_joule += block.joule;
    }
    return batch;
}

void add_model(const behavioral::BitSerialProducts& products, int most,
               std::vector<MacroMultiply>& batch) {
    for (std::size_t k = 0; k < batch.size(); ++k) {
        MacroMultiply& multiply = batch[k];
        for (Index j = 0; j < products.codes.cols(); ++j) {
            const auto v = static_cast<Index>(k);
            multiply.model_counter.push_back(products.counter(v, j));
            multiply.model_codes.push_back(products.codes(v, j));
            multiply.spice_codes.push_back(static_cast<std::int32_t>(
                std::min<double>(multiply.spice_counter[static_cast<std::size_t>(j)], most)));
        }
        multiply.model_joule = products.energy[k].total();
    }
}

}  // namespace

MacroEquivalence compare_bit_serial_macro(const behavioral::ModelCard& card,
                                          const MacroOptions& macro,
                                          const CalibrateOptions& options) {
    spice::Pool pool = start_pool(options);
    const netlist::Design design = design_of(card, pool);
    const int most = behavioral::bit_serial_code_max(card.bit_serial);
    MacroEquivalence result;
    std::size_t runs = 0;
    for (int first = 0; first < macro.vectors; first += macro.vectors_per_array) {
        const int count = std::min(macro.vectors_per_array, macro.vectors - first);
        const MatrixXd states =
            macro_states(design.spec, options.seed, first / macro.vectors_per_array);
        const MatrixXi codes = macro_codes(design.spec, options.seed, first, count);
        const auto before = static_cast<std::size_t>(first);
        const ProgressCallback shifted = [&](std::size_t done, std::size_t,
                                             const std::string& remark) {
            if (options.progress) {
                options.progress(before + done, static_cast<std::size_t>(macro.vectors), remark);
            }
        };
        std::vector<MacroMultiply> batch = spice_batch(design, states, codes, pool, shifted);
        runs += batch.size();
        const auto start = std::chrono::steady_clock::now();
        const auto products = behavioral::bit_serial_products(card, states, codes);
        result.model_second +=
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        add_model(products, most, batch);
        std::move(batch.begin(), batch.end(), std::back_inserter(result.multiplies));
    }
    result.runs = count_runs(runs, pool, options);
    return result;
}

}  // namespace mho::calibrate
