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

constexpr double kVdd = 1.1;

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
    if (low > 0) low += cdac_low_parasitic_farad(spec, kVdd);
    const double farad = branch.units * unit;
    if (low == 0) return farad / high;
    const double bridge = cdac_bridge_farad(spec, kVdd);
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
        // Beside the highest bit; a parasitic takes the same part of every step.
        const double beside = ideal_step(spec, branch) / ideal_step(spec, branches.front());
        CHECK_THAT(beside, WithinRel(std::ldexp(1.0, weight - bits + 1), 1e-12));
        CHECK_THAT(ideal_step(spec, branch), WithinRel(std::ldexp(1.0, weight - bits), 0.01));
    }
    CHECK(branches.back().bit == CdacBranch::kTermination);
}

TEST_CASE("a split array is as small as its larger half") {
    CHECK(cdac_low_bits(sar(8, CdacKind::binary)) == 0);
    CHECK(cdac_low_bits(sar(8, CdacKind::split)) == 4);
    CHECK(cdac_low_bits(sar(7, CdacKind::split)) == 3);
    CHECK_THAT(cdac_total_farad(sar(8, CdacKind::binary)), WithinRel(512e-15, 1e-12));
    CHECK_THAT(cdac_total_farad(sar(8, CdacKind::split)), WithinRel(32e-15, 1e-12));
    // The switch on the low array's plate, two drains of .12 um: .25 fF in ngspice (ac analysis).
    const AdcSpec split = sar(8, CdacKind::split);
    const double parasitic = cdac_low_parasitic_farad(split, kVdd);
    CHECK_THAT(parasitic, WithinRel(0.136e-15 + 0.123e-15, 0.1));
    CHECK(cdac_low_parasitic_farad(sar(8, CdacKind::binary), kVdd) == 0);
    CHECK_THAT(cdac_bridge_farad(split, kVdd), WithinRel((32e-15 + parasitic) / 15, 1e-12));
}

TEST_CASE("the switches of a DAC conduct better with clock, capacitance and resolution") {
    AdcSpec spec = sar(8, CdacKind::binary);
    spec.sar.bit_clock_hertz = 1e9;
    const double ohm = cdac_unit_switch_ohm(spec, kVdd);
    spec.sar.bit_clock_hertz = 2e9;
    CHECK_THAT(cdac_unit_switch_ohm(spec, kVdd), WithinRel(ohm / 2, 1e-12));
    spec.sar.unit_farad *= 3;
    CHECK_THAT(cdac_unit_switch_ohm(spec, kVdd), WithinRel(ohm / 6, 1e-12));
    spec.sar.bit_clock_hertz = 1e6;  // never narrower than the technology's least
    CHECK_THAT(cdac_unit_switch_ohm(spec, kVdd), WithinRel(.01437 / .12e-6, 1e-3));
}

TEST_CASE("a DAC has the ports of its sampling and sound nets within the technology") {
    const CdacKind kind = GENERATE(CdacKind::binary, CdacKind::split);
    const SarSampling sampling = GENERATE(SarSampling::top_plate, SarSampling::bottom_plate);
    const AdcSpec spec = sar(6, kind, sampling);
    const Definition dac = cdac(spec, kVdd);
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
    CHECK(farad(*dac, "c5") == (kind == CdacKind::split ? 4 : 32) * spec.sar.unit_farad);
}
