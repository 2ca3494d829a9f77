// SPDX-License-Identifier: Apache-2.0
#include "calibrate/macro_in_spice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "behavioral/card_check.h"
#include "calibrate/campaign.h"
#include "calibrate/card_design.h"
#include "calibrate/conversion.h"
#include "calibrate/random_operands.h"
#include "calibrate/run_pool.h"
#include "calibrate/sar_conversion.h"
#include "calibrate/supply_energy.h"

namespace mho::calibrate {
namespace {

spice::Pool pool_for(const behavioral::ModelCard& card, const CalibrateOptions& options) {
    behavioral::require_column(card, "a macro");
    const netlist::Spec spec = spec_of(card);
    if (spec.adc.kind == netlist::AdcKind::ramp && spec.array.columns > spec.adc.shared_by) {
        throw bad_input("{}: [adc] shared_by = {} is less than the {} columns of the macro",
                        spec.name, spec.adc.shared_by, spec.array.columns);
    }
    return start_pool(options);
}

// Of column j; of a SAR its code, in the middle.
std::optional<double> counter_of(const spice::Waveforms& waves, const netlist::Design& design,
                                 const netlist::ColumnTiming& timing, Eigen::Index j) {
    if (design.spec.adc.kind == netlist::AdcKind::ramp) {
        return counter_at_trip(waves, design, timing, fmt::format("v(trip_{})", j));
    }
    const netlist::SarTiming when = netlist::sar_timing(design.spec.adc, timing);
    return sar_conversion(waves, design, when, fmt::format("_{}", j)).code + 0.5;
}

}  // namespace

MacroInSpice::MacroInSpice(const behavioral::ModelCard& card, const CalibrateOptions& options)
    : options_(options),
      pool_(pool_for(card, options)),
      design_(design_of(card, pool_)),
      timing_(conversion_timing(design_.spec, card.timing.settle_second)),
      conversion_second_(card.timing.conversion_second) {}

// Before the inputs step it is the same for all vectors, and a quarter of a run's iterations.
std::vector<std::pair<std::string, double>> MacroInSpice::operating_point(
    const Eigen::MatrixXd& states) {
    const std::vector<double> rest(static_cast<std::size_t>(states.rows()), 0.0);
    netlist::Deck deck = macro_bench(design_, states, rest, timing_);
    deck.analysis = netlist::OperatingPoint{};
    deck.saved = {"all"};
    deck.measures.clear();
    Campaign campaign(pool_, {}, 1);
    const Campaign::Ticket ticket = campaign.submit(deck);
    campaign.run();
    const spice::Waveforms& found = campaign[ticket];
    std::vector<std::pair<std::string, double>> volts;
    for (std::size_t k = 0; k < found.names.size(); ++k) {
        const std::string& name = found.names[k];
        if (!name.starts_with("v(") || !name.ends_with(')')) continue;
        volts.emplace_back(name.substr(2, name.size() - 3), found.columns[k].front());
    }
    return volts;
}

std::vector<MacroConversion> MacroInSpice::multiply(const Eigen::MatrixXd& states,
                                                    const Eigen::MatrixXd& codes,
                                                    const ProgressCallback& progress) {
    const auto count = static_cast<std::size_t>(codes.cols());
    std::vector<Eigen::VectorXd> volts;
    // ngspice 46 with KLU takes no guesses of nodes that only gates of XSPICE drive.
    const bool has_guess = design_.spec.adc.kind == netlist::AdcKind::ramp;
    const auto guess =
        has_guess ? operating_point(states) : std::vector<std::pair<std::string, double>>{};
    Campaign campaign(pool_, progress, count);
    for (Eigen::Index k = 0; k < codes.cols(); ++k) {
        volts.push_back(row_volts(design_.spec.driver, codes.col(k)));
        const std::span<const double> inputs{volts.back().data(),
                                             static_cast<std::size_t>(volts.back().size())};
        netlist::Deck deck = macro_bench(design_, states, inputs, timing_);
        deck.guessed_volt = guess;
        campaign.submit(deck);
    }
    campaign.run();
    runs_ += count + (has_guess ? 1 : 0);
    const double end = std::ldexp(1.0, design_.spec.adc.bits);
    const Span active{timing_.input_second, timing_.ramp_second + conversion_second_};
    std::vector<MacroConversion> conversions(count);
    for (std::size_t k = 0; k < count; ++k) {
        MacroConversion& conversion = conversions[k];
        for (Eigen::Index j = 0; j < states.cols(); ++j) {
            const double counter = counter_of(campaign[k], design_, timing_, j).value_or(end);
            conversion.counters.push_back(std::clamp(counter, 0.0, end));
            conversion.codes.push_back(
                static_cast<std::int32_t>(std::min(conversion.counters.back(), end - 1)));
        }
        conversion.joule = block_energy(campaign[k], design_, volts[k], active).total();
    }
    return conversions;
}

RunCount MacroInSpice::runs() const {
    return count_runs(runs_, pool_, options_);
}

}  // namespace mho::calibrate
