// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers (Philox4x32-10; Salmon et al., "Parallel random numbers: as easy
// as 1, 2, 3", SC 2011). A stream is named by what it is for, never by the order of calls, so
// results do not depend on threads or on what ran before.
#pragma once

#include <array>
#include <cstdint>

namespace mho {

// What a stream is drawn for; part of its key, so that two purposes never share numbers.
enum class RandomPurpose : std::uint32_t {
    array_states = 1,
    array_inputs,
    operating_points,
    programming_error,
    readout_noise,
    digits,
    training,
    test,
    cell_read_noise,
    write_verify,
    stuck_cells,
    device_drift,
    device_read_noise,
    radiation,
    mismatch,
};

class RandomStream {
  public:
    // Streams with different (seed, purpose, a, b) are independent. `a` and `b` name the object
    // (trial, layer, tile, sample).
    RandomStream(std::uint64_t seed, RandomPurpose purpose, std::uint32_t a = 0,
                 std::uint32_t b = 0) noexcept;

    std::uint32_t bits() noexcept;  // 32 uniform bits
    double uniform() noexcept;      // uniform in the open interval (0, 1), 53 bits
    double uniform(double low, double high) noexcept;
    double normal() noexcept;                       // mean 0, standard deviation 1
    std::uint32_t below(std::uint32_t n) noexcept;  // uniform in 0 .. n-1; n > 0

  private:
    void refill() noexcept;

    std::array<std::uint32_t, 2> key_;
    std::array<std::uint32_t, 4> counter_;
    std::array<std::uint32_t, 4> block_{};
    int used_ = 4;
    bool has_spare_normal_ = false;
    double spare_normal_ = 0;
};

}  // namespace mho
