// SPDX-License-Identifier: Apache-2.0
#include "behavioral/dominant_inverse.h"

#include <cblas.h>

#include <cmath>

#include "base/error.h"
#include "behavioral/single_thread_blas.h"

// LAPACK as OpenBLAS exports it; no header of the package declares it.
extern "C" {
void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info);
void dpotri_(const char* uplo, const int* n, double* a, const int* lda, int* info);
}

namespace mho::behavioral {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// The factor of a matrix with entries <= 0 off the diagonal has such entries too, so all sums of
// the factorisation and inversion but the pivots have terms of one sign. A pivot loses about the
// ratio of diagonal to excess, so this path serves where that is moderate.
bool invert_by_cholesky(MatrixXd& a, const VectorXd& diagonal) {
    a = -a;
    a.diagonal() = diagonal;
    const int n = static_cast<int>(a.rows());
    int info = 0;
    dpotrf_("L", &n, a.data(), &n, &info);
    if (info == 0) dpotri_("L", &n, a.data(), &n, &info);
    if (info != 0) return false;
    a.triangularView<Eigen::StrictlyUpper>() = a.transpose();
    return true;
}

// Elimination that carries the excess instead of the diagonal, so that pivots are sums of
// positive numbers (Grassmann, Taksar and Heyman, Operations Research 33, 1985).
void invert_by_positive_sums(MatrixXd& a, VectorXd excess) {
    const Index n = a.rows();
    VectorXd pivot(n);
    for (Index m = n - 1; m >= 0; --m) {
        pivot(m) = excess(m) + a.col(m).head(m).sum();
        const VectorXd share = a.col(m).head(m) / pivot(m);
        excess.head(m) += share * excess(m);
        for (Index k = 0; k < m; ++k) a.col(k).head(m) += share * a(k, m);
        a.diagonal().head(m).setZero();
        a.col(m).head(m) = share;
    }
    for (Index m = 0; m < n; ++m) {
        const VectorXd share = a.col(m).head(m);
        const VectorXd column = a.topLeftCorner(m, m) * share;
        a.col(m).head(m) = column;
        a.row(m).head(m) = column.transpose();
        a(m, m) = 1 / pivot(m) + share.dot(column);
    }
}

}  // namespace

void invert_dominant(MatrixXd& coupling, const VectorXd& excess) {
    use_single_thread_blas();
    const VectorXd diagonal = coupling.rowwise().sum() + excess;
    if (!diagonal.allFinite()) {
        throw Error(ErrorKind::bad_result,
                    "array: conductance times wire resistance exceeds the range of numbers");
    }
    constexpr double kModerate = 1e4;
    const bool moderate = (diagonal.array() <= kModerate * excess.array()).all();
    if (moderate) {
        const MatrixXd kept = coupling;
        if (invert_by_cholesky(coupling, diagonal)) return;
        coupling = kept;
    }
    invert_by_positive_sums(coupling, excess);
}

}  // namespace mho::behavioral
