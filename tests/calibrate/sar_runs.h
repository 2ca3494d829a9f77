// SPDX-License-Identifier: Apache-2.0
// SAR designs, and decks of any kind through the pool.
#pragma once

#include <vector>

#include "calibrate/campaign.h"
#include "netlist/benches.h"
#include "spice/pool.h"

namespace mho::test {

inline netlist::Spec sar_spec(int bits,
                              netlist::SarSampling sampling = netlist::SarSampling::bottom_plate,
                              netlist::CdacKind kind = netlist::CdacKind::binary) {
    netlist::Spec spec;
    spec.name = "test";
    spec.adc.kind = netlist::AdcKind::sar;
    spec.adc.bits = bits;
    spec.adc.sar.sampling = sampling;
    spec.adc.sar.cdac = kind;
    // A small array: its comparator may not kick it much.
    if (bits <= 4 || kind == netlist::CdacKind::split) spec.adc.sar.comparator_width_m = 0.3e-6;
    if (kind == netlist::CdacKind::split) spec.adc.sar.unit_farad = 8e-15;
    return spec;
}

inline netlist::Design sar_design(
    int bits, netlist::SarSampling sampling = netlist::SarSampling::bottom_plate,
    netlist::CdacKind kind = netlist::CdacKind::binary) {
    return load_design(sar_spec(bits, sampling, kind));
}

// On two workers; throws Error(simulator) when one fails.
inline std::vector<spice::Waveforms> run_decks(const std::vector<netlist::Deck>& decks) {
    spice::PoolOptions options;
    options.workers = 2;
    spice::Pool pool(options);
    calibrate::Campaign campaign(pool, {}, decks.size());
    for (const netlist::Deck& deck : decks) (void)campaign.submit(deck);
    campaign.run();
    std::vector<spice::Waveforms> waves;
    for (std::size_t k = 0; k < decks.size(); ++k) waves.push_back(campaign[k]);
    return waves;
}

}  // namespace mho::test
