// SPDX-License-Identifier: Apache-2.0
#include "netlist/row_driver.h"

#include <algorithm>
#include <cmath>

namespace mho::netlist {
namespace {

constexpr double kLength = 270e-9;  // shortest I/O channel
constexpr double kFingerWidth = 2e-6;

MosSize fingers(double width_m) {
    const int count = std::max(1, static_cast<int>(std::lround(width_m / kFingerWidth)));
    return {.width_m = width_m / count, .length_m = kLength, .multiplier = count};
}

}  // namespace

Definition row_driver(const DriverSpec& spec) {
    Circuit c("row_driver", {"ref", "row", "en", "enb", "vddh"});
    c.describe("transmission gate from a reference level to a row");
    const NetId ref = c.net("ref");
    const NetId row = c.net("row");
    c.mosfet("mn", {.drain = ref, .gate = c.net("en"), .source = row, .bulk = kGround}, "nch_io",
             fingers(spec.nmos_width_m));
    c.mosfet("mp", {.drain = ref, .gate = c.net("enb"), .source = row, .bulk = c.net("vddh")},
             "pch_io", fingers(spec.pmos_width_m));
    return share(std::move(c));
}

}  // namespace mho::netlist
