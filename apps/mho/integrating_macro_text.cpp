// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/integrating_macro_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "netlist/spec_toml.h"

namespace mho::apps {

std::string integrating_macro_text(const calibrate::IntegratedMultiply& multiply) {
    std::string text =
        fmt::format("{:>8}{:>8}{:>8}{:>10}{:>10}\n", "column", "code", "ideal", "counter", "ideal");
    int equal = 0;
    for (const calibrate::IntegratedColumn& column : multiply.columns) {
        text += fmt::format("{:>8}{:>8}{:>8}{:>10.2f}{:>10.2f}\n", column.line, column.code,
                            column.ideal_code, column.count, column.ideal_count);
        equal += column.code == column.ideal_code;
    }
    text += fmt::format(
        "{} of {} codes equal, the worst off by {}; the reference column took off {:.2f} LSB\n",
        equal, multiply.columns.size(), multiply.worst_code(), multiply.offset_lsb);
    for (const calibrate::SupplyEnergy& block : multiply.blocks) {
        text += fmt::format("{:<18}{:>10.4g} pJ\n", block.source, block.joule * 1e12);
    }
    text += fmt::format("{:<18}{:>10.4g} pJ in {:.4g} ns\n", "energy", multiply.joule() * 1e12,
                        multiply.multiply_second * 1e9);
    return text;
}

std::string integrating_macro_json(const calibrate::IntegratedMacro& macro,
                                   const netlist::Spec& spec) {
    const calibrate::IntegratedMultiply& multiply = macro.multiply;
    nlohmann::ordered_json json;
    json["schema"] = "mho.integrating_macro/1";
    json["spec"] = netlist::spec_to_toml(spec);
    json["codes"] = macro.codes;
    for (Eigen::Index i = 0; i < macro.states.rows(); ++i) {
        const Eigen::RowVectorXd row = macro.states.row(i);
        json["states_siemens"].push_back(std::vector<double>(row.begin(), row.end()));
    }
    for (const calibrate::IntegratedColumn& column : multiply.columns) {
        json["columns"].push_back({{"line", column.line},
                                   {"code", column.code},
                                   {"ideal_code", column.ideal_code},
                                   {"counter", column.count},
                                   {"ideal_counter", column.ideal_count}});
    }
    json["reference_offset_lsb"] = multiply.offset_lsb;
    for (const auto& block : multiply.blocks) json["energy_joule"][block.source] = block.joule;
    json["multiply_second"] = multiply.multiply_second;
    return json.dump(1) + "\n";
}

}  // namespace mho::apps
