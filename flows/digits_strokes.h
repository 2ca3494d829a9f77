// SPDX-License-Identifier: Apache-2.0
// How people write the ten digits, as strokes of a pen. The shapes are our own.
#pragma once

#include <vector>

namespace mho::flows {

// In the unit square of a glyph, x to the right and y down.
struct StrokePoint {
    double x = 0;
    double y = 0;
};

// A pen line through `points`: straight pieces, or one smooth curve (Catmull-Rom spline).
struct Stroke {
    bool smooth = false;
    std::vector<StrokePoint> points;  // at least two
};

using Glyph = std::vector<Stroke>;

// The ways to write `digit` (0 .. 9), at least two each. Throws bad_input for another digit.
const std::vector<Glyph>& digit_glyphs(int digit);

// The points of a smooth stroke, `pieces` straight pieces between neighbouring control points; the
// points of a straight one as they are.
std::vector<StrokePoint> flatten(const Stroke& stroke, int pieces);

}  // namespace mho::flows
