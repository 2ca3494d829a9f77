// SPDX-License-Identifier: Apache-2.0
// Verilog-A and SystemVerilog: the same formulas in two dialects.
#include <fmt/format.h>

#include <functional>

#include "calibrate/export.h"
#include "calibrate/export_text.h"

namespace mho::calibrate {
namespace {

std::string listed(Eigen::Index count, const std::function<std::string(Eigen::Index)>& item,
                   std::string_view separator = ", ") {
    std::string text;
    for (Eigen::Index i = 0; i < count; ++i) {
        if (i > 0) text += separator;
        if (i % 8 == 0) text += "\n        ";
        text += item(i);
    }
    return text;
}

std::string row_name(Eigen::Index i) {
    return fmt::format("row_{}", i);
}

// Statements that set `v` from the column current `i`; `c` is the current inside the fitted range.
std::string readout_statements(const behavioral::ReadoutModel& r, std::string_view indent) {
    return fmt::format(
        "{0}c = i > {1} ? {1} : (i < -{1} ? -{1} : i);\n"
        "{0}v = {2} - {3} * (c * (1.0 + c * ({4} + c * ({5})))\n"
        "{0}    + (i - c) * (1.0 + c * ({6} + c * ({7}))));\n",
        indent, exact(r.current_max_ampere), exact(r.offset_volt), exact(r.transimpedance_ohm),
        exact(r.quadratic_per_ampere), exact(r.cubic_per_ampere_squared),
        exact(2 * r.quadratic_per_ampere), exact(3 * r.cubic_per_ampere_squared));
}

// i = offset + sum of terms, one statement per row; level(k) is the expression of row k's volt.
std::string current_statements(const behavioral::ModelCard& card, const ColumnCoefficients& column,
                               const std::function<std::string(Eigen::Index)>& level,
                               std::string_view indent) {
    std::string text = fmt::format("{}i = {};\n", indent, exact(column.offset_ampere));
    for (Eigen::Index k = 0; k < column.linear.size(); ++k) {
        text += fmt::format("{0}u = {1} - {2};\n{0}i = i + u * ({3} + u * ({4}));\n", indent,
                            level(k), exact(card.driver.common_mode_volt), exact(column.linear(k)),
                            exact(column.square(k)));
    }
    return text;
}

}  // namespace

std::string adc_verilog_a(const behavioral::AdcModel& adc, std::string_view name) {
    const auto count = static_cast<Eigen::Index>(adc.transition_volt.size());
    std::string text = fmt::format(
        "module {}_adc(in, code);\n    inout in, code;\n"
        "    electrical in, code;\n    integer n;\n    analog begin\n"
        "        n = 0;\n",
        name);
    for (Eigen::Index k = 0; k < count; ++k) {
        const std::string edge = exact(adc.transition_volt[static_cast<std::size_t>(k)]);
        text += fmt::format("        if (V(in) >= {}) n = {};\n", edge, k + 1);
    }
    return text + "        V(code) <+ transition(n, 0.0, 10p);\n    end\nendmodule\n";
}

std::string adc_system_verilog(const behavioral::AdcModel& adc, std::string_view name) {
    const int top = (1 << adc.bits) - 1;
    std::string text = fmt::format(
        "module {}_adc(input real in, output integer code);\n"
        "    real edges [1:{}];\n    integer low, high, middle;\n"
        "    initial begin\n",
        name, top);
    for (int k = 1; k <= top; ++k) {
        text += fmt::format("        edges[{}] = {};\n", k,
                            exact(adc.transition_volt[static_cast<std::size_t>(k - 1)]));
    }
    // The number of edges at or below the input, by bisection.
    return text + fmt::format(
                      "    end\n    always @(in) begin\n        low = 0;\n"
                      "        high = {};\n        while (low < high) begin\n"
                      "            middle = (low + high + 1) / 2;\n"
                      "            if (in >= edges[middle]) low = middle;\n"
                      "            else high = middle - 1;\n        end\n"
                      "        code = low;\n    end\nendmodule\n",
                      top);
}

std::string export_verilog_a(const behavioral::ModelCard& card, const ColumnCoefficients& column,
                             std::string_view name) {
    require_module_name(name);
    const std::string ports = listed(column.linear.size(), row_name);
    std::string text = export_head(card, "//");
    text += "`include \"disciplines.vams\"\n\n";
    text += fmt::format(
        "module {}({}, out);\n    inout{}, out;\n    electrical{}, out;\n"
        "    real i, c, u, v;\n    analog begin\n",
        name, ports, ports, ports);
    text += current_statements(
        card, column, [](Eigen::Index k) { return fmt::format("V(row_{})", k); }, "        ");
    text += readout_statements(card.readout, "        ");
    text += "        V(out) <+ v;\n    end\nendmodule\n\n";
    return text + adc_verilog_a(card.adc, name);
}

std::string export_system_verilog(const behavioral::ModelCard& card,
                                  const ColumnCoefficients& column, std::string_view name) {
    require_module_name(name);
    std::string text = export_head(card, "//");
    text += fmt::format("module {}(", name);
    text +=
        listed(column.linear.size(), [](Eigen::Index k) { return "input real " + row_name(k); });
    text +=
        ",\n        output real out);\n    real i, c, u, v;\n    assign out = v;\n"
        "    always @* begin\n";
    text += current_statements(card, column, row_name, "        ");
    text += readout_statements(card.readout, "        ");
    text += "    end\nendmodule\n\n";
    return text + adc_system_verilog(card.adc, name);
}

}  // namespace mho::calibrate
