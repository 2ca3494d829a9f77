// SPDX-License-Identifier: Apache-2.0
#include "calibrate/technology_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "calibrate/run_pool.h"
#include "netlist/bench_device.h"
#include "spice/waveforms.h"

namespace mho::calibrate {
namespace {

using netlist::Figure;
using spice::Edge;

constexpr double kLinearVolt = 0.05;         // drain voltage of the linear curve
constexpr double kThresholdAmpere = 100e-9;  // drain current at threshold per W/L
constexpr std::size_t kRunsOfDevice = 3;
constexpr std::size_t kRunsOfInverter = 2;

struct DeviceRuns {
    Campaign::Ticket linear = 0, saturated = 0, charge = 0;
};

struct InverterRuns {
    Campaign::Ticket fan_out = 0, ring = 0;
};

double supply_volt(const netlist::Technology& technology, const netlist::DeviceLimits& device) {
    return technology.supply(device.supply).volt;
}

double inverter_volt(const netlist::Technology& technology, const netlist::Inverter& inverter) {
    return supply_volt(technology, technology.device(inverter.n_model));
}

std::string name_of(const netlist::ProcessPoint& point, std::string_view subject) {
    return fmt::format("{} at {}, {} C", subject, point.corner, point.temperature_celsius);
}

DeviceRuns plan_device(const netlist::Technology& technology, const netlist::ProcessPoint& point,
                       const netlist::DeviceLimits& device, Campaign& campaign) {
    const double supply = supply_volt(technology, device);
    return {campaign.submit(transfer_bench(technology, point, device.name, kLinearVolt)),
            campaign.submit(transfer_bench(technology, point, device.name, supply)),
            campaign.submit(gate_charge_bench(technology, point, device.name))};
}

// A transfer curve as magnitudes: the gate voltage rises, below the source it is negative.
struct Transfer {
    std::vector<double> gate_volt;
    std::vector<double> drain_ampere;
    std::string name;

    double ampere_at(double volt) const { return spice::value_at(gate_volt, drain_ampere, volt); }
    // Interpolated in the logarithm of the current.
    double volt_at(double ampere) const {
        for (std::size_t k = 1; k < gate_volt.size(); ++k) {
            const double low = drain_ampere[k - 1], high = drain_ampere[k];
            if (!(low < ampere && ampere <= high)) continue;
            const double part = std::log(ampere / low) / std::log(high / low);
            return gate_volt[k - 1] + part * (gate_volt[k] - gate_volt[k - 1]);
        }
        throw simulator_error(
            "{}: no gate voltage between {:.3g} and {:.3g} V where the drain "
            "current rises through {:.3g} A",
            name, gate_volt.front(), gate_volt.back(), ampere);
    }
};

Transfer transfer_of(const spice::Waveforms& waves, bool is_p, std::string name) {
    Transfer transfer{waves.columns[0], waves["i(vd)"], std::move(name)};
    for (double& volt : transfer.gate_volt) volt = is_p ? -volt : volt;
    // Never exactly 0, so that the logarithm exists.
    for (double& ampere : transfer.drain_ampere) ampere = std::max(std::abs(ampere), 1e-30);
    return transfer;
}

void measure_device(const DeviceRuns& runs, const netlist::Technology& technology,
                    const netlist::DeviceLimits& device, const Campaign& campaign,
                    TechnologyMeasurement& result) {
    const std::string name = name_of(result.point, device.name);
    const Transfer linear = transfer_of(campaign[runs.linear], device.is_p, name);
    const Transfer saturated = transfer_of(campaign[runs.saturated], device.is_p, name);
    const double width_m = netlist::bench_width_m(device);
    const double width_um = 1e6 * width_m;
    const double threshold = kThresholdAmpere * width_m / device.min_length_m;
    const double supply = supply_volt(technology, device);
    const double vth_linear = linear.volt_at(threshold);
    const double vth_saturated = saturated.volt_at(threshold);
    const spice::Waveforms& charge = campaign[runs.charge];
    const std::vector<double>& time = charge["time"];
    const double coulomb = -spice::integrate(time, charge["i(vg)"], time.front(), time.back());
    const auto add = [&](Figure figure, double value) {
        result.figures.push_back({device.name, figure, value});
    };
    add(Figure::vth_linear, vth_linear);
    add(Figure::vth_saturated, vth_saturated);
    add(Figure::i_on, saturated.drain_ampere.back() / width_um);
    add(Figure::i_off, saturated.ampere_at(0) / width_um);
    add(Figure::dibl, (vth_linear - vth_saturated) / (supply - kLinearVolt));
    add(Figure::slope, saturated.volt_at(1e-2 * threshold) - saturated.volt_at(1e-3 * threshold));
    add(Figure::c_gate, coulomb / netlist::kGateStepVolt / width_um);
}

// Mean over the whole periods of the second half, when the start is forgotten.
double ring_hertz(const spice::Waveforms& waves, double supply, const std::string& name) {
    const std::vector<double>& time = waves["time"];
    const auto next = [&](Edge edge, double from) {
        return spice::crossing_time(time, waves["v(n_0)"], 0.5 * supply, edge, from);
    };
    const std::optional<double> first = next(Edge::rising, 0.5 * time.back());
    double last = first.value_or(0);
    int periods = 0;
    for (std::optional<double> edge = first; edge; ++periods) {
        last = *edge;
        edge = next(Edge::falling, last);
        if (edge) edge = next(Edge::rising, *edge);
    }
    --periods;  // between the edges
    if (periods < 2) {
        throw simulator_error("{}: the ring of {} does not oscillate", name, netlist::kRingStages);
    }
    return periods / (last - *first);
}

void measure_inverter(const InverterRuns& runs, double supply, const Campaign& campaign,
                      TechnologyMeasurement& result) {
    const std::string subject(netlist::kInverter);
    result.figures.push_back(
        {subject, Figure::fo4, fan_out_delay_second(campaign[runs.fan_out], supply)});
    result.figures.push_back(
        {subject, Figure::ring,
         ring_hertz(campaign[runs.ring], supply, name_of(result.point, subject))});
}

std::size_t planned_runs(const netlist::Technology& technology, bool with_inverter,
                         std::size_t points) {
    return points *
           (kRunsOfDevice * technology.devices.size() + (with_inverter ? kRunsOfInverter : 0));
}

}  // namespace

double TechnologyMeasurement::at(std::string_view subject, Figure figure) const {
    const auto found =
        std::find_if(figures.begin(), figures.end(), [&](const MeasuredFigure& measured) {
            return measured.subject == subject && measured.figure == figure;
        });
    if (found == figures.end()) {
        throw bad_input("{} of '{}' was not measured", netlist::kind_of(figure).title, subject);
    }
    return found->value;
}

double fan_out_delay_second(const spice::Waveforms& waves, double supply_volt) {
    const auto at = [&](const char* vector, Edge edge, double from) {
        const std::optional<double> crossing =
            spice::crossing_time(waves["time"], waves[vector], 0.5 * supply_volt, edge, from);
        if (!crossing) {
            throw simulator_error("chain of inverters: {} does not switch in time", vector);
        }
        return *crossing;
    };
    const double up = at("v(n_2)", Edge::rising, 0);
    const double down = at("v(n_2)", Edge::falling, up);
    return 0.5 * (at("v(n_3)", Edge::falling, up) - up + at("v(n_3)", Edge::rising, down) - down);
}

double gate_time_second(const TechnologyMeasurement& measured,
                        const netlist::Technology& technology, const netlist::Inverter& inverter) {
    return measured.at(inverter.n_model, Figure::c_gate) * inverter_volt(technology, inverter) /
           measured.at(inverter.n_model, Figure::i_on);
}

std::vector<TechnologyMeasurement> measure_technology(
    const netlist::Technology& technology, const std::optional<netlist::Inverter>& inverter,
    std::span<const netlist::ProcessPoint> points, Campaign& campaign) {
    std::vector<DeviceRuns> device_runs;
    for (const netlist::ProcessPoint& point : points) {
        for (const netlist::DeviceLimits& device : technology.devices) {
            device_runs.push_back(plan_device(technology, point, device, campaign));
        }
    }
    campaign.run();
    std::vector<TechnologyMeasurement> results;
    auto runs = device_runs.begin();
    for (const netlist::ProcessPoint& point : points) {
        results.push_back({point, {}});
        for (const netlist::DeviceLimits& device : technology.devices) {
            measure_device(*runs++, technology, device, campaign, results.back());
        }
    }
    if (!inverter) return results;
    std::vector<InverterRuns> inverter_runs;
    for (const TechnologyMeasurement& result : results) {
        const double scale = gate_time_second(result, technology, *inverter);
        inverter_runs.push_back(
            {campaign.submit(fan_out_bench(technology, result.point, *inverter, 4, scale)),
             campaign.submit(ring_bench(technology, result.point, *inverter, scale))});
    }
    campaign.run();
    for (std::size_t i = 0; i < results.size(); ++i) {
        measure_inverter(inverter_runs[i], inverter_volt(technology, *inverter), campaign,
                         results[i]);
    }
    return results;
}

TechnologyCheck check_technology(const netlist::Technology& technology,
                                 const std::optional<netlist::Inverter>& inverter,
                                 std::span<const netlist::ProcessPoint> points,
                                 const CalibrateOptions& options) {
    // Complaints before a worker starts.
    for (const netlist::ProcessPoint& point : points) {
        model_library(technology, point.corner);
        require_temperature(technology, point.temperature_celsius);
    }
    spice::Pool pool = start_pool(options);
    Campaign campaign(pool, options.progress,
                      planned_runs(technology, inverter.has_value(), points.size()));
    TechnologyCheck check;
    check.measurements = measure_technology(technology, inverter, points, campaign);
    check.runs = count_runs(campaign.runs(), pool, options);
    return check;
}

}  // namespace mho::calibrate
