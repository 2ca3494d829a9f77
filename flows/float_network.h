// SPDX-License-Identifier: Apache-2.0
// A network compiled for single-precision inference by oneDNN: the digital reference.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "flows/network.h"

namespace mho::flows {

class FloatNetwork {
  public:
    // Prepares weights in the library's own layouts; `network` must outlive the object. Throws
    // Error(system) when the library refuses.
    explicit FloatNetwork(const Network& network);
    ~FloatNetwork();
    FloatNetwork(FloatNetwork&&) noexcept;
    FloatNetwork& operator=(FloatNetwork&&) noexcept;

    // Images worked on together, a power of two: as many as fit the cache.
    std::size_t batch() const;

    // Scores (count x classes, row-major) of `count` images, image after image in `pixels`, in the
    // calling thread; any number of threads may call it at once. The library always works on
    // batch() images, some of them empty, so that an image's bits depend on nothing but itself and
    // the processor. Throws bad_input when `pixels` has another size.
    std::vector<float> run(std::span<const float> pixels, std::size_t count) const;

  private:
    class Plan;
    std::unique_ptr<Plan> plan_;
};

// Y = X W^T in the calling thread: X is rows x inputs, W outputs x inputs, Y rows x outputs, all
// row-major.
struct MatrixProduct {
    std::size_t rows;
    std::size_t inputs;
    std::size_t outputs;
};
void multiply_matrices(const MatrixProduct& size, const float* x, const float* w, float* y);

}  // namespace mho::flows
