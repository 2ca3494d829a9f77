// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "calibrate/export.h"
#include "calibrate/export_text.h"

namespace mho::calibrate {
namespace {

// Terms per behavioural source: keeps lines short.
constexpr std::size_t kTerms = 8;

// Sum of `terms` as sources on nodes <node>_<k>, and their sum on <node>.
std::string summed(const std::vector<std::string>& terms, const std::string& node) {
    std::string text, total;
    for (std::size_t first = 0, k = 0; first < terms.size(); first += kTerms, ++k) {
        text += fmt::format("b{0}_{1} {0}_{1} 0 v = ", node, k);
        const std::size_t end = std::min(terms.size(), first + kTerms);
        for (std::size_t i = first; i < end; ++i) {
            text += fmt::format("{}\n+ {}", i == first ? "" : " +", terms[i]);
        }
        text += '\n';
        total += fmt::format("{}{}v({}_{})", total.empty() ? "" : " + ", k % 8 == 7 ? "\n+ " : "",
                             node, k);
    }
    return text + fmt::format("b{0} {0} 0 v = {1}\n", node, total);
}

}  // namespace

std::string adc_spice(const behavioral::AdcModel& adc, std::string_view name) {
    std::string text = fmt::format(
        "* code as volt, one per step, of the voltage at in\n"
        ".subckt {}_adc in code\n",
        name);
    std::vector<std::string> steps;
    for (const double edge : adc.transition_volt) {
        steps.push_back(fmt::format("(v(in) >= {} ? 1 : 0)", exact(edge)));
    }
    text += summed(steps, "count");
    return text + fmt::format("bcode code 0 v = v(count)\n.ends {}_adc\n", name);
}

std::string export_spice(const behavioral::ModelCard& card, const ColumnCoefficients& column,
                         std::string_view name) {
    require_module_name(name);
    const behavioral::ReadoutModel& r = card.readout;
    std::string text = export_head(card, "*");
    text += fmt::format("* x<name> row_0 .. row_{} out {}\n.subckt {}", column.linear.size() - 1,
                        name, name);
    for (Eigen::Index i = 0; i < column.linear.size(); ++i) {
        text += fmt::format("{}row_{}", i % 10 == 0 ? "\n+ " : " ", i);
    }
    // Currents stand as microampere in volts, so that simulator tolerances fit them.
    text += fmt::format(" out\n* column current in microampere, on node ua\n.param vcm = {}\n",
                        exact(card.driver.common_mode_volt));
    std::vector<std::string> terms{exact(1e6 * column.offset_ampere)};
    for (Eigen::Index i = 0; i < column.linear.size(); ++i) {
        terms.push_back(fmt::format("({1} + {2}*(v(row_{0})-{3}))*(v(row_{0})-{3})", i,
                                    exact(1e6 * column.linear(i)), exact(1e6 * column.square(i)),
                                    "{vcm}"));
    }
    text += summed(terms, "ua");
    text += fmt::format(
        "* read-out, along its tangent beyond +-{0} microampere\n"
        "bin in 0 v = 1e-6*max(-{0}, min({0}, v(ua)))\n"
        "bout out 0 v = {1} - {2}*(v(in)*(1 + v(in)*({3} + v(in)*{4}))\n"
        "+ + (1e-6*v(ua)-v(in))*(1 + v(in)*({5} + v(in)*{6})))\n"
        ".ends {7}\n\n",
        exact(1e6 * r.current_max_ampere), exact(r.offset_volt), exact(r.transimpedance_ohm),
        exact(r.quadratic_per_ampere), exact(r.cubic_per_ampere_squared),
        exact(2 * r.quadratic_per_ampere), exact(3 * r.cubic_per_ampere_squared), name);

    return text + adc_spice(card.adc, name);
}

}  // namespace mho::calibrate
