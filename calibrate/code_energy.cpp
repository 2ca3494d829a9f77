// SPDX-License-Identifier: Apache-2.0
#include "calibrate/code_energy.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/error.h"

namespace mho::calibrate {
namespace {

constexpr std::size_t kLeastConversions = 8;
constexpr int kPairedBits = 4;

std::vector<double> features(netlist::AdcKind kind, int bits, const CodeEnergy& one) {
    if (kind == netlist::AdcKind::ramp) {
        const double x = std::ldexp(one.position, -bits);
        return {1, x, x * x, x * x * x};
    }
    const std::uint32_t code = one.code;
    std::vector<double> values{1};
    for (int k = 0; k < bits; ++k) values.push_back(code >> k & 1u);
    for (int k = std::max(0, bits - kPairedBits); k < bits; ++k) {
        for (int j = std::max(0, bits - kPairedBits); j < k; ++j) {
            values.push_back(code >> k & code >> j & 1u);
        }
    }
    return values;
}

}  // namespace

std::vector<double> fit_code_energy(netlist::AdcKind kind, int bits,
                                    std::span<const CodeEnergy> measured) {
    if (measured.size() < kLeastConversions) {
        throw bad_input("energy by code: expected at least {} conversions, found {}",
                        kLeastConversions, measured.size());
    }
    const auto width = static_cast<Eigen::Index>(features(kind, bits, {}).size());
    Eigen::MatrixXd rows(static_cast<Eigen::Index>(measured.size()), width);
    Eigen::VectorXd joule(rows.rows());
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
        const CodeEnergy& one = measured[static_cast<std::size_t>(i)];
        const std::vector<double> row = features(kind, bits, one);
        for (Eigen::Index k = 0; k < width; ++k) rows(i, k) = row[static_cast<std::size_t>(k)];
        joule(i) = one.joule;
    }
    const Eigen::VectorXd parts = rows.colPivHouseholderQr().solve(joule);
    std::vector<double> table;
    for (std::uint32_t code = 0; code < 1u << bits; ++code) {
        const std::vector<double> row = features(kind, bits, {code, 0, code + 0.5});
        double sum = 0;
        for (Eigen::Index k = 0; k < width; ++k) sum += parts(k) * row[static_cast<std::size_t>(k)];
        table.push_back(std::max(0.0, sum));
    }
    return table;
}

std::vector<double> interpolate_code_energy(int bits, std::span<const CodeEnergy> measured) {
    if (measured.empty()) throw bad_input("energy by code: expected conversions, found none");
    std::vector<double> table;
    std::size_t next = 0;
    for (std::uint32_t code = 0; code < 1u << bits; ++code) {
        while (next < measured.size() && measured[next].code < code) ++next;
        if (next == 0) {
            table.push_back(measured.front().joule);
        } else if (next == measured.size()) {
            table.push_back(measured.back().joule);
        } else {
            const CodeEnergy &low = measured[next - 1], &high = measured[next];
            const double part = static_cast<double>(code - low.code) /
                                static_cast<double>(std::max(1u, high.code - low.code));
            table.push_back(low.joule + part * (high.joule - low.joule));
        }
    }
    return table;
}

}  // namespace mho::calibrate
