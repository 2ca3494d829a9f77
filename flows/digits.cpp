// SPDX-License-Identifier: Apache-2.0
#include "flows/digits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "flows/digits_strokes.h"

namespace mho::flows {
namespace {

constexpr int kClasses = 10;
constexpr int kCurvePieces = 6;
// Second id of the random streams: an image's own draws, and the order of labels in a block.
constexpr std::uint32_t kImageStream = 0;
constexpr std::uint32_t kLabelStream = 1;

// Where a point of the glyph lands on the unit square of the image: elastic waves, then an affine
// map about the middle.
class Distortion {
  public:
    Distortion(RandomStream& random, const DigitStyle& style) {
        const double angle = style.rotation_radian * random.normal();
        const double shear = style.shear * random.normal();
        const double width = std::exp(style.log_scale * random.normal());
        const double height = std::exp(style.log_scale * random.normal());
        shift_ = {style.shift * random.normal(), style.shift * random.normal()};
        const double c = std::cos(angle);
        const double s = std::sin(angle);
        xx_ = c * width;
        xy_ = -(c * shear + s) * height;
        yx_ = s * width;
        yy_ = (c - s * shear) * height;
        for (Wave& wave : waves_) {
            const double direction = 2 * std::numbers::pi * random.uniform();
            const double per_unit = random.uniform(0.4, 1.1);
            wave.fx = per_unit * std::cos(direction);
            wave.fy = per_unit * std::sin(direction);
            wave.phase = 2 * std::numbers::pi * random.uniform();
            wave.x = style.elastic * random.normal();
            wave.y = style.elastic * random.normal();
        }
    }

    StrokePoint operator()(const StrokePoint& p) const {
        double x = p.x - 0.5;
        double y = p.y - 0.5;
        double dx = 0;
        double dy = 0;
        for (const Wave& wave : waves_) {
            const double s =
                std::sin(2 * std::numbers::pi * (wave.fx * p.x + wave.fy * p.y) + wave.phase);
            dx += wave.x * s;
            dy += wave.y * s;
        }
        x += dx;
        y += dy;
        return {0.5 + shift_.x + xx_ * x + xy_ * y, 0.5 + shift_.y + yx_ * x + yy_ * y};
    }

  private:
    struct Wave {
        double fx = 0, fy = 0, phase = 0, x = 0, y = 0;
    };
    std::array<Wave, 4> waves_;
    StrokePoint shift_;
    double xx_ = 1, xy_ = 0, yx_ = 0, yy_ = 1;
};

struct Segment {
    StrokePoint from;
    StrokePoint to;
};

double distance(const StrokePoint& p, const Segment& s) {
    const double dx = s.to.x - s.from.x;
    const double dy = s.to.y - s.from.y;
    const double length2 = dx * dx + dy * dy;
    const double along = (p.x - s.from.x) * dx + (p.y - s.from.y) * dy;
    const double t = length2 > 0 ? std::clamp(along / length2, 0.0, 1.0) : 0.0;
    const double ex = p.x - s.from.x - t * dx;
    const double ey = p.y - s.from.y - t * dy;
    return std::sqrt(ex * ex + ey * ey);
}

// The distorted glyph as segments in pixels.
std::vector<Segment> place(const Glyph& glyph, RandomStream& random, const DigitStyle& style) {
    const Distortion distort(random, style);
    const double side = style.size;
    const double box = side * (1 - 2 * style.margin);
    std::vector<Segment> segments;
    for (Stroke stroke : glyph) {
        for (StrokePoint& point : stroke.points) {
            point.x += style.control_point * random.normal();
            point.y += style.control_point * random.normal();
        }
        // Straight strokes are cut too, so that the elastic waves bend them.
        std::vector<StrokePoint> line = flatten(stroke, kCurvePieces);
        if (!stroke.smooth) {
            std::vector<StrokePoint> finer{line.front()};
            for (std::size_t i = 1; i < line.size(); ++i) {
                for (int k = 1; k <= kCurvePieces; ++k) {
                    const double t = static_cast<double>(k) / kCurvePieces;
                    finer.push_back({line[i - 1].x + t * (line[i].x - line[i - 1].x),
                                     line[i - 1].y + t * (line[i].y - line[i - 1].y)});
                }
            }
            line = std::move(finer);
        }
        for (StrokePoint& point : line) {
            const StrokePoint placed = distort(point);
            point = {side * style.margin + box * placed.x, side * style.margin + box * placed.y};
        }
        for (std::size_t i = 1; i < line.size(); ++i) segments.push_back({line[i - 1], line[i]});
    }
    return segments;
}

}  // namespace

int digit_label(std::uint64_t seed, std::uint32_t index) {
    std::array<int, kClasses> order{};
    for (int i = 0; i < kClasses; ++i) order[static_cast<std::size_t>(i)] = i;
    RandomStream random(seed, RandomPurpose::digits, index / kClasses, kLabelStream);
    for (std::uint32_t i = kClasses - 1; i > 0; --i)
        std::swap(order[i], order[random.below(i + 1)]);
    return order[index % kClasses];
}

std::vector<std::uint8_t> draw_digit(std::uint64_t seed, std::uint32_t index,
                                     const DigitStyle& style) {
    if (style.size < 8 || style.size > 256) {
        throw bad_input("digit image of {} pixels a side: expected 8 .. 256", style.size);
    }
    const std::vector<Glyph>& glyphs = digit_glyphs(digit_label(seed, index));
    RandomStream random(seed, RandomPurpose::digits, index, kImageStream);
    const Glyph& glyph = glyphs[random.below(static_cast<std::uint32_t>(glyphs.size()))];
    const std::vector<Segment> segments = place(glyph, random, style);
    const double radius = style.size * (1 - 2 * style.margin) *
                          random.uniform(style.pen_radius_low, style.pen_radius_high);
    const double ink = random.uniform(style.ink_low, 1.0);

    const auto side = static_cast<std::size_t>(style.size);
    std::vector<std::uint8_t> pixels(side * side);
    for (std::size_t row = 0; row < side; ++row) {
        for (std::size_t column = 0; column < side; ++column) {
            const StrokePoint centre{static_cast<double>(column) + 0.5,
                                     static_cast<double>(row) + 0.5};
            double nearest = style.size;
            for (const Segment& segment : segments) {
                nearest = std::min(nearest, distance(centre, segment));
            }
            // Anti-aliased: the pen's edge falls over one pixel.
            const double cover = std::clamp(radius + 0.5 - nearest, 0.0, 1.0);
            const double grey = ink * cover + style.noise * random.normal();
            pixels[row * side + column] =
                static_cast<std::uint8_t>(std::lround(255 * std::clamp(grey, 0.0, 1.0)));
        }
    }
    return pixels;
}

DigitSet make_digits(std::uint64_t seed, std::uint32_t count, const DigitStyle& style,
                     std::size_t threads) {
    DigitSet set;
    set.size = style.size;
    set.labels.resize(count);
    const std::size_t area = draw_digit(seed, 0, style).size();  // also checks the style
    set.pixels.resize(count * area);
    parallel_for(count, threads, [&](std::size_t i) {
        const auto index = static_cast<std::uint32_t>(i);
        set.labels[i] = static_cast<std::uint8_t>(digit_label(seed, index));
        const std::vector<std::uint8_t> image = draw_digit(seed, index, style);
        std::copy(image.begin(), image.end(),
                  set.pixels.begin() + static_cast<std::ptrdiff_t>(i * area));
    });
    return set;
}

}  // namespace mho::flows
