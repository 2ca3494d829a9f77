// SPDX-License-Identifier: Apache-2.0
// A folder of JPEG and PNG files with a list of labels.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

#include "flows/picture.h"
#include "flows/raw_images.h"

namespace mho::flows {

// The label list of the folder: labels.csv or labels.txt, or the one *_labels.csv or *_labels.txt
// in it, or FOLDER_labels.csv beside it. Nothing when there is none. Throws bad_input when several
// could be meant.
std::optional<std::filesystem::path> find_label_list(const std::filesystem::path& folder);

struct PictureOptions {
    std::size_t limit = 0;  // first pictures only; 0: all
    int channels = 3;       // 1 or 3
    PictureSize size;
    std::size_t threads = 0;
};

// The pictures that the list names, in its order. A line holds the file's name and its class,
// counted from 0, with commas, semicolons, tabs or blanks between; what follows is ignored, and so
// is a first line without a class. Names are relative to `folder`, to the list, or to the folder
// that the list is named after (sample_labels.csv: sample/). Throws bad_input naming list and line,
// or the picture.
RawImages read_pictures(const std::filesystem::path& folder, const std::filesystem::path& list,
                        const PictureOptions& options);

}  // namespace mho::flows
