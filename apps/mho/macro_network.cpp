// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/macro_network.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/mho/macro_json.h"

namespace mho::apps {
namespace {

constexpr double kLogitError = 0.01;

}  // namespace

bool classes_agree(const flows::NetworkInSpiceSummary& summary) {
    return summary.same_class == summary.images && summary.rms_logit_error <= kLogitError;
}

std::string network_text(const flows::NetworkInSpice& both,
                         const flows::NetworkInSpiceSummary& summary) {
    return fmt::format(
        "{} images: {} of the same class in SPICE and on the card; right are {} in float, {} in "
        "SPICE, {} on the card\n"
        "logits differ by {:.2g} % of their range rms, {:.2g} % at most\n"
        "{} of {} codes equal for equal inputs ({:.2f} %), the worst off by {}\n",
        summary.images, summary.same_class, summary.correct_float, summary.correct_spice,
        summary.correct_card, 100 * summary.rms_logit_error, 100 * summary.worst_logit_error,
        both.equal_codes, both.codes,
        100 * static_cast<double>(both.equal_codes) / static_cast<double>(both.codes),
        both.worst_code);
}

std::string network_to_json(const flows::NetworkInSpice& both,
                            const flows::NetworkInSpiceSummary& summary,
                            const behavioral::Provenance& card) {
    using Json = nlohmann::ordered_json;
    Json root;
    root["schema"] = "mho.macro-network/1";
    root["card"] = card_json(card);
    root["summary"] = {{"images", summary.images},
                       {"same_class", summary.same_class},
                       {"correct_float", summary.correct_float},
                       {"correct_spice", summary.correct_spice},
                       {"correct_card", summary.correct_card},
                       {"logit_error_rms", summary.rms_logit_error},
                       {"logit_error_worst", summary.worst_logit_error},
                       {"codes", both.codes},
                       {"equal_codes", both.equal_codes},
                       {"worst_code_difference", both.worst_code}};
    Json& images = root["images"] = Json::array();
    for (std::size_t k = 0; k < both.labels.size(); ++k) {
        const auto row = static_cast<Eigen::Index>(k);
        const auto numbers = [row](const Eigen::MatrixXf& logits) {
            Json list = Json::array();
            for (const float logit : logits.row(row)) list.push_back(logit);
            return list;
        };
        images.push_back({{"label", both.labels[k]},
                          {"float_class", both.float_classes[k]},
                          {"spice_class", both.spice_classes[k]},
                          {"card_class", both.card_classes[k]},
                          {"spice_logits", numbers(both.spice_logits)},
                          {"card_logits", numbers(both.card_logits)}});
    }
    return root.dump() + "\n";
}

}  // namespace mho::apps
