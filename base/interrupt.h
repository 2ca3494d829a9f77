// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mho {

// From the first call on, SIGINT and SIGTERM ask running work to stop at the next safe point; a
// second signal ends the process at once. Programs call it; the library only asks interrupted().
void catch_interrupts();

// True once a signal came. Long loops test it and throw Error(ErrorKind::interrupted).
bool interrupted() noexcept;

}  // namespace mho
