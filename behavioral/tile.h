// SPDX-License-Identifier: Apache-2.0
// One programmed array with drivers, read-outs and converters, compiled for batches of multiplies:
// a single-precision product, then read-out, noise and conversion while the block is in cache.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"
#include "behavioral/adc_transfer.h"
#include "behavioral/card.h"
#include "behavioral/column_map.h"
#include "behavioral/decoder.h"
#include "behavioral/readout_noise.h"
#include "behavioral/tile_energy.h"

namespace mho::behavioral {

using RowMatrixXf = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// What distinguishes one instance of drivers, read-outs and converters from the card's. To first
// order in each: a driver of resistance R (1 + d) loses d R times its row's current, which is taken
// to leave through the columns; gain and offset of a converter are those of the voltage before it.
struct TileSpread {
    Eigen::RowVectorXd offset_volt;  // of every column's virtual ground, and of its output with it
    Eigen::RowVectorXd relative_gain;     // of its transimpedance and converter, to be added to 1
    Eigen::RowVectorXd output_volt;       // added to its output
    Eigen::VectorXd driver_relative;      // of every row's driver resistance; empty: the card's
    std::vector<double> transition_volt;  // of all converters; empty: the card's
    // Of every column's own converter (SARs), columns in all; empty: one for all.
    std::vector<std::vector<double>> own_transition_volt = {};
};

// Drawn from what the card knows of mismatch, in read-outs, drivers and converters; the same
// stream, the same spread. None when the card knows nothing. Each column's comparator has an offset
// of its own; gain and bends are those of the ramp, which serves ramp_shared_by columns, bends of
// the first ramp standing for all of an array. Every column has a SAR of its own.
std::optional<TileSpread> draw_spread(const ModelCard& card, RandomStream& random);

struct TileOptions {
    // Drive at which cells are linearised (linear_conductance); half the amplitude when not given.
    std::optional<double> linearise_at_volt;
    // Without the row response the tile cannot tell energy, and compiles faster.
    RowResponse row_response = RowResponse::build;
    // A tile that is not filled computes less: only the first inputs are ever driven away from code
    // 0, and only codes of the first columns are asked for. Energy is that of the whole array,
    // whose other columns are converted all the same. All when not given.
    std::optional<Eigen::Index> inputs_used = {};
    std::optional<Eigen::Index> columns_used = {};
    // Codes then are those of this instance; ampere_per_code, offset_ampere and the decoder stay
    // the card's: the digital side does not know the instance.
    std::optional<TileSpread> spread = {};
};

// Currents of `width` terminals in single precision, x * per_code + x^2 * per_square + offset;
// columns of zeros fill them up to whole blocks of noise.
struct CurrentMap {
    Eigen::Index width = 0;
    RowMatrixXf per_code;    // inputs x filled width
    RowMatrixXf per_square;  // of squared codes; empty when there is no such part
    Eigen::RowVectorXf offset;
    std::uint32_t first_noise_block = 0;  // in a sample's stream
    Eigen::Index first_column = 0;
};

// Immutable; all functions may be called from any number of threads at once.
//
// Rows work in differential pairs: input i drives row 2i with +x volt_per_code and row 2i+1 with
// the opposite, so there are rows / 2 inputs. Inputs are integer drive codes as float,
// |x| <= input_code_max(); fractions and larger values are taken as they are. They must be finite.
class Tile {
  public:
    Eigen::Index inputs() const { return ampere_per_code_.rows(); }   // used
    Eigen::Index columns() const { return ampere_per_code_.cols(); }  // used
    int input_code_max() const { return input_code_max_; }            // 2^(bits-1) - 1
    std::int32_t output_code_max() const { return adc_.code_max(); }
    const Decoder& decoder() const { return decoder_; }
    bool has_energy() const { return rows_.width > 0; }

    // inputs x columns: current into each read-out per unit of input code, as the cells' linear
    // conductances and the wires give it.
    // A small even-order part comes on top (behavioral/column_map.h).
    const Eigen::MatrixXd& ampere_per_code() const { return ampere_per_code_; }

    // Into each read-out at zero input, because of ReadoutModel::input_offset_volt. Depends on the
    // programmed conductances; a digital side that knows it subtracts it.
    const Eigen::RowVectorXd& offset_ampere() const { return offset_ampere_; }

    // codes (batch x columns) = conversion of readout(currents(x)) + noise, with x
    // (batch x inputs). Adds nothing to `energy` but sets it to the batch's. Throws
    // bad_input on other shapes, or when energy is asked of a tile compiled without row response.
    void run(const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> codes,
             const std::optional<NoiseStream>& noise = {}, TileEnergy* energy = nullptr) const;

    // The column currents alone, ampere (batch x columns).
    void currents(const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> ampere) const;

  private:
    friend Tile compile_tile(const ModelCard&, const Eigen::MatrixXd&, const TileOptions&);
    Tile(const ModelCard& card, const ColumnMap& map, const TileOptions& options);

    struct Block;
    void give_codes(const CurrentMap& map, Block& block) const;
    void convert(const CurrentMap& map, const std::optional<NoiseStream>& noise, Block& block,
                 TileEnergy* energy) const;
    void measure_drivers(Block& block, TileEnergy& energy) const;

    int input_code_max_;
    ReadoutModel readout_;
    double noise_volt_;  // of read-out and converter, at the latter's input
    AdcTransfer adc_;
    std::vector<AdcTransfer> own_adc_;  // of every column of the array, or empty
    Decoder decoder_;
    EnergyMeter meter_;
    TileEnergy constant_energy_;  // of one multiply
    Eigen::MatrixXd ampere_per_code_;
    Eigen::RowVectorXd offset_ampere_;
    bool squares_;     // maps have a part of squared codes
    CurrentMap used_;  // into the used columns' read-outs
    CurrentMap idle_;  // into the others'
    CurrentMap rows_;  // out of the drivers, rows with positive drive first; may be empty
};

// `g_state_siemens` (array.rows x array.columns): resistor conductances as programmed, 0 = open.
// array.rows must be even. Throws bad_input on a card that fails check_card or is of an array
// alone, on wrong shapes, and when more inputs or columns are to be used than there are, or none.
Tile compile_tile(const ModelCard& card, const Eigen::MatrixXd& g_state_siemens,
                  const TileOptions& options = {});

}  // namespace mho::behavioral
