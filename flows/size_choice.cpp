// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "flows/size_study.h"

namespace mho::flows {
namespace {

// Values on the axes that make a size, and the points of that size.
struct Size {
    std::vector<double> at;
    std::vector<std::size_t> points;
    std::size_t holding = 0;
    std::size_t worst = 0;  // point with the largest loss_most
};

std::vector<std::size_t> axes_of_size(const SizeStudy& study) {
    std::vector<std::size_t> chosen, all;
    for (std::size_t a = 0; a < study.axes.size(); ++a) {
        all.push_back(a);
        if (study.axes[a].chosen) chosen.push_back(a);
    }
    return chosen.empty() ? all : chosen;
}

std::vector<Size> sizes_of(const SizeStudy& study, const std::vector<std::size_t>& axes) {
    std::map<std::vector<double>, Size> sizes;
    for (std::size_t p = 0; p < study.points.size(); ++p) {
        const SizePoint& point = study.points[p];
        std::vector<double> at;
        for (const std::size_t a : axes) at.push_back(point.at[a]);
        Size& size = sizes[at];
        size.at = at;
        size.points.push_back(p);
        size.holding += point.holds ? 1 : 0;
        if (size.points.size() == 1 || point.loss_most > study.points[size.worst].loss_most) {
            size.worst = p;
        }
    }
    std::vector<Size> list;
    for (auto& [at, size] : sizes) list.push_back(std::move(size));
    return list;
}

// Whether `a` is the better one to have, the first axis first.
bool preferred(const SizeStudy& study, const std::vector<std::size_t>& axes, const Size& a,
               const Size& b) {
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (a.at[i] != b.at[i]) return (a.at[i] > b.at[i]) == study.axes[axes[i]].more;
    }
    return false;
}

std::string points_text(double fraction) {
    return fmt::format("{:.2f}", 100 * fraction);
}

std::string loss_text(const SizeStudy& study, const SizePoint& point) {
    return fmt::format("{} points (with {:.4g} % confidence at most {})", points_text(point.loss),
                       100 * study.confidence, points_text(point.loss_most));
}

std::string values_text(const SizeStudy& study, const std::vector<std::size_t>& axes,
                        const SizePoint& point) {
    std::string text;
    for (const std::size_t a : axes) {
        text +=
            fmt::format("{}{} = {:.4g}", text.empty() ? "" : ", ", study.axes[a].name, point.at[a]);
    }
    return text;
}

std::vector<std::size_t> others(const SizeStudy& study, const std::vector<std::size_t>& axes) {
    std::vector<std::size_t> rest;
    for (std::size_t a = 0; a < study.axes.size(); ++a) {
        if (std::find(axes.begin(), axes.end(), a) == axes.end()) rest.push_back(a);
    }
    return rest;
}

// What the next better value on each axis of the size would cost.
std::string next_values(const SizeStudy& study, const std::vector<std::size_t>& axes,
                        const std::vector<Size>& sizes, const Size& best) {
    std::string text;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const SizeAxis& axis = study.axes[axes[i]];
        const Size* next = nullptr;
        for (const Size& size : sizes) {
            bool same = true;
            for (std::size_t j = 0; j < axes.size(); ++j) {
                same = same && (j == i || size.at[j] == best.at[j]);
            }
            const bool beyond = axis.more ? size.at[i] > best.at[i] : size.at[i] < best.at[i];
            if (!same || !beyond) continue;
            const bool nearer = next == nullptr ||
                                (axis.more ? size.at[i] < next->at[i] : size.at[i] > next->at[i]);
            if (nearer) next = &size;
        }
        if (next == nullptr) {
            text += fmt::format("; {} is the {} asked for", axis.name,
                                axis.more ? "highest" : "lowest");
            continue;
        }
        const SizePoint& worst = study.points[next->worst];
        const auto conditions = others(study, axes);
        text += fmt::format("; {} = {:.4g} would lose {}", axis.name, next->at[i],
                            loss_text(study, worst));
        if (!conditions.empty()) text += " at " + values_text(study, conditions, worst);
    }
    return text;
}

}  // namespace

void judge(SizePoint& point, std::size_t samples, double tolerance, double confidence) {
    const auto images = static_cast<double>(samples);
    const auto trials = static_cast<double>(point.trials.size());
    double right = 0, lost = 0, gained = 0;
    for (const SizeTrial& trial : point.trials) {
        right += static_cast<double>(trial.right) / trials;
        lost += static_cast<double>(trial.lost) / trials;
        gained += static_cast<double>(trial.gained) / trials;
    }
    point.accuracy = right / images;
    point.loss = (lost - gained) / images;
    double squares = 0;
    for (const SizeTrial& trial : point.trials) {
        squares += std::pow(static_cast<double>(trial.right) / images - point.accuracy, 2);
    }
    point.deviation = trials > 1 ? std::sqrt(squares / (trials - 1)) : 0;
    const double variance = (lost + gained) / images - point.loss * point.loss;
    const double normal = boost::math::quantile(boost::math::normal(), confidence);
    const double of_images = std::max(normal * std::sqrt(std::max(variance, 0.0) / images),
                                      -std::log(1 - confidence) / images);
    double of_trials = 0;
    if (trials > 1) {
        of_trials = boost::math::quantile(boost::math::students_t(trials - 1), confidence) *
                    point.deviation / std::sqrt(trials);
    }
    point.loss_most = point.loss + std::hypot(of_images, of_trials);
    point.holds = point.loss_most <= tolerance;
}

void recommend(SizeStudy& study) {
    const std::vector<std::size_t> axes = axes_of_size(study);
    const std::vector<Size> sizes = sizes_of(study, axes);
    const Size* best = nullptr;
    for (const Size& size : sizes) {
        const bool better = best == nullptr || size.holding > best->holding ||
                            (size.holding == best->holding && preferred(study, axes, size, *best));
        if (better) best = &size;
    }
    const std::string limit = fmt::format("{} points", points_text(study.tolerance));
    if (best == nullptr || best->holding == 0) {
        const auto least = std::min_element(
            study.points.begin(), study.points.end(),
            [](const SizePoint& a, const SizePoint& b) { return a.loss_most < b.loss_most; });
        std::vector<std::size_t> all(study.axes.size());
        for (std::size_t a = 0; a < all.size(); ++a) all[a] = a;
        study.recommended.reset();
        study.reason = fmt::format("nothing stays within {}; {} comes closest and loses {}", limit,
                                   values_text(study, all, *least), loss_text(study, *least));
        return;
    }
    // The worst of its points that hold.
    std::size_t shown = best->points[0];
    for (const std::size_t p : best->points) {
        const bool first = !study.points[shown].holds;
        if (study.points[p].holds &&
            (first || study.points[p].loss_most > study.points[shown].loss_most)) {
            shown = p;
        }
    }
    study.recommended = shown;
    const auto conditions = others(study, axes);
    std::string where;
    if (!conditions.empty()) {
        where =
            fmt::format(" at worst, at {}", values_text(study, conditions, study.points[shown]));
    }
    study.reason =
        fmt::format("loses {}{}, within {}", loss_text(study, study.points[shown]), where, limit);
    if (best->holding < best->points.size()) {
        study.reason += fmt::format(
            "; it holds under {} of {} conditions, more than any other but not all: at "
            "{} it loses {}",
            best->holding, best->points.size(),
            values_text(study, conditions, study.points[best->worst]),
            loss_text(study, study.points[best->worst]));
    }
    study.reason += next_values(study, axes, sizes, *best);
}

}  // namespace mho::flows
