// SPDX-License-Identifier: Apache-2.0
#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace mho {

ProgressBar::ProgressBar(std::string label, bool quiet)
    : label_(std::move(label)), shown_(!quiet && ::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
    if (drawn_) std::fputc('\n', stderr);
}

void ProgressBar::update(std::size_t done, std::size_t total, const std::string& remark) {
    if (!shown_ || total == 0) return;
    const Clock::time_point now = Clock::now();
    if (done < total && now - last_draw_ < std::chrono::milliseconds(100)) return;
    last_draw_ = now;
    constexpr std::size_t kWidth = 30;
    const std::size_t filled = std::min(kWidth, kWidth * done / total);
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    const double rate = elapsed > 0 ? static_cast<double>(done) / elapsed : 0;
    const double left = rate > 0 ? static_cast<double>(total - done) / rate : 0;
    const std::string line =
        fmt::format("\r{:<12} [{}{}] {}/{}  {:.3g}/s  {:.0f} s left  {}\x1b[K", label_,
                    std::string(filled, '='), std::string(kWidth - filled, ' '), done, total, rate,
                    left, remark);
    std::fputs(line.c_str(), stderr);
    std::fflush(stderr);
    drawn_ = true;
}

ProgressCallback ProgressBar::callback() {
    return [this](std::size_t done, std::size_t total, const std::string& remark) {
        update(done, total, remark);
    };
}

}  // namespace mho
