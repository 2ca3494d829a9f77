// SPDX-License-Identifier: Apache-2.0
#include "calibrate/transition_search.h"

#include <cstddef>

#include "base/error.h"

namespace mho::calibrate {
namespace {

constexpr int kDoublings = 6;

struct Side {
    double volt = 0;
    bool known = false;
};

struct Bracket {
    std::uint32_t code = 1;
    Side low, high;
    double reach_volt = 0;
    int doublings = 0;

    bool closed() const { return low.known && high.known; }
    double width() const { return high.volt - low.volt; }

    // An input that was asked for and did not lie on its side moves the other side there.
    void learn(double volt, bool is_above) {
        (is_above ? high : low) = {volt, true};
        Side& other = is_above ? low : high;
        if (other.known) return;
        if (doublings++ == kDoublings) {
            throw simulator_error("adc: no input near {:.4f} V gives the transition to code {}",
                                  volt, code);
        }
        reach_volt *= 2;
        other.volt = volt + (is_above ? -reach_volt : reach_volt);
    }
    double next() const {
        if (!low.known) return low.volt;
        if (!high.known) return high.volt;
        return 0.5 * (low.volt + high.volt);
    }
};

}  // namespace

std::vector<FoundTransition> find_transitions(std::span<const TransitionGuess> guesses,
                                              const SearchRange& range,
                                              const ConvertInputs& convert) {
    if (!(range.reach_volt > 0) || !(range.resolution_volt > 0)) {
        throw bad_input(
            "transition search: expected a positive reach and resolution, found {} "
            "and {} V",
            range.reach_volt, range.resolution_volt);
    }
    std::vector<Bracket> brackets;
    for (const TransitionGuess& guess : guesses) {
        brackets.push_back({guess.code,
                            {guess.volt - range.reach_volt, false},
                            {guess.volt + range.reach_volt, false},
                            range.reach_volt,
                            0});
    }
    for (;;) {
        std::vector<double> inputs;
        std::vector<std::size_t> of;
        for (std::size_t k = 0; k < brackets.size(); ++k) {
            const Bracket& bracket = brackets[k];
            if (bracket.closed() && bracket.width() <= range.resolution_volt) continue;
            inputs.push_back(bracket.next());
            of.push_back(k);
        }
        if (inputs.empty()) break;
        const std::vector<std::uint32_t> codes = convert(inputs);
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            brackets[of[i]].learn(inputs[i], codes[i] >= brackets[of[i]].code);
        }
    }
    std::vector<FoundTransition> found;
    for (const Bracket& bracket : brackets) {
        found.push_back({bracket.code, bracket.low.volt, bracket.high.volt});
    }
    return found;
}

}  // namespace mho::calibrate
