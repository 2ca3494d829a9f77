// SPDX-License-Identifier: Apache-2.0
// Small pieces of HTML. Arguments named `text` are escaped here; those named `html` are HTML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mho::flows {

// & < > " ' become references; control characters that HTML forbids become spaces.
std::string escape_html(std::string_view text);

struct TableColumn {
    std::string title;  // text
    bool numeric = false;
};

struct Table {
    std::vector<TableColumn> columns;
    std::vector<std::vector<std::string>> rows;  // HTML, one entry per column
};

std::string table_html(const Table& table);

// <p> with text.
std::string paragraph(std::string_view text);

// The whole page: light theme, own style, no script, nothing loaded from elsewhere.
std::string page_html(std::string_view title_text, std::string_view body_html);

}  // namespace mho::flows
