// SPDX-License-Identifier: Apache-2.0
#include "behavioral/grid_factors.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "behavioral/simd.h"

namespace mho::behavioral {
namespace {

using Eigen::Index;

std::size_t count(Index a, Index b) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

// Whole packs, and no multiple of a cache way: neighbours on a column would evict one another.
Index padded_width(Index columns) {
    const Index width = (columns + kPack - 1) / kPack * kPack;
    return width % 128 == 0 ? width + kPack : width;
}

// Rows filled up to whole groups.
Index whole_rows(Index rows) {
    return (rows + kRowsTogether - 1) / kRowsTogether * kRowsTogether;
}

MHO_SIMD_CLONES void round_all(std::size_t size, const double* values, float* rounded) {
    for (std::size_t k = 0; k < size; ++k) rounded[k] = static_cast<float>(values[k]);
}

void round_to(const AlignedArray<double>& from, AlignedArray<float>& to, std::size_t size) {
    round_all(size, from.data(), to.data());
}

// Of `here` siemens behind a resistance: the part of the voltage that is left, and the
// conductance of both.
struct Passed {
    double ratio, siemens;
};
template <bool kPlain>
Passed pass(double ohm, double here) {
    if (!kPlain && std::isinf(here)) {
        return ohm == 0 ? Passed{1, here} : Passed{0, 1 / ohm};
    }
    const double ratio = 1 / (1 + ohm * here);
    return {ratio, here * ratio};
}

// Eight equal rows with one end, from their far end; `ratio` holds them pack by pack.
MHO_SIMD_CLONES void equal_rows(Index width, const double* g, double ohm, double end_ohm,
                                double* ratio) {
    double beyond[kPack] = {};
    for (Index j = width - 1; j >= 0; --j) {
        const double segment = j > 0 ? ohm : end_ohm;
        MHO_INDEPENDENT_ITERATIONS
        for (Index l = 0; l < kPack; ++l) {
            const double here = g[l * width + j] + beyond[l];
            const double part = 1 / (1 + segment * here);
            ratio[j * kPack + l] = part;
            beyond[l] = here * part;
        }
    }
}

// A row of cells on equal columns with one end; `beyond` goes on.
MHO_SIMD_CLONES void equal_columns(Index width, const double* g, double ohm, double* beyond,
                                   double* ratio) {
    MHO_INDEPENDENT_ITERATIONS
    for (Index j = 0; j < width; ++j) {
        const double here = g[j] + beyond[j];
        const double part = 1 / (1 + ohm * here);
        ratio[j] = part;
        beyond[j] = here * part;
    }
}

// What a far end adds to the conductance of its node.
double far_siemens(double ohm) {
    return std::isinf(ohm) ? 0 : 1 / ohm;
}

constexpr double kLargestDivision = 1e10;

double largest_ohm(const Wires& wires) {
    const auto finite = [](const auto& ohm) {
        return ohm.size() == 0 ? 0.0 : ohm.array().isInf().select(0.0, ohm.array()).maxCoeff();
    };
    return std::max({finite(wires.between_ohm), finite(wires.first_ohm), finite(wires.last_ohm)});
}

bool all_equal(const Eigen::MatrixXd& values) {
    return values.size() == 0 || (values.array() == values(0)).all();
}

}  // namespace

GridFactors::GridFactors(const Eigen::MatrixXd& g_siemens, const ArrayCircuit& circuit)
    : circuit_(circuit) {
    const double largest = g_siemens.maxCoeff();
    siemens_ = largest > 0 ? largest : 1;
    const double ohm = std::max(largest_ohm(circuit.row), largest_ohm(circuit.column));
    resolves_cells_ = largest * ohm <= kLargestDivision;
    lay_out(g_siemens);
    set_wires();
    factorise();
    if (varied_ || two_ended_) return;
    coarse_ = GridCoarse(exact_, rounded_, circuit.columns());
    coarse_.add_to(exact_, rounded_);
}

void GridFactors::lay_out(const Eigen::MatrixXd& g_siemens) {
    exact_.rows = g_siemens.rows();
    exact_.width = padded_width(g_siemens.cols());
    const std::size_t cells = count(exact_.rows, exact_.width);
    const std::size_t turned = count(whole_rows(exact_.rows), exact_.width);
    g_ = AlignedArray<double>(cells);
    g_rounded_ = AlignedArray<float>(cells);
    row_ratio_ = AlignedArray<double>(turned);
    row_ratio_rounded_ = AlignedArray<float>(turned);
    column_ratio_ = AlignedArray<double>(cells);
    column_ratio_rounded_ = AlignedArray<float>(cells);
    for (Index j = 0; j < g_siemens.cols(); ++j) {
        for (Index i = 0; i < g_siemens.rows(); ++i) {
            g_.data()[i * exact_.width + j] = g_siemens(i, j) / siemens_;
        }
    }
    exact_.g = g_.data();
    exact_.row_ratio = row_ratio_.data();
    exact_.column_ratio = column_ratio_.data();
    rounded_.rows = exact_.rows;
    rounded_.width = exact_.width;
    rounded_.g = g_rounded_.data();
    rounded_.row_ratio = row_ratio_rounded_.data();
    rounded_.column_ratio = column_ratio_rounded_.data();
}

void GridFactors::set_wires() {
    const Wires& row = circuit_.row;
    const Wires& column = circuit_.column;
    const bool open_row = row.first_ohm.array().isInf().any();
    const bool open_column = column.last_ohm.array().isInf().any();
    two_ended_ = !row.last_ohm.array().isInf().all() || !column.first_ohm.array().isInf().all();
    columns_need_finish_ = open_column || !column.first_ohm.array().isInf().all();
    varied_ = open_row || open_column || !all_equal(row.first_ohm) || !all_equal(row.between_ohm) ||
              !all_equal(column.last_ohm) || !all_equal(column.between_ohm);
    exact_.row_end_ohm = row.first_ohm(0) * siemens_;
    exact_.row_ohm = row.between_ohm.size() > 0 ? row.between_ohm(0) * siemens_ : 0;
    exact_.column_end_ohm = column.last_ohm(0) * siemens_;
    exact_.column_ohm = column.between_ohm.size() > 0 ? column.between_ohm(0) * siemens_ : 0;
    if (varied_) {
        const std::size_t cells = count(exact_.rows, exact_.width);
        const std::size_t turned = count(whole_rows(exact_.rows), exact_.width);
        row_ohms_ = AlignedArray<double>(turned);
        row_ohms_rounded_ = AlignedArray<float>(turned);
        column_ohms_ = AlignedArray<double>(cells);
        column_ohms_rounded_ = AlignedArray<float>(cells);
        exact_.row_ohms = row_ohms_.data();
        exact_.column_ohms = column_ohms_.data();
        rounded_.row_ohms = row_ohms_rounded_.data();
        rounded_.column_ohms = column_ohms_rounded_.data();
    }
    rounded_.row_ohm = static_cast<float>(exact_.row_ohm);
    rounded_.row_end_ohm = static_cast<float>(exact_.row_end_ohm);
    rounded_.column_ohm = static_cast<float>(exact_.column_ohm);
    rounded_.column_end_ohm = static_cast<float>(exact_.column_end_ohm);
}

void GridFactors::set_cells(const double* g_siemens) {
    const std::size_t cells = count(exact_.rows, exact_.width);
    const double unit = 1 / siemens_;
    for (std::size_t k = 0; k < cells; ++k) g_.data()[k] = g_siemens[k] * unit;
    factorise();
}

void GridFactors::factorise() {
    if (two_ended_) {
        factorise_rows<false>();
        factorise_columns<false>();
    } else {
        factorise_rows<true>();
        factorise_columns<true>();
    }
    const std::size_t cells = count(exact_.rows, exact_.width);
    const std::size_t turned = count(whole_rows(exact_.rows), exact_.width);
    round_to(g_, g_rounded_, cells);
    round_to(row_ratio_, row_ratio_rounded_, turned);
    round_to(column_ratio_, column_ratio_rounded_, cells);
    if (varied_) {
        round_to(row_ohms_, row_ohms_rounded_, turned);
        round_to(column_ohms_, column_ohms_rounded_, cells);
    }
}

double GridFactors::row_ohm(Index row, Index column) const {
    if (!varied_) return column > 0 ? exact_.row_ohm : exact_.row_end_ohm;
    if (row >= circuit_.rows() || column >= circuit_.columns()) return 0;
    return siemens_ *
           (column > 0 ? circuit_.row.between_ohm(row, column - 1) : circuit_.row.first_ohm(row));
}

double GridFactors::column_ohm(Index row, Index column) const {
    const bool last = row + 1 == circuit_.rows();
    if (!varied_) return last ? exact_.column_end_ohm : exact_.column_ohm;
    if (column >= circuit_.columns()) return 0;
    return siemens_ *
           (last ? circuit_.column.last_ohm(column) : circuit_.column.between_ohm(column, row));
}

// Eight rows at once, whose divisions overlap.
template <bool kPlain>
void GridFactors::factorise_rows() {
    const Index width = exact_.width;
    for (Index first = 0; first < exact_.rows; first += kPack) {
        const Index rows = std::min(kPack, exact_.rows - first);
        double* ratio = row_ratio_.data() + first * width;
        if (kPlain && !varied_ && rows == kPack) {
            equal_rows(width, g_.data() + first * width, exact_.row_ohm, exact_.row_end_ohm, ratio);
            continue;
        }
        double beyond[kPack] = {};
        for (Index j = width - 1; j >= 0; --j) {
            for (Index l = 0; l < rows; ++l) {
                double ohm = row_ohm(first + l, j);
                double here = g_.data()[(first + l) * width + j] + beyond[l];
                if (!kPlain && j + 1 == circuit_.columns()) {
                    here += far_siemens(circuit_.row.last_ohm(first + l)) / siemens_;
                }
                Passed passed = pass<kPlain>(ohm, here);
                if (!kPlain && std::isinf(ohm)) {  // all that flows comes over the far end
                    ohm = 1 / here;
                    passed.ratio = 1;
                }
                if (varied_) row_ohms_.data()[first * width + j * kPack + l] = ohm;
                ratio[j * kPack + l] = passed.ratio;
                beyond[l] = passed.siemens;
            }
        }
    }
}

template <bool kPlain>
void GridFactors::factorise_columns() {
    const Index width = exact_.width;
    std::vector<double> beyond(static_cast<std::size_t>(width), 0.0);
    for (Index j = 0; !kPlain && j < circuit_.columns(); ++j) {
        beyond[static_cast<std::size_t>(j)] = far_siemens(circuit_.column.first_ohm(j)) / siemens_;
    }
    for (Index i = 0; i < exact_.rows; ++i) {
        const double* g = g_.data() + i * width;
        double* ratio = column_ratio_.data() + i * width;
        if (kPlain && !varied_) {
            equal_columns(width, g, column_ohm(i, 0), beyond.data(), ratio);
            continue;
        }
        for (Index j = 0; j < width; ++j) {
            double& known = beyond[static_cast<std::size_t>(j)];
            double ohm = column_ohm(i, j);
            const double here = g[j] + known;
            Passed passed = pass<kPlain>(ohm, here);
            if (!kPlain && std::isinf(ohm)) {
                ohm = 1 / here;
                passed.ratio = 1;
            }
            if (varied_) column_ohms_.data()[i * width + j] = ohm;
            ratio[j] = passed.ratio;
            known = passed.siemens;
        }
    }
}

}  // namespace mho::behavioral
