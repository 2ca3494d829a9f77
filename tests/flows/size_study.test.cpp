// SPDX-License-Identifier: Apache-2.0
#include "flows/size_study.h"

#include <atomic>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/file.h"
#include "flows/infer_system.h"
#include "flows/system_toml.h"
#include "flows/thrown_text.h"

using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using namespace mho::flows;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

// The shipped digits on TaOx cells.
SizeOptions digit_sizes(const std::vector<std::string>& axes) {
    SizeOptions options;
    const fs::path folder = fs::path(MHO_SOURCE_DIR) / "data/digits";
    options.infer.model = folder / "mlp_digits.onnx";
    options.infer.data = folder;
    options.infer.limit = 150;
    options.infer.trials = 3;
    options.infer.threads = 2;
    options.infer.stop = {};
    options.system = "taox";
    for (const std::string& axis : axes) options.axes.push_back(parse_axis(axis));
    return options;
}

// A study of made points: `loss` of each, none uncertain.
SizeStudy made(const std::vector<std::string>& axes, const std::vector<double>& losses) {
    SizeStudy study;
    study.tolerance = 0.01;
    study.confidence = 0.95;
    for (const std::string& axis : axes) study.axes.push_back(parse_axis(axis));
    std::size_t n = 0;
    for (const double first : study.axes[0].values) {
        for (const double second :
             study.axes.size() > 1 ? study.axes[1].values : std::vector<double>{0}) {
            SizePoint point;
            point.at = {first};
            if (study.axes.size() > 1) point.at.push_back(second);
            point.loss = point.loss_most = losses.at(n++);
            point.holds = point.loss_most <= study.tolerance;
            study.points.push_back(point);
        }
    }
    recommend(study);
    return study;
}

std::vector<double> recommended(const SizeStudy& study) {
    return study.recommended ? study.points[*study.recommended].at : std::vector<double>();
}

}  // namespace

TEST_CASE("a point's loss is bounded by the spread of images and instances") {
    SizePoint point;
    point.trials = {{900, 30, 10}, {896, 32, 8}};  // 920 right in float
    judge(point, 1000, 0.04, 0.95);
    CHECK(point.accuracy == Approx(0.898));
    CHECK(point.loss == Approx(0.022));
    CHECK(point.deviation == Approx(0.002 * std::sqrt(2.0)));
    // By hand: sqrt((0.04 - 0.022^2) / 1000) * 1.6449, and 6.3138 * 0.002.
    const double images = 1.6448536 * std::sqrt((0.04 - 0.022 * 0.022) / 1000);
    CHECK(point.loss_most == Approx(0.022 + std::hypot(images, 6.3137515 * 0.002)).epsilon(1e-6));
    CHECK(point.holds);
    // Where nothing differs, 3 in n may still do.
    point.trials = {{920, 0, 0}};
    judge(point, 1000, 0.0029, 0.95);
    CHECK(point.loss_most == Approx(0.0029957).epsilon(1e-4));
    CHECK_FALSE(point.holds);
}

TEST_CASE("the largest array comes first, then the fewest bits") {
    const SizeStudy study = made({"rows=16,64,256", "bits=4,6,8"},
                                 {0.02, 0.001, 0, 0.03, 0.005, 0.001, 0.3, 0.1, 0.05});
    CHECK(recommended(study) == std::vector<double>{64, 6});
    CHECK_THAT(study.reason, ContainsSubstring("rows = 256 would lose 10.00 points"));
    CHECK_THAT(study.reason, ContainsSubstring("bits = 4 would lose 3.00 points"));
}

TEST_CASE("a size must hold under all conditions, or under the most") {
    const SizeStudy all =
        made({"rows=16,64,256", "wire=1e-6,1e-4"}, {0, 0.001, 0.001, 0.009, 0.002, 0.02});
    CHECK(recommended(all) == std::vector<double>{64, 1e-4});
    const SizeStudy some =
        made({"rows=16,64", "wire=1e-6,1e-4,1e-3"}, {0, 0.001, 0.02, 0.005, 0.02, 0.05});
    CHECK(recommended(some) == std::vector<double>{16, 1e-4});
    CHECK_THAT(some.reason, ContainsSubstring("holds under 2 of 3 conditions"));
    const SizeStudy furthest = made({"dose=0,10,20"}, {0, 0.005, 0.5});
    CHECK(recommended(furthest) == std::vector<double>{10});
    const SizeStudy none = made({"rows=16,64"}, {0.05, 0.08});
    CHECK_FALSE(none.recommended);
    CHECK_THAT(none.reason, ContainsSubstring("rows = 16 comes closest and loses 5.00 points"));
}

TEST_CASE("a point of a study is the run that its changes describe") {
    const SizeOptions options = digit_sizes({"rows=16,64", "bits=4,8"});
    const SizeStudy study = study_size(options);
    REQUIRE(study.points.size() == 4);
    CHECK(study.computed == 12);
    for (const SizePoint& point : study.points) {
        const SystemReport report = infer_system(read_system("taox", point.changes), options.infer);
        CHECK(point.accuracy == Approx(report.analog.mean));
        CHECK(point.deviation == Approx(report.analog.std).margin(1e-12));
        CHECK(point.loss == Approx(report.accuracy_float - report.analog.mean).margin(1e-12));
    }
    const Json json = Json::parse(size_to_json(study));
    CHECK(json["points"].size() == 4);
    CHECK(json["interrupted"] == false);
    CHECK(json["points"][0]["at"]["rows"] == 16);
    CHECK_THAT(size_text(study), ContainsSubstring("recommended"));
}

TEST_CASE("a study that was stopped goes on where it was and gives the same") {
    const fs::path folder = fs::temp_directory_path() / "mho_size_study";
    fs::remove_all(folder);
    fs::create_directories(folder);
    SizeOptions options = digit_sizes({"rows=16,64", "error=1,4"});
    const SizeStudy whole = study_size(options);
    options.kept = folder / "size.json.passes";
    std::atomic<int> asked = 0;
    options.infer.stop = [&] { return ++asked > 30; };
    const SizeStudy first = study_size(options);
    REQUIRE(first.interrupted);
    CHECK(first.points.size() < whole.points.size());
    options.infer.stop = {};
    options.infer.threads = 1;
    const SizeStudy second = study_size(options);
    CHECK(first.computed > 0);
    CHECK(first.computed + second.computed == whole.computed);
    CHECK(size_to_json(second) == size_to_json(whole));
    CHECK(study_size(options).computed == 0);
    options.infer.seed = 2;
    CHECK(study_size(options).computed == whole.computed);
    mho::write_file(options.kept, "{}");
    CHECK_THAT(mho::test::thrown_text([&] { study_size(options); }),
               ContainsSubstring("not finished passes of 'mho size'"));
    fs::remove_all(folder);
}

TEST_CASE("slips are told before long work") {
    const auto text = [](const SizeOptions& options) {
        return mho::test::thrown_text([&] { study_size(options); });
    };
    SizeOptions options = digit_sizes({"bits=4,40"});
    CHECK_THAT(text(options), ContainsSubstring("adc.bits"));
    CHECK(text(digit_sizes({})) == "2: no axis: expected at least one, as rows=16:1152");
    CHECK(text(digit_sizes({"rows=16,32", "array.rows=16,32"})) ==
          "2: axis array.rows: given twice");
    options = digit_sizes({"rows=16"});
    options.infer.trials = 1;
    CHECK_THAT(text(options), ContainsSubstring("trials = 1, expected 2 to 1000"));
    options = digit_sizes({"rows=16"});
    options.tolerance = 0;
    CHECK_THAT(text(options), ContainsSubstring("tolerance: 0 points"));
}
