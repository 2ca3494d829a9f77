// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "base/error.h"
#include "support/temporary_folder.h"

using mho::Error;
using mho::ErrorKind;

TEST_CASE("a written file reads back and leaves no temporary") {
    const mho::test::TemporaryFolder folder;
    const std::string content("a\0b\n", 4);
    mho::write_file(folder / "x", content);
    CHECK(mho::read_file(folder / "x") == content);
    mho::write_file(folder / "x", "new");
    CHECK(mho::read_file(folder / "x") == "new");
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a missing file is bad input and named") {
    CHECK_THROWS_WITH(mho::read_file("/no/such/file"),
                      Catch::Matchers::ContainsSubstring("/no/such/file"));
    CHECK_THROWS_WITH(mho::read_file("/"), Catch::Matchers::ContainsSubstring("directory"));
}

TEST_CASE("a full disk is one clear error") {
    if (!std::filesystem::exists("/dev/full")) SKIP("no /dev/full here");
    try {
        mho::write_file("/dev/full", "content");
        FAIL("the write must fail");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::system);
        CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("/dev/full"));
        CHECK_THAT(error.what(), Catch::Matchers::ContainsSubstring("No space left"));
    }
}

TEST_CASE("a failed write keeps the older file") {
    const mho::test::TemporaryFolder folder;
    CHECK_THROWS_AS(mho::write_file(folder / "missing" / "x", "content"), Error);
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("writing through a link replaces what it names") {
    const mho::test::TemporaryFolder folder;
    mho::write_file(folder / "real", "old");
    std::filesystem::create_symlink("real", folder / "link");
    mho::write_file(folder / "link", "new");
    CHECK(std::filesystem::is_symlink(folder / "link"));
    CHECK(mho::read_file(folder / "real") == "new");

    std::filesystem::create_symlink("loop", folder / "loop");
    CHECK_THROWS_AS(mho::write_file(folder / "loop", "x"), Error);
}

TEST_CASE("error text is a single line") {
    CHECK(std::string(mho::bad_input("a\nb {}", 1).what()) == "a b 1");
}
