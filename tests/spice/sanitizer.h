// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mho::spice::test {

// Under AddressSanitizer freed memory is kept for a while and address space is not limited.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#elif defined(__has_feature)
inline constexpr bool kAddressSanitizer = __has_feature(address_sanitizer);
#else
inline constexpr bool kAddressSanitizer = false;
#endif

}  // namespace mho::spice::test
