// SPDX-License-Identifier: Apache-2.0
// Broken files given to infer and report: one line, exit code 2, and nothing left behind.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "apps/command.h"
#include "base/file.h"
#include "behavioral/card_json.h"
#include "support/ideal_card.h"

using Catch::Matchers::ContainsSubstring;
using namespace mho::test;

namespace fs = std::filesystem;

namespace {

std::string big_endian(unsigned number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    return bytes;
}

// Three images of 16 x 16 pixels with their labels, not compressed.
std::string idx_images() {
    return big_endian(2051) + big_endian(3) + big_endian(16) + big_endian(16) +
           std::string(3 * 256, '\x55');
}
std::string idx_labels() {
    return big_endian(2049) + big_endian(3) + std::string("\0\1\2", 3);
}

// A folder with a sound card, network and data set, one of which a test then spoils.
class Inputs {
  public:
    Inputs() {
        mho::write_file(card, mho::behavioral::card_to_json(ideal_card(16, 16)));
        mho::write_file(model, mho::read_file(digits_network()));
        mho::write_file(images, idx_images());
        mho::write_file(labels, idx_labels());
    }
    ProgramResult infer(const std::string& options = "") const {
        return run_mho("infer --card " + quoted(card) + " --model " + quoted(model) + " --data " +
                       quoted(folder.path()) + " -o " + quoted(output) + " " + options);
    }
    // Refused with one line, and nothing is there but the four inputs.
    void check_infer_refused(const std::string& text, const std::string& options = "") const {
        check_refused(infer(options), text);
        CHECK(count_entries(folder.path()) == 4);
    }

    TemporaryFolder folder;
    fs::path card = folder / "card.json";
    fs::path model = folder / "net.onnx";
    fs::path images = folder / "t10k-images-idx3-ubyte";
    fs::path labels = folder / "t10k-labels-idx1-ubyte";
    fs::path output = folder / "out.json";
};

// The ONNX file with the first `from` replaced by `to`, of the same length.
std::string patched(std::string bytes, const std::string& from, const std::string& to) {
    const std::size_t at = bytes.find(from);
    REQUIRE(at != std::string::npos);
    REQUIRE(from.size() == to.size());
    return bytes.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the inputs that the other cases spoil are sound") {
    const Inputs inputs;
    const ProgramResult result = inputs.infer();
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(fs::exists(inputs.output));
}

TEST_CASE("infer refuses a card of another schema, and what is no card") {
    const Inputs inputs;
    const std::string content =
        GENERATE(as<std::string>{}, "", "{", "[]", "null", R"({"schema": "mho.card/99"})",
                 R"({"schema": "other"})", R"({"schema": "mho.card/1"})", "\xff\xfe");
    CAPTURE(content);
    mho::write_file(inputs.card, content);
    inputs.check_infer_refused("card.json");
}

TEST_CASE("infer refuses a cut card") {
    const Inputs inputs;
    const std::string content = mho::read_file(inputs.card);
    mho::write_file(inputs.card, content.substr(0, content.size() / 2));
    inputs.check_infer_refused("card.json");
}

TEST_CASE("infer refuses a truncated data set wherever it is cut") {
    const Inputs inputs;
    const std::size_t kept = GENERATE(as<std::size_t>{}, 0, 3, 15, 16, 17, 400, 16 + 3 * 256 - 1);
    CAPTURE(kept);
    mho::write_file(inputs.images, idx_images().substr(0, kept));
    inputs.check_infer_refused("t10k-images-idx3-ubyte");
    inputs.check_infer_refused("t10k-images-idx3-ubyte", "--limit 1");
}

TEST_CASE("infer refuses truncated labels and a cut gzip file") {
    const Inputs inputs;
    mho::write_file(inputs.labels, idx_labels().substr(0, 10));
    inputs.check_infer_refused("t10k-labels-idx1-ubyte");
    mho::write_file(inputs.labels, idx_labels());
    fs::remove(inputs.images);
    const std::string packed = mho::read_file(source_path("data/digits/t10k-images-idx3-ubyte.gz"));
    mho::write_file(inputs.images.string() + ".gz", packed.substr(0, packed.size() / 2));
    inputs.check_infer_refused("t10k-images-idx3-ubyte.gz");
}

TEST_CASE("infer refuses a network file that is cut or is none") {
    const Inputs inputs;
    const std::string bytes = mho::read_file(inputs.model);
    const std::string content =
        GENERATE_COPY(bytes.substr(0, bytes.size() / 2), bytes.substr(0, bytes.size() - 1),
                      std::string(), std::string("not a network"), std::string(300, '\xff'));
    mho::write_file(inputs.model, content);
    inputs.check_infer_refused("net.onnx");
}

TEST_CASE("infer names an operator it does not know and the node that uses it") {
    const Inputs inputs;
    const std::string bytes = mho::read_file(inputs.model);
    mho::write_file(inputs.model, patched(bytes, "\x04Relu", "\x04Gelu"));
    inputs.check_infer_refused("Gelu");
    CHECK_THAT(inputs.infer().err, ContainsSubstring("node '"));
}

TEST_CASE("infer refuses numbers outside their range") {
    const Inputs inputs;
    inputs.check_infer_refused("trials = 0", "--trials 0");
    inputs.check_infer_refused("trials = 1001", "--trials 1001");
    inputs.check_infer_refused("percentile", "--percentile 101");
    inputs.check_infer_refused("percentile", "--percentile 0");
    inputs.check_infer_refused("percentile", "--percentile nan");
}

TEST_CASE("infer tells a full disk with one line") {
    if (!fs::exists("/dev/full")) SKIP("no /dev/full here");
    Inputs inputs;
    inputs.output = "/dev/full";
    check_refused(inputs.infer(), "No space left", 4);
}

TEST_CASE("report refuses what is no result of infer and leaves nothing") {
    const TemporaryFolder folder;
    const std::string content =
        GENERATE(as<std::string>{}, "", "{", "[]", R"({"schema": "mho.inference/99"})",
                 R"({"schema": "mho.card/1"})", R"({"schema": "mho.inference/1", "layers": 5})");
    CAPTURE(content);
    mho::write_file(folder / "out.json", content);
    check_refused(
        run_mho("report " + quoted(folder / "out.json") + " -o " + quoted(folder / "page.html")),
        "out.json");
    CHECK(count_entries(folder.path()) == 1);
}

TEST_CASE("calibrate refuses letters outside ASCII in what a designer's cell includes") {
    const TemporaryFolder folder;
    const fs::path shipped = source_path("examples/byo_cell");
    mho::write_file(folder / "spec.toml", mho::read_file(shipped / "spec.toml"));
    std::string cell = mho::read_file(shipped / "contact_cell.sp");
    const std::size_t model = cell.find(".model");
    const std::size_t behind = cell.find('\n', model) + 1;
    mho::write_file(folder / "models.inc", "* a model\n" + cell.substr(model, behind - model) +
                                               ".param contact\xc3\xbc=1\n");
    cell.replace(model, behind - model, ".include models.inc\n");
    mho::write_file(folder / "contact_cell.sp", cell);
    const ProgramResult result = run_mho("calibrate " + quoted(folder / "spec.toml") + " -o " +
                                         quoted(folder / "card.json") + " --quiet --no-cache");
    CHECK(result.exit_code == 2);
    CHECK_THAT(result.err,
               ContainsSubstring("models.inc:3: ") && ContainsSubstring("letters outside ASCII"));
    CHECK_FALSE(fs::exists(folder / "card.json"));
}
