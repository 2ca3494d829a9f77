// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

namespace mho {

RandomStream::RandomStream(std::uint64_t seed, RandomPurpose purpose, std::uint32_t a,
                           std::uint32_t b) noexcept
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      counter_{0, static_cast<std::uint32_t>(purpose), a, b} {}

void RandomStream::refill() noexcept {
    const r123::Philox4x32::ctr_type counter{{counter_[0], counter_[1], counter_[2], counter_[3]}};
    const r123::Philox4x32::key_type key{{key_[0], key_[1]}};
    const r123::Philox4x32::ctr_type block = r123::Philox4x32{}(counter, key);
    for (std::size_t i = 0; i < 4; ++i) block_[i] = block[i];
    ++counter_[0];
    used_ = 0;
}

std::uint32_t RandomStream::bits() noexcept {
    if (used_ == 4) refill();
    return block_[static_cast<std::size_t>(used_++)];
}

double RandomStream::uniform() noexcept {
    const std::uint64_t high = bits() >> 5;
    const std::uint64_t low = bits() >> 6;
    return (static_cast<double>(high * 67108864u + low) + 0.5) * 0x1p-53;
}

double RandomStream::uniform(double low, double high) noexcept {
    return low + (high - low) * uniform();
}

// Box-Muller; the second number of the pair is kept for the next call.
double RandomStream::normal() noexcept {
    if (has_spare_normal_) {
        has_spare_normal_ = false;
        return spare_normal_;
    }
    const double radius = std::sqrt(-2.0 * std::log(uniform()));
    const double angle = 2.0 * std::numbers::pi * uniform();
    spare_normal_ = radius * std::sin(angle);
    has_spare_normal_ = true;
    return radius * std::cos(angle);
}

std::uint32_t RandomStream::below(std::uint32_t n) noexcept {
    // Lemire's multiply-and-reject: unbiased, and rarely rejects.
    std::uint64_t product = static_cast<std::uint64_t>(bits()) * n;
    if (static_cast<std::uint32_t>(product) < n) {
        const std::uint32_t threshold = (0u - n) % n;
        while (static_cast<std::uint32_t>(product) < threshold) {
            product = static_cast<std::uint64_t>(bits()) * n;
        }
    }
    return static_cast<std::uint32_t>(product >> 32);
}

}  // namespace mho
