// SPDX-License-Identifier: Apache-2.0
#include "flows/device_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "behavioral/device_state.h"

namespace mho::flows {
namespace {

using behavioral::Conditions;
using behavioral::DeviceModel;
using behavioral::ProgrammedCells;
using behavioral::StateStatistics;

constexpr int kDeviceCurvePoints = 161;
constexpr double kDaySecond = 86400;
constexpr double kYear = 365.25 * kDaySecond;
constexpr std::uint64_t kSeed = 1;

std::vector<double> spread_out(double low, double high, int count) {
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(low + (high - low) * i / (count - 1));
    return values;
}

std::vector<double> decades(double low, double high, int count) {
    std::vector<double> values = spread_out(std::log10(low), std::log10(high), count);
    for (double& value : values) value = std::pow(10.0, value);
    return values;
}

std::string quantity_of(const DeviceModel& device) {
    return device.state.unit == behavioral::StateUnit::microsiemens ? "conductance" : "current";
}

std::string state_text(const DeviceModel& device, double state) {
    return fmt::format("{:.4g} {}", state, unit_of(device));
}

Eigen::ArrayXd array_of(const std::vector<double>& values) {
    return Eigen::Map<const Eigen::ArrayXd>(values.data(),
                                            static_cast<Eigen::Index>(values.size()));
}

std::vector<double> vector_of(const Eigen::ArrayXd& values) {
    return {values.data(), values.data() + values.size()};
}

// Cells of each target in a row of their own.
ProgrammedCells sample(const DeviceModel& device, const std::vector<double>& targets, int cells) {
    const Eigen::MatrixXd siemens = (array_of(targets) * behavioral::siemens_per_unit(device.state))
                                        .matrix()
                                        .replicate(1, cells);
    return behavioral::program(device, siemens, {kSeed, 0, 0});
}

// Times of a drift plot, in its unit, and how the axis shows them.
struct TimeAxis {
    std::vector<double> seconds;
    double shown_per_second = 1;
    bool logarithmic = true;
    std::string label = "time since programming (s)";
};

TimeAxis time_axis(const DeviceModel& device) {
    const double last = longest_second(device);
    const auto* measured = std::get_if<behavioral::MeasuredDrift>(&device.drift.law);
    if (measured == nullptr) {
        double first = last / 1e8;
        if (const auto* law = std::get_if<behavioral::PowerLawDrift>(&device.drift.law)) {
            first = law->offset_second > 0 ? 1 : law->programmed_second;
        }
        return {decades(first, last, kDeviceCurvePoints)};
    }
    const bool days = last >= kDaySecond;
    return {spread_out(0, last, kDeviceCurvePoints), days ? 1 / kDaySecond : 1, false,
            fmt::format("time since programming ({})", days ? "days" : "s")};
}

// One line per state against x, from value(x, state); x as shown.
template <typename Value>
std::vector<Series> lines_of(const DeviceModel& device, const std::vector<double>& x,
                             const std::vector<double>& shown, Value value) {
    std::vector<Series> lines;
    // Most weights are small: more lines among the low states.
    for (const double share : {0.0, 1.0 / 16, 1.0 / 4, 1.0 / 2, 1.0}) {
        const double state = device.state.low + share * (device.state.high - device.state.low);
        Series line{state_text(device, state), Mark::line, shown, {}};
        for (const double at : x) line.y.push_back(value(at, state));
        lines.push_back(std::move(line));
    }
    return lines;
}

double percent(const DeviceModel& device, double state) {
    return 100 * state / device.state.high;
}

// What a drift plot shows of the mean and deviation of cells of a state.
using Shown = double (*)(const DeviceModel&, const StateStatistics&, double);

double shown_shift(const DeviceModel& device, const StateStatistics& cells, double state) {
    return percent(device, cells.mean(0) - state);
}

double shown_spread(const DeviceModel& device, const StateStatistics& cells, double) {
    return percent(device, cells.sigma(0));
}

XyPlot time_plot(const DeviceModel& device, Shown shown) {
    const TimeAxis axis = time_axis(device);
    std::vector<double> x = axis.seconds;
    for (double& value : x) value *= axis.shown_per_second;
    XyPlot plot;
    plot.x_label = axis.label;
    plot.log_x = axis.logarithmic;
    plot.series = lines_of(device, axis.seconds, x, [&](double second, double state) {
        return shown(device, behavioral::drift_statistics(device, array_of({state}), second),
                     state);
    });
    return plot;
}

XyPlot dose_curves(const DeviceModel& device, Shown shown) {
    double last = 5000;  // gray: 500 krad, as far as the digital memory was followed
    if (const auto* maps = std::get_if<behavioral::DoseMaps>(&device.radiation->law)) {
        last = maps->maps.back().at;
    }
    const std::vector<double> gray = spread_out(0, last, kDeviceCurvePoints);
    std::vector<double> x = gray;
    for (double& value : x) value /= behavioral::kGrayPerKrad;
    XyPlot plot;
    plot.x_label = "total ionizing dose (krad(Si))";
    plot.series = lines_of(device, gray, x, [&](double dose, double state) {
        return shown(device, behavioral::dose_statistics(device, array_of({state}), dose), state);
    });
    return plot;
}

// Sorted states of one row of cells against their cumulated share.
Series distribution(const Eigen::MatrixXd& siemens, Eigen::Index row, double unit, Mark mark) {
    Series series;
    series.mark = mark;
    for (Eigen::Index j = 0; j < siemens.cols(); ++j) series.x.push_back(siemens(row, j) / unit);
    std::sort(series.x.begin(), series.x.end());
    for (std::size_t k = 0; k < series.x.size(); ++k) {
        series.y.push_back((static_cast<double>(k) + 0.5) / static_cast<double>(series.x.size()));
    }
    return series;
}

}  // namespace

bool drifts(const DeviceModel& device) {
    return !std::holds_alternative<std::monostate>(device.drift.law);
}

double longest_second(const DeviceModel& device) {
    if (const auto* measured = std::get_if<behavioral::MeasuredDrift>(&device.drift.law)) {
        return measured->maps.back().at;
    }
    if (const auto* law = std::get_if<behavioral::PowerLawDrift>(&device.drift.law)) {
        return std::max(kYear, 100 * law->programmed_second);
    }
    if (const auto* law = std::get_if<behavioral::RelaxationDrift>(&device.drift.law)) {
        return 10 * law->tau_second;
    }
    return 0;
}

std::string duration_text(double second) {
    if (second == kYear) return "1 year";
    if (second > kYear) return fmt::format("{:.3g} years", second / kYear);
    if (second == kDaySecond) return "1 day";
    if (second > kDaySecond) return fmt::format("{:.3g} days", second / kDaySecond);
    return fmt::format("{:.4g} s", second);
}

std::vector<double> states_across(const DeviceModel& device, int count) {
    return spread_out(device.state.low, device.state.high, count);
}

XyPlot target_plot(const DeviceModel& device) {
    constexpr int kTargets = 33;
    constexpr int kCells = 40;
    const std::vector<double> targets = states_across(device, kTargets);
    const ProgrammedCells cells = sample(device, targets, kCells);
    const double unit = behavioral::siemens_per_unit(device.state);
    XyPlot plot;
    plot.title = "Programmed against target";
    plot.x_label = fmt::format("target {} ({})", quantity_of(device), unit_of(device));
    plot.y_label = fmt::format("programmed {} ({})", quantity_of(device), unit_of(device));
    Series points{"cells", Mark::points, {}, {}};
    for (Eigen::Index i = 0; i < cells.siemens.rows(); ++i) {
        for (Eigen::Index j = 0; j < cells.siemens.cols(); ++j) {
            points.x.push_back(targets[static_cast<std::size_t>(i)]);
            points.y.push_back(cells.siemens(i, j) / unit);
        }
    }
    plot.series = {std::move(points),
                   {"target",
                    Mark::dashes,
                    {targets.front(), targets.back()},
                    {targets.front(), targets.back()}}};
    return plot;
}

XyPlot sigma_plot(const DeviceModel& device) {
    const std::vector<double> states = states_across(device, kDeviceCurvePoints);
    const Eigen::ArrayXd all = array_of(states);
    XyPlot plot;
    plot.title = "Standard deviation against state";
    plot.x_label = fmt::format("{} ({})", quantity_of(device), unit_of(device));
    plot.y_label = fmt::format("standard deviation ({})", unit_of(device));
    const auto add = [&](const std::string& label, const Eigen::ArrayXd& sigma) {
        plot.series.push_back({label, Mark::line, states, vector_of(sigma)});
    };
    add(device.write_verify ? "one write" : "programmed",
        behavioral::drift_statistics(device, all, 0).sigma);
    if (drifts(device)) {
        const double last = longest_second(device);
        add("after " + duration_text(last), behavioral::drift_statistics(device, all, last).sigma);
    }
    if (device.read_noise) {
        const double unit = behavioral::siemens_per_unit(device.state);
        const Eigen::MatrixXd now = (all * unit).matrix();
        const bool slow = device.read_noise->resampling == behavioral::Resampling::each_time;
        const double second = slow ? kDaySecond : 0;
        add(slow ? "noise after 1 day" : "each read",
            behavioral::read_noise_sigma(device, now, now, second).array() / unit);
    }
    double top = 0;
    for (const Series& series : plot.series) {
        top = std::max(top, *std::max_element(series.y.begin(), series.y.end()));
    }
    if (top > 0) plot.y_range = Range{0, 1.1 * top};
    return plot;
}

XyPlot drift_plot(const DeviceModel& device) {
    XyPlot plot = time_plot(device, shown_shift);
    plot.title = "Drift of the mean";
    plot.y_label = "shift (% of highest state)";
    plot.zero_line = true;
    return plot;
}

XyPlot drift_spread_plot(const DeviceModel& device) {
    XyPlot plot = time_plot(device, shown_spread);
    plot.title = "Spread over time";
    plot.y_label = "deviation (% of highest state)";
    return plot;
}

XyPlot retention_plot(const DeviceModel& device) {
    constexpr double kStepCelsius = 30;
    const double reference = device.retention->reference_celsius;
    XyPlot plot;
    plot.title = "Retention of the highest state";
    plot.x_label = "time since programming (s)";
    plot.y_label = "mean (% of highest state)";
    plot.log_x = true;
    const std::vector<double> seconds = decades(1, 10 * kYear, kDeviceCurvePoints);
    for (int k = 0; k < 4; ++k) {
        const double celsius = reference + kStepCelsius * k;
        Series line{fmt::format("{:.4g} \u00b0C", celsius), Mark::line, seconds, {}};
        for (const double second : seconds) {
            const double equivalent = behavioral::equivalent_second(device, second, celsius);
            const StateStatistics cells =
                behavioral::drift_statistics(device, array_of({device.state.high}), equivalent);
            line.y.push_back(percent(device, std::max(0.0, cells.mean(0))));
        }
        plot.series.push_back(std::move(line));
    }
    return plot;
}

XyPlot distribution_plot(const DeviceModel& device) {
    constexpr int kCells = 400;
    const std::vector<double> targets = states_across(device, 5);
    const ProgrammedCells cells = sample(device, targets, kCells);
    const double unit = behavioral::siemens_per_unit(device.state);
    XyPlot plot;
    plot.title = "Distribution of programmed states";
    plot.x_label = fmt::format("{} ({})", quantity_of(device), unit_of(device));
    plot.y_label = "share of cells below";
    plot.y_range = Range{0, 1};
    for (Eigen::Index row = 0; row < cells.siemens.rows(); ++row) {
        plot.series.push_back(distribution(cells.siemens, row, unit, Mark::line));
    }
    if (!drifts(device)) return plot;
    const double last = longest_second(device);
    const Eigen::MatrixXd later = behavioral::states_at(device, cells, {last, {}, 0});
    for (Eigen::Index row = 0; row < later.rows(); ++row) {
        Series series = distribution(later, row, unit, Mark::dashes);
        if (row == 0) series.label = "after " + duration_text(last);
        plot.series.push_back(std::move(series));
    }
    return plot;
}

XyPlot dose_plot(const DeviceModel& device) {
    XyPlot plot = dose_curves(device, shown_shift);
    plot.title = "Shift by ionizing dose";
    plot.y_label = "shift (% of highest state)";
    plot.zero_line = true;
    return plot;
}

XyPlot dose_spread_plot(const DeviceModel& device) {
    XyPlot plot = dose_curves(device, shown_spread);
    plot.title = "Spread added by ionizing dose";
    plot.y_label = "deviation (% of highest state)";
    return plot;
}

XyPlot current_plot(const DeviceModel& device) {
    const double most = device.current->max_volt;
    const std::vector<double> volts = spread_out(-most, most, kDeviceCurvePoints);
    XyPlot plot;
    plot.title = "Current of a cell";
    plot.x_label = "voltage (V)";
    plot.y_label = "current (\u00b5A)";
    plot.zero_line = true;
    plot.series = lines_of(device, volts, volts, [&](double volt, double state) {
        const double siemens = state * behavioral::siemens_per_unit(device.state);
        return 1e6 * behavioral::cell_current(device, siemens, volt);
    });
    return plot;
}

XyPlot pulses_plot(const DeviceModel& device) {
    constexpr int kCells = 2000;
    const std::vector<double> targets = states_across(device, 5);
    const ProgrammedCells cells = sample(device, targets, kCells);
    XyPlot plot;
    plot.title = "Pulses until a cell is done";
    plot.x_label = "pulses";
    plot.y_label = "share of cells with at most so many";
    plot.y_range = Range{0, 1};
    for (Eigen::Index row = 0; row < cells.pulses.rows(); ++row) {
        Series line{state_text(device, targets[static_cast<std::size_t>(row)]), Mark::line, {}, {}};
        for (int pulse = 0; pulse <= device.write_verify->max_pulses; ++pulse) {
            const auto done = static_cast<double>((cells.pulses.row(row).array() <= pulse).count());
            line.x.push_back(pulse);
            line.y.push_back(done / kCells);
        }
        plot.series.push_back(std::move(line));
    }
    return plot;
}

}  // namespace mho::flows
