// SPDX-License-Identifier: Apache-2.0
#include "flows/report_html.h"

#include <fmt/format.h>

namespace mho::flows {
namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #1c2430; font: 16px/1.55 system-ui, "Segoe UI",
  "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1 { font-size: 1.9rem; margin: 0 0 .3rem; }
h2 { font-size: 1.35rem; margin: 2.8rem 0 .6rem; padding-top: .9rem; border-top: 1px solid #d9dee5; }
h3 { font-size: 1.08rem; margin: 1.6rem 0 .4rem; }
p, li { max-width: 46rem; }
.lead { font-size: 1.1rem; margin: .3rem 0; max-width: 60rem; }
.quiet { color: #5a6675; font-size: .92rem; }
.advice { background: #f3f7fc; border-left: 4px solid #2f6db3; padding: .5rem 1.2rem; margin: 1rem 0; }
.advice li { margin: .45rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .8rem 0; font-size: .93rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .32rem .6rem; text-align: left; border-bottom: 1px solid #e3e7ec;
  vertical-align: top; }
th { border-bottom: 2px solid #aeb8c4; font-weight: 600; vertical-align: bottom; }
th.n, td.n { text-align: right; }
td { overflow-wrap: anywhere; }
td.n { white-space: nowrap; }
td:first-child { min-width: 7rem; }
h2.result { font-size: 1.65rem; }
.pass { color: #1d7a4b; font-weight: 600; }
.fail { color: #b3261e; font-weight: 700; }
.worst { background: #fdf1e3; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr));
  gap: 1.2rem 1.6rem; align-items: start; margin: 1rem 0; }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; max-width: 560px; }
figure svg text { font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans",
  sans-serif; }
figcaption { color: #5a6675; font-size: .88rem; margin-top: .25rem; max-width: 560px; }
pre { background: #f6f8fa; padding: .8rem 1rem; overflow-x: auto; font-size: .85rem; }
code { overflow-wrap: anywhere; }
summary { cursor: pointer; }
@media print { main { max-width: none; padding: 0; } figure, tr { break-inside: avoid; } }
)css";

}  // namespace

std::string escape_html(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            case '\n':
            case '\t':
                out += c;
                break;
            default:
                out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
        }
    }
    return out;
}

std::string table_html(const Table& table) {
    std::string html = "<div class=\"scroll\"><table>\n<thead><tr>";
    for (const TableColumn& column : table.columns) {
        html += fmt::format("<th{}>{}</th>", column.numeric ? " class=\"n\"" : "",
                            escape_html(column.title));
    }
    html += "</tr></thead>\n<tbody>\n";
    for (const std::vector<std::string>& row : table.rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool numeric = i < table.columns.size() && table.columns[i].numeric;
            html += fmt::format("<td{}>{}</td>", numeric ? " class=\"n\"" : "", row[i]);
        }
        html += "</tr>\n";
    }
    return html + "</tbody></table></div>\n";
}

std::string paragraph(std::string_view text) {
    return "<p>" + escape_html(text) + "</p>\n";
}

std::string page_html(std::string_view title_text, std::string_view body_html) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n"
        "</html>\n",
        escape_html(title_text), kStyle, body_html);
}

}  // namespace mho::flows
