// SPDX-License-Identifier: Apache-2.0
#include "behavioral/tile.h"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/error.h"
#include "behavioral/adc_instance.h"
#include "behavioral/array_check.h"
#include "behavioral/card_check.h"
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

ReadoutFloat single_precision(const ReadoutModel& model) {
    return {static_cast<float>(model.offset_volt), static_cast<float>(model.transimpedance_ohm),
            static_cast<float>(model.quadratic_per_ampere),
            static_cast<float>(model.cubic_per_ampere_squared),
            static_cast<float>(model.current_max_ampere)};
}

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

Index blocks_of_noise(Index width) {
    constexpr auto kWidth = static_cast<Index>(kNormalsPerBlock);
    return (width + kWidth - 1) / kWidth;
}

CurrentMap current_map(const Eigen::MatrixXd& per_code, const Eigen::MatrixXd& offset) {
    const Index filled = blocks_of_noise(per_code.cols()) * static_cast<Index>(kNormalsPerBlock);
    CurrentMap map{per_code.cols(),
                   RowMatrixXf::Zero(per_code.rows(), filled),
                   {},
                   Eigen::RowVectorXf::Zero(filled),
                   0};
    map.per_code.leftCols(map.width) = per_code.cast<float>();
    map.offset.head(map.width) = offset.cast<float>();
    return map;
}

void add_squares(CurrentMap& map, const Eigen::MatrixXd& per_square) {
    map.per_square.setZero(map.per_code.rows(), map.per_code.cols());
    map.per_square.leftCols(map.width) = per_square.cast<float>();
}

// Rows 2i minus rows 2i+1.
Eigen::MatrixXd paired(const Eigen::MatrixXd& by_row) {
    const Index pairs = by_row.rows() / 2;
    return by_row(Eigen::seqN(0, pairs, 2), Eigen::all) -
           by_row(Eigen::seqN(1, pairs, 2), Eigen::all);
}

// Rows 2i plus rows 2i+1.
Eigen::MatrixXd pair_sums(const Eigen::MatrixXd& by_row) {
    const Index pairs = by_row.rows() / 2;
    return by_row(Eigen::seqN(0, pairs, 2), Eigen::all) +
           by_row(Eigen::seqN(1, pairs, 2), Eigen::all);
}

// Columns 0, 2, 4, ..., then 1, 3, 5, ...
Eigen::MatrixXd positive_first(const Eigen::MatrixXd& by_row) {
    const Index pairs = by_row.cols() / 2;
    Eigen::MatrixXd sorted(by_row.rows(), by_row.cols());
    sorted << by_row(Eigen::all, Eigen::seqN(0, pairs, 2)),
        by_row(Eigen::all, Eigen::seqN(1, pairs, 2));
    return sorted;
}

void check_used(const std::optional<Index>& used, Index available, std::string_view what) {
    if (used && (*used < 1 || *used > available)) {
        throw bad_input("tile: {} {} used, expected 1 to {}", *used, what, available);
    }
}

void check_spread(const std::optional<TileSpread>& spread, const ArrayModel& array) {
    if (!spread) return;
    for (const Eigen::RowVectorXd* values :
         {&spread->offset_volt, &spread->relative_gain, &spread->output_volt}) {
        if (values->size() == array.columns && values->allFinite()) continue;
        throw bad_input("tile: a spread of {} columns, expected {} finite values", values->size(),
                        array.columns);
    }
    const std::size_t own = spread->own_transition_volt.size();
    if (own != 0 && own != static_cast<std::size_t>(array.columns)) {
        throw bad_input("tile: a spread of {} converters, expected none or {}", own, array.columns);
    }
    const Eigen::VectorXd& drivers = spread->driver_relative;
    if (drivers.size() == 0 || (drivers.size() == array.rows && drivers.allFinite())) return;
    throw bad_input("tile: a spread of {} rows, expected {} finite values", drivers.size(),
                    array.rows);
}

// The currents that the card's read-out would need for the voltages of this instance's: gains scale
// all, offsets of the virtual ground act through the cells, those of the output add to it.
void spread_readouts(const TileSpread& spread, Index first, Index count,
                     const Eigen::RowVectorXd& siemens, double transimpedance_ohm,
                     Eigen::MatrixXd& per_code, Eigen::RowVectorXd& offset,
                     Eigen::MatrixXd& per_square) {
    const auto gain = (1 + spread.relative_gain.segment(first, count).array()).eval();
    const auto volt = spread.offset_volt.segment(first, count).array();
    const auto output = spread.output_volt.segment(first, count).array();
    per_code.array().rowwise() *= gain;
    per_square.array().rowwise() *= gain;
    offset =
        ((offset.array() - volt * siemens.array()) * gain - (volt + output) / transimpedance_ohm)
            .matrix();
}

// Part of its level that each row of this instance's drivers keeps.
Eigen::VectorXd driver_parts(const TileSpread& spread, double driver_ohm,
                             const Eigen::MatrixXd& column_ampere_per_volt) {
    const Eigen::VectorXd siemens = column_ampere_per_volt.rowwise().sum();
    return (1 - spread.driver_relative.array() * driver_ohm * siemens.array()).matrix();
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
    RowMatrixXf padded;   // kBlock x inputs, for the last samples
    RowMatrixXf squares;  // kBlock x inputs, of the codes
    RowMatrixXf values;   // kBlock x filled width: amperes, volts, then codes
    const float* x = nullptr;
    Index x_stride = 0;
    Index first = 0;
    Index count = 0;

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

    void multiply(const CurrentMap& map) {
        const auto width = static_cast<int>(map.per_code.cols());
        values.resize(kBlock, width);
        values.rowwise() = map.offset;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(kBlock), width,
                    static_cast<int>(map.per_code.rows()), 1.0f, x, static_cast<int>(x_stride),
                    map.per_code.data(), width, 1.0f, values.data(), width);
        if (map.per_square.size() == 0) return;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(kBlock), width,
                    static_cast<int>(map.per_square.rows()), 1.0f, squares.data(),
                    static_cast<int>(squares.cols()), map.per_square.data(), width, 1.0f,
                    values.data(), width);
    }

    void take_squares(Index inputs) {
        using Strided = Eigen::Map<const RowMatrixXf, 0, Eigen::OuterStride<>>;
        squares = Strided(x, kBlock, inputs, Eigen::OuterStride<>(x_stride)).array().square();
    }

    // Those of the samples, filling included.
    std::span<float> all_values() {
        return {values.data(), static_cast<std::size_t>(count * values.cols())};
    }
};

Tile::Tile(const ModelCard& card, const ColumnMap& map, const TileOptions& options)
    : input_code_max_((1 << (card.driver.bits - 1)) - 1),
      readout_(card.readout),
      noise_volt_(std::hypot(card.readout.noise_volt_rms, card.adc.noise_volt_rms)),
      adc_(options.spread && !options.spread->transition_volt.empty()
               ? options.spread->transition_volt
               : card.adc.transition_volt),
      decoder_(make_decoder(card)),
      meter_(card),
      constant_energy_(constant_energy(card)),
      squares_(map.has_squares) {
    if (options.spread) {
        for (const std::vector<double>& table : options.spread->own_transition_volt) {
            own_adc_.emplace_back(table);
        }
    }
    const ArrayResponse& response = map.response;
    const double volt_per_code = card.driver.amplitude_volt / input_code_max_;
    const Index inputs = options.inputs_used.value_or(card.array.rows / 2);
    const Index columns = options.columns_used.value_or(card.array.columns);
    const Eigen::MatrixXd per_code =
        paired(response.column_ampere_per_volt).topRows(inputs) * volt_per_code;
    // The read-outs' inputs stand off the common mode: the same as all drivers off by the opposite.
    const double off_volt = -card.readout.input_offset_volt;
    const Eigen::RowVectorXd offset = off_volt * response.column_ampere_per_volt.colwise().sum();
    ampere_per_code_ = per_code.leftCols(columns);
    offset_ampere_ = offset.head(columns);
    const Eigen::MatrixXd per_square =
        pair_sums(map.ampere_per_square_volt).topRows(inputs) * (volt_per_code * volt_per_code);
    Eigen::MatrixXd driven = per_code;  // of this instance
    if (options.spread && options.spread->driver_relative.size() > 0) {
        const Eigen::MatrixXd& column = response.column_ampere_per_volt;
        const Eigen::VectorXd kept = driver_parts(*options.spread, card.array.driver_ohm, column);
        driven = paired(kept.asDiagonal() * column).topRows(inputs) * volt_per_code;
    }
    const auto map_of = [&](Index first, Index count) {
        Eigen::MatrixXd linear = driven.middleCols(first, count);
        Eigen::MatrixXd square = per_square.middleCols(first, count);
        Eigen::RowVectorXd zero = offset.segment(first, count);
        if (options.spread) {
            spread_readouts(*options.spread, first, count,
                            response.column_ampere_per_volt.colwise().sum().segment(first, count),
                            card.readout.transimpedance_ohm, linear, zero, square);
        }
        CurrentMap currents = current_map(linear, zero);
        if (squares_) add_squares(currents, square);
        return currents;
    };
    used_ = map_of(0, columns);
    if (response.row_ampere_per_volt.size() == 0) return;
    idle_ = map_of(columns, card.array.columns - columns);
    idle_.first_column = columns;
    idle_.first_noise_block = static_cast<std::uint32_t>(blocks_of_noise(columns));
    rows_ = current_map(
        positive_first(paired(response.row_ampere_per_volt).topRows(inputs) * volt_per_code),
        positive_first(off_volt * response.row_ampere_per_volt.colwise().sum()));
}

// From voltages.
void Tile::give_codes(const CurrentMap& map, Block& block) const {
    const std::span<float> values = block.all_values();
    if (own_adc_.empty()) return adc_.convert(std::span<const float>(values), values);
    std::vector<float> column(static_cast<std::size_t>(block.count));
    for (Index j = 0; j < map.width; ++j) {
        for (Index s = 0; s < block.count; ++s)
            column[static_cast<std::size_t>(s)] = block.values(s, j);
        const AdcTransfer& adc = own_adc_[static_cast<std::size_t>(map.first_column + j)];
        adc.convert(std::span<const float>(column), column);
        for (Index s = 0; s < block.count; ++s)
            block.values(s, j) = column[static_cast<std::size_t>(s)];
    }
}

// block.values become codes.
void Tile::convert(const CurrentMap& map, const std::optional<NoiseStream>& noise, Block& block,
                   TileEnergy* energy) const {
    block.multiply(map);
    if (energy != nullptr) {
        for (Index s = 0; s < block.count; ++s) {
            energy->readout_joule += meter_.readout_joule(block.values.row(s).head(map.width));
        }
    }
    const std::span<float> values = block.all_values();
    volts_from_amperes(values.data(), values.size(), single_precision(readout_));
    if (noise && noise_volt_ > 0) {
        NoiseStream stream = *noise;
        stream.first_sample += static_cast<std::uint32_t>(block.first);
        add_normals(stream, map.first_noise_block,
                    static_cast<std::size_t>(blocks_of_noise(map.width)),
                    static_cast<float>(noise_volt_), values);
    }
    give_codes(map, block);
    if (energy != nullptr) {
        for (Index s = 0; s < block.count; ++s) {
            energy->comparator_joule +=
                meter_.comparator_joule(block.values.row(s).head(map.width));
        }
    }
}

void Tile::measure_drivers(Block& block, TileEnergy& energy) const {
    block.multiply(rows_);
    for (Index s = 0; s < block.count; ++s) {
        const Eigen::Map<const Eigen::RowVectorXf> x(block.x + s * block.x_stride, inputs());
        energy.drivers_joule += meter_.drivers_joule(x, block.values.row(s).head(rows_.width));
    }
}

void Tile::run(const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> codes,
               const std::optional<NoiseStream>& noise, TileEnergy* energy) const {
    check_shape(x.rows(), x.cols(), x.rows(), inputs());
    check_shape(codes.rows(), codes.cols(), x.rows(), columns());
    if (energy != nullptr && !has_energy()) {
        throw bad_input("tile: energy asked of a tile compiled without its row response");
    }
    Block block;
    TileEnergy sum;
    TileEnergy* const meter = energy != nullptr ? &sum : nullptr;
    for (Index begin = 0; begin < x.rows(); begin += kBlock) {
        block.take(x, begin);
        if (squares_) block.take_squares(inputs());
        convert(used_, noise, block, meter);
        codes.middleRows(begin, block.count) = block.values.topLeftCorner(block.count, used_.width);
        if (energy == nullptr) continue;
        if (idle_.width > 0) convert(idle_, noise, block, meter);
        measure_drivers(block, sum);
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
        if (squares_) block.take_squares(inputs());
        block.multiply(used_);
        ampere.middleRows(begin, block.count) =
            block.values.topLeftCorner(block.count, used_.width);
    }
}

namespace {

// Every comparator's offset, and the gain of the ramp before it, as what they do to the voltages.
void draw_converters(const ModelCard& card, RandomStream& random, TileSpread& spread) {
    if (!card.adc.mismatch.bit_volt_rms.empty()) {
        const std::uint64_t seed = std::uint64_t{random.bits()} << 32 | random.bits();
        for (Index j = 0; j < card.array.columns; ++j) {
            spread.own_transition_volt.push_back(
                draw_adc(card.adc, seed, static_cast<std::uint32_t>(j)).transition_volt);
        }
        return;
    }
    AdcModel ramp = card.adc;
    const double offset_volt = ramp.mismatch.offset_volt_rms, gain = ramp.mismatch.gain_rms;
    ramp.mismatch.offset_volt_rms = ramp.mismatch.gain_rms = 0;
    const std::uint64_t seed = std::uint64_t{random.bits()} << 32 | random.bits();
    spread.transition_volt = draw_adc(ramp, seed, 0).transition_volt;
    const double middle_volt =
        0.5 * (card.adc.transition_volt.front() + card.adc.transition_volt.back());
    double of_ramp = 0;
    for (Index j = 0; j < card.array.columns; ++j) {
        if (j % card.energy.ramp_shared_by == 0) of_ramp = gain * random.normal();
        spread.output_volt(j) -=
            offset_volt * random.normal() + of_ramp * (card.readout.offset_volt - middle_volt);
        spread.relative_gain(j) = (1 + spread.relative_gain(j)) * (1 - of_ramp) - 1;
    }
}

}  // namespace

std::optional<TileSpread> draw_spread(const ModelCard& card, RandomStream& random) {
    const MismatchModel& mismatch = card.mismatch;
    const bool readouts = mismatch.readout_offset_volt != 0 || mismatch.readout_gain_relative != 0;
    const bool drivers = mismatch.driver_relative != 0;
    const bool converters = card.adc.mismatch.draws > 0;
    if (!readouts && !drivers && !converters) return {};
    TileSpread spread{Eigen::RowVectorXd::Zero(card.array.columns),
                      Eigen::RowVectorXd::Zero(card.array.columns),
                      Eigen::RowVectorXd::Zero(card.array.columns),
                      {},
                      {},
                      {}};
    for (Index j = 0; readouts && j < card.array.columns; ++j) {
        spread.offset_volt(j) = mismatch.readout_offset_volt * random.normal();
        spread.relative_gain(j) = mismatch.readout_gain_relative * random.normal();
    }
    if (drivers) spread.driver_relative.resize(card.array.rows);
    for (Index i = 0; i < spread.driver_relative.size(); ++i) {
        spread.driver_relative(i) = mismatch.driver_relative * random.normal();
    }
    if (converters) draw_converters(card, random, spread);
    return spread;
}

Tile compile_tile(const ModelCard& card, const Eigen::MatrixXd& g_state_siemens,
                  const TileOptions& options) {
    check_card(card, "card");
    require_column(card, "a tile");
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
    check_used(options.inputs_used, card.array.rows / 2, "inputs");
    check_used(options.columns_used, card.array.columns, "columns");
    check_spread(options.spread, card.array);
    use_single_thread_blas();
    return Tile(card,
                column_map(card.cell, card.array, card.driver.resistance_per_volt, g_state_siemens,
                           volt, options.row_response),
                options);
}

}  // namespace mho::behavioral
