// SPDX-License-Identifier: Apache-2.0
// Successive approximation as a clocked state machine: what the logic of a SAR converter does at
// each rising edge of its clock, whoever provides sampling, DAC and comparator. The XSPICE logic
// of netlist/sar_adc.h goes through the same states.
#pragma once

#include <cstdint>

namespace mho::behavioral {

// What the logic puts on the converter's nets.
struct SarControls {
    bool sample = true;      // the input is tracked
    std::uint32_t code = 0;  // on the DAC's switches: bit k of the word is bit k
    bool done = false;       // the code is the result
    bool operator==(const SarControls&) const = default;
};

class SarLogic {
  public:
    // Tracking, with the first trial on the switches. Throws bad_input unless bits are 1 .. 16.
    explicit SarLogic(int bits);

    const SarControls& controls() const { return controls_; }

    // One rising edge. `track` asks for the input to be tracked, at any time; without it the first
    // edge opens the sampling switch, and each of the next `bits` edges takes `decision` (is the
    // code on the switches at most the input?) into the bit on trial and tries the next one. Then
    // nothing changes until `track`.
    const SarControls& clock(bool track, bool decision);

    int trial_bit() const { return trial_; }  // -1: none, tracking or done

  private:
    int bits_;
    int trial_ = -1;
    SarControls controls_;
};

// The code that the state machine gives with ideal circuits, floor((v - low) / lsb) within the
// range: the conversion of `volt` by a DAC and a comparator without error.
std::uint32_t ideal_sar_code(int bits, double low_volt, double high_volt, double volt);

}  // namespace mho::behavioral
