// SPDX-License-Identifier: Apache-2.0
#include "netlist/circuit_graph.h"

#include <boost/graph/bipartite.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/connected_components.hpp>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>
#include <vector>

#include "netlist/example_circuits.h"

using namespace mho::netlist;

namespace {

CircuitNode find(const CircuitGraph& graph, const std::string& name) {
    for (CircuitNode node = 0; node < num_vertices(graph); ++node) {
        if (path(graph, node) == name) return node;
    }
    FAIL("no vertex " << name);
    return 0;
}

std::multiset<std::string> pin_names(const CircuitGraph& graph, CircuitNode node) {
    std::multiset<std::string> names;
    for (auto [edge, end] = out_edges(node, graph); edge != end; ++edge) {
        names.insert(pin_name(graph, *edge));
    }
    return names;
}

}  // namespace

TEST_CASE("a circuit's graph has a vertex per net and device and an edge per pin") {
    const Circuit bench = mho::test::divider_bench();
    const CircuitGraph top = circuit_graph(bench, GraphDepth::top_level);
    CHECK(num_vertices(top) == 4 + 3);  // nets with ground; v, x, x
    CHECK(num_edges(top) == 2 + 2 + 2);
    CHECK(pin_names(top, find(top, "x1")) == std::multiset<std::string>{"in", "out"});
    const CircuitGraph flat = circuit_graph(bench);
    CHECK(num_vertices(flat) == 4 + 5);
    CHECK(num_edges(flat) == 10);
    CHECK(out_degree(find(flat, "middle"), flat) == 3);
    CHECK(pin_nets(flat, find(flat, "x2.rtop")) ==
          std::vector<CircuitNode>{find(flat, "middle"), find(flat, "out")});
    CHECK(path(flat, kGroundNode) == "0");
}

TEST_CASE("edges know their pins") {
    Circuit c("c", {"a"});
    const NetId a = c.net("a");
    c.mosfet("m1", {c.net("d"), a, c.net("s"), kGround}, "nch",
             {.width_m = 1e-6, .length_m = 40e-9});
    c.resistor("r1", c.net("d"), c.net("d"), 1e3);
    c.behavioural_current("b1", c.net("s"), kGround, "2*v(a)");
    const CircuitGraph graph = circuit_graph(c);
    CHECK(pin_names(graph, find(graph, "m1")) == std::multiset<std::string>{"b", "d", "g", "s"});
    CHECK(pin_names(graph, find(graph, "b1")) == std::multiset<std::string>{"+", "-", "reads"});
    // Both pins of a resistor on one net are two edges.
    CHECK(out_degree(find(graph, "r1"), graph) == 2);
    CHECK(out_degree(find(graph, "d"), graph) == 3);
    CHECK(graph[find(graph, "a")].is_port);
    CHECK_FALSE(graph[find(graph, "d")].is_port);
    std::set<std::string> conducting;
    for (auto [edge, end] = edges(graph); edge != end; ++edge) {
        if (!graph[*edge].conducts_dc) continue;
        conducting.insert(path(graph, source(*edge, graph)) + " " + pin_name(graph, *edge));
    }
    CHECK(conducting == std::set<std::string>{"m1 d", "m1 s", "r1 +", "r1 -"});
}

TEST_CASE("algorithms of Boost.Graph run on a circuit") {
    const Circuit array = mho::test::transistor_array(4, 5);
    const CircuitGraph graph = circuit_graph(array);
    std::size_t pins = 0;
    for (CircuitNode node = 0; node < num_vertices(graph); ++node) {
        if (!graph[node].is_net()) pins += out_degree(node, graph);
    }
    CHECK(pins == num_edges(graph));
    CHECK(boost::is_bipartite(graph));
    std::vector<std::size_t> part(num_vertices(graph));
    CHECK(boost::connected_components(graph, part.data()) == 1);

    // Along a row every further cell is one resistor away: two edges.
    Circuit wire("wire");
    for (int k = 0; k < 6; ++k) {
        wire.resistor("r" + std::to_string(k), wire.net("n", k), wire.net("n", k + 1), 1.0);
    }
    const CircuitGraph line = circuit_graph(wire);
    std::vector<std::size_t> distance(num_vertices(line), 0);
    boost::breadth_first_search(line, find(line, "n_0"),
                                boost::visitor(boost::make_bfs_visitor(boost::record_distances(
                                    distance.data(), boost::on_tree_edge()))));
    CHECK(distance[find(line, "n_6")] == 12);
    part.assign(num_vertices(line), 0);
    CHECK(boost::connected_components(line, part.data()) == 2);  // ground has no pin
}

TEST_CASE("a copy of a graph outlives it") {
    const Circuit bench = mho::test::divider_bench();
    CircuitGraph copy;
    {
        const CircuitGraph graph = circuit_graph(bench);
        copy = graph;
    }
    CHECK(path(copy, find(copy, "x1.rbottom")) == "x1.rbottom");
    CHECK(num_edges(copy) == 10);
}
