// SPDX-License-Identifier: Apache-2.0
#include "spice/simulator_log.h"

#include <catch2/catch_test_macros.hpp>

using mho::spice::SimulatorLog;

TEST_CASE("a warning while a netlist is read is a complaint with its explanation") {
    SimulatorLog log;
    log.add("stdout Note: No compatibility mode selected!");
    log.add("stdout Circuit: my Error and warning title");
    CHECK(log.netlist_complaint().empty());
    log.add("stderr Error on line 3 or its substitute:");
    log.add("stderr r1 1 2 1k bogus=2");
    log.add("stderr unknown parameter (bogus) ");
    log.add("stderr more");
    CHECK(log.netlist_complaint() ==
          "Error on line 3 or its substitute: r1 1 2 1k bogus=2; unknown parameter (bogus)");
}

TEST_CASE("what ngspice was built with is read off its version") {
    const std::vector<std::string> without{
        "stdout ******", "stdout ** ngspice-39.3 : Circuit level simulation program",
        "stdout ** The U. C. Berkeley CAD Group", "stdout ** XSPICE extensions included"};
    const auto old = mho::spice::read_version(without);
    CHECK(old.version == "39.3");
    CHECK_FALSE(old.klu);
    CHECK(old.xspice);
    const std::vector<std::string> with{"** ngspice-46 : Circuit level simulation program",
                                        "** Compiled with KLU Direct Linear Solver"};
    const auto recent = mho::spice::read_version(with);
    CHECK((recent.version == "46" && recent.klu && !recent.xspice));
    CHECK(mho::spice::read_version({}).version.empty());
}

TEST_CASE("a mere warning is a complaint but no error") {
    SimulatorLog log;
    log.add("stderr Warning: Model issue on line 8 :");
    log.add("stderr .model nm nmos level=1 foo=3 ...");
    log.add("stderr unrecognized parameter (foo) - ignored");
    CHECK(log.netlist_complaint() ==
          "Warning: Model issue on line 8 : .model nm nmos level=1 foo=3 ...; unrecognized "
          "parameter (foo) - ignored");
    CHECK(log.netlist_error().empty());
    log.add("stderr Error on line 9:");
    log.add("stderr could not find a valid modelname");
    CHECK(log.netlist_error() == "Error on line 9: could not find a valid modelname");
}

TEST_CASE("measurements are taken from below their heading, however long the log") {
    SimulatorLog log;
    log.add("stdout n1 = 5");
    for (int i = 0; i < 1000; ++i) log.add("stdout node  0.5");
    log.add("stdout Measurements for Transient Analysis");
    log.add("stderr out of interval");
    log.add("stderr .meas tran bad when v(/out)=7 failed!");
    log.add("stdout td                  =   6.931535525811132e-10");
    log.add("stdout rise = -1.5e-09 targ= 2e-09 trig=  5e-10");
    CHECK(log.measured() == std::vector<mho::spice::Measured>{{"bad", std::nullopt},
                                                              {"td", 6.931535525811132e-10},
                                                              {"rise", -1.5e-9}});
    log.clear();
    CHECK(log.measured().empty());
}

TEST_CASE("a measure card that was not understood is told from one that found nothing") {
    SimulatorLog log;
    log.add("stdout Measurements for Transient Analysis");
    log.add("stderr out of interval");
    log.add("stderr .meas tran never when v(b)=7 failed!");
    CHECK(log.measure_error().empty());
    log.add("stderr no such parameter as 'frm'");
    log.add("stderr .meas tran td avg v(b) frm=1n failed!");
    CHECK(log.measure_error() == "measure td: no such parameter as 'frm'");
    CHECK(log.unknown_vector().empty());
    log.add("stderr Error: no such vector as v(zz).");
    CHECK(log.unknown_vector() == "v(zz)");
    log.clear();
    CHECK(log.measure_error().empty());
    CHECK(log.unknown_vector().empty());
}

TEST_CASE("gmin stepping alone is no failure, a singular matrix is") {
    SimulatorLog log;
    log.add("stderr Note: Starting dynamic gmin stepping");
    log.add("stderr Note: Dynamic gmin stepping completed");
    CHECK(log.unsound().empty());
    log.add("stderr Warning: singular matrix:  check node 1");
    CHECK(log.unsound() == "Warning: singular matrix:  check node 1");
    CHECK(log.numerical_trouble());
}

TEST_CASE("the reason for an aborted analysis is ngspice's verdict") {
    SimulatorLog log;
    log.add("stderr Warning: something harmless");
    log.add("stderr doAnalyses: TRAN:  Timestep too small; time = 5e-10");
    log.add("stderr tran simulation(s) aborted");
    CHECK(log.failure() == "doAnalyses: TRAN:  Timestep too small; time = 5e-10");
    CHECK(log.numerical_trouble());
    log.clear();
    CHECK(log.failure().empty());
    log.add("stderr TSTOP is invalid");
    log.add("stderr tran simulation(s) aborted");
    CHECK(log.failure() == "TSTOP is invalid");
    CHECK_FALSE(log.numerical_trouble());
}

TEST_CASE("an endless log stays small and keeps what counts") {
    SimulatorLog log;
    for (int i = 0; i < 100000; ++i) log.add("stderr Error: -1 out of range for ln");
    log.add("stderr Warning: singular matrix:  check node 1");
    log.add("stderr doAnalyses: iteration limit reached");
    log.add(std::string(100000, 'x'));
    CHECK(log.lines().size() == 400);
    CHECK(log.unsound() == "Warning: singular matrix:  check node 1");
    CHECK(log.failure() ==
          "doAnalyses: iteration limit reached; Warning: singular matrix:  check node 1");
    log.clear();
    log.add(std::string(100000, 'x'));
    CHECK(log.lines().front().size() == 300);
}
