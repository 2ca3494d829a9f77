// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_dot.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdio>
#include <map>
#include <set>
#include <sstream>

#include "netlist/example_circuits.h"

using namespace mho::netlist;

namespace {

struct Dot {
    std::map<int, std::string> labels;
    std::vector<std::pair<int, int>> edges;
};

// The value of an attribute, without quotation marks; empty when it is not there.
std::string attribute(const std::string& line, const std::string& name) {
    const std::size_t at = line.find(name + "=");
    if (at == std::string::npos) return {};
    const std::size_t from = at + name.size() + 1;
    if (line.at(from) == '"') return line.substr(from + 1, line.find('"', from + 1) - from - 1);
    return line.substr(from, line.find_first_of(",]", from) - from);
}

// Reads the subset of DOT that is written here; every line has to be of a known form.
Dot parse(const std::string& text) {
    Dot dot;
    std::istringstream stream(text);
    std::string line;
    REQUIRE(std::getline(stream, line));
    CHECK(line == "graph G {");
    while (std::getline(stream, line) && line != "}") {
        CAPTURE(line);
        REQUIRE(line.ends_with("];"));
        int from = -1;
        int to = -1;
        int used = 0;
        if (std::sscanf(line.c_str(), "%d--%d [%n", &from, &to, &used) == 2 && used > 0) {
            CHECK_FALSE(attribute(line, "label").empty());
            dot.edges.emplace_back(from, to);
        } else {
            REQUIRE((std::sscanf(line.c_str(), "%d[%n", &from, &used) == 1 && used > 0));
            CHECK((attribute(line, "shape") == "box" || attribute(line, "shape") == "ellipse"));
            dot.labels[from] = attribute(line, "label");
        }
    }
    CHECK(line == "}");
    CHECK_FALSE(std::getline(stream, line));
    return dot;
}

}  // namespace

TEST_CASE("the DOT text has a vertex per net and device and an edge per pin") {
    const Circuit bench = mho::test::divider_bench();
    const Dot top = parse(to_dot(bench));
    CHECK(top.labels.size() == 4 + 3);  // nets with ground; v, x, x
    CHECK(top.edges.size() == 2 + 2 + 2);
    const Dot flat = parse(to_dot(bench, GraphDepth::flattened));
    CHECK(flat.labels.size() == 4 + 5);
    CHECK(flat.edges.size() == 10);
    std::set<std::string> labels;
    for (const auto& [id, label] : flat.labels) labels.insert(label);
    CHECK(labels.contains("middle"));
    CHECK(labels.contains("x1.rtop\\n{top}"));
    // Every edge joins a net and a device: the graph is bipartite.
    for (const auto& [from, to] : flat.edges) CHECK((from < 4) != (to < 4));
}

TEST_CASE("sensed nets are edges too and ports are marked") {
    Circuit c("c", {"a"});
    c.resistor("r1", c.net("a"), kGround, 1);
    c.behavioural_voltage("b1", c.net("out"), kGround, "2*v(a)");
    const std::string text = to_dot(c);
    CHECK(parse(text).edges.size() == 5);
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("style=bold"));
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("reads"));
}
