// SPDX-License-Identifier: Apache-2.0
#include "calibrate/comparator.h"

#include "base/error.h"
#include "calibrate/supply_energy.h"
#include "spice/waveforms.h"

namespace mho::calibrate {

ComparatorReading read_comparator(const spice::Waveforms& waves,
                                  const netlist::DecisionStairs& stairs, double vdd_volt) {
    ComparatorReading reading;
    for (int k = 0; k < stairs.decisions; ++k) {
        const double volt =
            spice::value_at(waves.columns.front(), waves["v(q)"], stairs.read_second(k));
        if (volt > 0.1 * vdd_volt && volt < 0.9 * vdd_volt) {
            throw simulator_error("comparator: {:.3f} V after decision {}, neither low nor high",
                                  volt, k);
        }
        reading.decisions.push_back(volt > 0.5 * vdd_volt);
    }
    int turns = 0;
    for (int k = 1; k < stairs.decisions; ++k) {
        const auto now = static_cast<std::size_t>(k);
        if (reading.decisions[now] == reading.decisions[now - 1]) continue;
        ++turns;
        reading.offset_volt = 0.5 * (stairs.input_volt(k) + stairs.input_volt(k - 1));
    }
    if (turns != 1 || !reading.decisions.back()) reading.offset_volt.reset();
    const Span span{1 / stairs.clock_hertz, stairs.decisions / stairs.clock_hertz};
    reading.decision_joule =
        supply_joule(waves, "dd_comparator", vdd_volt, span) / (stairs.decisions - 1);
    return reading;
}

}  // namespace mho::calibrate
