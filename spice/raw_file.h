// SPDX-License-Identifier: Apache-2.0
// Result files of ngspice's own kind, for its `load` command and the viewers that read them
// (ngspice manual, section "Rawfile format").
#pragma once

#include <string>
#include <string_view>

#include "spice/job.h"
#include "spice/request.h"

namespace mho::spice {

// One plot as a binary raw file: a header in text, then doubles, point after point. Plots put one
// behind the other make one file. The columns re(X) and im(X) of an ac analysis become one complex
// variable X. There is no date in it: equal results are equal files. `title` is one line.
std::string raw_plot(const Waveforms& waveforms, AnalysisKind kind, std::string_view title);

}  // namespace mho::spice
