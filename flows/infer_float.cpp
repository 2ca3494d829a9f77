// SPDX-License-Identifier: Apache-2.0
#include "flows/infer_float.h"

#include "base/error.h"
#include "base/version.h"
#include "flows/dataset.h"
#include "flows/float_engine.h"
#include "flows/onnx_read.h"

namespace mho::flows {

FloatInference infer_float(const InferOptions& options) {
    const Network network = read_onnx(options.model);
    const Dataset data = load_data_for(network, options);
    FloatOptions how;
    how.threads = options.threads;
    how.stop = options.stop;
    how.on_batch = [&](std::size_t done, std::size_t correct) {
        if (!options.progress) return;
        const double percent = 100 * static_cast<double>(correct) / static_cast<double>(done);
        options.progress(done, data.size(), fmt::format("accuracy {:.2f} %", percent));
    };
    FloatRun run = run_float(network, data, how);
    if (run.images == 0) throw interrupted_before_any();
    FloatInference result;
    result.mho_version = kVersion;
    result.model = model_info(network, options.model);
    result.data = {options.data.string(), data.format};
    result.samples = run.images;
    result.interrupted = run.images < data.size();
    result.classes = element_count(network.output_shape());
    result.scores = std::move(run.scores);
    const std::vector<int> best = arg_max_rows(result.scores, result.classes);
    std::size_t correct = 0;
    for (std::size_t i = 0; i < best.size(); ++i) correct += best[i] == data.labels[i] ? 1 : 0;
    result.accuracy = static_cast<double>(correct) / static_cast<double>(best.size());
    return result;
}

}  // namespace mho::flows
