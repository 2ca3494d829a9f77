// SPDX-License-Identifier: Apache-2.0
#include "behavioral/tile.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include "base/error.h"
#include "base/random.h"
#include "behavioral/array_check.h"
#include "behavioral/card_check.h"
#include "behavioral/cell_law.h"
#include "behavioral/simd.h"
#include "behavioral/single_thread_blas.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

// Samples per product. Products always have this shape, the last one padded, so that a sample's
// result does not depend on the batch around it; the block's outputs stay in the second-level
// cache.
constexpr Index kBlock = 128;

struct ReadoutFloat {
    float offset, transimpedance, quadratic, cubic, current_max;
};

// readout_volt in single precision.
MHO_SIMD_CLONES void volts_from_amperes(float* values, std::size_t count,
                                        const ReadoutFloat& model) {
    const ReadoutFloat m = model;
    for (std::size_t k = 0; k < count; ++k) {
        const float ampere = values[k];
        float i = ampere < m.current_max ? ampere : m.current_max;
        i = i > -m.current_max ? i : -m.current_max;
        const float shaped = i * (1.0f + i * (m.quadratic + i * m.cubic));
        const float slope = 1.0f + i * (2.0f * m.quadratic + 3.0f * m.cubic * i);
        values[k] = m.offset - m.transimpedance * (shaped + slope * (ampere - i));
    }
}

// out (kBlock x n) = X (kBlock x k) M (k x n) + offset in every row.
void product(const float* x, Index x_stride, const RowMatrixXf& m, const Eigen::RowVectorXf& offset,
             RowMatrixXf& out) {
    out.resize(kBlock, m.cols());
    out.rowwise() = offset;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(kBlock),
                static_cast<int>(m.cols()), static_cast<int>(m.rows()), 1.0f, x,
                static_cast<int>(x_stride), m.data(), static_cast<int>(m.cols()), 1.0f, out.data(),
                static_cast<int>(out.cols()));
}

// Rows 2i minus rows 2i+1.
Eigen::MatrixXd paired(const Eigen::MatrixXd& by_row) {
    const Index pairs = by_row.rows() / 2;
    return by_row(Eigen::seqN(0, pairs, 2), Eigen::all) -
           by_row(Eigen::seqN(1, pairs, 2), Eigen::all);
}

void check_shape(Index rows, Index columns, Index wanted_rows, Index wanted_columns) {
    if (rows != wanted_rows || columns != wanted_columns) {
        throw bad_input("tile: a matrix of {} x {}, expected {} x {}", rows, columns, wanted_rows,
                        wanted_columns);
    }
}

}  // namespace

// Scratch of one call.
struct Tile::Block {
    RowMatrixXf padded;      // kBlock x inputs, for the last samples
    RowMatrixXf values;      // kBlock x columns: amperes, then volts
    RowMatrixXf row_ampere;  // kBlock x rows
    const float* x = nullptr;
    Index x_stride = 0;
    Index first = 0;
    Index count = 0;

    std::span<float> row(Index s) {
        return {values.data() + s * values.cols(), static_cast<std::size_t>(values.cols())};
    }
    // Samples first .. first+count-1 of `samples`, padded with zeros to a full block.
    void take(const Eigen::Ref<const RowMatrixXf>& samples, Index begin) {
        first = begin;
        count = std::min(kBlock, samples.rows() - begin);
        x = samples.data() + begin * samples.outerStride();
        x_stride = samples.outerStride();
        if (count == kBlock) return;
        padded.setZero(kBlock, samples.cols());
        padded.topRows(count) = samples.middleRows(begin, count);
        x = padded.data();
        x_stride = padded.cols();
    }
};

Tile::Tile(const ModelCard& card, const ArrayResponse& response)
    : input_code_max_((1 << (card.driver.bits - 1)) - 1),
      readout_(card.readout),
      adc_(card.adc.transition_volt),
      decoder_(make_decoder(card)),
      meter_(card),
      constant_energy_(constant_energy(card)) {
    const double volt_per_code = card.driver.amplitude_volt / input_code_max_;
    ampere_per_code_ = paired(response.column_ampere_per_volt) * volt_per_code;
    matrix_ = ampere_per_code_.cast<float>();
    // The read-outs' inputs stand off the common mode: the same as all drivers off by the opposite.
    offset_ampere_ =
        -card.readout.input_offset_volt * response.column_ampere_per_volt.colwise().sum();
    offset_ = offset_ampere_.cast<float>();
    if (response.row_ampere_per_volt.size() == 0) return;
    const Eigen::MatrixXd by_input = paired(response.row_ampere_per_volt) * volt_per_code;
    const Eigen::RowVectorXd by_offset =
        -card.readout.input_offset_volt * response.row_ampere_per_volt.colwise().sum();
    const Index pairs = by_input.rows();
    row_ampere_per_code_.resize(pairs, 2 * pairs);
    row_offset_.resize(2 * pairs);
    for (const Index sign : {0, 1}) {
        const auto rows_of_sign = Eigen::seqN(sign, pairs, 2);
        row_ampere_per_code_.middleCols(sign * pairs, pairs) =
            by_input(Eigen::all, rows_of_sign).cast<float>();
        row_offset_.segment(sign * pairs, pairs) = by_offset(rows_of_sign).cast<float>();
    }
}

void Tile::multiply(Block& block) const {
    product(block.x, block.x_stride, matrix_, offset_, block.values);
}

void Tile::measure(Block& block, TileEnergy& energy) const {
    product(block.x, block.x_stride, row_ampere_per_code_, row_offset_, block.row_ampere);
    for (Index s = 0; s < block.count; ++s) {
        const Eigen::Map<const Eigen::RowVectorXf> x(block.x + s * block.x_stride, inputs());
        energy.drivers_joule += meter_.drivers_joule(x, block.row_ampere.row(s));
        energy.readout_joule += meter_.readout_joule(block.values.row(s));
    }
}

void Tile::add_noise(Block& block, const NoiseStream& noise) const {
    for (Index s = 0; s < block.count; ++s) {
        const auto sample = static_cast<std::uint32_t>(block.first + s);
        RandomStream random(noise.seed, RandomPurpose::readout_noise, noise.tile,
                            noise.first_sample + sample);
        for (float& volt : block.row(s)) {
            volt += static_cast<float>(readout_.noise_volt_rms * random.normal());
        }
    }
}

void Tile::run(const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> codes,
               const std::optional<NoiseStream>& noise, TileEnergy* energy) const {
    check_shape(x.rows(), x.cols(), x.rows(), inputs());
    check_shape(codes.rows(), codes.cols(), x.rows(), columns());
    if (energy != nullptr && !has_energy()) {
        throw bad_input("tile: energy asked of a tile compiled without its row response");
    }
    const ReadoutFloat readout{static_cast<float>(readout_.offset_volt),
                               static_cast<float>(readout_.transimpedance_ohm),
                               static_cast<float>(readout_.quadratic_per_ampere),
                               static_cast<float>(readout_.cubic_per_ampere_squared),
                               static_cast<float>(readout_.current_max_ampere)};
    Block block;
    TileEnergy sum;
    for (Index begin = 0; begin < x.rows(); begin += kBlock) {
        block.take(x, begin);
        multiply(block);
        if (energy != nullptr) measure(block, sum);
        volts_from_amperes(block.values.data(), static_cast<std::size_t>(block.count * columns()),
                           readout);
        if (noise && readout_.noise_volt_rms > 0) add_noise(block, *noise);
        for (Index s = 0; s < block.count; ++s) {
            float* out = codes.data() + (begin + s) * codes.outerStride();
            adc_.convert(std::span<const float>(block.row(s)),
                         std::span<float>(out, static_cast<std::size_t>(columns())));
            if (energy != nullptr) {
                sum.comparator_joule += meter_.comparator_joule(codes.row(begin + s));
            }
        }
    }
    if (energy == nullptr) return;
    const double count = static_cast<double>(x.rows());
    sum.drivers_joule += count * constant_energy_.drivers_joule;
    sum.readout_joule += count * constant_energy_.readout_joule;
    sum.comparator_joule += count * constant_energy_.comparator_joule;
    sum.ramp_joule = count * constant_energy_.ramp_joule;
    *energy = sum;
}

void Tile::currents(const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> ampere) const {
    check_shape(x.rows(), x.cols(), x.rows(), inputs());
    check_shape(ampere.rows(), ampere.cols(), x.rows(), columns());
    Block block;
    for (Index begin = 0; begin < x.rows(); begin += kBlock) {
        block.take(x, begin);
        multiply(block);
        ampere.middleRows(begin, block.count) = block.values.topRows(block.count);
    }
}

Tile compile_tile(const ModelCard& card, const Eigen::MatrixXd& g_state_siemens,
                  const TileOptions& options) {
    check_card(card, "card");
    check_array(g_state_siemens, card.array);
    if (card.array.rows % 2 != 0) {
        throw bad_input("tile: {} rows, expected an even number (pairs driven with +v and -v)",
                        card.array.rows);
    }
    const double volt = options.linearise_at_volt.value_or(0.5 * card.driver.amplitude_volt);
    if (!(std::abs(volt) <= card.cell.v_max_volt)) {
        throw bad_input("tile: cells linearised at {} V, expected at most v_max_volt ({})", volt,
                        card.cell.v_max_volt);
    }
    use_single_thread_blas();
    const Eigen::MatrixXd g = g_state_siemens.unaryExpr(
        [&](double state) { return linear_conductance(card.cell, volt, state); });
    return Tile(card, array_response(g, card.array, options.row_response));
}

}  // namespace mho::behavioral
