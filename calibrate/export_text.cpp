// SPDX-License-Identifier: Apache-2.0
#include "calibrate/export_text.h"

#include <fmt/format.h>

#include "base/error.h"
#include "behavioral/card_check.h"
#include "calibrate/export.h"

namespace mho::calibrate {

std::string exact(double value) {
    std::string text = fmt::format("{}", value);
    // Verilog wants digits on both sides of the point, or an exponent.
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

std::string export_head(const behavioral::ModelCard& card, std::string_view comment) {
    const std::string what =
        card.converter_only
            ? fmt::format("{}-bit converter", card.adc.bits)
            : fmt::format("One column with its read-out and {}-bit converter", card.adc.bits);
    const behavioral::Provenance& from = card.provenance;
    std::string text = fmt::format(
        "{0} {1} of {2}, by mho {3}.\n"
        "{0} Calibrated in ngspice {4}, {5}, {6} C, spec {7}.\n"
        "{0} Static transfer: noise, settling and supply current are not in it.\n"
        "{0} Error against SPICE on runs that were not fitted to:\n",
        comment, what, from.spec_name, from.mho_version, from.ngspice_version, from.technology,
        from.temperature_celsius, from.spec_hash);
    for (const behavioral::QuantityError& error : card.errors) {
        text += fmt::format("{}   {}: rms {:.3g}, worst {:.3g} {}{}\n", comment, error.quantity,
                            error.rms, error.worst, error.unit,
                            error.within() ? "" : " (over its tolerance)");
    }
    return text;
}

std::string export_adc(const behavioral::ModelCard& card, ExportFormat format,
                       std::string_view name) {
    require_module_name(name);
    if (!card.converter_only) behavioral::require_column(card, "an export");
    switch (format) {
        case ExportFormat::spice:
            return export_head(card, "*") + adc_spice(card.adc, name);
        case ExportFormat::verilog_a:
            return export_head(card, "//") + "`include \"disciplines.vams\"\n\n" +
                   adc_verilog_a(card.adc, name);
        case ExportFormat::system_verilog:
            break;
    }
    return export_head(card, "//") + adc_system_verilog(card.adc, name);
}

void require_module_name(std::string_view name) {
    const bool good =
        !name.empty() &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos &&
        name[0] >= 'a' && name[0] <= 'z';
    if (!good) {
        throw bad_input(
            "module name '{}', expected lower-case letters, digits and _, a letter "
            "first",
            name);
    }
}

}  // namespace mho::calibrate
