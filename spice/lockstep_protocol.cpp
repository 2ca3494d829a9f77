// SPDX-License-Identifier: Apache-2.0
#include "spice/lockstep_protocol.h"

namespace mho::spice {

std::string encode(const LockstepOrder& order) {
    ByteWriter writer;
    encode(writer, order.job);
    writer.number(std::uint64_t{order.sources.size()});
    for (const ExternalSource& source : order.sources) {
        writer.text(source.name);
        writer.number(source.initial);
    }
    encode(writer, order.observed);
    writer.number(order.resolution_second);
    return writer.take();
}

LockstepOrder decode_order(std::string_view payload) {
    ByteReader reader(payload);
    LockstepOrder order;
    order.job = decode_job(reader);
    for (std::uint64_t count = reader.whole(); count > 0; --count) {
        ExternalSource source;
        source.name = reader.text();
        source.initial = reader.real();
        order.sources.push_back(std::move(source));
    }
    order.observed = decode_texts(reader);
    order.resolution_second = reader.real();
    reader.finish();
    return order;
}

std::string encode(const ObservedPoint& point) {
    ByteWriter writer;
    writer.number(point.time_second);
    writer.doubles(point.observed);
    return writer.take();
}

ObservedPoint decode_point(std::string_view payload) {
    ByteReader reader(payload);
    ObservedPoint point;
    point.time_second = reader.real();
    point.observed = reader.doubles();
    reader.finish();
    return point;
}

std::string encode(const LockstepAction& action) {
    ByteWriter writer;
    writer.number(std::uint64_t{action.drives.size()});
    for (const Drive& drive : action.drives) {
        writer.number(std::uint64_t{drive.source});
        writer.number(drive.value);
        writer.number(drive.rise_second);
    }
    writer.number(action.next_second);
    return writer.take();
}

LockstepAction decode_action(std::string_view payload) {
    ByteReader reader(payload);
    LockstepAction action;
    for (std::uint64_t count = reader.whole(); count > 0; --count) {
        Drive drive;
        drive.source = static_cast<std::size_t>(reader.whole());
        drive.value = reader.real();
        drive.rise_second = reader.real();
        action.drives.push_back(drive);
    }
    action.next_second = reader.real();
    reader.finish();
    return action;
}

}  // namespace mho::spice
