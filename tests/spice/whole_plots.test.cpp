// SPDX-License-Identifier: Apache-2.0
// Every vector of an analysis, small-signal results and .meas cards, in ngspice against closed
// forms.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <complex>
#include <numbers>

#include "spice/decks.h"
#include "spice/pool.h"

using namespace mho::spice;
using namespace mho::spice::test;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

using Names = std::vector<std::string>;

// A kilohm and a picofarad, a subcircuit, and node names of digits and signs.
const std::string kHierarchy =
    "hierarchy\n"
    "V1 1 0 dc 1 ac 1\n"
    "X1 1 net-2 half\n"
    ".subckt half a b\n"
    "V2 a m 0\n"
    "R1 m b 1k\n"
    "R2 b 0 1k\n"
    ".ends\n"
    ".end\n";

Names sorted(Names names) {
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

TEST_CASE("all vectors are the node voltages and source currents as decks write them") {
    const JobResult op = run_one(make_job(kHierarchy, "op", {"all"}));
    INFO(op.message);
    REQUIRE(op.status == JobStatus::ok);
    const Names expected{"i(v.x1.v2)", "i(v1)", "v(1)", "v(net-2)", "v(x1.m)"};
    CHECK(sorted(op.waveforms.names) == expected);
    CHECK(op.waveforms["v(1)"].at(0) == 1);
    CHECK_THAT(op.waveforms["v(net-2)"].at(0), WithinRel(0.5, 1e-9));
    CHECK_THAT(op.waveforms["i(v.x1.v2)"].at(0), WithinRel(0.5e-3, 1e-9));

    const JobResult dc = run_one(make_job(kHierarchy, "dc v1 0 1 0.25", {"all", "v(net-2)"}));
    REQUIRE(dc.status == JobStatus::ok);
    CHECK(dc.waveforms.names.front() == "v-sweep");
    CHECK(dc.waveforms.names.back() == "v(net-2)");  // asked for by name, and so not once more
    CHECK(dc.waveforms.names.size() == 6);
    CHECK(dc.waveforms.points() == 5);
}

TEST_CASE("all vectors of a deck with savecurrents are read where an analysis has them") {
    std::string deck = kHierarchy;
    deck.insert(deck.find(".end\n"), ".option savecurrents\n");
    const JobResult op = run_one(make_job(deck, "op", {"all"}));
    REQUIRE(op.status == JobStatus::ok);
    CHECK_THAT(op.waveforms["@r.x1.r1[i]"].at(0), WithinRel(0.5e-3, 1e-9));
    const JobResult ac = run_one(make_job(deck, "ac dec 1 1 10", {"all"}));
    REQUIRE(ac.status == JobStatus::ok);
    CHECK(ac.waveforms.points() == 2);
}

TEST_CASE("an ac analysis gives real and imaginary parts, here those of an RC low-pass") {
    const JobResult result =
        run_one(make_job(kLowPass, "ac dec 7 1meg 10g", {"v(out)", "v(in,out)", "i(v1)", "v(0)"}));
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    const Waveforms& waves = result.waveforms;
    CHECK(waves.names == Names{"frequency", "re(v(out))", "im(v(out))", "re(v(in,out))",
                               "im(v(in,out))", "re(i(v1))", "im(i(v1))", "re(v(0))", "im(v(0))"});
    CHECK(waves.points() == 29);
    for (std::size_t k = 0; k < waves.points(); ++k) {
        const double omega = 2 * std::numbers::pi * waves["frequency"][k];
        const std::complex<double> out = 1.0 / std::complex<double>(1, omega * 1e3 * 1e-12);
        CHECK_THAT(waves["re(v(out))"][k], WithinAbs(out.real(), 1e-12));
        CHECK_THAT(waves["im(v(out))"][k], WithinAbs(out.imag(), 1e-12));
        CHECK_THAT(waves["re(v(in,out))"][k], WithinAbs(1 - out.real(), 1e-12));
        CHECK_THAT(waves["im(v(in,out))"][k], WithinAbs(-out.imag(), 1e-12));
        CHECK_THAT(waves["re(i(v1))"][k], WithinAbs((out.real() - 1) / 1e3, 1e-15));
        CHECK(waves["im(v(0))"][k] == 0);
    }
}

TEST_CASE("all vectors of a noise analysis are its densities, with the totals beside them") {
    const JobResult result = run_one(make_job(kLowPass, "noise v(out) v1 dec 20 1 1e13", {"all"}));
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    CHECK(sorted(result.waveforms.names) ==
          Names{"frequency", "inoise_spectrum", "onoise_spectrum"});
    // sqrt(4 k T R) of 1 kohm at 27 C.
    constexpr double kBoltzmann = 1.380649e-23;
    CHECK_THAT(result.waveforms["onoise_spectrum"].front(),
               WithinRel(std::sqrt(4 * kBoltzmann * 300.15 * 1e3), 1e-5));
    REQUIRE(result.waveforms.measured.size() == 2);
    CHECK(result.waveforms.measured[0].name == "onoise_total");
    CHECK_THAT(result.waveforms.measured[0].value.value(),
               WithinRel(std::sqrt(kBoltzmann * 300.15 / 1e-12), 5e-4));
}

TEST_CASE("measure cards give their values with all digits, and say which they could not find") {
    const std::string deck =
        "low pass\n.param half=0.5 stop=5n\nV1 in 0 dc 0 pulse(0 1 0 1f 1f 1 2)\nR1 in out 1k\n"
        "C1 out 0 1p\n.meas tran td when v(out)={half}\n.meas tran never when v(out)=7\n"
        ".meas tran last find v(out) at=4n\n.meas tran twice param='2*td'\n"
        ".meas dc other max v(out)\n.save v(in)\n.end\n";
    const JobResult result = run_one(make_job(deck, ".tran 10p {stop}", {"v(out)"}));
    INFO(result.message);
    REQUIRE(result.status == JobStatus::ok);
    const Waveforms& waves = result.waveforms;
    CHECK_THAT(waves["time"].back(), WithinRel(5e-9, 1e-12));
    const auto value = [&waves](const std::string& name) {
        const auto found = std::find_if(waves.measured.begin(), waves.measured.end(),
                                        [&](const Measured& one) { return one.name == name; });
        REQUIRE(found != waves.measured.end());
        return found->value;
    };
    CHECK(waves.measured.size() == 4);
    CHECK_THAT(value("td").value(), WithinRel(std::numbers::ln2 * 1e-9, 1e-3));
    CHECK_THAT(value("twice").value(), WithinRel(2 * value("td").value(), 1e-14));
    CHECK_THAT(value("last").value(), WithinRel(1 - std::exp(-4.0), 1e-3));
    CHECK_FALSE(value("never").has_value());
}

TEST_CASE("measure cards that ngspice cannot make sense of fail the job and are named") {
    const auto status = [](const std::string& card) {
        return run_one(
            make_job("t\nV1 in 0 dc 0 pulse(0 1 0 1f 1f 1 2)\nR1 in out 1k\n"
                     "C1 out 0 1p\n" +
                         card + "\n.end\n",
                     ".tran 10p 5n", {"v(out)"}));
    };
    for (const char* card :
         {".meas tran td when v(out) rise=1", ".meas tran td trig v(in) val=.5 rise=1",
          ".meas tran td avg v(out) frm=1n to=2n", ".meas tran td foo v(out)"}) {
        const JobResult result = status(card);
        INFO(card << ": " << result.message);
        CHECK(result.status == JobStatus::bad_netlist);
        CHECK(result.message.starts_with("measure td: "));
    }
    const JobResult absent = status(".save v(zz)\n.meas tran td when v(zz)=.5");
    CHECK(absent.status == JobStatus::bad_netlist);
    CHECK(absent.message.find("no v(zz)") != std::string::npos);
    CHECK(status(".meas tran td when v(out)=.5 fall=3").status == JobStatus::ok);
}

TEST_CASE("a card and the command of the same analysis give the same bits") {
    const JobResult command = run_one(make_job(kLowPass, "tran 10p 5n", {"v(out)"}));
    const JobResult card = run_one(make_job(kLowPass, ".tran 10p 5n", {"v(out)"}));
    REQUIRE(command.status == JobStatus::ok);
    CHECK(card.waveforms.names == command.waveforms.names);
    CHECK(card.waveforms.columns == command.waveforms.columns);
}

TEST_CASE("a warning about the netlist is told, and fails a job that does not allow it") {
    Job job = make_job("t\nV1 1 0 1\nM1 1 1 0 0 nm w=1u l=1u\n.model nm nmos level=1 foo=3\n.end\n",
                       "op", {"i(v1)"});
    CHECK(run_one(job).status == JobStatus::bad_netlist);
    job.warnings_allowed = true;
    const JobResult allowed = run_one(job);
    CHECK(allowed.status == JobStatus::ok);
    CHECK_THAT(allowed.message, ContainsSubstring("unrecognized parameter (foo) - ignored"));
    Job wrong = make_job("t\nV1 1 0 1\nD1 1 0 nosuch\n.end\n", "op", {"i(v1)"});
    wrong.warnings_allowed = true;
    const JobResult refused = run_one(wrong);
    CHECK(refused.status == JobStatus::bad_netlist);
    CHECK_THAT(refused.message, ContainsSubstring("nosuch"));
}
