// SPDX-License-Identifier: Apache-2.0
#include "calibrate/run_pool.h"

namespace mho::calibrate {

spice::Pool start_pool(const CalibrateOptions& options) {
    spice::PoolOptions how;
    how.workers = options.workers;
    how.cache_folder = options.cache_folder;
    return spice::Pool(how);
}

RunCount count_runs(std::size_t spice_runs, const spice::Pool& pool) {
    const spice::RunSummary summary = pool.summary();
    return {spice_runs, summary.cached, summary.simulator_second, pool.simulator().klu};
}

}  // namespace mho::calibrate
