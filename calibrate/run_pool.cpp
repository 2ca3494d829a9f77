// SPDX-License-Identifier: Apache-2.0
#include "calibrate/run_pool.h"

namespace mho::calibrate {

spice::Pool start_pool(const CalibrateOptions& options) {
    spice::PoolOptions how;
    how.workers = options.workers;
    how.cache_folder = options.cache_folder;
    return spice::Pool(how);
}

RunCount count_runs(const Campaign& campaign, const spice::Pool& pool) {
    const spice::RunSummary summary = pool.summary();
    return {campaign.runs(), summary.cached, summary.simulator_second, pool.simulator().klu};
}

}  // namespace mho::calibrate
