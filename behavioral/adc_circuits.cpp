// SPDX-License-Identifier: Apache-2.0
#include "behavioral/adc_circuits.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "behavioral/adc_instance.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

constexpr double kLeastCapacitor = 0.01;  // of its size: a capacitor is never negative

// Codes from transitions that need not rise and codes that may repeat.
class CurveBuilder {
  public:
    explicit CurveBuilder(std::int32_t first) : curve_{{}, {first}} {}

    // From `at` on; not below the transition before.
    void step(double at, std::int32_t code) {
        if (code == curve_.codes.back()) return;
        if (!curve_.transitions.empty() && !(at > curve_.transitions.back())) {
            curve_.codes.back() = code;  // the code before has no width
            if (curve_.codes.size() > 1 && curve_.codes[curve_.codes.size() - 2] == code) {
                curve_.codes.pop_back();
                curve_.transitions.pop_back();
            }
            return;
        }
        curve_.transitions.push_back(at);
        curve_.codes.push_back(code);
    }
    AdcCurve curve() && {
        if (curve_.transitions.empty()) throw bad_input("ADC: all inputs give the same code");
        return std::move(curve_);
    }

  private:
    AdcCurve curve_;
};

double units(double size, double sigma, RandomStream& random) {
    return std::max(kLeastCapacitor * size, size + sigma * std::sqrt(size) * random.normal());
}

double loop_gain(double amplifier, double feedback) {
    return 1 / (1 + 1 / (amplifier * feedback));
}

// Sum of the capacitors of the set bits.
double bits_of(int number, const std::vector<double>& capacitors) {
    double sum = 0;
    for (std::size_t n = 0; n < capacitors.size(); ++n) {
        if ((number >> n & 1) != 0) sum += capacitors[n];
    }
    return sum;
}

// Levels of a DAC with one capacitor a bit: a sign, and the magnitude's share of half the range.
std::vector<double> symmetric_levels(const AdcCircuit& circuit, int bits, RandomStream& random) {
    std::vector<double> capacitors;
    for (int n = 0; n < bits; ++n) {
        capacitors.push_back(units(std::ldexp(1.0, n), circuit.sigma_capacitor, random));
    }
    const int half = 1 << (bits - 1);
    const double loop = units(half, circuit.sigma_capacitor, random);
    const double gain = std::pow(10.0, circuit.gain_db / 20), middle = std::ldexp(1.0, -bits);
    std::vector<double> levels;
    for (int k = 0; k < 2 * half; ++k) {
        const double sum = bits_of(std::abs(k - half), capacitors);
        const double level = (k < half ? -sum : sum) / capacitors.back() + middle;
        levels.push_back(level * loop_gain(gain, loop / (loop + sum)));
    }
    return levels;
}

std::vector<double> rising_levels(const AdcCircuit& circuit, int bits, RandomStream& random) {
    std::vector<double> capacitors;
    for (int n = 0; n < bits; ++n) {
        capacitors.push_back(units(std::ldexp(1.0, n), circuit.sigma_capacitor, random));
    }
    const int codes = 1 << bits;
    const double loop = units(codes, circuit.sigma_capacitor, random);
    const double gain = std::pow(10.0, circuit.gain_db / 20);
    std::vector<double> levels;
    for (int k = 0; k < codes; ++k) {
        const double sum = bits_of(k, capacitors);
        const double level = 2 * sum / loop + code_centre(0, bits);
        levels.push_back(level * loop_gain(gain, loop / (loop + sum)));
    }
    return levels;
}

// Two DACs, the lower bits' behind a bridge.
std::vector<double> split_levels(const AdcCircuit& circuit, int bits, RandomStream& random) {
    const int low_bits = bits / 2, half = 1 << (bits - 1);
    const double sigma = circuit.sigma_capacitor;
    std::vector<double> low, high;
    for (int n = 0; n < low_bits; ++n) low.push_back(units(std::ldexp(1.0, n), sigma, random));
    for (int n = low_bits; n < bits - 1; ++n) {
        high.push_back(units(std::ldexp(1.0, n - low_bits), sigma, random));
    }
    const double end = units(1, sigma, random);
    const double bridge =
        units(std::ldexp(1.0, low_bits) / (std::ldexp(1.0, low_bits) - 1), sigma, random);
    const double low_sum = std::accumulate(low.begin(), low.end(), end);
    const double high_sum = std::accumulate(high.begin(), high.end(), 0.0);
    const double whole = (low_sum + bridge) * (high_sum + bridge) - bridge * bridge;
    const double gain = loop_gain(std::pow(10.0, circuit.gain_db / 20), 1);
    const double middle = std::ldexp(1.0, -bits);
    std::vector<double> levels;
    for (int k = 0; k < 2 * half; ++k) {
        const int number = std::abs(k - half);
        const double share = number == half
                                 ? 1
                                 : (bits_of(number, low) * bridge +
                                    bits_of(number >> low_bits, high) * (low_sum + bridge)) /
                                       whole;
        levels.push_back(((k < half ? -share : share) + middle) * gain);
    }
    return levels;
}

AdcCurve nearest_level(const std::vector<double>& levels) {
    std::vector<std::int32_t> order(levels.size());
    std::iota(order.begin(), order.end(), 0);
    const auto level = [&](std::int32_t k) { return levels[static_cast<std::size_t>(k)]; };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int32_t a, std::int32_t b) { return level(a) < level(b); });
    CurveBuilder builder(order[0]);
    std::int32_t before = order[0];
    for (const std::int32_t k : order) {
        if (!(level(k) > level(before))) continue;  // as low: the smaller code is found first
        builder.step((level(before) + level(k)) / 2, k);
        before = k;
    }
    return std::move(builder).curve();
}

// Transitions of a binary search: a level counts between those decided before it.
void search(const std::vector<double>& levels, std::size_t first, std::size_t last, double low,
            double high, CurveBuilder& builder) {
    if (last - first == 1) return;
    const std::size_t middle = (first + last) / 2;
    const double at = std::clamp(levels[middle], low, high);
    search(levels, first, middle, low, at, builder);
    // Codes without width on the way up are passed over by the builder.
    builder.step(at, static_cast<std::int32_t>(middle));
    search(levels, middle, last, at, high, builder);
}

AdcCurve binary_search(std::vector<double> levels, int bits, double offset) {
    for (double& level : levels) level -= std::ldexp(1.0, -bits) + offset;
    CurveBuilder builder(0);
    search(levels, 0, levels.size(), -HUGE_VAL, HUGE_VAL, builder);
    return std::move(builder).curve();
}

struct Stage {
    double high = 0.25, low = -0.25;  // thresholds
    double slope = 2, shift = 1;      // residue = slope x + D shift
};

Stage make_stage(const AdcCircuit& circuit, RandomStream& random) {
    const double c1 = std::max(kLeastCapacitor, 1 + circuit.sigma_c1 * random.normal());
    const double c2 = std::max(kLeastCapacitor, 1 + circuit.sigma_c2 * random.normal());
    const double cpar = std::max(kLeastCapacitor - c1, circuit.sigma_cpar * random.normal());
    const double share = c2 / c1;
    const double gain = loop_gain(std::pow(10.0, circuit.gain_db / 20), c1 / (c1 + c2 + cpar));
    return {0.25, -0.25, (1 + share) * gain, share * gain};
}

// Inputs from `from` to `to`, whose residue at stage n is slope x + shift, and the code so far.
struct Piece {
    double from, to, slope, shift;
    std::int32_t code;
};

void convert_piece(const std::vector<Stage>& stages, double last, int bits, std::size_t n,
                   const Piece& piece, CurveBuilder& builder) {
    const auto input_at = [&](double residue) {
        return std::clamp((residue - piece.shift) / piece.slope, piece.from, piece.to);
    };
    if (n == stages.size()) {
        const double at = input_at(last);
        if (at > piece.from) builder.step(piece.from, piece.code);
        if (at < piece.to) builder.step(at, piece.code + 1);
        return;
    }
    const Stage& stage = stages[n];
    const double low = input_at(stage.low), high = std::max(low, input_at(stage.high));
    const std::int32_t weight = 1 << (bits - 1 - static_cast<int>(n));
    const auto next = [&](double from, double to, double direction, std::int32_t code) {
        if (!(to > from)) return;
        const Piece part{from, to, stage.slope * piece.slope,
                         stage.slope * piece.shift + direction * stage.shift, piece.code + code};
        convert_piece(stages, last, bits, n + 1, part, builder);
    };
    next(piece.from, low, 1, 0);
    next(low, high, 0, weight / 2);
    next(high, piece.to, -1, weight);
}

AdcCurve staged(const AdcCircuit& circuit, int bits, RandomStream& random) {
    const double sigma = circuit.sigma_comparator;
    std::vector<Stage> stages;
    if (circuit.architecture == AdcArchitecture::pipeline) {
        for (int n = 0; n < bits - 1; ++n) {
            stages.push_back(make_stage(circuit, random));
            stages.back().high += sigma * random.normal();
            stages.back().low += sigma * random.normal();
        }
    } else {
        Stage stage = make_stage(circuit, random);
        stage.high += sigma * random.normal();
        stage.low += sigma * random.normal();
        stages.assign(static_cast<std::size_t>(bits - 1), stage);
    }
    const double last = sigma * random.normal();
    CurveBuilder builder(0);
    convert_piece(stages, last, bits, 0, {-HUGE_VAL, HUGE_VAL, 1, 0, 0}, builder);
    return std::move(builder).curve();
}

// As parts of the range from the middle of the first code to that of the last.
void append_table(const AdcCurve& curve, int bits, AdcOptions& options) {
    const double first = code_centre(0, bits);
    std::vector<double> parts;
    for (const double at : curve.transitions) parts.push_back((at - first) / (-2 * first));
    options.tables.push_back(std::move(parts));
    options.codes.push_back(curve.codes);
}

}  // namespace

bool AdcCircuit::varies() const {
    const bool stages =
        architecture == AdcArchitecture::pipeline || architecture == AdcArchitecture::cyclic;
    const bool capacitors =
        stages ? sigma_c1 > 0 || sigma_c2 > 0 || sigma_cpar > 0 : sigma_capacitor > 0;
    return sigma_comparator > 0 || capacitors;
}

void check_adc_circuit(const AdcCircuit& circuit, int bits) {
    if (bits < 2 || bits > 16) throw bad_input("ADC circuit: {} bits, expected 2 to 16", bits);
    if (!(circuit.gain_db >= 0 && circuit.gain_db <= 400)) {
        throw bad_input("ADC circuit: a gain of {} dB, expected 0 to 400", circuit.gain_db);
    }
    for (const double sigma : {circuit.sigma_capacitor, circuit.sigma_comparator, circuit.sigma_c1,
                               circuit.sigma_c2, circuit.sigma_cpar}) {
        if (!(sigma >= 0 && sigma <= 0.3)) {
            throw bad_input("ADC circuit: a deviation of {}, expected 0 to 0.3", sigma);
        }
    }
    if (circuit.group_size < 1) {
        throw bad_input("ADC circuit: groups of {} columns, expected at least 1",
                        circuit.group_size);
    }
}

std::int32_t AdcCurve::code(double input) const {
    const auto passed = std::upper_bound(transitions.begin(), transitions.end(), input);
    return codes[static_cast<std::size_t>(passed - transitions.begin())];
}

double code_centre(std::int32_t code, int bits) {
    return std::ldexp(2.0 * code + 1, -bits) - 1;
}

std::vector<double> dac_levels(const AdcCircuit& circuit, int bits, RandomStream& random) {
    check_adc_circuit(circuit, bits);
    switch (circuit.architecture) {
        case AdcArchitecture::ramp:
            return circuit.symmetric_cdac ? symmetric_levels(circuit, bits, random)
                                          : rising_levels(circuit, bits, random);
        case AdcArchitecture::sar:
            return circuit.split_cdac ? split_levels(circuit, bits, random)
                                      : symmetric_levels(circuit, bits, random);
        case AdcArchitecture::pipeline:
        case AdcArchitecture::cyclic:
            break;
    }
    throw bad_input("ADC circuit: levels of a converter without a capacitive DAC");
}

AdcCurve adc_curve(const AdcCircuit& circuit, int bits, RandomStream& random) {
    check_adc_circuit(circuit, bits);
    switch (circuit.architecture) {
        case AdcArchitecture::ramp:
            return nearest_level(dac_levels(circuit, bits, random));
        case AdcArchitecture::sar: {
            std::vector<double> levels = dac_levels(circuit, bits, random);
            return binary_search(std::move(levels), bits,
                                 circuit.sigma_comparator * random.normal());
        }
        case AdcArchitecture::pipeline:
        case AdcArchitecture::cyclic:
            return staged(circuit, bits, random);
    }
    throw bad_input("ADC circuit: an architecture that there is not");
}

void draw_converters(const AdcCircuit& circuit, Index arrays, Index columns,
                     Index columns_per_array, const ConverterKey& key, AdcOptions& options) {
    const bool ramp = circuit.architecture == AdcArchitecture::ramp;
    const Index shared =
        ramp ? (columns_per_array > 0 ? columns_per_array : columns) : Index{circuit.group_size};
    const Index per_array = (columns + shared - 1) / shared;
    RandomStream random(key.seed, RandomPurpose::mismatch, key.trial, key.matrix);
    options.kind = AdcKind::table;
    options.tables.clear();
    options.codes.clear();
    options.offsets.clear();
    for (Index t = 0; t < arrays * per_array; ++t) {
        append_table(adc_curve(circuit, options.bits, random), options.bits, options);
    }
    options.columns_per_table = static_cast<int>(shared);
    options.tables_per_array = per_array;
    if (!ramp || circuit.sigma_comparator == 0) return;
    const double reference = -0.5 / code_centre(0, options.bits);  // as part of the range
    for (Index j = 0; j < arrays * columns; ++j) {
        options.offsets.push_back(circuit.sigma_comparator * reference * random.normal());
    }
    options.offsets_per_array = columns;
}

void nominal_converters(const AdcCircuit& circuit, AdcOptions& options) {
    AdcCircuit exact = circuit;
    exact.sigma_capacitor = exact.sigma_comparator = 0;
    exact.sigma_c1 = exact.sigma_c2 = exact.sigma_cpar = 0;
    RandomStream unused(0, RandomPurpose::mismatch);
    options.kind = AdcKind::table;
    options.tables.clear();
    options.codes.clear();
    append_table(adc_curve(exact, options.bits, unused), options.bits, options);
    options.columns_per_table = 1;
    options.tables_per_array = 0;
}

void draw_measured_converters(const AdcModel& adc, Index arrays, Index columns, Index shared,
                              const ConverterKey& key, AdcOptions& options) {
    const bool ramp = !adc.mismatch.bend_volt_rms.empty();
    if (shared <= 0) shared = columns;
    const Index per_array = (columns + shared - 1) / shared;
    RandomStream random(key.seed, RandomPurpose::mismatch, key.trial, key.matrix);
    const std::uint64_t seed = std::uint64_t{random.bits()} << 32 | random.bits();
    AdcModel one = adc;
    if (ramp) one.mismatch.offset_volt_rms = 0;
    options.kind = AdcKind::table;
    options.tables.clear();
    options.codes.clear();
    options.offsets.clear();
    for (Index t = 0; t < arrays * per_array; ++t) {
        const auto index = static_cast<std::uint32_t>(t);
        options.tables.push_back(measured_transitions(draw_adc(one, seed, index)));
    }
    options.columns_per_table = static_cast<int>(shared);
    options.tables_per_array = per_array;
    if (!ramp) return;
    const double span = (adc.ideal_high_volt - adc.ideal_low_volt) *
                        (1 - std::ldexp(1.0, -adc.bits));  // measured_transitions' range
    for (Index j = 0; j < arrays * columns; ++j) {
        options.offsets.push_back(adc.mismatch.offset_volt_rms / span * random.normal());
    }
    options.offsets_per_array = columns;
}

std::vector<double> measured_transitions(const AdcModel& adc) {
    const double step = (adc.ideal_high_volt - adc.ideal_low_volt) / std::ldexp(1.0, adc.bits);
    const double first = adc.ideal_low_volt + step / 2;
    const double width = step * (std::ldexp(1.0, adc.bits) - 1);
    std::vector<double> parts;
    for (const double volt : adc.transition_volt) parts.push_back((volt - first) / width);
    return parts;
}

}  // namespace mho::behavioral
