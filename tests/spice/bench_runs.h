// SPDX-License-Identifier: Apache-2.0
// Benches of the netlist layer through the pool.
#pragma once

#include <fmt/format.h>

#include <Eigen/Core>
#include <string>
#include <vector>

#include "base/error.h"
#include "netlist/benches.h"
#include "netlist/ramp_adc.h"
#include "spice/decks.h"
#include "spice/pool.h"
#include "spice/waveforms.h"

namespace mho::spice::test {

inline Job job_for(const netlist::Deck& deck) {
    Job job =
        make_job(netlist::netlist_text(deck), netlist::analysis_command(deck.analysis), deck.saved);
    job.label = deck.title;
    return job;
}

// On two workers; throws Error(simulator) when one fails.
inline std::vector<Waveforms> run_decks(const std::vector<netlist::Deck>& decks) {
    std::vector<Job> jobs;
    for (const netlist::Deck& deck : decks) jobs.push_back(job_for(deck));
    Pool pool(with_workers(2));
    return run_all(pool, jobs);
}

inline Waveforms run_deck(const netlist::Deck& deck) {
    return run_decks({deck}).front();
}

// The currents of a sweep over input vectors, or of an operating point: vectors x columns.
inline Eigen::MatrixXd column_currents(const Waveforms& waves) {
    const std::size_t first = waves.names.front().starts_with("i(") ? 0 : 1;
    const auto vectors = static_cast<Eigen::Index>(waves.points());
    Eigen::MatrixXd currents(vectors, static_cast<Eigen::Index>(waves.columns.size() - first));
    for (Eigen::Index j = 0; j < currents.cols(); ++j) {
        currents.col(j) = Eigen::VectorXd::Map(
            waves.columns[static_cast<std::size_t>(j) + first].data(), vectors);
    }
    return currents;
}

// The counter's value, with its fraction, when the comparator trips.
inline double counter_at_trip(const Waveforms& waves, const netlist::Design& design,
                              const netlist::ColumnTiming& timing) {
    const double middle = 0.5 * design.technology.supply("core").volt;
    const auto trip =
        crossing_time(waves["time"], waves["v(trip)"], middle, Edge::rising, timing.ramp_second);
    if (!trip) throw simulator_error("the comparator does not trip");
    const netlist::AdcSpec& adc = design.spec.adc;
    return (*trip - timing.ramp_second - netlist::counter_delay_second(adc)) * adc.clock_hertz;
}

inline double lsb_volt(const netlist::AdcSpec& adc) {
    return (adc.high_volt - adc.low_volt) / static_cast<double>(1 << adc.bits);
}

}  // namespace mho::spice::test
