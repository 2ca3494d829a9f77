// SPDX-License-Identifier: Apache-2.0
// A user's own measurements as a device: the relaxation of a multi-level RRAM array
// (rram_relaxation of the shared data, "technology B").
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "behavioral/device_state.h"
#include "flows/device_toml.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

using Catch::Matchers::WithinAbs;
using namespace mho::behavioral;
using mho::test::TemporaryFolder;

namespace {

struct Measured {
    double second = 0, state = 0, mean = 0, sigma = 0;  // uS
};

// The rows of technology B after programming.
std::vector<Measured> measured_rows(const std::string& text) {
    std::vector<Measured> rows;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("B,")) continue;
        double second = 0, level = 0, cells = 0, start = 0, delta = 0, sigma = 0;
        char comma = 0;
        std::istringstream cell(line.substr(2));
        cell >> second >> comma >> level >> comma >> cells >> comma >> start >> comma >> delta >>
            comma >> sigma;
        if (second > 0) rows.push_back({second, start * 1e6, (start + delta) * 1e6, sigma * 1e6});
    }
    return rows;
}

}  // namespace

TEST_CASE("a device made of measured tables relaxes as the measured array did") {
    MHO_REQUIRE_SHARED(summary, "devices/rram_relaxation/summary_by_level.csv");
    const std::vector<Measured> rows = measured_rows(mho::read_file(summary));
    REQUIRE(rows.size() == 6 * 32);
    std::string csv = "second,state,mean,sigma\n";
    for (const Measured& row : rows) {
        csv += fmt::format("{},{},{},{}\n", row.second, row.state, row.mean, row.sigma);
    }
    const TemporaryFolder folder;
    mho::write_file(folder / "drift.csv", csv);
    mho::write_file(folder / "b.toml",
                    "schema = \"mho.device/1\"\nname = \"b\"\ntitle = \"B\"\nsource = \"s\"\n"
                    "[state]\nunit = \"uS\"\nlow = 3\nhigh = 128\nsource = \"s\"\n"
                    "[programming]\nsigma = 0\nsource = \"s\"\n"
                    "[drift]\nkind = \"measured\"\ncsv = \"drift.csv\"\nsource = \"s\"\n");
    const DeviceModel device = mho::flows::read_device(folder / "b.toml");
    for (const Measured& row : rows) {
        if (row.state < 3.2 || row.state > 125) continue;  // clipped into the range
        INFO(row.second << " s, " << row.state << " uS");
        const Eigen::MatrixXd target = Eigen::MatrixXd::Constant(60, 60, row.state * 1e-6);
        const ProgrammedCells cells = program(device, target, {3, 0, 0});
        const Eigen::ArrayXXd now = states_at(device, cells, {row.second, {}, 0}).array() * 1e6;
        const double mean = now.mean();
        const double sigma = std::sqrt((now - mean).square().mean());
        // Five standard errors of 3,600 cells; at the lowest states some stop at 0.
        CHECK_THAT(mean, WithinAbs(row.mean, 5 * row.sigma / 60 + 1e-9));
        CHECK_THAT(sigma, WithinAbs(row.sigma, 5 * row.sigma / std::sqrt(7200.0) + 1e-9));
    }
}
