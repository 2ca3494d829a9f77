// SPDX-License-Identifier: Apache-2.0
#include "flows/network_in_spice.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>

#include "behavioral/card_check.h"
#include "calibrate/macro_in_spice.h"
#include "flows/activation_range.h"
#include "flows/analog_engine.h"
#include "flows/float_engine.h"
#include "flows/mapping.h"
#include "flows/onnx_read.h"

namespace mho::flows {
namespace {

using behavioral::RowMatrixXf;
using Eigen::Index;

struct Programmed {
    Network network;
    Dataset data;
    std::size_t images = 0;  // the first ones of the data
    Mapping mapping;
    InstanceOptions instance;
    AnalogNetwork analog;
};

Programmed program(const behavioral::ModelCard& card, const InferOptions& options) {
    Programmed made;
    made.network = read_onnx(options.model);
    InferOptions all = options;
    all.limit = 0;
    made.data = load_data_for(made.network, all);
    made.images = options.limit == 0 ? made.data.size() : std::min(options.limit, made.data.size());
    made.mapping = map_network(made.network, card);
    made.instance.seed = options.seed;
    made.instance.programming_error = options.programming_error;
    made.instance.readout_noise = false;
    made.instance.mismatch = false;
    made.instance.energy = false;
    made.instance.threads = options.threads;
    RangeOptions range;
    range.percentile = options.activation_percentile;
    range.threads = options.threads;
    made.analog =
        compile_network(made.network, made.mapping,
                        activation_ranges(made.network, made.data, range), card, made.instance);
    return made;
}

// All images through the network at once: each layer's multiplies are one campaign.
Eigen::MatrixXf logits_of(const Programmed& made, const ProductOptions& how) {
    const std::size_t images = made.images;
    LayerTally unused;
    const std::vector<float> scores = run_batch(
        made.network, made.data.images(0, images), images,
        [&](const Product& product) { analog_product(made.analog, product, how, unused); });
    const auto rows = static_cast<Index>(images);
    return Eigen::Map<const RowMatrixXf>(scores.data(), rows,
                                         static_cast<Index>(scores.size()) / rows);
}

std::vector<int> classes_of(const Eigen::MatrixXf& logits) {
    const RowMatrixXf rows = logits;
    return arg_max_rows({rows.data(), static_cast<std::size_t>(rows.size())},
                        static_cast<std::size_t>(rows.cols()));
}

// Every tile's multiply in SPICE. Unused rows are driven with code 0, unused columns not read.
class SpiceTiles {
  public:
    SpiceTiles(const behavioral::ModelCard& card, const Programmed& made,
               const calibrate::CalibrateOptions& options, NetworkInSpice& result)
        : card_(card),
          made_(made),
          progress_(options.progress),
          macro_(card, options),
          result_(result) {}

    void multiply(std::size_t layer, std::size_t tile, const Eigen::Ref<const RowMatrixXf>& drive,
                  Eigen::Ref<RowMatrixXf> codes) {
        const Eigen::MatrixXd states = programmed_states(made_.network, made_.mapping.layers[layer],
                                                         tile, card_, made_.instance);
        Eigen::MatrixXd inputs = Eigen::MatrixXd::Zero(states.rows() / 2, drive.rows());
        inputs.topRows(drive.cols()) = drive.transpose().cast<double>();
        const auto conversions = macro_.multiply(states, inputs, progress_);
        RowMatrixXf model(codes.rows(), codes.cols());
        made_.analog.layers[layer].tiles[tile].run(drive, model);
        for (Index v = 0; v < codes.rows(); ++v) {
            const auto& truth = conversions[static_cast<std::size_t>(v)].codes;
            for (Index j = 0; j < codes.cols(); ++j) {
                const std::int32_t code = truth[static_cast<std::size_t>(j)];
                codes(v, j) = static_cast<float>(code);
                const std::int32_t off = std::abs(code - static_cast<std::int32_t>(model(v, j)));
                ++result_.codes;
                result_.equal_codes += off == 0 ? 1 : 0;
                result_.worst_code = std::max(result_.worst_code, off);
            }
        }
    }

    calibrate::RunCount runs() const { return macro_.runs(); }

  private:
    const behavioral::ModelCard& card_;
    const Programmed& made_;
    const ProgressCallback& progress_;
    calibrate::MacroInSpice macro_;
    NetworkInSpice& result_;
};

std::size_t count_equal(const std::vector<int>& a, const std::vector<int>& b) {
    std::size_t equal = 0;
    for (std::size_t k = 0; k < a.size(); ++k) equal += a[k] == b[k] ? 1 : 0;
    return equal;
}

}  // namespace

NetworkInSpice run_network_in_spice(const behavioral::ModelCard& card, const InferOptions& options,
                                    const calibrate::CalibrateOptions& spice) {
    behavioral::check_card(card, "card");
    behavioral::require_column(card, "a network in SPICE");
    const Programmed made = program(card, options);
    NetworkInSpice result;
    result.labels.assign(made.data.labels.begin(),
                         made.data.labels.begin() + static_cast<std::ptrdiff_t>(made.images));
    result.float_classes =
        arg_max_rows(float_scores(made.network, made.data, made.images, options.threads),
                     element_count(made.network.output_shape()));
    SpiceTiles tiles(card, made, spice, result);
    ProductOptions in_spice;
    in_spice.multiply =
        [&tiles](std::size_t layer, std::size_t tile, const Eigen::Ref<const RowMatrixXf>& drive,
                 Eigen::Ref<RowMatrixXf> codes) { tiles.multiply(layer, tile, drive, codes); };
    result.spice_logits = logits_of(made, in_spice);
    result.card_logits = logits_of(made, {});
    result.spice_classes = classes_of(result.spice_logits);
    result.card_classes = classes_of(result.card_logits);
    result.runs = tiles.runs();
    return result;
}

NetworkInSpiceSummary summarize(const NetworkInSpice& both) {
    NetworkInSpiceSummary summary;
    summary.images = both.labels.size();
    summary.same_class = count_equal(both.spice_classes, both.card_classes);
    summary.correct_float = count_equal(both.float_classes, both.labels);
    summary.correct_spice = count_equal(both.spice_classes, both.labels);
    summary.correct_card = count_equal(both.card_classes, both.labels);
    const auto range =
        static_cast<double>(both.spice_logits.maxCoeff() - both.spice_logits.minCoeff());
    if (range > 0) {
        const Eigen::MatrixXd error = (both.card_logits - both.spice_logits).cast<double>() / range;
        summary.rms_logit_error =
            std::sqrt(error.squaredNorm() / static_cast<double>(error.size()));
        summary.worst_logit_error = error.cwiseAbs().maxCoeff();
    }
    return summary;
}

}  // namespace mho::flows
