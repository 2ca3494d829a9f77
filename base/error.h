// SPDX-License-Identifier: Apache-2.0
// The one exception type that reaches users. Its text is a single line made for them: what was
// found where, and what was expected. Anything else that is thrown is a defect of mho.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace mho {

// What went wrong, as the process exit code tells it.
enum class ErrorKind {
    bad_result = 1,  // the work ran, but its result misses a stated tolerance
    bad_input = 2,   // a file, key, value or flag of the user's
    simulator = 3,   // ngspice failed, crashed or timed out
    system = 4,      // the operating system refused: disk full, no permission, no memory
    interrupted = 130,
};

class Error : public std::runtime_error {
  public:
    // Line breaks in `message` are folded into spaces.
    Error(ErrorKind kind, std::string_view message);

    ErrorKind kind() const noexcept { return kind_; }
    int exit_code() const noexcept { return static_cast<int>(kind_); }

  private:
    ErrorKind kind_;
};

// throw bad_input("{}: {} is not ...", file, value)
template <typename... Args>
Error bad_input(fmt::format_string<Args...> text, Args&&... args) {
    return Error(ErrorKind::bad_input, fmt::format(text, std::forward<Args>(args)...));
}

template <typename... Args>
Error simulator_error(fmt::format_string<Args...> text, Args&&... args) {
    return Error(ErrorKind::simulator, fmt::format(text, std::forward<Args>(args)...));
}

template <typename... Args>
Error system_error(fmt::format_string<Args...> text, Args&&... args) {
    return Error(ErrorKind::system, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace mho
