// SPDX-License-Identifier: Apache-2.0
// One programmed array with drivers, read-outs and converters, compiled for batches of multiplies:
// a single-precision product, then read-out, noise and conversion while the block is in cache.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <optional>

#include "behavioral/adc_transfer.h"
#include "behavioral/card.h"
#include "behavioral/decoder.h"
#include "behavioral/effective_matrix.h"
#include "behavioral/tile_energy.h"

namespace mho::behavioral {

using RowMatrixXf = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct TileOptions {
    // Drive at which cells are linearised (linear_conductance); half the amplitude when not given.
    std::optional<double> linearise_at_volt;
    // Without the row response the tile cannot tell energy, and compiles faster.
    RowResponse row_response = RowResponse::build;
};

// Names the read-out noise: sample s of a batch draws from stream (seed, readout_noise, tile,
// first_sample + s), whatever the batch it is in.
struct NoiseStream {
    std::uint64_t seed = 0;
    std::uint32_t tile = 0;
    std::uint32_t first_sample = 0;
};

// Immutable; all functions may be called from any number of threads at once.
//
// Rows work in differential pairs: input i drives row 2i with +x volt_per_code and row 2i+1 with
// the opposite, so inputs = rows / 2. Inputs are integer drive codes as float,
// |x| <= input_code_max(); fractions and larger values are taken as they are. They must be finite.
class Tile {
  public:
    Eigen::Index inputs() const { return ampere_per_code_.rows(); }
    Eigen::Index columns() const { return ampere_per_code_.cols(); }
    int input_code_max() const { return input_code_max_; }  // 2^(bits-1) - 1
    std::int32_t output_code_max() const { return adc_.code_max(); }
    const Decoder& decoder() const { return decoder_; }
    bool has_energy() const { return row_ampere_per_code_.size() > 0; }

    // inputs x columns: current into each read-out per unit of input code, as the cells' linear
    // conductances and the wires give it.
    const Eigen::MatrixXd& ampere_per_code() const { return ampere_per_code_; }

    // Into each read-out at zero input, because of ReadoutModel::input_offset_volt. Depends on the
    // programmed conductances; a digital side that knows it subtracts it.
    const Eigen::RowVectorXd& offset_ampere() const { return offset_ampere_; }

    // codes (batch x columns) = conversion of readout(x * ampere_per_code + offset_ampere) + noise,
    // with x (batch x inputs). Adds nothing to `energy` but sets it to the batch's. Throws
    // bad_input on other shapes, or when energy is asked of a tile compiled without row response.
    void run(const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> codes,
             const std::optional<NoiseStream>& noise = {}, TileEnergy* energy = nullptr) const;

    // The column currents alone, ampere (batch x columns).
    void currents(const Eigen::Ref<const RowMatrixXf>& x, Eigen::Ref<RowMatrixXf> ampere) const;

  private:
    friend Tile compile_tile(const ModelCard&, const Eigen::MatrixXd&, const TileOptions&);
    Tile(const ModelCard& card, const ArrayResponse& response);

    struct Block;
    void multiply(Block& block) const;
    void measure(Block& block, TileEnergy& energy) const;
    void add_noise(Block& block, const NoiseStream& noise) const;

    int input_code_max_;
    ReadoutModel readout_;
    AdcTransfer adc_;
    Decoder decoder_;
    EnergyMeter meter_;
    TileEnergy constant_energy_;  // of one multiply
    Eigen::MatrixXd ampere_per_code_;
    Eigen::RowVectorXd offset_ampere_;
    RowMatrixXf matrix_;  // both in single precision
    Eigen::RowVectorXf offset_;
    RowMatrixXf row_ampere_per_code_;  // inputs x rows, positive rows first; may be empty
    Eigen::RowVectorXf row_offset_;    // rows, in the same order
};

// `g_state_siemens` (array.rows x array.columns): resistor conductances as programmed, 0 = open.
// array.rows must be even. Throws bad_input on a card that fails check_card or on wrong shapes.
Tile compile_tile(const ModelCard& card, const Eigen::MatrixXd& g_state_siemens,
                  const TileOptions& options = {});

}  // namespace mho::behavioral
