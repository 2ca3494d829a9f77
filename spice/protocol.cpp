// SPDX-License-Identifier: Apache-2.0
#include "spice/protocol.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace mho::spice {
namespace {

constexpr std::uint32_t kMagic = 0x314f484d;  // "MHO1" in memory
constexpr std::uint64_t kLongestPayload = std::uint64_t{1} << 32;

struct Header {
    std::uint32_t magic;
    std::uint32_t kind;
    std::uint64_t length;
};
static_assert(sizeof(Header) == 16);

Error malformed(std::string_view what) {
    return simulator_error("malformed message of a SPICE worker: {}", what);
}

bool known(std::uint32_t kind) {
    return kind >= static_cast<std::uint32_t>(FrameKind::hello) &&
           kind <= static_cast<std::uint32_t>(FrameKind::action);
}

bool flag(std::uint64_t value) {
    if (value > 1) throw malformed("a flag that is neither 0 nor 1");
    return value == 1;
}

}  // namespace

void ByteWriter::raw(const void* data, std::size_t size) {
    if (size > 0) bytes_.append(static_cast<const char*>(data), size);
}
void ByteWriter::number(std::uint64_t value) {
    raw(&value, sizeof value);
}
void ByteWriter::number(double value) {
    raw(&value, sizeof value);
}

void ByteWriter::text(std::string_view value) {
    number(std::uint64_t{value.size()});
    raw(value.data(), value.size());
}

void ByteWriter::doubles(std::span<const double> values) {
    number(std::uint64_t{values.size()});
    raw(values.data(), values.size_bytes());
}

std::string_view ByteReader::take(std::uint64_t size) {
    if (size > rest_.size()) throw malformed("it ends early");
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return taken;
}

std::uint64_t ByteReader::whole() {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
}

double ByteReader::real() {
    double value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
}

std::string ByteReader::text() {
    return std::string(take(whole()));
}

std::vector<double> ByteReader::doubles() {
    const std::uint64_t count = whole();
    if (count > rest_.size() / sizeof(double)) throw malformed("it ends early");
    const std::string_view bytes = take(count * sizeof(double));
    std::vector<double> values(static_cast<std::size_t>(count));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

void ByteReader::finish() const {
    if (!rest_.empty()) throw malformed("it is too long");
}

std::string frame_bytes(FrameKind kind, std::string_view payload) {
    const Header header{kMagic, static_cast<std::uint32_t>(kind), payload.size()};
    std::string bytes(sizeof header, '\0');
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes.append(payload);
}

std::optional<Frame> FrameBuffer::next() {
    Header header{};
    if (bytes_.size() < sizeof header) return std::nullopt;
    std::memcpy(&header, bytes_.data(), sizeof header);
    if (header.magic != kMagic) throw malformed("wrong magic number");
    if (!known(header.kind)) throw malformed("unknown kind");
    if (header.length > kLongestPayload) throw malformed("length out of bounds");
    if (bytes_.size() - sizeof header < header.length) return std::nullopt;
    const auto length = static_cast<std::size_t>(header.length);
    Frame frame{static_cast<FrameKind>(header.kind), bytes_.substr(sizeof header, length)};
    bytes_.erase(0, sizeof header + length);
    return frame;
}

WorkerReply failed_reply(JobStatus status, std::string message) {
    WorkerReply result;
    result.status = status;
    result.message = std::move(message);
    return result;
}

std::string encode(const SimulatorInfo& info) {
    ByteWriter writer;
    writer.text(info.version);
    for (const bool capability : {info.klu, info.xspice, info.osdi}) {
        writer.number(std::uint64_t{capability});
    }
    return writer.take();
}

SimulatorInfo decode_info(std::string_view payload) {
    ByteReader reader(payload);
    SimulatorInfo info;
    info.version = reader.text();
    info.klu = flag(reader.whole());
    info.xspice = flag(reader.whole());
    info.osdi = flag(reader.whole());
    reader.finish();
    return info;
}

void encode(ByteWriter& writer, std::span<const std::string> texts) {
    writer.number(std::uint64_t{texts.size()});
    for (const std::string& text : texts) writer.text(text);
}

std::vector<std::string> decode_texts(ByteReader& reader) {
    std::vector<std::string> texts;
    for (std::uint64_t count = reader.whole(); count > 0; --count) texts.push_back(reader.text());
    return texts;
}

namespace {

void encode_table(ByteWriter& writer, const ValueTable& table) {
    encode(writer, table.names);
    writer.number(std::uint64_t{table.rows.size()});
    for (const std::vector<double>& row : table.rows) writer.doubles(row);
}

ValueTable decode_table(ByteReader& reader) {
    ValueTable table;
    table.names = decode_texts(reader);
    for (std::uint64_t count = reader.whole(); count > 0; --count) {
        table.rows.push_back(reader.doubles());
    }
    return table;
}

}  // namespace

void encode(ByteWriter& writer, const Job& job) {
    writer.text(job.netlist);
    writer.text(job.analysis);
    encode(writer, job.vectors);
    writer.number(std::uint64_t{job.warnings_allowed});
    encode_table(writer, job.alterations);
    encode_table(writer, job.inputs);
    encode(writer, job.osdi_models);
}

std::string encode(const Job& job) {
    ByteWriter writer;
    encode(writer, job);
    return writer.take();
}

Job decode_job(ByteReader& reader) {
    Job job;
    job.netlist = reader.text();
    job.analysis = reader.text();
    job.vectors = decode_texts(reader);
    job.warnings_allowed = flag(reader.whole());
    job.alterations = decode_table(reader);
    job.inputs = decode_table(reader);
    job.osdi_models = decode_texts(reader);
    return job;
}

Job decode_job(std::string_view payload) {
    ByteReader reader(payload);
    Job job = decode_job(reader);
    reader.finish();
    return job;
}

void encode(ByteWriter& writer, const Waveforms& waveforms) {
    writer.number(std::uint64_t{waveforms.names.size()});
    for (const std::string& name : waveforms.names) writer.text(name);
    for (const std::vector<double>& column : waveforms.columns) writer.doubles(column);
    writer.number(std::uint64_t{waveforms.measured.size()});
    for (const Measured& measured : waveforms.measured) {
        writer.text(measured.name);
        writer.number(std::uint64_t{measured.value.has_value()});
        writer.number(measured.value.value_or(0));
    }
}

Waveforms decode_waveforms(ByteReader& reader) {
    Waveforms waveforms;
    for (std::uint64_t count = reader.whole(); count > 0; --count) {
        waveforms.names.push_back(reader.text());
    }
    for (std::size_t i = 0; i < waveforms.names.size(); ++i) {
        waveforms.columns.push_back(reader.doubles());
        if (waveforms.columns.back().size() != waveforms.points()) {
            throw malformed("columns of unequal length");
        }
    }
    for (std::uint64_t count = reader.whole(); count > 0; --count) {
        std::string name = reader.text();
        const bool has_value = flag(reader.whole());
        const double value = reader.real();
        waveforms.measured.push_back(
            {std::move(name), has_value ? std::optional(value) : std::nullopt});
    }
    return waveforms;
}

std::string encode(const WorkerReply& reply) {
    ByteWriter writer;
    writer.number(static_cast<std::uint64_t>(reply.status));
    encode(writer, reply.waveforms);
    writer.text(reply.message);
    writer.number(reply.simulator_second);
    writer.number(reply.resident_byte);
    writer.number(std::uint64_t{reply.leaving});
    return writer.take();
}

WorkerReply decode_reply(std::string_view payload) {
    ByteReader reader(payload);
    WorkerReply reply;
    const std::uint64_t status = reader.whole();
    if (status > static_cast<std::uint64_t>(JobStatus::crashed)) throw malformed("unknown status");
    reply.status = static_cast<JobStatus>(status);
    reply.waveforms = decode_waveforms(reader);
    reply.message = reader.text();
    reply.simulator_second = reader.real();
    reply.resident_byte = reader.whole();
    reply.leaving = flag(reader.whole());
    reader.finish();
    return reply;
}

bool send_frame(int socket, FrameKind kind, std::string_view payload) {
    const std::string bytes = frame_bytes(kind, payload);
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const ssize_t sent = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::optional<Frame> receive_frame(int socket, FrameBuffer& buffer) {
    std::array<char, 1 << 16> chunk{};
    for (;;) {
        if (std::optional<Frame> frame = buffer.next()) return frame;
        const ssize_t count = ::recv(socket, chunk.data(), chunk.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return std::nullopt;
        buffer.add({chunk.data(), static_cast<std::size_t>(count)});
    }
}

}  // namespace mho::spice
