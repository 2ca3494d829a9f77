// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace mho::behavioral {

// Numbers for vector loops: zeros to begin with, on a boundary of 64 bytes, and of a huge page
// where that fits, which spares most of the page faults.
template <typename Real>
class AlignedArray {
    static_assert(std::is_trivial_v<Real>);

  public:
    explicit AlignedArray(std::size_t size = 0) {
        constexpr std::size_t kLine = 64, kHugePage = std::size_t{1} << 21;
        const std::size_t bytes = size * sizeof(Real);
        const std::size_t unit = bytes >= kHugePage ? kHugePage : kLine;
        const std::size_t reserved = (bytes / unit + 1) * unit;
        values_.reset(static_cast<Real*>(std::aligned_alloc(unit, reserved)));
        if (!values_) throw std::bad_alloc();
#if defined(__linux__)
        if (unit == kHugePage) static_cast<void>(madvise(values_.get(), reserved, MADV_HUGEPAGE));
#endif
        std::memset(values_.get(), 0, bytes);
    }

    Real* data() {
        return values_.get();
    }
    const Real* data() const {
        return values_.get();
    }

  private:
    struct Free {
        void operator()(Real* values) const { std::free(values); }
    };
    std::unique_ptr<Real[], Free> values_;
};

}  // namespace mho::behavioral
