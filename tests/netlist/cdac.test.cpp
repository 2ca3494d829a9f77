// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>

#include "netlist/circuit_check.h"
#include "netlist/circuit_lookup.h"
#include "netlist/sar_adc.h"
#include "netlist/technology.h"

using namespace mho::netlist;
using namespace mho::test;
using Catch::Matchers::WithinRel;

namespace {

AdcSpec sar(int bits, CdacKind kind, SarSampling sampling = SarSampling::bottom_plate) {
    AdcSpec spec;
    spec.kind = AdcKind::sar;
    spec.bits = bits;
    spec.sar.cdac = kind;
    spec.sar.sampling = sampling;
    return spec;
}

// By how much of the reference the top plate rises when the bit's capacitor is switched: the
// network solved by hand, low array behind the bridge.
double ideal_step(const AdcSpec& spec, const CdacBranch& branch) {
    const double unit = spec.sar.unit_farad;
    double high = 0;
    double low = 0;
    for (const CdacBranch& other : cdac_branches(spec)) {
        (other.low ? low : high) += other.units * unit;
    }
    const double farad = branch.units * unit;
    if (low == 0) return farad / high;
    const double bridge = cdac_bridge_farad(spec);
    if (!branch.low) return farad / (high + bridge * low / (bridge + low));
    // Thevenin of the low array, then the divider of bridge and high array.
    const double source = farad / low;
    const double series = bridge * low / (bridge + low);
    return source * series / (series + high);
}

}  // namespace

TEST_CASE("every bit of a DAC weighs its power of two, split or not") {
    const int bits = GENERATE(4, 5, 7, 8, 10);
    const CdacKind kind = GENERATE(CdacKind::binary, CdacKind::split);
    const AdcSpec spec = sar(bits, kind);
    const auto branches = cdac_branches(spec);
    REQUIRE(branches.size() == static_cast<std::size_t>(bits) + 1);
    for (const CdacBranch& branch : branches) {
        const int weight = branch.bit == CdacBranch::kTermination ? 0 : branch.bit;
        CHECK_THAT(ideal_step(spec, branch), WithinRel(std::ldexp(1.0, weight - bits), 1e-12));
    }
    CHECK(branches.back().bit == CdacBranch::kTermination);
}

TEST_CASE("a split array is as small as its larger half") {
    CHECK(cdac_low_bits(sar(8, CdacKind::binary)) == 0);
    CHECK(cdac_low_bits(sar(8, CdacKind::split)) == 4);
    CHECK(cdac_low_bits(sar(7, CdacKind::split)) == 3);
    CHECK_THAT(cdac_total_farad(sar(8, CdacKind::binary)), WithinRel(512e-15, 1e-12));
    CHECK_THAT(cdac_total_farad(sar(8, CdacKind::split)), WithinRel(32e-15, 1e-12));
    CHECK_THAT(cdac_bridge_farad(sar(8, CdacKind::split)), WithinRel(2e-15 * 16 / 15, 1e-12));
}

TEST_CASE("the switches of a DAC grow with clock, capacitance and resolution") {
    AdcSpec spec = sar(8, CdacKind::binary);
    spec.sar.bit_clock_hertz = 1e9;
    const double width = cdac_unit_switch_width(spec);
    spec.sar.bit_clock_hertz = 2e9;
    CHECK_THAT(cdac_unit_switch_width(spec), WithinRel(2 * width, 1e-12));
    spec.sar.unit_farad *= 3;
    CHECK_THAT(cdac_unit_switch_width(spec), WithinRel(6 * width, 1e-12));
    spec.sar.bit_clock_hertz = 1e6;  // never below the least of the technology
    CHECK_THAT(cdac_unit_switch_width(spec), WithinRel(0.12e-6, 1e-12));
}

TEST_CASE("a DAC has the ports of its sampling and sound nets within the technology") {
    const CdacKind kind = GENERATE(CdacKind::binary, CdacKind::split);
    const SarSampling sampling = GENERATE(SarSampling::top_plate, SarSampling::bottom_plate);
    const AdcSpec spec = sar(6, kind, sampling);
    const Definition dac = cdac(spec);
    const auto ports = port_names(*dac);
    CHECK(ports.front() == "top");
    const auto has = [&](const char* name) {
        return std::find(ports.begin(), ports.end(), name) != ports.end();
    };
    CHECK(has("low_top") == (kind == CdacKind::split));
    CHECK(has("vin") == (sampling == SarSampling::bottom_plate));
    CHECK(has("bit_5"));
    CHECK_FALSE(has("bit_6"));
    CHECK_NOTHROW(require_in_range(read_technology("generic40"), *dac));
    // Inverted for top-plate sampling: a high bit joins the plate to v_low.
    const auto pins_of_bit = pins(*dac, "x5");
    const bool inverted = sampling == SarSampling::top_plate;
    CHECK(pins_of_bit[pins_of_bit.size() - 2] == (inverted ? "v_low" : "v_high"));
    CHECK(farad(*dac, "c5") == (kind == CdacKind::split ? 4 : 32) * spec.sar.unit_farad);
}
