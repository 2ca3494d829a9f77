// SPDX-License-Identifier: Apache-2.0
#include "behavioral/tile_energy.h"

#include <cstddef>

namespace mho::behavioral {
namespace {

double active_second(const ModelCard& card) {
    return card.timing.settle_second + card.timing.conversion_second;
}

}  // namespace

TileEnergy& TileEnergy::operator+=(const TileEnergy& other) {
    drivers_joule += other.drivers_joule;
    readout_joule += other.readout_joule;
    comparator_joule += other.comparator_joule;
    ramp_joule += other.ramp_joule;
    return *this;
}

TileEnergy constant_energy(const ModelCard& card) {
    const EnergyModel& energy = card.energy;
    const int ramps = (card.array.columns - 1) / energy.ramp_shared_by + 1;
    TileEnergy out;
    out.drivers_joule = card.array.rows * energy.row_switch_joule;
    out.readout_joule = card.array.columns * energy.readout_static_watt * active_second(card);
    out.comparator_joule = card.array.columns * energy.comparator_joule;
    out.ramp_joule = ramps * energy.ramp_joule;
    return out;
}

EnergyMeter::EnergyMeter(const ModelCard& card)
    : active_second_(active_second(card)),
      common_mode_volt_(static_cast<float>(card.driver.common_mode_volt)),
      volt_per_code_(
          static_cast<float>(card.driver.amplitude_volt / ((1 << (card.driver.bits - 1)) - 1))),
      row_farad_(card.energy.row_farad),
      sourced_volt_(card.energy.readout_sourced_volt),
      sunk_volt_(card.energy.readout_sunk_volt),
      joule_per_code_(card.energy.comparator_joule_per_code),
      joule_per_square_code_(card.energy.comparator_joule_per_square_code),
      code_joule_(card.converter.code_joule) {}

double EnergyMeter::drivers_joule(const Eigen::Ref<const Eigen::RowVectorXf>& x,
                                  const Eigen::Ref<const Eigen::RowVectorXf>& row_ampere) const {
    const Eigen::Index pairs = row_ampere.size() / 2;
    const auto positive = row_ampere.head(pairs).array();
    const auto negative = row_ampere.tail(pairs).array();
    const auto volt = x.array() * volt_per_code_;
    const Eigen::Index driven = x.size();
    const Eigen::Index rest = pairs - driven;
    const float watt = ((common_mode_volt_ + volt) * positive.head(driven)).max(0.0f).sum() +
                       ((common_mode_volt_ - volt) * negative.head(driven)).max(0.0f).sum() +
                       (common_mode_volt_ * positive.tail(rest)).max(0.0f).sum() +
                       (common_mode_volt_ * negative.tail(rest)).max(0.0f).sum();
    // Of each pair one row steps up, its level delivering the charge, and one steps down.
    const float square_volt = (volt.abs() * (common_mode_volt_ + volt.abs())).sum();
    return static_cast<double>(watt) * active_second_ +
           static_cast<double>(square_volt) * row_farad_;
}

double EnergyMeter::readout_joule(const Eigen::Ref<const Eigen::RowVectorXf>& column_ampere) const {
    const auto sunk = static_cast<double>(column_ampere.array().max(0.0f).sum());
    const auto sourced = -static_cast<double>(column_ampere.array().min(0.0f).sum());
    return (sunk * sunk_volt_ + sourced * sourced_volt_) * active_second_;
}

double EnergyMeter::comparator_joule(const Eigen::Ref<const Eigen::RowVectorXf>& codes) const {
    if (!code_joule_.empty()) {
        double sum = 0;
        for (const float code : codes) sum += code_joule_[static_cast<std::size_t>(code)];
        return sum;
    }
    return static_cast<double>(codes.sum()) * joule_per_code_ +
           static_cast<double>(codes.squaredNorm()) * joule_per_square_code_;
}

}  // namespace mho::behavioral
