// SPDX-License-Identifier: Apache-2.0
#include "behavioral/card_check.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/error.h"

namespace mho::behavioral {
namespace {

constexpr double kMax = std::numeric_limits<double>::max();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();

class Checker {
  public:
    explicit Checker(std::string_view where) : where_(where) {}

    void number(std::string_view key, double value, double low = -kMax, double high = kMax) const {
        if (value >= low && value <= high) return;
        std::string expected = "a finite number";
        if (low == kTiny) {
            expected = "a finite number > 0";
        } else if (low > -kMax && high < kMax) {
            expected = fmt::format("{} to {}", low, high);
        } else if (low > -kMax) {
            expected = fmt::format("a finite number >= {}", low);
        }
        throw bad_input("{}: {} is {}, expected {}", where_, key, value, expected);
    }
    void positive(std::string_view key, double value) const { number(key, value, kTiny); }
    void not_negative(std::string_view key, double value) const { number(key, value, 0); }
    void count(std::string_view key, int value, int low, int high) const {
        if (value < low || value > high) {
            throw bad_input("{}: {} is {}, expected {} to {}", where_, key, value, low, high);
        }
    }
    std::string_view where() const { return where_; }

  private:
    std::string_view where_;
};

// Smallest value of c0 + c1 x + c2 x^2 for |x| <= x_max.
double smallest(double c0, double c1, double c2, double x_max) {
    const auto at = [&](double x) { return c0 + x * (c1 + x * c2); };
    double least = std::min(at(-x_max), at(x_max));
    if (c2 > 0 && std::abs(c1) <= 2 * c2 * x_max) least = std::min(least, at(-c1 / (2 * c2)));
    return least;
}

void check_rising(const Checker& check, std::string_view key, const std::vector<double>& values) {
    if (values.size() < 2) {
        throw bad_input("{}: {} has {} values, expected at least 2", check.where(), key,
                        values.size());
    }
    for (std::size_t k = 0; k < values.size(); ++k) {
        check.number(fmt::format("{}[{}]", key, k), values[k]);
        if (k > 0 && !(values[k] > values[k - 1])) {
            throw bad_input("{}: {}[{}] is {}, expected more than the one before ({})",
                            check.where(), key, k, values[k], values[k - 1]);
        }
    }
}

void check_table(const Checker& check, const CellTable& table) {
    check_rising(check, "cell.table.state_siemens", table.state_siemens);
    check.positive("cell.table.state_siemens[0]", table.state_siemens.front());
    check_rising(check, "cell.table.volt", table.volt);
    const std::size_t states = table.state_siemens.size(), volts = table.volt.size();
    if (std::find(table.volt.begin(), table.volt.end(), 0.0) == table.volt.end()) {
        throw bad_input("{}: cell.table.volt has no 0, expected one", check.where());
    }
    if (table.ampere.size() != states * volts) {
        throw bad_input(
            "{}: cell.table.ampere has {} values, expected {} for {} states and {} "
            "voltages",
            check.where(), table.ampere.size(), states * volts, states, volts);
    }
    for (std::size_t k = 0; k < table.ampere.size(); ++k) {
        const double ampere = table.ampere[k], volt = table.volt[k % volts];
        const std::string key = fmt::format("cell.table.ampere[{}]", k);
        check.number(key, ampere);
        const bool rises = k % volts == 0 || ampere > table.ampere[k - 1];
        const bool grows =
            k < volts || volt == 0 || std::abs(ampere) > std::abs(table.ampere[k - volts]);
        const bool is_zero_at_zero = (volt == 0) == (ampere == 0);
        if (rises && grows && is_zero_at_zero) continue;
        throw bad_input(
            "{}: {} is {}, expected 0 at 0 V, rising with the voltage, and larger for "
            "a larger state",
            check.where(), key, ampere);
    }
}

void check_access(const Checker& check, const CellLaw& cell) {
    check.not_negative("cell.access_ohm", cell.access_ohm);
    check.number("cell.access_per_volt", cell.access_per_volt);
    check.number("cell.access_per_volt_squared", cell.access_per_volt_squared);
    const double factor =
        smallest(1, cell.access_per_volt, cell.access_per_volt_squared, cell.v_max_volt);
    if (!(factor > 0)) {
        throw bad_input(
            "{}: cell.access_per_volt and access_per_volt_squared make the access resistance fall "
            "to {} of access_ohm within v_max_volt, expected it to stay positive",
            check.where(), factor);
    }
    if (!cell.access_standard_error.empty() && cell.access_standard_error.size() != 3) {
        throw bad_input("{}: cell.access_standard_error has {} values, expected 3", check.where(),
                        cell.access_standard_error.size());
    }
    for (const double error : cell.access_standard_error) {
        check.not_negative("cell.access_standard_error", error);
    }
}

void check_cell(const Checker& check, const CellLaw& cell) {
    check.not_negative("cell.g_min_siemens", cell.g_min_siemens);
    check.positive("cell.g_max_siemens", cell.g_max_siemens);
    check.positive("cell.v_max_volt", cell.v_max_volt);
    check.number("cell.source_weight", cell.source_weight, 0, 1e3);
    if (!(cell.g_max_siemens > cell.g_min_siemens)) {
        throw bad_input("{}: cell.g_max_siemens is {}, expected more than g_min_siemens ({})",
                        check.where(), cell.g_max_siemens, cell.g_min_siemens);
    }
    if (cell.table.empty()) {
        check_access(check, cell);
    } else {
        check_table(check, cell.table);
    }
}

void check_array_and_driver(const Checker& check, const ModelCard& card) {
    check.count("array.rows", card.array.rows, 1, 65536);
    check.count("array.columns", card.array.columns, 1, 65536);
    check.not_negative("array.row_segment_ohm", card.array.row_segment_ohm);
    check.not_negative("array.column_segment_ohm", card.array.column_segment_ohm);
    check.not_negative("array.driver_ohm", card.array.driver_ohm);
    check.not_negative("array.sense_ohm", card.array.sense_ohm);
    check.count("driver.bits", card.driver.bits, 2, 16);
    check.positive("driver.amplitude_volt", card.driver.amplitude_volt);
    check.number("driver.common_mode_volt", card.driver.common_mode_volt);
    check.number("driver.resistance_per_volt", card.driver.resistance_per_volt,
                 -1 / card.driver.amplitude_volt, 1 / card.driver.amplitude_volt);
}

void check_readout(const Checker& check, const ReadoutModel& readout) {
    check.number("readout.input_offset_volt", readout.input_offset_volt);
    check.positive("readout.transimpedance_ohm", readout.transimpedance_ohm);
    check.number("readout.offset_volt", readout.offset_volt);
    check.number("readout.quadratic_per_ampere", readout.quadratic_per_ampere);
    check.number("readout.cubic_per_ampere_squared", readout.cubic_per_ampere_squared);
    check.positive("readout.current_max_ampere", readout.current_max_ampere);
    check.not_negative("readout.noise_volt_rms", readout.noise_volt_rms);
    const double slope = smallest(1, 2 * readout.quadratic_per_ampere,
                                  3 * readout.cubic_per_ampere_squared, readout.current_max_ampere);
    if (!(slope > 0)) {
        throw bad_input(
            "{}: readout.quadratic_per_ampere and cubic_per_ampere_squared make the slope fall to "
            "{} of transimpedance_ohm within current_max_ampere, expected it to stay positive",
            check.where(), slope);
    }
}

void check_adc_mismatch(const Checker& check, const AdcModel& adc) {
    const AdcMismatch& mismatch = adc.mismatch;
    check.count("adc.mismatch.draws", mismatch.draws, 0, std::numeric_limits<int>::max());
    check.not_negative("adc.mismatch.offset_volt_rms", mismatch.offset_volt_rms);
    check.not_negative("adc.mismatch.gain_rms", mismatch.gain_rms);
    const std::size_t bits = mismatch.bit_volt_rms.size();
    if (bits != 0 && bits != static_cast<std::size_t>(adc.bits)) {
        throw bad_input("{}: adc.mismatch.bit_volt_rms has {} values, expected none or {}",
                        check.where(), bits, adc.bits);
    }
    check.count("adc.mismatch.bend_volt_rms: its length",
                static_cast<int>(std::min<std::size_t>(mismatch.bend_volt_rms.size(), 1000)), 0,
                16);
    for (const double volt : mismatch.bit_volt_rms) {
        check.not_negative("adc.mismatch.bit_volt_rms", volt);
    }
    for (const double volt : mismatch.bend_volt_rms) {
        check.not_negative("adc.mismatch.bend_volt_rms", volt);
    }
    const std::size_t shapes =
        static_cast<std::size_t>(mismatch.draws) * (2 + mismatch.bend_volt_rms.size());
    if (!mismatch.shapes.empty() && (mismatch.shapes.size() != shapes || bits != 0)) {
        throw bad_input(
            "{}: adc.mismatch.shapes has {} values, expected none, or of a ramp {}, one "
            "for offset, gain and each bend of every draw",
            check.where(), mismatch.shapes.size(), shapes);
    }
    for (const double value : mismatch.shapes) check.number("adc.mismatch.shapes", value);
}

void check_adc(const Checker& check, const AdcModel& adc) {
    check.count("adc.bits", adc.bits, 2, 16);
    const std::size_t expected = (std::size_t{1} << adc.bits) - 1;
    if (adc.transition_volt.size() != expected) {
        throw bad_input("{}: adc.transition_volt has {} values, expected {} for {} bits",
                        check.where(), adc.transition_volt.size(), expected, adc.bits);
    }
    for (std::size_t k = 0; k < expected; ++k) {
        check.number(fmt::format("adc.transition_volt[{}]", k), adc.transition_volt[k]);
        if (k > 0 && !(adc.transition_volt[k] > adc.transition_volt[k - 1])) {
            throw bad_input(
                "{}: adc.transition_volt[{}] is {}, expected more than the one before ({})",
                check.where(), k, adc.transition_volt[k], adc.transition_volt[k - 1]);
        }
    }
    check.not_negative("adc.noise_volt_rms", adc.noise_volt_rms);
    check.not_negative("adc.regeneration_second", adc.regeneration_second);
    check.not_negative("adc.unresolved_volt", adc.unresolved_volt);
    check_adc_mismatch(check, adc);
    check.number("adc.ideal_low_volt", adc.ideal_low_volt);
    check.number("adc.ideal_high_volt", adc.ideal_high_volt);
    if (!(adc.ideal_high_volt > adc.ideal_low_volt)) {
        throw bad_input("{}: adc.ideal_high_volt is {}, expected more than ideal_low_volt ({})",
                        check.where(), adc.ideal_high_volt, adc.ideal_low_volt);
    }
}

void check_converter(const Checker& check, const ConverterModel& converter, int bits) {
    const std::size_t codes = std::size_t{1} << bits;
    if (converter.code_joule.size() != codes) {
        throw bad_input("{}: converter.code_joule has {} values, expected {} for {} bits",
                        check.where(), converter.code_joule.size(), codes, bits);
    }
    for (std::size_t k = 0; k < codes; ++k) {
        check.not_negative(fmt::format("converter.code_joule[{}]", k), converter.code_joule[k]);
    }
    check.not_negative("converter.first_second", converter.first_second);
    check.not_negative("converter.second_per_code", converter.second_per_code);
    check.not_negative("converter.conversion_second", converter.conversion_second);
    check.not_negative("converter.logic_joule", converter.logic_joule);
}

void check_numbers(const Checker& check, const std::string& key,
                   const std::vector<double>& values) {
    for (std::size_t k = 0; k < values.size(); ++k) {
        check.number(fmt::format("{}[{}]", key, k), values[k]);
    }
}

void check_one_dynamics(const Checker& check, const std::string& key, const ReadoutDynamics& one,
                        std::size_t order) {
    check.number(key + ".ampere", one.ampere);
    check_numbers(check, key + ".denominator", one.denominator);
    check_numbers(check, key + ".input_ohm", one.input_ohm);
    check_numbers(check, key + ".transfer_ohm", one.transfer_ohm);
    for (const auto* list : {&one.denominator, &one.input_ohm, &one.transfer_ohm}) {
        if (list->size() == order) continue;
        throw bad_input("{}: {} has lists of {}, {} and {} values, expected {} each", check.where(),
                        key, one.denominator.size(), one.input_ohm.size(), one.transfer_ohm.size(),
                        order);
    }
}

void check_dynamics(const Checker& check, const TimingModel& timing) {
    const std::size_t order = timing.resting.denominator.size();
    check_one_dynamics(check, "timing.sourcing", timing.sourcing, order);
    check_one_dynamics(check, "timing.resting", timing.resting, order);
    check_one_dynamics(check, "timing.sinking", timing.sinking, order);
    if (order > 16) {
        throw bad_input("{}: timing.resting is of order {}, expected at most 16", check.where(),
                        order);
    }
    if (order > 0 && !(timing.sourcing.ampere < timing.resting.ampere &&
                       timing.resting.ampere < timing.sinking.ampere)) {
        throw bad_input("{}: timing.sourcing, resting and sinking do not have rising currents",
                        check.where());
    }
    for (std::size_t k = 0; k < timing.between.size(); ++k) {
        const ReadoutDynamics& one = timing.between[k];
        check_one_dynamics(check, fmt::format("timing.between[{}]", k), one, order);
        const double low = k == 0 ? timing.sourcing.ampere : timing.between[k - 1].ampere;
        if (!(one.ampere > low && one.ampere < timing.sinking.ampere)) {
            throw bad_input(
                "{}: timing.between[{}].ampere is {}, expected rising currents between those of "
                "sourcing and sinking",
                check.where(), k, one.ampere);
        }
    }
}

void check_mixed_dynamics(const Checker& check, const TimingModel& timing) {
    double sum = 0;
    for (std::size_t n = 0; n < timing.mixed.size(); ++n) {
        const MixedDynamics& one = timing.mixed[n];
        const std::string key = fmt::format("timing.mixed[{}]", n);
        check.number(key + ".weight", one.weight);
        sum += one.weight;
        for (std::size_t k = 0; k < one.at_currents.size(); ++k) {
            check_one_dynamics(check, fmt::format("{}.at_currents[{}]", key, k), one.at_currents[k],
                               timing.resting.denominator.size());
        }
        const bool rising =
            std::is_sorted(one.at_currents.begin(), one.at_currents.end(),
                           [](const auto& a, const auto& b) { return a.ampere <= b.ampere; });
        if (one.at_currents.size() < 3 || !rising) {
            throw bad_input("{}: {}.at_currents, expected three or more, of rising currents",
                            check.where(), key);
        }
    }
    if (!timing.mixed.empty() && !(std::abs(sum - 1) < 1e-6)) {
        throw bad_input("{}: weights in timing.mixed add up to {}, expected 1", check.where(), sum);
    }
}

void check_rising(const Checker& check, std::string_view key, const std::vector<double>& values,
                  double low) {
    for (std::size_t k = 0; k < values.size(); ++k) {
        check.number(fmt::format("{}[{}]", key, k), values[k], low);
        if (k > 0 && !(values[k] > values[k - 1])) {
            throw bad_input("{}: {}[{}] is {}, expected more than the one before ({})",
                            check.where(), key, k, values[k], values[k - 1]);
        }
    }
}

void check_conditions(const Checker& check, const ModelCard& card) {
    const ConditionModel& conditions = card.conditions;
    check_rising(check, "conditions.temperature_celsius", conditions.temperature_celsius, -273.15);
    check_rising(check, "conditions.supply", conditions.supply, kTiny);
    const std::size_t points = conditions.corners.size() * conditions.temperature_celsius.size() *
                               conditions.supply.size();
    for (const ConditionTable& table : conditions.tables) {
        const std::string key = "conditions.tables." + table.quantity;
        check_numbers(check, key, table.values);
        if (table.values.size() != points) {
            throw bad_input("{}: {} has {} values, expected {}, one for each condition",
                            check.where(), key, table.values.size(), points);
        }
    }
    check.not_negative("mismatch.readout_offset_volt", card.mismatch.readout_offset_volt);
    check.not_negative("mismatch.readout_gain_relative", card.mismatch.readout_gain_relative);
    check.not_negative("mismatch.driver_relative", card.mismatch.driver_relative);
    check.count("mismatch.draws", card.mismatch.draws, 0, std::numeric_limits<int>::max());
}

void check_energy_and_time(const Checker& check, const ModelCard& card) {
    const EnergyModel& energy = card.energy;
    check.number("energy.row_switch_joule", energy.row_switch_joule);
    check.not_negative("energy.row_farad", energy.row_farad);
    check.number("energy.readout_static_watt", energy.readout_static_watt);
    check.number("energy.readout_sourced_volt", energy.readout_sourced_volt);
    check.number("energy.readout_sunk_volt", energy.readout_sunk_volt);
    check.number("energy.comparator_joule", energy.comparator_joule);
    check.number("energy.comparator_joule_per_code", energy.comparator_joule_per_code);
    check.number("energy.comparator_joule_per_square_code",
                 energy.comparator_joule_per_square_code);
    check.number("energy.ramp_joule", energy.ramp_joule);
    check.count("energy.ramp_shared_by", energy.ramp_shared_by, 1, 65536);
    check.not_negative("timing.edge_second", card.timing.edge_second);
    check.not_negative("timing.column_farad", card.timing.column_farad);
    check_dynamics(check, card.timing);
    check_mixed_dynamics(check, card.timing);
    check.not_negative("timing.settle_second", card.timing.settle_second);
    check.not_negative("timing.conversion_second", card.timing.conversion_second);
}

void check_bit_serial(const Checker& check, const BitSerialModel& model) {
    const IntegratorModel& integrator = model.integrator;
    const std::string in = "bit_serial.integrator.";
    check.count(in + "bits", integrator.bits, 1, 16);
    check.number(in + "input_offset_volt", integrator.input_offset_volt);
    check.number(in + "start_volt", integrator.start_volt);
    check_rising(check, in + "bit_ampere", integrator.bit_ampere);
    check.number(in + "bit_ampere[0]", integrator.bit_ampere.front(), 0, 0);
    check_numbers(check, in + "bit_volt", integrator.bit_volt);
    if (integrator.bit_volt.size() != integrator.bit_ampere.size()) {
        throw bad_input("{}: {}bit_volt has {} values, expected {}, as many as bit_ampere",
                        check.where(), in, integrator.bit_volt.size(),
                        integrator.bit_ampere.size());
    }
    check.number(in + "memory_ohm", integrator.memory_ohm);
    check.number(in + "sum_offset_volt", integrator.sum_offset_volt);
    check.number(in + "sum_keep", integrator.sum_keep);
    check.number(in + "sum_take", integrator.sum_take);
    check.number(in + "held_offset_volt", integrator.held_offset_volt);
    check.number(in + "held_gain", integrator.held_gain);
    check.not_negative(in + "noise_volt_rms", integrator.noise_volt_rms);
    check.positive(in + "current_max_ampere", integrator.current_max_ampere);
    check_adc(check, model.adc);
    const RampSharing& sharing = model.sharing;
    check.count("bit_serial.sharing.others", sharing.others, 1, 65536);
    check.number("bit_serial.sharing.others_volt", sharing.others_volt);
    check.number("bit_serial.sharing.reference_count", sharing.reference_count);
    check_rising(check, "bit_serial.sharing.volt", sharing.volt);
    check_numbers(check, "bit_serial.sharing.count", sharing.count);
    if (sharing.count.size() != sharing.volt.size()) {
        throw bad_input("{}: bit_serial.sharing.count has {} values, expected {}, as many as volt",
                        check.where(), sharing.count.size(), sharing.volt.size());
    }
    const BitSerialEnergy& energy = model.energy;
    const std::string of = "bit_serial.energy.";
    check.number(of + "gate_joule", energy.gate_joule);
    check.number(of + "cell_volt_second", energy.cell_volt_second);
    check.number(of + "cell_swing_joule", energy.cell_swing_joule);
    check.number(of + "integrator_joule", energy.integrator_joule);
    check.number(of + "integrator_volt_second", energy.integrator_volt_second);
    check.number(of + "accumulator_joule", energy.accumulator_joule);
    check.number(of + "hold_joule", energy.hold_joule);
    check.number(of + "hold_joule_per_volt", energy.hold_joule_per_volt);
    check.number(of + "comparator_joule", energy.comparator_joule);
    check.number(of + "comparator_joule_per_code", energy.comparator_joule_per_code);
    check.number(of + "comparator_joule_per_square_code", energy.comparator_joule_per_square_code);
    check.number(of + "ramp_joule", energy.ramp_joule);
    check.not_negative("bit_serial.multiply_second", model.multiply_second);
}

void check_programming(const Checker& check, const ProgrammingModel& programming) {
    check.number("programming.c0", programming.c0);
    check.number("programming.c1", programming.c1);
    check.number("programming.c2", programming.c2);
    check.number("programming.c3", programming.c3);
}

void check_evidence(const Checker& check, const ModelCard& card) {
    for (std::size_t i = 0; i < card.validity.size(); ++i) {
        check.number(fmt::format("validity[{}].low", i), card.validity[i].low);
        check.number(fmt::format("validity[{}].high", i), card.validity[i].high,
                     card.validity[i].low);
    }
    for (std::size_t i = 0; i < card.errors.size(); ++i) {
        const QuantityError& error = card.errors[i];
        check.not_negative(fmt::format("errors[{}].rms", i), error.rms);
        check.not_negative(fmt::format("errors[{}].worst", i), error.worst);
        check.not_negative(fmt::format("errors[{}].tolerance", i), error.tolerance);
        check.not_negative(fmt::format("errors[{}].rms_tolerance", i), error.rms_tolerance);
        check.count(fmt::format("errors[{}].samples", i), error.samples, 0,
                    std::numeric_limits<int>::max());
    }
    for (std::size_t i = 0; i < card.held_out.size(); ++i) {
        const HeldOutPoints& points = card.held_out[i];
        if (points.spice.size() != points.model.size()) {
            throw bad_input("{}: held_out[{}] has {} spice and {} model values, expected as many",
                            check.where(), i, points.spice.size(), points.model.size());
        }
        for (std::size_t k = 0; k < points.spice.size(); ++k) {
            check.number(fmt::format("held_out[{}].spice[{}]", i, k), points.spice[k]);
            check.number(fmt::format("held_out[{}].model[{}]", i, k), points.model[k]);
        }
    }
    check.number("provenance.temperature_celsius", card.provenance.temperature_celsius, -273.15);
    check.count("provenance.spice_runs", card.provenance.spice_runs, 0,
                std::numeric_limits<int>::max());
}

}  // namespace

void require_array(const ModelCard& card, std::string_view what) {
    if (!card.converter_only) return;
    throw bad_input("{}: the card is of a converter alone, without cells and array: {} needs them",
                    card.provenance.spec_name, what);
}

void require_column(const ModelCard& card, std::string_view what) {
    require_array(card, what);
    if (!card.array_only) return;
    if (card.bit_serial.integrator.bits > 0) {
        throw bad_input(
            "{}: the card's columns are read by integrators, bit by bit: {} needs a read-out of "
            "kind transimpedance or subckt",
            card.provenance.spec_name, what);
    }
    throw bad_input(
        "{}: the card is of an array alone, without read-out and converter: {} needs "
        "them",
        card.provenance.spec_name, what);
}

void check_card(const ModelCard& card, std::string_view where) {
    const Checker check(where);
    if (card.converter_only) {
        check_adc(check, card.adc);
        check_converter(check, card.converter, card.adc.bits);
        check_evidence(check, card);
        return;
    }
    check_cell(check, card.cell);
    check_array_and_driver(check, card);
    if (!card.array_only) {
        check_readout(check, card.readout);
        check_adc(check, card.adc);
        check_energy_and_time(check, card);
        if (!card.converter.kind.empty()) check_converter(check, card.converter, card.adc.bits);
        check_conditions(check, card);
        if (card.array.topology != ArrayTopology::a) {
            throw bad_input("{}: array.topology is not \"a\", expected no read-out then", where);
        }
    } else if (card.array.topology != ArrayTopology::a && card.cell.table.empty()) {
        throw bad_input("{}: cell.table is missing, expected one in topologies b and c", where);
    }
    if (card.bit_serial.integrator.bits != 0) {
        check_bit_serial(check, card.bit_serial);
        if (!card.array_only || card.array.topology != ArrayTopology::b) {
            throw bad_input(
                "{}: bit_serial stands beside a read-out or in a topology that is not \"b\"",
                where);
        }
    }
    check_programming(check, card.programming);
    check_evidence(check, card);
}

void check_adc(const AdcModel& adc, std::string_view where) {
    check_adc(Checker(where), adc);
}

}  // namespace mho::behavioral
