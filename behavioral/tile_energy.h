// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <vector>

#include "behavioral/card.h"

namespace mho::behavioral {

// Energy of the multiplies of a batch, by block (EnergyModel in behavioral/card.h).
struct TileEnergy {
    double drivers_joule = 0;     // row reference levels and multiplexer gates
    double readout_joule = 0;     // op-amps, at rest and by the current they carry
    double comparator_joule = 0;  // of SARs the whole converters
    double ramp_joule = 0;

    double total_joule() const {
        return drivers_joule + readout_joule + comparator_joule + ramp_joule;
    }
    TileEnergy& operator+=(const TileEnergy& other);
};

// What every multiply costs whatever its inputs.
TileEnergy constant_energy(const ModelCard& card);

// The rest, for one multiply; all spans contiguous.
class EnergyMeter {
  public:
    explicit EnergyMeter(const ModelCard& card);

    // x: codes of the first inputs, the others at 0; row_ampere (rows): currents out of the drivers
    // of all rows with positive drive, then of all with negative drive.
    double drivers_joule(const Eigen::Ref<const Eigen::RowVectorXf>& x,
                         const Eigen::Ref<const Eigen::RowVectorXf>& row_ampere) const;
    double readout_joule(const Eigen::Ref<const Eigen::RowVectorXf>& column_ampere) const;
    double comparator_joule(const Eigen::Ref<const Eigen::RowVectorXf>& codes) const;

  private:
    double active_second_;
    float common_mode_volt_;
    float volt_per_code_;
    double row_farad_;
    double sourced_volt_, sunk_volt_;
    double joule_per_code_, joule_per_square_code_;
    std::vector<double> code_joule_;  // of a converter by its code; or empty
};

}  // namespace mho::behavioral
