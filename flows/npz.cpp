// SPDX-License-Identifier: Apache-2.0
#include "flows/npz.h"

#include <zip.h>

#include <memory>
#include <set>
#include <vector>

#include "base/error.h"

namespace mho::flows {
namespace {

constexpr zip_uint16_t kFirstDate = (1 << 5) | 1;  // 1 January 1980, the first a zip file knows

struct DropArchive {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct DropSource {
    void operator()(zip_source_t* source) const { zip_source_free(source); }
};

Error failure(const zip_error_t& error) {
    zip_error_t copy = error;
    return system_error("npz: cannot be made: {}", zip_error_strerror(&copy));
}

// `bytes` have to live until the archive is closed.
void add_entry(zip_t* archive, const std::string& name, const std::string& bytes) {
    zip_source_t* const source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    if (source == nullptr) throw failure(*zip_get_error(archive));
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        throw failure(*zip_get_error(archive));
    }
    const auto entry = static_cast<zip_uint64_t>(index);
    if (zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(archive, entry, 0, kFirstDate, 0) != 0) {
        throw failure(*zip_get_error(archive));
    }
}

std::string content_of(zip_source_t* source) {
    zip_stat_t status;
    zip_stat_init(&status);
    if (zip_source_stat(source, &status) != 0 || zip_source_open(source) != 0) {
        throw failure(*zip_source_error(source));
    }
    std::string bytes(static_cast<std::size_t>(status.size), '\0');
    const zip_int64_t read = zip_source_read(source, bytes.data(), status.size);
    zip_source_close(source);
    if (read != static_cast<zip_int64_t>(status.size)) throw failure(*zip_source_error(source));
    return bytes;
}

struct CloseFile {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};

std::string entry_bytes(zip_t* archive, zip_uint64_t index, const std::string& where) {
    zip_stat_t status;
    zip_stat_init(&status);
    const bool known = zip_stat_index(archive, index, 0, &status) == 0;
    constexpr zip_uint64_t kMost = zip_uint64_t{1} << 34;
    if (!known || (status.valid & ZIP_STAT_SIZE) == 0 || status.size > kMost) {
        throw bad_input("{}: entry cannot be read: {}", where, zip_strerror(archive));
    }
    const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive, index, 0));
    if (!file) throw bad_input("{}: entry cannot be read: {}", where, zip_strerror(archive));
    std::string bytes;
    std::string block(std::size_t{1} << 20, '\0');
    for (;;) {
        const zip_int64_t got = zip_fread(file.get(), block.data(), block.size());
        if (got < 0) {
            throw bad_input("{}: corrupt entry: {}", where, zip_file_strerror(file.get()));
        }
        if (got == 0) break;
        bytes.append(block, 0, static_cast<std::size_t>(got));
        if (bytes.size() > status.size) break;  // more than it says: the parser refuses it
    }
    return bytes;
}

}  // namespace

std::vector<NamedArray> read_npz(const std::filesystem::path& path) {
    int code = 0;
    const std::unique_ptr<zip_t, DropArchive> archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
    if (!archive) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string text = zip_error_strerror(&error);
        zip_error_fini(&error);
        throw bad_input("{}: not an NPZ archive, or a cut one ({})", path.string(), text);
    }
    std::vector<NamedArray> arrays;
    const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
    for (zip_int64_t i = 0; i < entries; ++i) {
        const auto index = static_cast<zip_uint64_t>(i);
        const char* const name = zip_get_name(archive.get(), index, 0);
        const std::string file = name ? name : "";
        const std::string where = path.string() + ":" + file;
        if (!file.ends_with(".npy")) throw bad_input("{}: not an NPY file", where);
        arrays.push_back({file.substr(0, file.size() - 4),
                          parse_npy(entry_bytes(archive.get(), index, where), where)});
    }
    return arrays;
}

std::string npz_bytes(std::span<const NamedArray> arrays) {
    if (arrays.empty()) throw bad_input("npz: an archive needs at least one array");
    std::set<std::string> names;
    std::vector<std::string> files;
    files.reserve(arrays.size());
    for (const NamedArray& one : arrays) {
        if (one.name.empty() || !names.insert(one.name).second) {
            throw bad_input("npz: the array name '{}' is empty or appears twice", one.name);
        }
        files.push_back(npy_bytes(one.array));
    }
    zip_error_t error;
    zip_error_init(&error);
    const std::unique_ptr<zip_source_t, DropSource> buffer(
        zip_source_buffer_create(nullptr, 0, 0, &error));
    if (!buffer) throw failure(error);
    zip_source_keep(buffer.get());  // what is written stays when the archive is closed
    std::unique_ptr<zip_t, DropArchive> archive(
        zip_open_from_source(buffer.get(), ZIP_CREATE | ZIP_TRUNCATE, &error));
    if (!archive) {
        zip_source_free(buffer.get());
        throw failure(error);
    }
    for (std::size_t k = 0; k < files.size(); ++k) {
        add_entry(archive.get(), arrays[k].name + ".npy", files[k]);
    }
    if (zip_close(archive.get()) != 0) throw failure(*zip_get_error(archive.get()));
    (void)archive.release();
    return content_of(buffer.get());
}

}  // namespace mho::flows
