// SPDX-License-Identifier: Apache-2.0
#include "behavioral/bit_serial.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "behavioral/column_currents.h"
#include "behavioral/continuous_code.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::MatrixXi;

// Of one step, above the start voltage.
double integrated_volt(const IntegratorModel& model, double ampere, double before_ampere) {
    const std::vector<double>& at = model.bit_ampere;
    const auto above = std::upper_bound(at.begin() + 1, at.end() - 1, ampere);
    const auto k = static_cast<std::size_t>(above - at.begin());
    const double slope = (model.bit_volt[k] - model.bit_volt[k - 1]) / (at[k] - at[k - 1]);
    return model.bit_volt[k] + slope * (ampere - at[k]) +
           model.memory_ohm * (before_ampere - ampere);
}

// Straight lines through points, level outside.
double interpolated(const std::vector<double>& x, const std::vector<double>& y, double at) {
    if (at <= x.front()) return y.front();
    if (at >= x.back()) return y.back();
    const auto above = std::upper_bound(x.begin(), x.end(), at);
    const auto k = static_cast<std::size_t>(above - x.begin());
    return y[k - 1] + (at - x[k - 1]) / (x[k] - x[k - 1]) * (y[k] - y[k - 1]);
}

// Counters of columns that hold `volt` on one ramp, the reference last; those of its comparators
// that no column has stand where they stood when the converter was measured.
Eigen::RowVectorXd ramp_counters(const BitSerialModel& model, const Eigen::RowVectorXd& volt) {
    const RampSharing& sharing = model.sharing;
    const auto pushed = [&](double u) { return interpolated(sharing.volt, sharing.count, u); };
    const auto idle = static_cast<double>(std::max<Index>(0, sharing.others + 1 - volt.size()));
    Eigen::RowVectorXd counters(volt.size());
    for (Index j = 0; j < volt.size(); ++j) {
        counters(j) = continuous_code(model.adc, volt(j)) +
                      (idle - sharing.others) * pushed(volt(j) - sharing.others_volt);
        for (Index i = 0; i < volt.size(); ++i) {
            if (i != j) counters(j) += pushed(volt(j) - volt(i));
        }
    }
    counters(volt.size() - 1) += sharing.reference_count;
    return counters;
}

// Counters and held voltages are those of all columns, the reference last.
BitSerialJoules energy_of(const BitSerialEnergy& model, const Eigen::VectorXi& codes,
                          double ampere_bits, const Eigen::RowVectorXd& counters,
                          double held_volts) {
    const auto columns = static_cast<double>(counters.cols() - 1);
    int swings = 0;
    for (const int code : codes) swings += gate_swings(code);
    BitSerialJoules joule;
    joule.gate_lines = swings * model.gate_joule;
    joule.cells = ampere_bits * model.cell_volt_second + columns * swings * model.cell_swing_joule;
    joule.integrators =
        (columns + 1) * model.integrator_joule + ampere_bits * model.integrator_volt_second;
    joule.accumulators = (columns + 1) * model.accumulator_joule;
    joule.holds = (columns + 1) * model.hold_joule + held_volts * model.hold_joule_per_volt;
    const auto comparator = [&](double counter) {
        return model.comparator_joule +
               counter * (model.comparator_joule_per_code +
                          counter * model.comparator_joule_per_square_code);
    };
    for (const double counter : counters) joule.comparators += comparator(counter);
    joule.ramp = model.ramp_joule;
    return joule;
}

}  // namespace

double BitSerialJoules::total() const {
    return gate_lines + cells + integrators + accumulators + holds + comparators + ramp;
}

int gate_swings(int code) {
    int count = 0;
    for (bool before = false; code > 0; code >>= 1) {
        const bool now = code % 2 == 1;
        count += now && !before ? 1 : 0;
        before = now;
    }
    return count;
}

double held_volt(const IntegratorModel& model, std::span<const double> ampere) {
    if (static_cast<int>(ampere.size()) != model.bits) {
        throw bad_input("integrator: expected the currents of {} bits, found {}", model.bits,
                        ampere.size());
    }
    double sum = 0, before = 0;
    for (const double now : ampere) {
        sum = model.sum_offset_volt + model.sum_keep * sum +
              model.sum_take * integrated_volt(model, now, before);
        before = now;
    }
    return model.held_offset_volt + model.held_gain * sum;
}

int bit_serial_code_max(const BitSerialModel& model) {
    const double codes = std::ldexp(1.0, model.adc.bits);
    const double zero = (model.integrator.start_volt - model.adc.ideal_low_volt) /
                        (model.adc.ideal_high_volt - model.adc.ideal_low_volt) * codes;
    return std::max(0, static_cast<int>(std::floor(codes - 1 - zero)));
}

MatrixXd gates_of_bits(const MatrixXi& codes, int bits) {
    const int top = (1 << bits) - 1;
    MatrixXd gates(codes.rows(), codes.cols() * bits);
    for (Index v = 0; v < codes.cols(); ++v) {
        for (Index i = 0; i < codes.rows(); ++i) {
            const int code = codes(i, v);
            if (code < 0 || code > top) {
                throw bad_input("bit-serial inputs: expected codes from 0 to {}, found {}", top,
                                code);
            }
            for (int k = 0; k < bits; ++k) gates(i, v * bits + k) = (code >> k) % 2;
        }
    }
    return gates;
}

MatrixXd bit_currents(const ModelCard& card, const MatrixXd& states, const MatrixXi& codes) {
    const IntegratorModel& integrator = card.bit_serial.integrator;
    if (integrator.bits == 0) {
        throw bad_input("{}: the card's columns are not read by integrators",
                        card.provenance.spec_name);
    }
    // Where the columns stand, the cells have that much less.
    ModelCard raised = card;
    raised.driver.amplitude_volt -= integrator.input_offset_volt;
    return column_currents(raised, states, gates_of_bits(codes, integrator.bits));
}

BitSerialProducts bit_serial_products(const ModelCard& card, const MatrixXd& states,
                                      const MatrixXi& codes) {
    const MatrixXd ampere = bit_currents(card, states, codes);
    const BitSerialModel& model = card.bit_serial;
    const IntegratorModel& integrator = model.integrator;
    const int bits = integrator.bits, most = bit_serial_code_max(model);
    const std::vector<double> none(static_cast<std::size_t>(bits), 0.0);
    const Index columns = states.cols();
    Eigen::RowVectorXd volt(columns + 1);  // the reference column last
    volt(columns) = held_volt(integrator, none);
    BitSerialProducts products;
    products.reference_held_volt = volt(columns);
    products.held_volt.resize(codes.cols(), columns);
    products.counter.resize(codes.cols(), columns);
    products.codes.resize(codes.cols(), columns);
    for (Index v = 0; v < codes.cols(); ++v) {
        const auto steps = ampere.middleRows(v * bits, bits);
        for (Index j = 0; j < columns; ++j) {
            const double* column = ampere.col(j).data() + v * bits;
            volt(j) = held_volt(integrator, {column, static_cast<std::size_t>(bits)});
        }
        products.held_volt.row(v) = volt.head(columns);
        const Eigen::RowVectorXd counters = ramp_counters(model, volt);
        for (Index j = 0; j < columns; ++j) {
            const double after = std::max(0.0, counters(j) - counters(columns));
            products.counter(v, j) = after;
            products.codes(v, j) = static_cast<int>(std::min<double>(after, most));
        }
        products.energy.push_back(
            energy_of(model.energy, codes.col(v), steps.sum(), counters, volt.sum()));
    }
    return products;
}

}  // namespace mho::behavioral
