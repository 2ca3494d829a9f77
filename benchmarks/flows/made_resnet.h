// SPDX-License-Identifier: Apache-2.0
// Residual networks with random weights, and random images: speed and memory depend on shapes only.
#pragma once

#include "flows/dataset.h"
#include "flows/network.h"

namespace mho::bench {

flows::Network made_resnet20();  // CIFAR-10: 3x32x32, 22 products, 40.8 million multiply-adds
flows::Network made_resnet50();  // ImageNet: 3x224x224, 54 products, 4.1 billion

flows::Dataset made_images(const flows::Network& network, std::size_t count);

}  // namespace mho::bench
