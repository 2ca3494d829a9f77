// SPDX-License-Identifier: Apache-2.0
#include "flows/system_cells.h"

#include <algorithm>
#include <cmath>

#include "behavioral/device_program.h"
#include "behavioral/device_state.h"

namespace mho::flows {
namespace {

using namespace behavioral;
using Eigen::MatrixXd;

Conditions conditions_of(const CellSpec& device) {
    return {device.time_second, device.celsius, device.dose_krad * kGrayPerKrad};
}

// Brings states nearer to or further from the mean of their targets, by spec's error_scale.
MatrixXd rescaled(const CellSpec& device, const MatrixXd& target, const MatrixXd& siemens) {
    if (device.error_scale == 1) return siemens;
    const DeviceModel& model = *device.model;
    const double unit = siemens_per_unit(model.state);
    const Eigen::ArrayXd states =
        Eigen::Map<const Eigen::ArrayXd>(target.data(), target.size()) / unit;
    const double second = equivalent_second(model, device.time_second, device.celsius);
    Eigen::ArrayXd mean = drift_statistics(model, states, second).mean;
    if (device.dose_krad > 0) {
        mean = dose_statistics(model, mean, device.dose_krad * kGrayPerKrad).mean;
    }
    const MatrixXd centre =
        Eigen::Map<const MatrixXd>(mean.data(), target.rows(), target.cols()) * unit;
    return (centre + device.error_scale * (siemens - centre)).cwiseMax(0.0);
}

// Replaces levels by those read, and fills their variance.
void read_matrix(const CellSpec& device, const LevelScale& scale, const DeviceKey& key,
                 MatrixXd& level, MatrixXd& variance, ReadCells& sums) {
    const DeviceModel& model = *device.model;
    const ProgrammedCells cells = program(model, level * scale.step_siemens, key);
    sums.writing += write_cost(model, cells);
    const MatrixXd drifted = states_at(model, cells, conditions_of(device));
    if (device.compensation) {
        sums.reference_siemens += states_at(model, cells, {}).sum();
        sums.now_siemens += drifted.sum();
    }
    const MatrixXd siemens = rescaled(device, cells.target_siemens, drifted);
    if (model.read_noise && model.read_noise->resampling == Resampling::each_read &&
        device.read_noise_scale > 0) {
        const MatrixXd sigma = read_noise_sigma(model, siemens, cells.siemens, device.time_second) *
                               (device.read_noise_scale / scale.step_siemens);
        variance = sigma.array().square();
    }
    level = siemens / scale.step_siemens;
}

}  // namespace

WeightCoding weight_coding(const SystemSpec& spec) {
    return {spec.weights.bits, spec.weights.slice_bits, spec.weights.sign};
}

LevelScale level_scale(const SystemSpec& spec) {
    const double top = level_max(weight_coding(spec), 0);
    const CellSpec& device = spec.device;
    if (device.model) {
        const double low = lowest_siemens(*device.model);
        return {low, (highest_siemens(*device.model) - low) / top};
    }
    const double high = device.r_min > 0 ? 1 / device.r_min : 1;
    const double low = device.on_off > 0 ? high / device.on_off : 0;
    // Whole levels stay whole numbers where nothing else is asked for.
    if (device.r_min == 0 && low == 0) return {0, 1};
    return {low, (high - low) / top};
}

std::vector<CellSlice> target_cells(const MatrixXd& weights, double weight_max_value,
                                    const SystemSpec& spec) {
    const WeightCoding coding = weight_coding(spec);
    const double top = weight_max(coding);
    const bool unit_column = coding.sign == WeightSign::offset &&
                             spec.weights.offset_removal == OffsetRemoval::unit_column;
    MatrixXd scaled = MatrixXd::Zero(weights.rows(), weights.cols() + (unit_column ? 1 : 0));
    scaled.leftCols(weights.cols()) = weights.unaryExpr([&](double w) {
        const double value = std::clamp(w / weight_max_value * top, -top, top);
        return spec.weights.rounded ? std::nearbyint(value) : value;
    });
    std::vector<CellSlice> slices;
    if (spec.weights.rounded) {
        slices = slice_weights(scaled, coding);
    } else if (coding.sign == WeightSign::offset) {
        slices.push_back({(scaled.array() + weight_offset(coding)).matrix(), {}});
    } else {
        slices.push_back({scaled.cwiseMax(0.0), (-scaled).cwiseMax(0.0)});
    }
    for (std::size_t k = 0; spec.weights.two_sided && k < slices.size(); ++k) {
        const MatrixXd weight = slices[k].positive - slices[k].negative;
        const double most = level_max(coding, static_cast<int>(k));
        slices[k].positive = (most + weight.array()) / 2;
        slices[k].negative = (most - weight.array()) / 2;
    }
    const double lowest = level_scale(spec).lowest_level();
    for (CellSlice& slice : slices) {
        slice.positive.array() += lowest;
        slice.negative.array() += lowest;
    }
    return slices;
}

ReadCells read_cells(std::vector<CellSlice> targets, const SystemSpec& spec, const CellKey& key) {
    ReadCells read{std::move(targets)};
    if (!spec.device.model) return read;
    const LevelScale scale = level_scale(spec);
    const auto count = static_cast<std::uint32_t>(2 * read.slices.size());
    for (std::uint32_t s = 0; s < read.slices.size(); ++s) {
        CellSlice& slice = read.slices[s];
        DeviceKey cells{key.seed, key.trial, key.matrix * count + 2 * s};
        read_matrix(spec.device, scale, cells, slice.positive, slice.positive_variance, read);
        if (slice.negative.size() == 0) continue;
        ++cells.tile;
        read_matrix(spec.device, scale, cells, slice.negative, slice.negative_variance, read);
    }
    return read;
}

}  // namespace mho::flows
