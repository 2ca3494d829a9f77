// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/interrupt.h"

namespace mho::behavioral {

// For loops over input vectors: throws Error(interrupted) once the program was asked to stop.
inline void stop_if_interrupted() {
    if (interrupted()) throw Error(ErrorKind::interrupted, "interrupted");
}

}  // namespace mho::behavioral
