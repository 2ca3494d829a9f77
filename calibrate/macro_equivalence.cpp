// SPDX-License-Identifier: Apache-2.0
#include "calibrate/macro_equivalence.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/continuous_code.h"
#include "behavioral/readout.h"
#include "behavioral/tile.h"
#include "calibrate/bit_serial_equivalence.h"
#include "calibrate/conversion.h"
#include "calibrate/macro_in_spice.h"
#include "calibrate/random_operands.h"

namespace mho::calibrate {
namespace {

using behavioral::RowMatrixXf;

constexpr std::uint32_t kFirstStream = 2000;  // beside those of the other held-out circuits

Eigen::MatrixXd states_of(const netlist::Spec& spec, std::uint64_t seed, int array) {
    RandomStream random(seed, RandomPurpose::array_states,
                        kFirstStream + static_cast<std::uint32_t>(array));
    const StateKind kind = array % 2 == 0 ? StateKind::weights : StateKind::uniform;
    return random_states(spec.cell, kind, spec.array.rows, spec.array.columns, random);
}

Eigen::VectorXd codes_of(const netlist::Spec& spec, std::uint64_t seed, int vector) {
    RandomStream random(seed, RandomPurpose::array_inputs,
                        kFirstStream + static_cast<std::uint32_t>(vector));
    return random_codes(spec.driver, spec.array.rows / 2, 1, random);
}

// The tile's side of a batch: codes and energy of each multiply, and how long it took without.
double model_batch(const behavioral::ModelCard& card, const behavioral::Tile& tile,
                   const Eigen::MatrixXd& codes, std::span<MacroMultiply> multiplies) {
    const double end = std::ldexp(1.0, card.adc.bits);
    const RowMatrixXf x = codes.transpose().cast<float>();
    RowMatrixXf y(x.rows(), tile.columns()), ampere(x.rows(), tile.columns());
    tile.currents(x, ampere);
    for (Eigen::Index k = 0; k < x.rows(); ++k) {
        behavioral::TileEnergy energy;
        tile.run(x.row(k), y.row(k), {}, &energy);
        MacroMultiply& multiply = multiplies[static_cast<std::size_t>(k)];
        multiply.model_joule = energy.total_joule();
        for (Eigen::Index j = 0; j < y.cols(); ++j) {
            multiply.model_codes.push_back(static_cast<std::int32_t>(y(k, j)));
            const double volt = behavioral::readout_volt(card.readout, ampere(k, j));
            multiply.model_counter.push_back(std::clamp(continuous_code(card.adc, volt), 0.0, end));
        }
    }
    const auto start = std::chrono::steady_clock::now();
    tile.run(x, y);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

MacroEquivalence compare_macro(const behavioral::ModelCard& card, const MacroOptions& macro,
                               const CalibrateOptions& options) {
    if (macro.vectors < 1 || macro.vectors_per_array < 1) {
        throw bad_input("{} vectors, {} for each array, expected at least 1", macro.vectors,
                        macro.vectors_per_array);
    }
    if (card.bit_serial.integrator.bits > 0) {
        return compare_bit_serial_macro(card, macro, options);
    }
    MacroInSpice spice(card, options);
    const netlist::Spec& spec = spice.spec();
    behavioral::ModelCard model = card;
    model.energy.row_switch_joule = 0;  // rows stay switched on in these runs

    MacroEquivalence result;
    const auto all = static_cast<std::size_t>(macro.vectors);
    // Array by array, so that the waveforms of one go before the next one's come.
    for (int first = 0; first < macro.vectors; first += macro.vectors_per_array) {
        const int count = std::min(macro.vectors_per_array, macro.vectors - first);
        const Eigen::MatrixXd states =
            states_of(spec, options.seed, first / macro.vectors_per_array);
        Eigen::MatrixXd codes(spec.array.rows / 2, count);
        for (int k = 0; k < count; ++k) codes.col(k) = codes_of(spec, options.seed, first + k);
        const auto before = static_cast<std::size_t>(first);
        const ProgressCallback shifted = [&options, before, all](std::size_t done, std::size_t,
                                                                 const std::string& remark) {
            if (options.progress) options.progress(before + done, all, remark);
        };
        std::vector<MacroMultiply> batch;
        for (MacroConversion& truth : spice.multiply(states, codes, shifted)) {
            batch.push_back(
                {std::move(truth.codes), {}, std::move(truth.counters), {}, truth.joule, 0});
        }
        result.model_second +=
            model_batch(model, behavioral::compile_tile(model, states), codes, batch);
        std::move(batch.begin(), batch.end(), std::back_inserter(result.multiplies));
    }
    result.runs = spice.runs();
    return result;
}

MacroSummary summarize(const MacroEquivalence& equivalence) {
    MacroSummary summary;
    const auto multiplies = static_cast<double>(equivalence.multiplies.size());
    for (const MacroMultiply& multiply : equivalence.multiplies) {
        summary.spice_joule += multiply.spice_joule / multiplies;
        summary.model_joule += multiply.model_joule / multiplies;
    }
    for (const MacroMultiply& multiply : equivalence.multiplies) {
        for (std::size_t j = 0; j < multiply.spice_codes.size(); ++j) {
            const std::int32_t off = std::abs(multiply.spice_codes[j] - multiply.model_codes[j]);
            ++summary.codes;
            summary.equal += off == 0 ? 1 : 0;
            summary.worst_code = std::max(summary.worst_code, off);
        }
        const double error =
            std::abs(multiply.model_joule - multiply.spice_joule) / summary.spice_joule;
        summary.rms_joule_error += error * error / multiplies;
        summary.worst_joule_error = std::max(summary.worst_joule_error, error);
    }
    summary.rms_joule_error = std::sqrt(summary.rms_joule_error);
    return summary;
}

}  // namespace mho::calibrate
