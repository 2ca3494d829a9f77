// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace mho::apps {

// Throws Error(bad_input) for the first verb or flag that `app` does not know, naming the nearest
// one that it does. `arguments` are those after the program's name.
void reject_unknown(const CLI::App& app, const std::vector<std::string>& arguments);

// Lets the option take digits only. CLI11 reads "-1" as the largest unsigned number.
void require_count(CLI::Option* option);

// Refuses empty text, which CLI11 reads as 0.
void require_number(CLI::Option* option);

// Refuses what is no finite number above 0.
void require_positive(CLI::Option* option);

}  // namespace mho::apps
