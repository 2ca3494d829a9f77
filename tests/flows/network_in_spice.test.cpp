// SPDX-License-Identifier: Apache-2.0
// A network whose multiplies are transients of a macro at transistor level, beside its card.
#include "flows/network_in_spice.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cstdint>
#include <vector>

#include "base/file.h"
#include "flows/idx_write.h"
#include "flows/onnx_write.h"
#include "netlist/spec.h"
#include "support/temporary_folder.h"

using namespace mho;
using namespace mho::flows;
using Catch::Matchers::WithinAbs;

namespace {

// 2 x 2 pixels, two classes, two layers: the second has two inputs, of which the tile takes two.
Mlp small_network() {
    Mlp mlp;
    mlp.layers.resize(2);
    mlp.layers[0].weights.resize(2, 4);
    mlp.layers[0].weights << 1, -0.5, 0.25, 0.75, -1, 0.5, 1, -0.25;
    mlp.layers[0].bias = Eigen::Vector2d(0.1, -0.05);
    mlp.layers[1].weights.resize(2, 2);
    mlp.layers[1].weights << 1, -1, -0.5, 1;
    mlp.layers[1].bias = Eigen::Vector2d(0, 0.2);
    return mlp;
}

netlist::Spec small_spec() {
    netlist::Spec spec;
    spec.name = "small";
    spec.array.rows = 4;
    spec.array.columns = 2;
    spec.driver.bits = 5;
    spec.readout.feedback_ohm = 40e3;
    spec.adc.bits = 6;
    spec.adc.shared_by = 2;
    spec.calibration.validation_rows = 4;
    spec.calibration.validation_columns = 2;
    spec.calibration.held_out_columns = 1;
    return spec;
}

}  // namespace

TEST_CASE("a network gives the same codes, classes and logits in SPICE and on its card") {
    const test::TemporaryFolder folder;
    calibrate::CalibrateOptions how;
    how.workers = 2;
    how.cache_folder = folder / "cache";
    behavioral::ModelCard card = calibrate::calibrate(small_spec(), how).card;
    write_file(folder / "net.onnx", mlp_to_onnx(small_network(), {2, 2}));
    const std::vector<std::uint8_t> pixels{255, 0, 30, 200, 10, 250, 250, 0, 90, 90, 0, 120};
    const std::vector<std::uint8_t> labels{0, 1, 1};
    write_file(folder / "t10k-images-idx3-ubyte", idx_images(pixels, 2, 2));
    write_file(folder / "t10k-labels-idx1-ubyte", idx_labels(labels));
    InferOptions infer;
    infer.model = folder / "net.onnx";
    infer.data = folder.path();
    infer.limit = 2;
    infer.programming_error = false;

    const NetworkInSpice both = run_network_in_spice(card, infer, how);
    // Two row blocks of two inputs in the first layer, one in the second, for two images.
    // And an operating point of each of the three arrays.
    CHECK(both.runs.spice_runs == 6 + 3);
    CHECK(both.codes == 12);
    CHECK(both.equal_codes >= 11);
    CHECK(both.worst_code <= 1);
    const NetworkInSpiceSummary summary = summarize(both);
    CHECK(summary.images == 2);
    CHECK(summary.same_class == 2);
    CHECK(summary.worst_logit_error < 0.05);
    // What both give is the network, up to its quantisation.
    CHECK(both.spice_classes == both.float_classes);
    const Eigen::MatrixXd exact = mlp_logits(small_network(), pixel_matrix({pixels.data(), 8}, 4));
    for (Eigen::Index image = 0; image < 2; ++image) {
        for (Eigen::Index k = 0; k < 2; ++k) {
            CHECK_THAT(static_cast<double>(both.spice_logits(image, k)),
                       WithinAbs(exact(k, image), 0.12));
        }
    }

    // A larger limit repeats nothing, and a wrong card is found out.
    infer.limit = 3;
    card.readout.transimpedance_ohm *= 1.2;
    const NetworkInSpice wrong = run_network_in_spice(card, infer, how);
    CHECK(wrong.runs.spice_runs == 9 + 3);
    CHECK(wrong.runs.cached_runs >= 4);
    CHECK(wrong.equal_codes < wrong.codes - 4);
}
