// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace mho {

// What long work tells while it runs: `done` of `total`, and a short remark ("acc 97.1 %").
using ProgressCallback =
    std::function<void(std::size_t done, std::size_t total, const std::string& remark)>;

// One line on standard error, redrawn at most ten times a second on a terminal; elsewhere silent.
// Debian 12 packages no progress-bar library.
class ProgressBar {
  public:
    explicit ProgressBar(std::string label, bool quiet = false);
    ~ProgressBar();  // ends the line
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void update(std::size_t done, std::size_t total, const std::string& remark = {});
    ProgressCallback callback();  // refers to this object

  private:
    using Clock = std::chrono::steady_clock;
    std::string label_;
    bool shown_;
    bool drawn_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_draw_{};
};

}  // namespace mho
