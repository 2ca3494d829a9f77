// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "behavioral/array_cases.h"
#include "behavioral/cell_array.h"

namespace mho::test {

// One array per cell law, about 1 to 40 uS, marked non-linear at 0.2 V; some cells are open.
inline std::vector<std::pair<std::string, behavioral::CellArray>> cell_law_cases(int rows,
                                                                                 int columns) {
    const Eigen::MatrixXd g = drawn(rows, columns, 51, [](RandomStream& r) {
        return r.uniform() < 0.1 ? 0.0 : r.uniform(1e-6, 40e-6);
    });
    const behavioral::CellLaw law{5e3, -2.0, 3.0, 1e-6, 40e-6, 0.5};
    return {{"polynomial", behavioral::PolynomialCells{g, -0.3 * g, 4.0 * g}},
            {"sinh", behavioral::SinhCells{g, 0.1}},
            {"card", behavioral::CardCells{g, law}},
            {"table",
             behavioral::TableCells{
                 g, {-0.3, -0.1, 0.0, 0.05, 0.2, 0.3}, {-0.6, -0.12, 0.0, 0.05, 0.3, 0.6}}},
            {"HfO2", behavioral::hfo2_cells(5 * g)}};
}

}  // namespace mho::test
