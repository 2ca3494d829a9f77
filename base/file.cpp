// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/error.h"

namespace mho {
namespace fs = std::filesystem;
namespace {

// Writes all of `content` and forces it to disk; returns 0 or the errno of the failure.
int write_all(int fd, std::string_view content, bool sync) {
    while (!content.empty()) {
        const ssize_t count = ::write(fd, content.data(), content.size());
        if (count < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return sync && ::fsync(fd) != 0 ? errno : 0;
}

int write_new(const fs::path& path, std::string_view content, int flags, bool sync) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666);
    if (fd < 0) return errno;
    int failure = write_all(fd, content, sync);
    if (::close(fd) != 0 && failure == 0) failure = errno;
    return failure;
}

}  // namespace

std::string read_file(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        throw bad_input("{}: is a directory, expected a file", path.string());
    }
    std::ifstream in(path, std::ios::binary);
    if (!in) throw bad_input("{}: cannot be read: {}", path.string(), std::strerror(errno));
    std::string content(std::istreambuf_iterator<char>(in), {});
    if (in.bad()) throw system_error("{}: read failed: {}", path.string(), std::strerror(errno));
    return content;
}

void write_file(const fs::path& path, std::string_view content) {
    std::error_code ignored;
    if (fs::is_symlink(fs::symlink_status(path, ignored))) {
        // The link stays, what it names is replaced.
        std::error_code failure;
        const fs::path target = fs::weakly_canonical(path, failure);
        if (failure || fs::is_symlink(fs::symlink_status(target, ignored))) {
            throw system_error("{}: cannot be written: a link that leads nowhere", path.string());
        }
        return write_file(target, content);
    }
    const fs::file_status status = fs::status(path, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status)) {
        if (fs::is_directory(status)) {
            throw bad_input("{}: is a directory, expected a file name", path.string());
        }
        if (const int failure = write_new(path, content, 0, false)) {
            throw system_error("{}: cannot be written: {}", path.string(), std::strerror(failure));
        }
        return;
    }
    const fs::path temporary = path.string() + ".part" + std::to_string(::getpid());
    int failure = write_new(temporary, content, O_CREAT | O_TRUNC, true);
    if (failure == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) failure = errno;
    if (failure != 0) {
        fs::remove(temporary, ignored);
        throw system_error("{}: cannot be written: {}", path.string(), std::strerror(failure));
    }
}

}  // namespace mho
