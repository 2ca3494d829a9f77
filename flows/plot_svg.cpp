// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>

#include "base/error.h"
#include "flows/plot.h"
#include "flows/report_html.h"

namespace mho::flows {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

// Removes every piece from `open` to `close`, both included.
void remove_all(std::string& text, std::string_view open, std::string_view close) {
    for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
        const std::size_t end = text.find(close, at + open.size());
        if (end == std::string::npos) return;
        text.erase(at, end + close.size() - at);
    }
}

}  // namespace

template <typename Plot>
std::string plot_svg(const Plot& plot, const GnuplotOptions& options) {
    std::string svg = run_gnuplot(plot_script(plot), options);
    const std::size_t end = svg.rfind("</svg>");
    const std::size_t start = svg.find("<svg");
    if (start == std::string::npos || end == std::string::npos) {
        throw system_error("{}: wrote no whole SVG for plot '{}'", options.program, plot.title);
    }
    svg.resize(end + 6);
    svg += "\n";
    // Titles inside become tool tips such as "gnuplot_plot_1"; the description is gnuplot's
    // version.
    remove_all(svg, "<title>", "</title>\n");
    remove_all(svg, "<title>", "</title>");
    remove_all(svg, "<desc>", "</desc>\n");
    // Cells of a heat map stay sharp when a viewer enlarges them.
    replace_all(svg, "<image ", "<image style='image-rendering:pixelated' ");
    svg.insert(svg.find("<svg") + 4,
               " role=\"img\" aria-label=\"" + escape_html(plot.title) + "\"");
    return svg;
}

template std::string plot_svg(const XyPlot&, const GnuplotOptions&);
template std::string plot_svg(const BarPlot&, const GnuplotOptions&);
template std::string plot_svg(const HeatMap&, const GnuplotOptions&);

std::string inline_svg(const std::string& svg, const std::string& id_prefix) {
    std::string text = svg.substr(std::min(svg.find("<svg"), svg.size()));
    remove_all(text, "xmlns=\"", "\"");
    remove_all(text, "xmlns:xlink=\"", "\"");
    for (const char* quote : {"'", "\""}) {
        const std::string q(quote);
        replace_all(text, " id=" + q, " id=" + q + id_prefix);
        replace_all(text, "href=" + q + "#", "href=" + q + "#" + id_prefix);
    }
    replace_all(text, "url(#", "url(#" + id_prefix);
    return text;
}

}  // namespace mho::flows
