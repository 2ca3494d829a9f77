// SPDX-License-Identifier: Apache-2.0
#include "calibrate/sar_conversion.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/error.h"
#include "calibrate/supply_energy.h"
#include "netlist/bench_converter.h"
#include "spice/waveforms.h"

namespace mho::calibrate {
namespace {

class Reader {
  public:
    Reader(const spice::Waveforms& waves, double vdd) : waves_(waves), vdd_(vdd) {}

    double volt(const std::string& vector, double second) const {
        return spice::value_at(waves_.columns.front(), waves_[vector], second);
    }
    bool is_high(const std::string& vector, double second) const {
        const double value = volt(vector, second);
        if (value > 0.1 * vdd_ && value < 0.9 * vdd_) {
            throw simulator_error(
                "SAR conversion: {} is {:.3f} V at {:.4g} s, neither low nor high", vector, value,
                second);
        }
        return value > 0.5 * vdd_;
    }
    std::uint32_t code(int bits, const std::string& suffix, double second) const {
        std::uint32_t code = 0;
        for (int bit = 0; bit < bits; ++bit) {
            if (is_high(fmt::format("v(bit_{}{})", bit, suffix), second)) code |= 1u << bit;
        }
        return code;
    }

  private:
    const spice::Waveforms& waves_;
    double vdd_;
};

// Before the clock moves the comparator's inputs.
constexpr double kBeforeDecisionSecond = 20e-12;

}  // namespace

double SarConversion::joule() const {
    double sum = 0;
    for (const SupplyEnergy& supply : supplies) sum += supply.joule;
    return sum;
}

std::vector<SupplyEnergy> sar_supplies(const spice::Waveforms& waves, const netlist::Design& design,
                                       Span span) {
    const netlist::AdcSpec& spec = design.spec.adc;
    const double vdd = design.technology.supply("core").volt;
    const double middle = 0.5 * (spec.low_volt + spec.high_volt);
    const std::array<std::pair<const char*, double>, 5> supplies{{{"dd_switches", vdd},
                                                                  {"dd_comparator", vdd},
                                                                  {"ref_high", spec.high_volt},
                                                                  {"ref_low", spec.low_volt},
                                                                  {"ref_cm", middle}}};
    std::vector<SupplyEnergy> energies;
    for (const auto& [name, volt] : supplies) {
        energies.push_back({fmt::format("v{}", name), supply_joule(waves, name, volt, span)});
    }
    return energies;
}

SarConversion sar_conversion(const spice::Waveforms& waves, const netlist::Design& design,
                             const netlist::SarTiming& timing, const std::string& suffix) {
    const netlist::AdcSpec& spec = design.spec.adc;
    const Reader reader(waves, design.technology.supply("core").volt);
    const std::string top = fmt::format("v(top{})", suffix);
    const std::string held = fmt::format("v(xanalog{}.held)", suffix);
    const double sign = spec.sar.sampling == netlist::SarSampling::top_plate ? 1 : -1;
    SarConversion conversion;
    for (int k = 0; k < spec.bits; ++k) {
        const double asked = timing.decision_second(k) - kBeforeDecisionSecond;
        const double margin = reader.volt(top, asked) - reader.volt(held, asked);
        const double taken = timing.taken_second(k) + 0.25 * timing.period_second;
        conversion.trials.push_back(
            {reader.code(spec.bits, suffix, asked), sign * margin,
             reader.is_high(fmt::format("v(bit_{}{})", spec.bits - 1 - k, suffix), taken)});
    }
    conversion.code = reader.code(spec.bits, suffix, timing.stop_second());
    return conversion;
}

SarConversion sar_conversion(const spice::Waveforms& waves, const netlist::Design& design) {
    const netlist::SarTiming timing = netlist::sar_timing(design.spec.adc);
    SarConversion conversion = sar_conversion(waves, design, timing, "");
    conversion.supplies =
        sar_supplies(waves, design, {timing.start_second(), timing.done_second()});
    return conversion;
}

}  // namespace mho::calibrate
