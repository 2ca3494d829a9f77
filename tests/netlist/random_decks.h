// SPDX-License-Identifier: Apache-2.0
// Decks drawn at random, with everything that a deck can hold.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "netlist/deck.h"

namespace mho::test {

class RandomDeck {
  public:
    explicit RandomDeck(std::uint32_t number) : random_(1, RandomPurpose::test, number) {}

    netlist::Deck deck() {
        using namespace netlist;
        Deck deck;
        deck.title = "Deck " + std::to_string(random_.below(100));
        for (std::uint32_t k = random_.below(3); k > 0; --k) {
            deck.comments.push_back(k == 1 ? "" : " A comment; with $ signs");
        }
        deck.klu = maybe();
        if (maybe()) deck.options = {"reltol=1e-4", "method=gear"};
        deck.temperature_celsius = maybe() ? 27 : number();
        add_libraries(deck);
        deck.circuit = circuit("bench", {}, 2);
        const std::string net = deck.circuit.net_name(
            NetId{1 + random_.below(static_cast<std::uint32_t>(deck.circuit.net_count() - 1))});
        if (maybe()) deck.initial_volt = {{net, number()}, {"x1." + net, -0.25}};
        add_analysis(deck, net);
        add_saved(deck, net);
        return deck;
    }

  private:
    bool maybe() { return random_.below(2) == 1; }
    double number() { return random_.normal(); }
    double positive() { return 1e-15 + random_.uniform() * (maybe() ? 1e-9 : 1e6); }

    void add_libraries(netlist::Deck& deck) {
        if (maybe()) deck.libraries.push_back({"/models/A b.lib", "TT"});
        if (maybe()) deck.libraries.push_back({"rel/b.inc", ""});
        if (maybe()) {
            deck.libraries.push_back(
                {"C.lib", "ff", "* a comment\n.model nch nmos level=54\n+ version=4.8\n\n"});
        }
        if (maybe()) deck.libraries.push_back({"", "", ".param vt=0.4\n.model p pmos\n"});
    }

    void add_analysis(netlist::Deck& deck, const std::string& net) {
        using namespace netlist;
        switch (random_.below(5)) {
            case 0:
                deck.analysis = OperatingPoint{};
                break;
            case 1:
                deck.analysis = DcSweep{"v0", 1.0, -0.5, -positive()};
                break;
            case 2:
                deck.analysis =
                    Transient{positive(), positive(), maybe() ? positive() : 0.0, maybe()};
                break;
            case 3:
                deck.analysis = SmallSignal{3, positive(), 1e9 + positive()};
                break;
            default:
                deck.analysis = Noise{net, "v0", 7, 0.5, 1e9 + positive()};
        }
    }

    void add_saved(netlist::Deck& deck, const std::string& net) {
        const std::vector<std::string> known{"v(" + net + ")",    "i(v0)",        "@m.x1.m3[id]",
                                             "v(x1." + net + ")", "onoise_total", "time",
                                             "v(" + net + ",0)",  "i(v0)"};
        for (const std::string& vector : known) {
            if (maybe()) deck.saved.push_back(vector);
        }
        if (maybe()) deck.measures.push_back({"td", "when v(" + net + ")=0.5 rise=1"});
        if (maybe()) deck.measures.push_back({"q_0", "integ i(v0)"});
    }

    netlist::Circuit circuit(const std::string& name, const std::vector<std::string>& ports,
                             int depth) {
        using namespace netlist;
        std::vector<ParameterValue> parameters;
        if (!ports.empty()) parameters = {{"w", positive()}, {"g", number()}};
        Circuit c(name, ports, std::move(parameters));
        if (maybe()) c.describe("What " + name + " is: a circuit (of 2)");
        const std::uint32_t count = 3 + random_.below(20);
        for (std::uint32_t k = 0; k < count; ++k) {
            if (random_.below(5) == 0) c.section("Part " + std::to_string(k));
            add_device(c, k, depth);
        }
        if (maybe()) c.section("-- the end, of nothing");
        return c;
    }

    netlist::NetId net(netlist::Circuit& c) {
        static constexpr const char* kNames[]{"a", "out", "n_1", "row_3_7", "vdd"};
        const std::uint32_t chosen = random_.below(7);
        if (chosen < std::size(kNames)) return c.net(kNames[chosen]);
        if (chosen == 5 || c.ports().empty()) return netlist::kGround;
        return c.ports()[random_.below(static_cast<std::uint32_t>(c.ports().size()))];
    }

    netlist::Value value(const netlist::Circuit& c, bool positive_value) {
        if (!c.parameters().empty() && maybe()) return netlist::Value::parameter("w");
        return positive_value ? positive() : number();
    }

    netlist::Waveform waveform() {
        using namespace netlist;
        switch (random_.below(4)) {
            case 0:
                return Pulse{number(),   number(),   positive(),         positive(),
                             positive(), positive(), maybe() ? 1e8 : 0.0};
            case 1: {
                Pwl pwl;
                double time = 0;
                for (std::uint32_t k = 1 + random_.below(40); k > 0; --k) {
                    pwl.points.emplace_back(time, number());
                    time += 1e-12 + random_.uniform();
                }
                return pwl;
            }
            case 2:
                return Sine{number(), number(), positive(), positive()};
            default:
                return {};
        }
    }

    void add_device(netlist::Circuit& c, std::uint32_t k, int depth) {
        using namespace netlist;
        const std::string id = std::to_string(k);
        const NetId plus = k == 0 ? c.net("a") : net(c);
        const NetId minus = net(c);
        const std::uint32_t kind = k == 0 ? 2 : random_.below(depth > 0 ? 10 : 9);
        if (kind == 0) c.resistor("r" + id, plus, minus, value(c, true));
        if (kind == 1) c.capacitor("c" + id, plus, minus, value(c, true));
        const double ac = maybe() ? number() : 0.0;
        if (kind == 2) c.voltage_source("v" + id, plus, minus, {value(c, false), ac, waveform()});
        if (kind == 3) c.current_source("i" + id, plus, minus, {value(c, false), ac, waveform()});
        if (kind == 4) {
            c.mosfet("m" + id, {plus, minus, net(c), net(c)}, maybe() ? "nch" : "pch_io",
                     {value(c, true), positive(), 1 + static_cast<int>(random_.below(3)),
                      1 + static_cast<int>(random_.below(3)), maybe() ? number() : 0.0});
        }
        if (kind == 5 || kind == 6) add_behavioural(c, id, plus, minus);
        if (kind == 7) {
            std::vector<CodePort> ports{CodePort::vector({plus, minus, net(c)}), net(c)};
            if (maybe()) ports.insert(ports.begin() + random_.below(3), CodePort());
            c.code_model("a" + id, ports, "d_and_2");
        }
        if (kind == 8) {
            std::vector<ParameterValue> parameters;
            if (maybe()) parameters = {{"l", value(c, true)}, {"type", number()}};
            c.compiled_model("n" + id, {plus, minus, net(c)}, "va_cell", std::move(parameters));
        }
        if (kind == 9) add_instance(c, id, plus, minus, depth);
    }

    void add_behavioural(netlist::Circuit& c, const std::string& id, netlist::NetId plus,
                         netlist::NetId minus) {
        std::string expression = "2.5e-3*v(a)+i(v0)*tanh(v(a, 0)) + (time>1n ? -1.5meg : 2^2)";
        if (!c.parameters().empty()) expression = "g*v(w,a)**2+min(w,1e-9*w)*" + expression;
        if (!c.parameters().empty()) (void)c.net("w");  // a net with a parameter's name
        if (!c.parameters().empty()) c.capacitor("cw" + id, c.net("w"), netlist::kGround, 1e-15);
        if (maybe()) expression += "+pwl(v(a)";
        const bool table = expression.ends_with("pwl(v(a)");
        for (int k = 0; table && k < 40; ++k) {
            expression += "," + std::to_string(k) + "," + std::to_string(k * 0.125);
        }
        if (table) expression += ")";
        if (maybe()) {
            c.behavioural_voltage("b" + id, plus, minus, expression);
        } else {
            c.behavioural_current("b" + id, plus, minus, expression);
        }
    }

    void add_instance(netlist::Circuit& c, const std::string& id, netlist::NetId plus,
                      netlist::NetId minus, int depth) {
        using namespace netlist;
        if (!block_ || maybe()) {
            block_ = share(circuit("block_" + std::to_string(blocks_++), {"p", "q"}, depth - 1));
        }
        std::vector<ParameterValue> parameters;
        if (maybe()) parameters.push_back({"g", number()});
        if (maybe()) parameters.push_back({"w", positive()});
        c.instance("x" + id, block_, {plus, minus}, std::move(parameters));
    }

    RandomStream random_;
    netlist::Definition block_;
    int blocks_ = 0;
};

}  // namespace mho::test
