// SPDX-License-Identifier: Apache-2.0
#include "spice/cache.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "base/error.h"
#include "base/file.h"
#include "spice/decks.h"
#include "spice/included_files.h"
#include "support/temporary_folder.h"

using namespace mho::spice;
using test::make_job;

namespace {

const SimulatorInfo kSimulator{"46", true, true, true};
const Waveforms kWaveforms{{"v(2)"}, {{1.0 / 3}}, {{"td", 1e-9}, {"none", std::nullopt}}};

}  // namespace

TEST_CASE("the key follows what decides the result and nothing else") {
    const mho::test::TemporaryFolder folder;
    const Cache cache(folder / "cache", kSimulator);
    const Job job = make_job(test::kDivider, "op", {"v(2)"});
    const std::string key = cache.key(job);

    Job same = job;
    same.label = "another";
    same.timeout_second = 1;
    CHECK(cache.key(same) == key);

    Job changed = job;
    changed.netlist[0] = 'D';
    CHECK(cache.key(changed) != key);
    changed = job;
    changed.analysis = "tran 1n 2n";
    CHECK(cache.key(changed) != key);
    changed = job;
    changed.vectors = {"v(1)"};
    CHECK(cache.key(changed) != key);
    // "ab" + "c" is not "a" + "bc".
    CHECK(cache.key(make_job("t", "op", {"ab", "c"})) !=
          cache.key(make_job("t", "op", {"a", "bc"})));

    CHECK(Cache(folder / "cache", {"45", true, true, true}).key(job) != key);
    CHECK(Cache(folder / "cache", {"46", false, true, true}).key(job) != key);
}

TEST_CASE("the key follows the content of included files, however deep") {
    const mho::test::TemporaryFolder folder;
    const Cache cache(folder / "cache", kSimulator);
    mho::write_file(folder / "a.lib", ".inc \"b.inc\"\n.include a.lib\n.lib corner\n");
    mho::write_file(folder / "b.inc", ".model d d is=1\n");
    const Job job = make_job("t\n.include '" + (folder / "a.lib").string() + "'\n.end\n", "op", {});
    const std::string key = cache.key(job);
    mho::write_file(folder / "b.inc", ".model d d is=2\n");
    CHECK(cache.key(job) != key);
    mho::write_file(folder / "b.inc", ".model d d is=1\n");
    CHECK(cache.key(job) == key);
    CHECK(with_included_files(test::kDivider) == test::kDivider);
    CHECK_NOTHROW(with_included_files("t\n.include\n.lib '\n.include \"\n.inc /no/such\n.\n"));
}

TEST_CASE("a stored result comes back with the same bits") {
    const mho::test::TemporaryFolder folder;
    const Cache cache(folder / "cache", kSimulator);
    const std::string key = cache.key(make_job(test::kDivider, "op", {"v(2)"}));
    CHECK_FALSE(cache.find(key).has_value());
    cache.store(key, kWaveforms);
    const auto found = cache.find(key);
    REQUIRE(found.has_value());
    CHECK(found->names == kWaveforms.names);
    CHECK(found->columns == kWaveforms.columns);
    CHECK(found->measured == kWaveforms.measured);
}

TEST_CASE("a cache file altered or cut anywhere counts as a miss") {
    const mho::test::TemporaryFolder folder;
    const Cache cache(folder / "cache", kSimulator);
    const std::string key = cache.key(make_job(test::kDivider, "op", {"v(2)"}));
    cache.store(key, kWaveforms);
    const std::string good = mho::read_file(cache.file(key));
    for (std::size_t i = 0; i < good.size(); i += 3) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x10);
        mho::write_file(cache.file(key), bad);
        CHECK_FALSE(cache.find(key).has_value());
        mho::write_file(cache.file(key), good.substr(0, i));
        CHECK_FALSE(cache.find(key).has_value());
    }
    mho::write_file(cache.file(key), good);
    CHECK(cache.find(key).has_value());
    // The result of another job under this name.
    const std::string other(32, 'a');
    std::filesystem::create_directories(cache.file(other).parent_path());
    mho::write_file(cache.file(other), good);
    CHECK_FALSE(cache.find(other).has_value());
}

TEST_CASE("a cache folder that cannot be is an error that names it") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "file", "x");
    CHECK_THROWS_WITH(Cache(folder / "file", kSimulator),
                      Catch::Matchers::ContainsSubstring("file"));
    CHECK_THROWS_AS(Cache("/proc/nothing/here", kSimulator), mho::Error);
}
