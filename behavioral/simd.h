// SPDX-License-Identifier: Apache-2.0
#pragma once

// MHO_SIMD_CLONES before a function definition compiles it for several x86-64 vector widths and
// picks one at load time. All give the same bits: arithmetic is never fused. Sanitizers do not
// survive the early resolvers, so they get the plain function. MHO_FUSED_CLONES is for files that
// are compiled with -ffp-contract=fast: processors with fused multiply-add all give the same bits.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MHO_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define MHO_SANITIZED 1
#endif
#endif

#if defined(__x86_64__) && defined(__ELF__) && defined(__GNUC__) && !defined(MHO_SANITIZED)
#define MHO_SIMD_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#define MHO_FUSED_CLONES __attribute__((target_clones("avx512f", "fma", "default")))
#else
#define MHO_SIMD_CLONES
#define MHO_FUSED_CLONES
#endif

// Before a loop whose iterations are independent although its pointers may coincide.
#if defined(__clang__)
#define MHO_INDEPENDENT_ITERATIONS _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define MHO_INDEPENDENT_ITERATIONS _Pragma("GCC ivdep")
#else
#define MHO_INDEPENDENT_ITERATIONS
#endif
