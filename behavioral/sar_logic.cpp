// SPDX-License-Identifier: Apache-2.0
#include "behavioral/sar_logic.h"

#include <cmath>

#include "base/error.h"

namespace mho::behavioral {

SarLogic::SarLogic(int bits) : bits_(bits) {
    if (bits < 1 || bits > 16) {
        throw bad_input("SAR logic: expected 1 to 16 bits, found {}", bits);
    }
    controls_.code = 1u << (bits_ - 1);
}

const SarControls& SarLogic::clock(bool track, bool decision) {
    if (track) {
        trial_ = -1;
        controls_ = {true, 1u << (bits_ - 1), false};
        return controls_;
    }
    if (controls_.sample) {
        controls_.sample = false;
        trial_ = bits_ - 1;
        return controls_;
    }
    if (trial_ < 0) return controls_;
    if (!decision) controls_.code &= ~(1u << trial_);
    if (--trial_ >= 0) {
        controls_.code |= 1u << trial_;
    } else {
        controls_.done = true;
    }
    return controls_;
}

std::uint32_t ideal_sar_code(int bits, double low_volt, double high_volt, double volt) {
    SarLogic logic(bits);
    (void)logic.clock(false, false);
    const double lsb = std::ldexp(high_volt - low_volt, -bits);
    while (!logic.controls().done) {
        const double dac = low_volt + lsb * logic.controls().code;
        (void)logic.clock(false, volt >= dac);
    }
    return logic.controls().code;
}

}  // namespace mho::behavioral
