// SPDX-License-Identifier: Apache-2.0
#include "spice/raw_file.h"

#include <catch2/catch_test_macros.hpp>
#include <cstring>

using namespace mho::spice;

namespace {

std::string bytes_of(const std::vector<double>& values) {
    std::string bytes(values.size() * sizeof(double), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

}  // namespace

TEST_CASE("a raw file has a header in text and its points in binary") {
    const Waveforms waves{{"time", "v(out)", "i(v1)", "@m1[gm]"},
                          {{0, 1e-9}, {0.5, 1.0 / 3}, {-1, -2}, {3, 4}}};
    CHECK(raw_plot(waves, AnalysisKind::tran, "my title") ==
          "Title: my title\nPlotname: Transient Analysis\nFlags: real\nNo. Variables: 4\n"
          "No. Points: 2\nVariables:\n\t0\ttime\ttime\n\t1\tv(out)\tvoltage\n\t2\ti(v1)\tcurrent\n"
          "\t3\t@m1[gm]\tnotype\nBinary:\n" +
              bytes_of({0, 0.5, -1, 3, 1e-9, 1.0 / 3, -2, 4}));
}

TEST_CASE("real and imaginary columns are one complex variable of a raw file") {
    const Waveforms waves{{"frequency", "re(v(a))", "im(v(a))"}, {{1, 10}, {2, 3}, {4, 5}}};
    CHECK(raw_plot(waves, AnalysisKind::ac, "t") ==
          "Title: t\nPlotname: AC Analysis\nFlags: complex\nNo. Variables: 2\nNo. Points: 2\n"
          "Variables:\n\t0\tfrequency\tfrequency\n\t1\tv(a)\tvoltage\nBinary:\n" +
              bytes_of({1, 0, 2, 4, 10, 0, 3, 5}));
}

TEST_CASE("plots of every kind have ngspice's name") {
    const Waveforms waves{{"x"}, {{1}}};
    for (const auto& [kind, name] :
         {std::pair{AnalysisKind::op, "Operating Point"},
          std::pair{AnalysisKind::dc, "DC transfer characteristic"},
          std::pair{AnalysisKind::noise, "Noise Spectral Density Curves"}}) {
        CHECK(raw_plot(waves, kind, "t").find(std::string("Plotname: ") + name + "\n") == 9);
    }
}
