// SPDX-License-Identifier: Apache-2.0
#include "calibrate/measure_user_adc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/error.h"
#include "calibrate/code_energy.h"
#include "calibrate/measurement.h"
#include "calibrate/supply_energy.h"
#include "netlist/adc_subckt.h"
#include "spice/waveforms.h"

namespace mho::calibrate {
namespace {

// At first an LSB about the ideal place, down to a thirtieth; looked for anew in a smaller one.
constexpr double kReachLsb = 0.5, kAgainReachLsb = 0.2, kResolutionLsb = 1.0 / 32;
constexpr std::size_t kMostEnergyCodes = 64;

std::vector<FoundTransition> search(std::span<const TransitionGuess> guesses, double reach_lsb,
                                    const netlist::Design& design, Campaign& campaign) {
    const double lsb = lsb_volt(design.spec);
    return find_transitions(guesses, {reach_lsb * lsb, kResolutionLsb * lsb},
                            [&](std::span<const double> volts) {
                                std::vector<std::uint32_t> codes;
                                for (const CodeEnergy& one : convert_user(volts, design, campaign))
                                    codes.push_back(one.code);
                                return codes;
                            });
}

behavioral::AdcModel find_all(const netlist::Design& design, Campaign& campaign) {
    const netlist::AdcSpec& spec = design.spec.adc;
    const double lsb = lsb_volt(design.spec);
    std::vector<TransitionGuess> guesses;
    for (std::uint32_t code = 1; code < 1u << spec.bits; ++code) {
        guesses.push_back({code, spec.low_volt + code * lsb});
    }
    behavioral::AdcModel model;
    model.bits = spec.bits;
    model.ideal_low_volt = spec.low_volt;
    model.ideal_high_volt = spec.high_volt;
    for (const FoundTransition& found : search(guesses, kReachLsb, design, campaign)) {
        if (!model.transition_volt.empty() && found.volt() <= model.transition_volt.back()) {
            throw simulator_error("adc: code {} is missing, its transition lies at {:.4f} V",
                                  found.code - 1, found.volt());
        }
        model.transition_volt.push_back(found.volt());
    }
    return model;
}

// In the middle of codes: where the input stands at a transition, late decisions cost more.
std::vector<double> middles(const behavioral::AdcModel& model) {
    const std::vector<double>& edges = model.transition_volt;
    const std::size_t codes = edges.size() + 1;
    const std::size_t count = std::min(codes, kMostEnergyCodes);
    const double lsb = (edges.back() - edges.front()) / static_cast<double>(edges.size() - 1);
    std::vector<double> volts;
    for (std::size_t k = 0; k < count; ++k) {
        const std::size_t code = k * (codes - 1) / (count - 1);
        volts.push_back(code == 0           ? edges.front() - 0.5 * lsb
                        : code == codes - 1 ? edges.back() + 0.5 * lsb
                                            : 0.5 * (edges[code - 1] + edges[code]));
    }
    return volts;
}

}  // namespace

std::vector<CodeEnergy> convert_user(std::span<const double> volts, const netlist::Design& design,
                                     Campaign& campaign) {
    const netlist::AdcSpec& spec = design.spec.adc;
    const netlist::UserAdc adc = netlist::user_adc(spec);
    const netlist::UserAdcTiming timing = netlist::user_adc_timing(spec);
    const double vdd = design.technology.supply("core").volt;
    std::vector<Campaign::Ticket> tickets;
    for (const double volt : volts)
        tickets.push_back(campaign.submit(user_adc_bench(design, volt)));
    campaign.run();
    std::vector<CodeEnergy> conversions;
    for (const Campaign::Ticket ticket : tickets) {
        const spice::Waveforms& waves = campaign[ticket];
        CodeEnergy one;
        for (int k = 0; k < adc.outputs(); ++k) {
            const double volt = spice::value_at(
                waves.columns.front(), waves[fmt::format("v(out_{})", k)], timing.read_second);
            if (volt > 0.5 * vdd) one.code += adc.is_thermometer ? 1u : 1u << k;
        }
        const Span span{timing.applied_second, timing.read_second};
        one.joule = supply_joule(waves, "dd_adc", vdd, span) +
                    supply_joule(waves, "ref_high", spec.high_volt, span) +
                    supply_joule(waves, "ref_low", spec.low_volt, span);
        conversions.push_back(one);
    }
    return conversions;
}

UserAdcFit fit_user_adc(const netlist::Design& design, Campaign& campaign) {
    UserAdcFit fit{find_all(design, campaign), {}};
    std::vector<CodeEnergy> energies = convert_user(middles(fit.model), design, campaign);
    std::sort(energies.begin(), energies.end(),
              [](const CodeEnergy& a, const CodeEnergy& b) { return a.code < b.code; });
    fit.code_joule = interpolate_code_energy(design.spec.adc.bits, energies);
    return fit;
}

std::vector<FoundTransition> find_user_transitions(const behavioral::AdcModel& model,
                                                   std::span<const std::uint32_t> codes,
                                                   const netlist::Design& design,
                                                   Campaign& campaign) {
    std::vector<TransitionGuess> guesses;
    for (const std::uint32_t code : codes) {
        guesses.push_back({code, model.transition_volt.at(code - 1)});
    }
    return search(guesses, kAgainReachLsb, design, campaign);
}

std::size_t user_adc_runs(const netlist::AdcSpec& spec) {
    const std::size_t codes = std::size_t{1} << spec.bits;
    return 7 * (codes - 1) + std::min(codes, kMostEnergyCodes);
}

}  // namespace mho::calibrate
