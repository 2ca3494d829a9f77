// SPDX-License-Identifier: Apache-2.0
// Models made in a test, read back and run.
#pragma once

#include <string>
#include <vector>

#include "flows/executor.h"
#include "flows/float_engine.h"
#include "flows/onnx_builder.h"
#include "flows/onnx_read.h"
#include "flows/thrown_text.h"
#include "support/temporary_folder.h"

namespace mho::test {

// Scores of one image.
inline std::vector<float> run(const flows::Network& network, const std::vector<float>& in) {
    return flows::run_batch(network, in, 1, [&](const flows::Product& product) {
        flows::float_product(network, product);
    });
}

// What read_onnx throws for the model, which has to name the file first.
inline std::string refusal(const OnnxBuilder& model) {
    const TemporaryFolder folder;
    const auto path = folder / "net.onnx";
    model.write(path);
    const std::string text = thrown_text([&] { flows::read_onnx(path); });
    if (text.rfind("2: " + path.string() + ": ", 0) != 0) return "UNNAMED FILE: " + text;
    return text;
}

inline flows::Network accepted(const OnnxBuilder& model) {
    const TemporaryFolder folder;
    model.write(folder / "net.onnx");
    return flows::read_onnx(folder / "net.onnx");
}

}  // namespace mho::test
