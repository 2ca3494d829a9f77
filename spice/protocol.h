// SPDX-License-Identifier: Apache-2.0
// What a pool and its workers say to each other over a socket: frames of a fixed header (magic,
// kind, payload length) and a payload. Both ends run on one machine from one build, so numbers are
// raw; but a worker can die or go wild at any byte, so every length is checked. Anything malformed
// is Error(simulator).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "spice/job.h"
#include "spice/pool.h"

namespace mho::spice {

// Appends values to a byte string; lengths as 64-bit counts.
class ByteWriter {
  public:
    void number(std::uint64_t value);
    void number(double value);
    void text(std::string_view value);
    void doubles(std::span<const double> values);
    std::string take() { return std::move(bytes_); }

  private:
    void raw(const void* data, std::size_t size);
    std::string bytes_;
};

// Reads them back in the same order; throws Error(simulator) when they do not fit.
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
    std::uint64_t whole();
    double real();
    std::string text();
    std::vector<double> doubles();
    void finish() const;  // throws when bytes are left

  private:
    std::string_view take(std::uint64_t size);
    std::string_view rest_;
};

// Of a lockstep job the worker sends `event` frames and gets an `action` frame for each, before
// the result.
enum class FrameKind : std::uint32_t {
    hello = 1,
    job = 2,
    result = 3,
    lockstep_job = 4,
    event = 5,
    action = 6
};

struct Frame {
    FrameKind kind = FrameKind::hello;
    std::string payload;
};

std::string frame_bytes(FrameKind kind, std::string_view payload);

// Cuts a stream of bytes into frames.
class FrameBuffer {
  public:
    void add(std::string_view bytes) { bytes_.append(bytes); }
    // The next whole frame, or no value while bytes are missing.
    std::optional<Frame> next();
    bool empty() const { return bytes_.empty(); }

  private:
    std::string bytes_;
};

// What a worker answers to a job.
struct WorkerReply {
    JobStatus status = JobStatus::ok;
    Waveforms waveforms;
    std::string message;
    double simulator_second = 0;
    std::uint64_t resident_byte = 0;  // of the worker, after the job
    bool leaving = false;             // the worker cannot run another job
};

WorkerReply failed_reply(JobStatus status, std::string message);

std::string encode(const SimulatorInfo& info);
std::string encode(const Job& job);  // without timeout and label
void encode(ByteWriter& writer, const Job& job);
void encode(ByteWriter& writer, std::span<const std::string> texts);
std::string encode(const WorkerReply& reply);
void encode(ByteWriter& writer, const Waveforms& waveforms);

SimulatorInfo decode_info(std::string_view payload);
Job decode_job(std::string_view payload);
Job decode_job(ByteReader& reader);
std::vector<std::string> decode_texts(ByteReader& reader);
WorkerReply decode_reply(std::string_view payload);
// Columns of unequal length or other than one per name are malformed.
Waveforms decode_waveforms(ByteReader& reader);

// For the worker's end, which blocks. send_frame gives false when the other end is gone;
// receive_frame no value at the end of the stream.
bool send_frame(int socket, FrameKind kind, std::string_view payload);
std::optional<Frame> receive_frame(int socket, FrameBuffer& buffer);

}  // namespace mho::spice
