// SPDX-License-Identifier: Apache-2.0
// Transitions of a converter found by its codes alone: inputs are halved between one that gives a
// smaller code and one that does not. Nothing is assumed about the converter but that it is
// monotone near the transition.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace mho::calibrate {

struct TransitionGuess {
    std::uint32_t code = 1;
    double volt = 0;
};

// The transition to `code` lies between an input that gave a smaller code and one that gave this or
// a larger one.
struct FoundTransition {
    std::uint32_t code = 1;
    double low_volt = 0;
    double high_volt = 0;

    double volt() const { return 0.5 * (low_volt + high_volt); }
};

// The codes of so many inputs; asked once for every round, since conversions may run in parallel.
using ConvertInputs = std::function<std::vector<std::uint32_t>(std::span<const double>)>;

struct SearchRange {
    double reach_volt = 0;       // at first on both sides of a guess; doubled while that is too few
    double resolution_volt = 0;  // of the result
};

// In the order of the guesses. Throws Error(simulator) for a transition that is not found within
// 64 reaches, bad_input for a reach or resolution that is not positive.
std::vector<FoundTransition> find_transitions(std::span<const TransitionGuess> guesses,
                                              const SearchRange& range,
                                              const ConvertInputs& convert);

}  // namespace mho::calibrate
