// SPDX-License-Identifier: Apache-2.0
#include "calibrate/run_pool.h"

#include <algorithm>
#include <thread>

namespace mho::calibrate {

spice::Pool start_pool(const CalibrateOptions& options) {
    spice::PoolOptions how;
    how.workers = options.workers;
    how.cache_folder = options.cache_folder;
    return spice::Pool(how);
}

RunCount count_runs(std::size_t spice_runs, const spice::Pool& pool,
                    const CalibrateOptions& options) {
    const spice::RunSummary summary = pool.summary();
    RunCount count{spice_runs, summary.cached, summary.simulator_second, pool.simulator().klu};
    count.workers = options.workers > 0
                        ? options.workers
                        : std::max<std::size_t>(1, std::thread::hardware_concurrency());
    return count;
}

}  // namespace mho::calibrate
