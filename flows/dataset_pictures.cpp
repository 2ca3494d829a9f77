// SPDX-License-Identifier: Apache-2.0
#include "flows/dataset_pictures.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/parallel.h"

namespace mho::flows {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxListedClass = 1 << 20;

std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields;
    constexpr const char* kBetween = ",;\t \r";
    for (std::size_t at = line.find_first_not_of(kBetween); at != line.npos;) {
        const std::size_t end = std::min(line.find_first_of(kBetween, at), line.size());
        fields.push_back(line.substr(at, end - at));
        at = line.find_first_not_of(kBetween, end);
    }
    return fields;
}

std::optional<int> class_of(const std::vector<std::string>& fields) {
    if (fields.size() < 2) return std::nullopt;
    int label = -1;
    const char* const end = fields[1].data() + fields[1].size();
    const auto [stop, code] = std::from_chars(fields[1].data(), end, label);
    if (code != std::errc() || stop != end || label < 0 || label > kMaxListedClass)
        return std::nullopt;
    return label;
}

struct Entry {
    std::string name;
    int label;
};

std::vector<Entry> read_list(const fs::path& list, std::size_t limit) {
    std::istringstream lines(read_file(list));
    std::vector<Entry> entries;
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        const std::vector<std::string> fields = fields_of(line);
        if (fields.empty()) continue;
        const std::optional<int> label = class_of(fields);
        if (!label) {
            if (number == 1 && fields.size() > 1) continue;  // names of the columns
            throw bad_input("{}:{}: a file name and a class from 0 on expected", list.string(),
                            number);
        }
        if (limit == 0 || entries.size() < limit) entries.push_back({fields[0], *label});
    }
    if (entries.empty()) throw bad_input("{}: names no picture", list.string());
    return entries;
}

// sample_labels.csv -> sample
fs::path folder_named_by(const fs::path& list) {
    const std::string stem = list.stem().string();
    constexpr std::string_view kEnd = "_labels";
    if (!stem.ends_with(kEnd)) return list.parent_path();
    return list.parent_path() / stem.substr(0, stem.size() - kEnd.size());
}

bool is_list(const fs::path& path) {
    const std::string name = path.filename().string();
    for (const char* end : {"labels.csv", "labels.txt"}) {
        if (name == end || name.ends_with(std::string("_") + end)) return true;
    }
    return false;
}

}  // namespace

std::optional<fs::path> find_label_list(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        if (is_list(entry.path()) && entry.is_regular_file(code)) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    if (found.size() > 1) {
        throw bad_input("{}: several label lists ({}, {}, ...)", folder.string(),
                        found[0].filename().string(), found[1].filename().string());
    }
    if (found.size() == 1) return found[0];
    const fs::path whole = fs::absolute(folder / ".", code).lexically_normal().parent_path();
    const fs::path beside = whole.parent_path() / (whole.filename().string() + "_labels.csv");
    if (fs::is_regular_file(beside, code)) return beside;
    return std::nullopt;
}

RawImages read_pictures(const fs::path& folder, const fs::path& list,
                        const PictureOptions& options) {
    const std::vector<Entry> entries = read_list(list, options.limit);
    std::vector<fs::path> paths;
    for (const Entry& entry : entries) {
        paths.push_back(folder / entry.name);
        std::error_code code;
        for (const fs::path& base : {folder_named_by(list), list.parent_path()}) {
            if (!fs::exists(paths.back(), code)) paths.back() = base / entry.name;
        }
        if (!fs::exists(paths.back(), code)) {
            throw bad_input("{}: names '{}', which is not there", list.string(), entry.name);
        }
    }
    RawImages images{"pictures", folder, options.channels, options.size.height, options.size.width,
                     {},         {}};
    const std::size_t plane = images.plane();
    const auto channels = static_cast<std::size_t>(options.channels);
    images.pixels.resize(entries.size() * channels * plane);
    for (const Entry& entry : entries) images.labels.push_back(entry.label);
    parallel_for(entries.size(), options.threads, [&](std::size_t i) {
        const Picture read = read_picture(paths[i], options.channels);
        try {
            const Picture picture = fitted(read, options.size);
            std::uint8_t* const to = images.pixels.data() + i * channels * plane;
            for (std::size_t k = 0; k < plane * channels; ++k) {
                to[k % channels * plane + k / channels] = picture.pixels[k];
            }
        } catch (const Error& error) {
            throw bad_input("{}: {}", paths[i].string(), error.what());
        }
    });
    return images;
}

}  // namespace mho::flows
