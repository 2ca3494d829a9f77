// SPDX-License-Identifier: Apache-2.0
#include "flows/dataset.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "flows/dataset_cifar.h"
#include "flows/dataset_idx.h"
#include "flows/dataset_npy.h"
#include "flows/dataset_pictures.h"

namespace mho::flows {
namespace {

Preprocessing usual_for(int channels) {
    return named_preprocessing(channels == 3 ? "imagenet" : "unit");
}

// The channel of the file that becomes channel c.
std::size_t source_channel(const Preprocessing& how, std::size_t c, int channels) {
    return how.bgr && channels == 3 ? 2 - c : c;
}

Dataset from_raw(RawImages raw, const DataOptions& options) {
    const Preprocessing how = options.preprocessing.value_or(usual_for(raw.channels));
    Dataset data{
        std::move(raw.format), std::move(raw.path), raw.channels, raw.height, raw.width, {},
        std::move(raw.labels)};
    const auto tables = lookup_tables(how, raw.channels);
    const std::size_t plane = raw.plane(), channels = tables.size();
    data.pixels.resize(raw.pixels.size());
    parallel_for(data.size(), options.threads, [&](std::size_t i) {
        for (std::size_t c = 0; c < channels; ++c) {
            const std::uint8_t* const from =
                raw.pixels.data() + (i * channels + source_channel(how, c, raw.channels)) * plane;
            float* const to = data.pixels.data() + (i * channels + c) * plane;
            for (std::size_t k = 0; k < plane; ++k) to[k] = tables[c][from[k]];
        }
    });
    return data;
}

Dataset from_npy(const NpyPair& pair, const std::filesystem::path& folder,
                 const DataOptions& options) {
    const ImageLayout layout = image_layout(pair, folder);
    const bool bytes = pair.images.element_type == "|u1";
    Preprocessing how = bytes ? usual_for(layout.channels) : named_preprocessing("none");
    how = options.preprocessing.value_or(how);
    lookup_tables(how, layout.channels);  // checks it
    Dataset data{pair.format, folder, layout.channels, layout.height, layout.width, {}, {}};
    std::size_t count = pair.labels.values.size();
    if (options.limit > 0) count = std::min(count, options.limit);
    for (std::size_t i = 0; i < count; ++i) {
        data.labels.push_back(static_cast<int>(pair.labels.values[i]));
    }
    const std::size_t size = data.image_size();
    const auto channels = static_cast<std::size_t>(layout.channels);
    const std::size_t plane = size / channels;
    data.pixels.resize(count * size);
    for (std::size_t k = 0; k < data.pixels.size(); ++k) {
        const std::size_t image = k / size, c = k % size / plane, p = k % plane;
        const std::size_t from = source_channel(how, c, layout.channels);
        const std::size_t at = layout.channels_last ? p * channels + from : from * plane + p;
        data.pixels[k] = normalised(how, static_cast<int>(c),
                                    static_cast<float>(pair.images.values[image * size + at]));
    }
    return data;
}

Dataset from_pictures(const std::filesystem::path& folder, const std::filesystem::path& list,
                      const DataOptions& options) {
    PictureOptions how{options.limit, 3, {0, 224, 224}, options.threads};
    if (options.input.size() == 3 && (options.input[0] == 1 || options.input[0] == 3)) {
        how.channels = options.input[0];
        how.size.height = options.input[1];
        how.size.width = options.input[2];
    }
    if (options.preprocessing) {
        how.size.shorter = options.preprocessing->resize;
        if (options.preprocessing->crop > 0) {
            how.size.height = how.size.width = options.preprocessing->crop;
        }
    }
    return from_raw(read_pictures(folder, list, how), options);
}

}  // namespace

Dataset load_dataset(const std::filesystem::path& folder, const DataOptions& options) {
    std::error_code code;
    if (!std::filesystem::exists(folder, code)) {
        throw bad_input("{}: no such data folder", folder.string());
    }
    if (!std::filesystem::is_directory(folder, code)) {
        throw bad_input("{}: not a folder; expected one with a data set", folder.string());
    }
    if (const auto pair = find_idx_pair(folder)) {
        return from_raw(read_idx_pair(*pair, options.limit), options);
    }
    if (const auto batches = find_cifar_batches(folder); !batches.empty()) {
        return from_raw(read_cifar(batches, options.limit), options);
    }
    if (const auto pair = find_npy_pair(folder)) return from_npy(*pair, folder, options);
    if (const auto list = find_label_list(folder)) return from_pictures(folder, *list, options);
    throw bad_input(
        "{}: no data set found; expected IDX files (t10k-images-idx3-ubyte and "
        "t10k-labels-idx1-ubyte, plain or .gz), CIFAR-10 batches (test_batch.bin), images.npy and "
        "labels.npy, an .npz, or pictures with a labels.csv",
        folder.string());
}

Dataset load_dataset(const std::filesystem::path& folder, std::size_t limit) {
    DataOptions options;
    options.limit = limit;
    return load_dataset(folder, options);
}

}  // namespace mho::flows
