// SPDX-License-Identifier: Apache-2.0
#include "spice/protocol.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "spice/lockstep_protocol.h"

using namespace mho::spice;

namespace {

WorkerReply sample_reply() {
    WorkerReply reply;
    reply.status = JobStatus::incomplete;
    reply.waveforms = {{"time", "v(1)"}, {{0, 1e-12, 2e-12}, {1.0 / 3, -0.0, 5e-324}}};
    reply.waveforms.measured = {{"td", 1.0 / 3}, {"none", std::nullopt}};
    reply.message = "line; another";
    reply.simulator_second = 0.25;
    reply.resident_byte = 12345678;
    reply.leaving = true;
    return reply;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

}  // namespace

TEST_CASE("messages come back as they were sent, bit by bit") {
    const WorkerReply sent = sample_reply();
    const WorkerReply got = decode_reply(encode(sent));
    CHECK(got.status == sent.status);
    CHECK(got.waveforms.names == sent.waveforms.names);
    CHECK(same_bits(got.waveforms.columns[1], sent.waveforms.columns[1]));
    CHECK(got.waveforms.measured == sent.waveforms.measured);
    CHECK(got.message == sent.message);
    CHECK(got.simulator_second == sent.simulator_second);
    CHECK(got.resident_byte == sent.resident_byte);
    CHECK(got.leaving);

    Job job{"netlist\n.end", "op", {"v(1)", ""}, 3, "label", true};
    job.alterations = {{"r1", "@m1[w]"}, {{1, 2}, {3, 4}}};
    job.inputs = {{"v1"}, {{0.5}}};
    job.osdi_models = {"/a.osdi"};
    const Job read = decode_job(encode(job));
    CHECK(read.netlist == job.netlist);
    CHECK(read.analysis == job.analysis);
    CHECK(read.vectors == job.vectors);
    CHECK(read.warnings_allowed);
    CHECK(read.alterations == job.alterations);
    CHECK(read.inputs == job.inputs);
    CHECK(read.osdi_models == job.osdi_models);
    CHECK_FALSE(decode_job(encode(Job{})).warnings_allowed);

    const SimulatorInfo info = decode_info(encode(SimulatorInfo{"46", true, false, true}));
    CHECK(info.version == "46");
    CHECK((info.klu && !info.xspice && info.osdi));
}

TEST_CASE("messages of a lockstep run come back as they were sent") {
    LockstepOrder order;
    order.job.netlist = "netlist";
    order.sources = {{"v1", 0.5}, {"i2", -1e-6}};
    order.observed = {"v(out)"};
    order.resolution_second = 1e-16;
    const LockstepOrder read = decode_order(encode(order));
    CHECK(read.job.netlist == "netlist");
    REQUIRE(read.sources.size() == 2);
    CHECK(read.sources[1].name == "i2");
    CHECK(read.sources[1].initial == -1e-6);
    CHECK(read.observed == order.observed);
    CHECK(read.resolution_second == 1e-16);
    const ObservedPoint point = decode_point(encode(ObservedPoint{1e-9, {0.25, -1}}));
    CHECK(point.time_second == 1e-9);
    CHECK(point.observed == std::vector<double>{0.25, -1});
    const LockstepAction action = decode_action(encode(LockstepAction{{{1, 0.5, 2e-12}}, 3e-9}));
    REQUIRE(action.drives.size() == 1);
    CHECK(action.drives[0].source == 1);
    CHECK(action.drives[0].value == 0.5);
    CHECK(action.drives[0].rise_second == 2e-12);
    CHECK(action.next_second == 3e-9);
    const std::string whole = encode(order);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CHECK_THROWS_AS(decode_order(whole.substr(0, length)), mho::Error);
    }
    CHECK_THROWS_AS(decode_point("x"), mho::Error);
    CHECK_THROWS_AS(decode_action(encode(action) + "x"), mho::Error);
}

TEST_CASE("frames are cut from a stream that comes byte by byte") {
    const std::string stream =
        frame_bytes(FrameKind::hello, "abc") + frame_bytes(FrameKind::result, "");
    FrameBuffer buffer;
    std::vector<Frame> frames;
    for (const char byte : stream) {
        buffer.add({&byte, 1});
        while (auto frame = buffer.next()) frames.push_back(*frame);
    }
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].kind == FrameKind::hello);
    CHECK(frames[0].payload == "abc");
    CHECK(frames[1].kind == FrameKind::result);
    CHECK(buffer.empty());
}

TEST_CASE("a frame with a wrong header is an error") {
    const std::string good = frame_bytes(FrameKind::job, "x");
    const auto next_of = [](const std::string& bytes) {
        FrameBuffer buffer;
        buffer.add(bytes);
        return buffer.next();
    };
    for (const std::size_t byte : {0U, 3U, 4U, 7U, 15U}) {
        std::string bad = good;
        bad[byte] = static_cast<char>(bad[byte] ^ 0x7f);
        INFO("byte " << byte);
        CHECK_THROWS_AS(next_of(bad), mho::Error);
    }
    CHECK_THROWS_AS(next_of("garbage garbage garbage"), mho::Error);
    CHECK_FALSE(next_of(good.substr(0, good.size() - 1)).has_value());
}

TEST_CASE("a message cut short anywhere is an error, never a crash") {
    const std::string whole = encode(sample_reply());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CHECK_THROWS_AS(decode_reply(whole.substr(0, length)), mho::Error);
    }
    CHECK_THROWS_AS(decode_reply(whole + "x"), mho::Error);
    CHECK_THROWS_AS(decode_info(""), mho::Error);
    CHECK_THROWS_AS(decode_job("short"), mho::Error);
}

TEST_CASE("a message with any byte altered is read or refused, never a crash") {
    const std::string whole = encode(sample_reply());
    std::size_t refused = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const int mask : {0x01, 0x80, 0xff}) {
            std::string altered = whole;
            altered[i] = static_cast<char>(altered[i] ^ mask);
            try {
                const WorkerReply reply = decode_reply(altered);
                CHECK(reply.waveforms.names.size() == reply.waveforms.columns.size());
            } catch (const mho::Error& error) {
                CHECK(error.kind() == mho::ErrorKind::simulator);
                ++refused;
            }
        }
    }
    CHECK(refused > 100);
}

TEST_CASE("a count that promises more than there is costs no memory") {
    ByteWriter writer;
    writer.number(std::numeric_limits<std::uint64_t>::max() / 8);
    const std::string bytes = writer.take();
    CHECK_THROWS_AS(ByteReader(bytes).doubles(), mho::Error);
    CHECK_THROWS_AS(ByteReader(bytes).text(), mho::Error);
    ByteReader reader(bytes);
    CHECK_THROWS_AS(decode_waveforms(reader), mho::Error);
}

TEST_CASE("columns of unequal length are refused") {
    ByteWriter writer;
    encode(writer, Waveforms{{"a", "b"}, {{1, 2}, {3}}});
    const std::string bytes = writer.take();
    ByteReader reader(bytes);
    CHECK_THROWS_AS(decode_waveforms(reader), mho::Error);
}

TEST_CASE("a frame crosses a socket, and a closed socket is no crash") {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    REQUIRE(send_frame(ends[0], FrameKind::job, "payload"));
    FrameBuffer buffer;
    const auto frame = receive_frame(ends[1], buffer);
    REQUIRE(frame.has_value());
    CHECK(frame->payload == "payload");
    ::close(ends[0]);
    CHECK_FALSE(receive_frame(ends[1], buffer).has_value());
    CHECK_FALSE(send_frame(ends[1], FrameKind::job, "payload"));
    ::close(ends[1]);
}
