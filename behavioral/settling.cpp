// SPDX-License-Identifier: Apache-2.0
#include "behavioral/settling.h"

#include <Eigen/Dense>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "base/error.h"

namespace mho::behavioral {
namespace {

using Complex = std::complex<double>;
using Eigen::Index;
using Eigen::VectorXd;

// Coefficients in rising powers of s times the unit of time.
VectorXd in_units(const std::vector<double>& coefficients, double unit_second, Index first_power) {
    VectorXd scaled(static_cast<Index>(coefficients.size()));
    double power = std::pow(unit_second, static_cast<double>(first_power));
    for (Index k = 0; k < scaled.size(); ++k) {
        scaled(k) = coefficients[static_cast<std::size_t>(k)] / power;
        power *= unit_second;
    }
    return scaled;
}

Complex value_at(const VectorXd& coefficients, Complex s) {
    Complex sum = 0;
    for (Index k = coefficients.size(); k-- > 0;) sum = sum * s + coefficients(k);
    return sum;
}

VectorXd derivative(const VectorXd& coefficients) {
    VectorXd slope(coefficients.size() - 1);
    for (Index k = 0; k < slope.size(); ++k)
        slope(k) = static_cast<double>(k + 1) * coefficients(k + 1);
    return slope;
}

// Eigenvalues of the companion matrix.
Eigen::VectorXcd roots(VectorXd coefficients) {
    Index degree = coefficients.size() - 1;
    while (degree > 0 && coefficients(degree) == 0) --degree;
    Eigen::MatrixXd companion = Eigen::MatrixXd::Zero(degree, degree);
    for (Index k = 0; k < degree; ++k) {
        companion(0, k) = -coefficients(degree - 1 - k) / coefficients(degree);
    }
    companion.bottomLeftCorner(degree - 1, degree - 1).diagonal().setOnes();
    return companion.eigenvalues();
}

std::vector<double> between(const std::vector<double>& a, const std::vector<double>& b,
                            double part) {
    std::vector<double> mixed(a.size());
    for (std::size_t k = 0; k < a.size(); ++k) mixed[k] = a[k] + part * (b[k] - a[k]);
    return mixed;
}

ReadoutDynamics at_ampere(const TimingModel& timing, double ampere) {
    const ReadoutDynamics& rest = timing.resting;
    const ReadoutDynamics& end = ampere < rest.ampere ? timing.sourcing : timing.sinking;
    const double part = std::clamp((ampere - rest.ampere) / (end.ampere - rest.ampere), 0.0, 1.0);
    return {ampere, between(rest.denominator, end.denominator, part),
            between(rest.input_ohm, end.input_ohm, part),
            between(rest.transfer_ohm, end.transfer_ohm, part)};
}

// Distance from the end over time, volt: the real part of sum over k of weight exp(rate t), t in
// units of `unit_second`.
struct Decay {
    double unit_second = 0;
    Eigen::VectorXcd rate, weight;

    double at(double second) const {
        const double t = second / unit_second;
        Complex sum = 0;
        for (Index k = 0; k < rate.size(); ++k) sum += weight(k) * std::exp(rate(k) * t);
        return std::abs(sum.real());
    }
};

Decay decay_after_step(const TimingModel& timing, const ColumnPort& port, double ampere) {
    const ReadoutDynamics dynamics = at_ampere(timing, ampere);
    Decay decay;
    decay.unit_second = std::abs(dynamics.denominator.front());
    const double unit = decay.unit_second;
    const VectorXd input = in_units(dynamics.input_ohm, unit, 0);
    const VectorXd transfer = in_units(dynamics.transfer_ohm, unit, 0);
    VectorXd loop(input.size() + 1);
    loop << 1, in_units(dynamics.denominator, unit, 1);
    loop.head(input.size()) += port.siemens * input;
    loop.tail(input.size()) += port.farad / unit * input;
    const VectorXd slope = derivative(loop);
    decay.rate = roots(loop);
    decay.weight.resize(decay.rate.size());
    const double edge = timing.edge_second / unit;
    for (Index k = 0; k < decay.rate.size(); ++k) {
        const Complex rate = decay.rate(k);
        if (!(rate.real() < 0)) {
            throw bad_input(
                "settling: the read-out is unstable with a column of {:.3g} S and "
                "{:.3g} F",
                port.siemens, port.farad);
        }
        decay.weight(k) = ampere * value_at(transfer, rate) / (rate * value_at(slope, rate));
        // The mean over steps at all times of the edge.
        if (edge > 0) decay.weight(k) *= (1.0 - std::exp(-rate * edge)) / (rate * edge);
    }
    return decay;
}

}  // namespace

double half_lsb_volt(const AdcModel& adc) {
    return std::ldexp(adc.ideal_high_volt - adc.ideal_low_volt, -adc.bits - 1);
}

ColumnPort column_port(const ArrayModel& array, const TimingModel& timing,
                       std::span<const double> g_siemens) {
    const double ohm = array.column_segment_ohm;
    // Seen from the node of each cell away from the read-out.
    std::vector<double> seen;
    double behind = 0;
    for (const double g : g_siemens) {
        behind = g / (1 + g * array.driver_ohm) + behind / (1 + ohm * behind);
        seen.push_back(behind);
    }
    ColumnPort port;
    port.siemens = behind / (1 + ohm * behind);
    double volt = 1;
    for (std::size_t k = seen.size(); k-- > 0;) {
        volt /= 1 + ohm * seen[k];
        port.farad += timing.column_farad * volt * volt;
    }
    return port;
}

double settling_second(const TimingModel& timing, const ColumnPort& port, double ampere,
                       double band_volt) {
    if (timing.resting.denominator.empty()) {
        throw bad_input("settling: the card has no dynamics of the read-out");
    }
    if (!(band_volt > 0)) throw bad_input("settling: band {}, expected volt > 0", band_volt);
    if (ampere == 0) return 0;
    const Decay decay = decay_after_step(timing, port, ampere);
    const double total = decay.weight.cwiseAbs().sum();
    if (!(total > band_volt)) return 0;
    // Nothing is outside after `late`.
    const double slowest = -1 / decay.rate.real().maxCoeff();
    double late = slowest * std::log(total / band_volt) * decay.unit_second;
    constexpr int kSteps = 5000;
    const double step = late / kSteps;
    double before = late;
    while (before > 0 && decay.at(before) <= band_volt) {
        late = before;
        before -= step;
    }
    if (before <= 0) return 0;
    for (int halving = 0; halving < 50; ++halving) {
        const double middle = 0.5 * (before + late);
        (decay.at(middle) > band_volt ? before : late) = middle;
    }
    return late;
}

}  // namespace mho::behavioral
