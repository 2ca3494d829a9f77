// SPDX-License-Identifier: Apache-2.0
#include "apps/mho/technology_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace mho::apps {
namespace {

using netlist::Figure;
using netlist::FigureKind;
using netlist::FigureRange;

// A source on a line of its own, below what it is the source of.
std::string source_line(const std::string& source) {
    return fmt::format("    [{}]\n", source);
}

std::string range_text(const FigureRange& range) {
    const FigureKind& kind = kind_of(range.figure);
    return fmt::format("{:.4g} .. {:.4g}", range.low / kind.unit_si, range.high / kind.unit_si);
}

// Numbers each distinct source once.
class Sources {
  public:
    std::size_t number(const std::string& source) {
        const auto found = std::find(sources_.begin(), sources_.end(), source);
        const auto index = static_cast<std::size_t>(found - sources_.begin());
        if (found == sources_.end()) sources_.push_back(source);
        return index + 1;
    }
    std::string text() const {
        std::string result;
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            result += fmt::format("[{}] {}\n", i + 1, sources_[i]);
        }
        return result;
    }

  private:
    std::vector<std::string> sources_;
};

std::string figure_line(const calibrate::MeasuredFigure& measured, const FigureRange* range,
                        bool judged, Sources& sources) {
    const FigureKind& kind = kind_of(measured.figure);
    std::string line = fmt::format("{:<10} {:<14} {:>8.4g} {:<10}", measured.subject, kind.title,
                                   measured.value / kind.unit_si, kind.unit);
    if (range == nullptr) return line + " no range\n";
    const char* verdict = "";
    if (judged) verdict = range->holds(measured.value) ? "pass" : "MISSED";
    return line + fmt::format(" {:<16} {:<6} [{}]\n", range_text(*range), verdict,
                              sources.number(range->source));
}

std::string models_text(const netlist::Technology& t) {
    return fmt::format("models {}, corners {} (default {}), {} .. {} C\n{}", t.model_file.string(),
                       fmt::join(t.corners, " "), t.default_corner, t.min_celsius, t.max_celsius,
                       source_line(t.model_source));
}

std::string devices_text(const netlist::Technology& t) {
    std::string text = "\nsupplies and devices\n";
    for (const netlist::Supply& supply : t.supplies) {
        text +=
            fmt::format("  {:<8} {} V\n{}", supply.name, supply.volt, source_line(supply.source));
    }
    for (const netlist::DeviceLimits& d : t.devices) {
        text += fmt::format(
            "  {:<8} {} channel, supply {}, L {:.4g} .. {:.4g} um, W {:.4g} .. {:.4g} um, at most "
            "{} V\n{}",
            d.name, d.is_p ? "p" : "n", d.supply, 1e6 * d.min_length_m, 1e6 * d.max_length_m,
            1e6 * d.min_width_m, 1e6 * d.max_width_m, d.max_volt, source_line(d.source));
    }
    for (const netlist::Mismatch& m : t.mismatches) {
        text += fmt::format("  mismatch of {} devices: {:.4g} mV um, {:.4g} % um\n{}", m.name,
                            1e9 * m.a_vt_volt_m, 1e8 * m.a_beta_m, source_line(m.source));
    }
    return text;
}

std::string wires_text(const netlist::Technology& t) {
    std::string text = "\nwires of least width, and vias\n";
    for (const netlist::MetalLayer& m : t.metals) {
        text += fmt::format(
            "  {:<8} width {:.4g} nm, pitch {:.4g} nm, thickness {:.4g} nm, {:.4g} ohm/um, {:.4g} "
            "fF/um ({:.3g} % to neighbours)\n{}",
            m.name, 1e9 * m.width_m, 1e9 * m.pitch_m, 1e9 * m.thickness_m, m.ohm_per_um,
            1e15 * m.farad_per_um, 100 * m.coupling_fraction, source_line(m.source));
    }
    for (const netlist::Via& via : t.vias) {
        text +=
            fmt::format("  {:<8} {} ohm per cut\n{}", via.name, via.ohm, source_line(via.source));
    }
    return text;
}

std::string passives_text(const netlist::Technology& t) {
    std::string text = "\npassives and cells\n";
    for (const netlist::CapacitorKind& c : t.capacitors) {
        text += fmt::format("  {:<8} capacitor, {:.4g} fF/um2, mismatch {:.4g} % um\n{}", c.name,
                            1e15 * c.farad_per_um2, 1e8 * c.a_c_m, source_line(c.source));
    }
    for (const netlist::ResistorKind& r : t.resistors) {
        text += fmt::format("  {:<8} resistor, {:.4g} ohm per square, W >= {:.4g} um\n{}", r.name,
                            r.sheet_ohm, 1e6 * r.min_width_m, source_line(r.source));
    }
    for (const netlist::CellLayout& cell : t.cells) {
        text += fmt::format("  {:<8} cell, {:.4g} um along the row, {:.4g} um along the column\n{}",
                            cell.name, 1e6 * cell.pitch_x_m, 1e6 * cell.pitch_y_m,
                            source_line(cell.source));
    }
    return text;
}

std::string device_row(const calibrate::TechnologyMeasurement& measured, const std::string& name) {
    std::string row = fmt::format("{:<10} {:<6}", name, measured.point.corner);
    for (const Figure figure : {Figure::vth_linear, Figure::vth_saturated, Figure::i_on,
                                Figure::i_off, Figure::dibl, Figure::slope, Figure::c_gate}) {
        row += fmt::format(" {:>9.4g}", measured.at(name, figure) / kind_of(figure).unit_si);
    }
    return row + "\n";
}

}  // namespace

std::string technology_text(const netlist::Technology& technology) {
    const std::string about = technology.description.empty() ? "" : ": " + technology.description;
    return fmt::format("{}{}\n", technology.name, about) + models_text(technology) +
           devices_text(technology) + wires_text(technology) + passives_text(technology);
}

std::string figures_text(const calibrate::TechnologyMeasurement& measured,
                         const netlist::TechnologyChecks& checks, bool judged) {
    Sources sources;
    std::string text =
        fmt::format("{:<10} {:<14} {:>8} {:<10} {}\n", "", "figure", "measured", "", "range");
    for (const calibrate::MeasuredFigure& figure : measured.figures) {
        const FigureRange* range = checks.find(figure.subject, figure.figure);
        text += figure_line(figure, range, judged, sources);
    }
    const std::string cited = sources.text();
    return cited.empty() ? text : text + "\n" + cited;
}

std::string corners_text(std::span<const calibrate::TechnologyMeasurement> measurements,
                         const netlist::Technology& technology) {
    std::string text = fmt::format(
        "{:<10} {:<6} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n{:<17} {:>9} {:>9} {:>9} {:>9} "
        "{:>9} {:>9} {:>9}\n",
        "device", "corner", "Vth lin", "Vth sat", "Ion", "Ioff", "DIBL", "slope", "Cgg on", "",
        "mV", "mV", "uA/um", "pA/um", "mV/V", "mV/dec", "fF/um");
    for (const netlist::DeviceLimits& device : technology.devices) {
        for (const auto& measured : measurements) text += device_row(measured, device.name);
    }
    text += fmt::format("\n{:<10} {:<6} {:>9} {:>9}\n{:<17} {:>9} {:>9}\n", "inverter", "corner",
                        "FO4", "ring", "", "ps", "GHz");
    for (const auto& measured : measurements) {
        const bool has_inverter =
            std::any_of(measured.figures.begin(), measured.figures.end(),
                        [](const auto& figure) { return figure.subject == netlist::kInverter; });
        if (!has_inverter) continue;
        text += fmt::format("{:<10} {:<6} {:>9.4g} {:>9.4g}\n", "", measured.point.corner,
                            1e12 * measured.at(netlist::kInverter, Figure::fo4),
                            1e-9 * measured.at(netlist::kInverter, Figure::ring));
    }
    return text;
}

Judgement judge(const calibrate::TechnologyMeasurement& measured,
                const netlist::TechnologyChecks& checks) {
    Judgement judgement;
    for (const calibrate::MeasuredFigure& figure : measured.figures) {
        const FigureRange* range = checks.find(figure.subject, figure.figure);
        if (range == nullptr) continue;
        ++judgement.ranges;
        if (range->holds(figure.value)) continue;
        const FigureKind& kind = kind_of(figure.figure);
        judgement.missed.push_back(fmt::format("{} {} {:.4g} {}, not {}", figure.subject,
                                               kind.title, figure.value / kind.unit_si, kind.unit,
                                               range_text(*range)));
    }
    return judgement;
}

}  // namespace mho::apps
