// SPDX-License-Identifier: Apache-2.0
#include "flows/digits_strokes.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/error.h"

namespace mho::flows {
namespace {

Stroke curve(std::vector<StrokePoint> points) {
    return {true, std::move(points)};
}
Stroke lines(std::vector<StrokePoint> points) {
    return {false, std::move(points)};
}

std::vector<Glyph> zeros() {
    return {{curve({{.5, .05},
                    {.22, .2},
                    {.13, .5},
                    {.22, .82},
                    {.5, .95},
                    {.78, .82},
                    {.87, .5},
                    {.78, .2},
                    {.5, .05}})},
            {curve({{.56, .05},
                    {.34, .2},
                    {.25, .55},
                    {.33, .86},
                    {.5, .95},
                    {.68, .83},
                    {.75, .45},
                    {.66, .15},
                    {.48, .07}})},
            {curve({{.68, .14},
                    {.42, .06},
                    {.2, .3},
                    {.18, .66},
                    {.38, .93},
                    {.66, .88},
                    {.82, .6},
                    {.78, .28},
                    {.58, .1}})}};
}

std::vector<Glyph> ones() {
    return {{lines({{.5, .04}, {.5, .96}})},
            {lines({{.3, .26}, {.54, .05}, {.54, .96}})},
            {lines({{.32, .24}, {.52, .05}, {.52, .94}}), lines({{.28, .94}, {.76, .94}})}};
}

std::vector<Glyph> twos() {
    return {
        {curve({{.2, .26}, {.34, .08}, {.6, .05}, {.78, .22}, {.7, .46}, {.45, .7}, {.18, .93}}),
         lines({{.18, .93}, {.85, .93}})},
        {curve({{.22, .22},
                {.42, .05},
                {.72, .12},
                {.74, .36},
                {.52, .66},
                {.26, .9},
                {.18, .8},
                {.34, .76},
                {.56, .9},
                {.86, .88}})},
        {curve({{.24, .1}, {.56, .06}, {.76, .24}, {.6, .52}, {.2, .92}, {.52, .88}, {.84, .94}})}};
}

std::vector<Glyph> threes() {
    return {{curve({{.2, .15}, {.5, .04}, {.76, .2}, {.66, .4}, {.4, .47}}),
             curve({{.4, .47}, {.72, .55}, {.82, .74}, {.6, .94}, {.3, .93}, {.15, .8}})},
            {lines({{.2, .07}, {.78, .07}, {.46, .42}}),
             curve({{.46, .42}, {.74, .5}, {.82, .72}, {.62, .93}, {.34, .94}, {.16, .84}})},
            {curve({{.26, .1},
                    {.58, .05},
                    {.72, .24},
                    {.48, .46},
                    {.5, .5},
                    {.76, .66},
                    {.66, .9},
                    {.4, .96},
                    {.2, .88}})}};
}

std::vector<Glyph> fours() {
    return {{lines({{.34, .06}, {.14, .6}, {.88, .6}}), lines({{.66, .32}, {.66, .96}})},
            {lines({{.64, .96}, {.64, .05}, {.12, .66}, {.9, .66}})},
            {curve({{.24, .06}, {.2, .4}, {.36, .54}, {.74, .5}}), lines({{.74, .08}, {.7, .96}})}};
}

std::vector<Glyph> fives() {
    return {
        {lines({{.76, .06}, {.3, .06}, {.25, .44}}),
         curve({{.25, .44}, {.5, .36}, {.78, .5}, {.8, .74}, {.58, .94}, {.3, .93}, {.15, .82}})},
        {curve({{.34, .08}, {.28, .4}, {.56, .4}, {.78, .62}, {.64, .9}, {.36, .95}, {.18, .84}}),
         lines({{.34, .08}, {.82, .06}})},
        {curve({{.8, .05},
                {.46, .07},
                {.32, .2},
                {.4, .42},
                {.68, .56},
                {.72, .8},
                {.48, .95},
                {.2, .86}})}};
}

std::vector<Glyph> sixes() {
    return {{curve({{.7, .06},
                    {.42, .2},
                    {.22, .5},
                    {.22, .78},
                    {.45, .95},
                    {.72, .85},
                    {.76, .64},
                    {.55, .5},
                    {.3, .6},
                    {.22, .75}})},
            {curve({{.52, .04},
                    {.32, .34},
                    {.22, .7},
                    {.36, .94},
                    {.62, .92},
                    {.72, .7},
                    {.54, .56},
                    {.28, .68}})}};
}

std::vector<Glyph> sevens() {
    return {{lines({{.15, .08}, {.82, .08}, {.4, .96}})},
            {lines({{.15, .1}, {.82, .08}, {.42, .96}}), lines({{.34, .5}, {.76, .48}})},
            {curve({{.16, .16}, {.34, .06}, {.6, .12}, {.8, .08}}),
             curve({{.8, .08}, {.58, .42}, {.5, .7}, {.48, .96}})}};
}

std::vector<Glyph> eights() {
    return {{curve({{.5, .48},
                    {.26, .34},
                    {.27, .14},
                    {.5, .05},
                    {.73, .14},
                    {.74, .34},
                    {.5, .48},
                    {.22, .66},
                    {.2, .86},
                    {.5, .95},
                    {.8, .86},
                    {.78, .66},
                    {.5, .48}})},
            {curve({{.74, .16},
                    {.5, .05},
                    {.27, .17},
                    {.35, .38},
                    {.65, .58},
                    {.78, .78},
                    {.5, .95},
                    {.22, .78},
                    {.35, .58},
                    {.65, .38},
                    {.74, .16}})}};
}

std::vector<Glyph> nines() {
    return {
        {curve({{.75, .3}, {.6, .08}, {.35, .08}, {.22, .3}, {.35, .5}, {.6, .48}, {.75, .3}}),
         lines({{.75, .26}, {.7, .96}})},
        {curve({{.72, .16},
                {.46, .05},
                {.22, .24},
                {.34, .48},
                {.62, .44},
                {.76, .2},
                {.78, .56},
                {.64, .88},
                {.3, .93}})},
        {curve({{.74, .12}, {.4, .06}, {.24, .3}, {.46, .48}, {.74, .12}, {.68, .5}, {.5, .96}})}};
}

}  // namespace

const std::vector<Glyph>& digit_glyphs(int digit) {
    static const std::array<std::vector<Glyph>, 10> glyphs{
        zeros(), ones(), twos(), threes(), fours(), fives(), sixes(), sevens(), eights(), nines()};
    if (digit < 0 || digit > 9) throw bad_input("digit {}: expected 0 .. 9", digit);
    return glyphs[static_cast<std::size_t>(digit)];
}

std::vector<StrokePoint> flatten(const Stroke& stroke, int pieces) {
    const std::vector<StrokePoint>& p = stroke.points;
    if (!stroke.smooth || p.size() < 3 || pieces < 2) return p;
    std::vector<StrokePoint> line{p.front()};
    for (std::size_t i = 0; i + 1 < p.size(); ++i) {
        // Ends continue straight: the missing neighbour is the end itself.
        const StrokePoint& a = p[i == 0 ? 0 : i - 1];
        const StrokePoint& b = p[i];
        const StrokePoint& c = p[i + 1];
        const StrokePoint& d = p[std::min(i + 2, p.size() - 1)];
        for (int k = 1; k <= pieces; ++k) {
            const double t = static_cast<double>(k) / pieces;
            const auto spline = [t](double q0, double q1, double q2, double q3) {
                return 0.5 * (2 * q1 + t * (q2 - q0 +
                                            t * (2 * q0 - 5 * q1 + 4 * q2 - q3 +
                                                 t * (3 * (q1 - q2) + q3 - q0))));
            };
            line.push_back({spline(a.x, b.x, c.x, d.x), spline(a.y, b.y, c.y, d.y)});
        }
    }
    return line;
}

}  // namespace mho::flows
