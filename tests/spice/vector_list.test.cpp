// SPDX-License-Identifier: Apache-2.0
#include "spice/vector_list.h"

#include <catch2/catch_test_macros.hpp>

using namespace mho::spice;
using Names = std::vector<std::string>;

TEST_CASE("a list of vectors is split at commas and blanks outside of parentheses") {
    CHECK(split_vectors("v(out),i(vdd) v(a, b),,@m1[id] ") ==
          Names{"v(out)", "i(vdd)", "v(a, b)", "@m1[id]"});
    CHECK(split_vectors(" , ").empty());
    CHECK(split_vectors("v(a").size() == 1);
}

TEST_CASE("parts of a complex vector name the whole") {
    for (const char* part : {"vm(out)", "vp(out)", "vr(out)", "vi(out)", "vdb(out)", "v(out)"}) {
        CHECK(whole_vector(part) == "v(out)");
    }
    CHECK(whole_vector("idb(v1)") == "i(v1)");
    for (const char* other : {"vx(out)", "db(v(out))", "out", "@m1[id]", "(", ""}) {
        CHECK(whole_vector(other) == other);
    }
}

TEST_CASE("the vectors in an expression are found") {
    CHECK(vectors_in("when v(out)=0.5 rise=1") == Names{"v(out)"});
    CHECK(vectors_in("trig v(x1.a) val=1 targ vdb(b,0)") == Names{"v(x1.a)", "v(b,0)"});
    CHECK(vectors_in("integ i(vdd) from=1") == Names{"i(vdd)"});
    CHECK(vectors_in("max @m.x1.m1[id]") == Names{"@m.x1.m1[id]"});
    CHECK(vectors_in("param='sqrt(v(a))+exp(2)'") == Names{"v(a)"});
    for (const char* none : {"", "v(", "@", "@m1[", "v()", "x", "sin(1)"}) {
        CHECK(vectors_in(none).empty());
    }
}
