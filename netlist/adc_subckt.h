// SPDX-License-Identifier: Apache-2.0
// A converter of the user's, from a SPICE file.
#pragma once

#include <string>
#include <vector>

#include "netlist/benches.h"
#include "netlist/circuit.h"
#include "netlist/deck.h"
#include "netlist/spec.h"

namespace mho::netlist {

struct UserAdcPort {
    enum class Role { input, low, high, supply, reference, start, clock, output, ground, bias };
    Role role = Role::input;
    int number = 0;   // of an output: bit, or level of a thermometer code
    double volt = 0;  // of a bias
};

struct UserAdc {
    Definition definition;
    std::vector<UserAdcPort> ports;  // of the definition, in its order
    std::vector<Library> libraries;  // models that the file brings
    bool is_thermometer = false;     // outputs level_1 .. instead of bit_0 ..

    int outputs() const;  // bits, or 2^bits - 1 levels
};

// Throws bad_input naming file and place where the .subckt cannot be read, or what of its ports
// does not suit: one in, at most one each of low, high, vdd, ibias, start and clk, and all bits or
// all levels, once each.
UserAdc user_adc(const AdcSpec& spec);

// When things happen in one conversion of a user's converter.
struct UserAdcTiming {
    double applied_second = 0;  // the input steps from the middle of the range
    double start_second = 0;    // `start` rises
    double read_second = 0;     // the outputs hold the code
};
UserAdcTiming user_adc_timing(const AdcSpec& spec);

// One conversion of a voltage. Saves v(out_<k>) of output k, in the order of numbers, and the
// currents i(vdd_adc), i(vref_high), i(vref_low).
Deck user_adc_bench(const Design& design, double input_volt);

}  // namespace mho::netlist
