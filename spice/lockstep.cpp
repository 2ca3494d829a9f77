// SPDX-License-Identifier: Apache-2.0
#include "spice/lockstep.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "base/error.h"
#include "spice/request.h"
#include "spice/text.h"

namespace mho::spice {
namespace {

constexpr double kFinestSecond = 1e-16;
constexpr double kPartOfStep = 1e-6;
constexpr double kPartOfStop = 4e-14;  // ngspice takes times 100 roundings apart for equal
constexpr std::size_t kMostEdges = 100'000'000;

}  // namespace

double lockstep_resolution_second(const Job& job) {
    const auto wrong = [&job] {
        return bad_input("analysis '{}': expected 'tran STEP STOP [0 MAXSTEP]' for a lockstep run",
                         shown(job.analysis));
    };
    const Analysis analysis = parse_analysis(job.analysis);
    if (analysis.kind != AnalysisKind::tran || !analysis.card.empty()) throw wrong();
    std::vector<double> numbers;
    const std::vector<std::string_view> fields = split(analysis.command, kBlank);
    for (const std::string_view field : std::span(fields).subspan(1)) {
        const std::optional<double> number = spice_number(field);
        if (!number) throw wrong();
        numbers.push_back(*number);
    }
    if (numbers.size() > 4 || !(numbers[0] > 0) || (numbers.size() > 2 && numbers[2] != 0)) {
        throw wrong();
    }
    return std::max(std::min(kFinestSecond, kPartOfStep * numbers[0]), kPartOfStop * numbers[1]);
}

std::vector<double> clock_edges(double first_second, double period_second, double stop_second) {
    if (!(period_second > 0) || !std::isfinite(first_second) || !std::isfinite(stop_second)) {
        throw bad_input(
            "clock from {:g} s to {:g} s with a period of {:g} s, expected a positive "
            "period and finite times",
            first_second, stop_second, period_second);
    }
    if ((stop_second - first_second) / period_second > static_cast<double>(kMostEdges)) {
        throw bad_input("clock with a period of {:g} s up to {:g} s, expected at most {} edges",
                        period_second, stop_second, kMostEdges);
    }
    std::vector<double> edges;
    for (double edge = first_second; edge <= stop_second;) {
        edges.push_back(edge);
        edge = first_second + static_cast<double>(edges.size()) * period_second;
    }
    return edges;
}

LockstepBlock together(std::vector<LockstepBlock> blocks) {
    struct Member {
        LockstepBlock block;
        double next_second;
    };
    std::vector<Member> members;
    for (LockstepBlock& block : blocks) members.push_back({std::move(block), 0.0});
    return [members](const LockstepEvent& event) mutable {
        LockstepAction all;
        for (Member& member : members) {
            if (event.at_edge || member.next_second < event.time_second + event.instant_second) {
                LockstepAction action = member.block(event);
                member.next_second = action.next_second;
                all.drives.insert(all.drives.end(), action.drives.begin(), action.drives.end());
            }
            all.next_second = std::min(all.next_second, member.next_second);
        }
        return all;
    };
}

}  // namespace mho::spice
