// SPDX-License-Identifier: Apache-2.0
// Names of SPICE nets as names of ours. Private to the deck reader.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace mho::netlist {

// A net's name, in lower case, as Circuit takes it: "gnd" is "0"; [a-z][a-z0-9_]* stays; of every
// other name "n_" and its characters, those that are no letter and no digit as "_" and two
// hexadecimal digits: "1" is "n_1", "net-3" is "n_net_2d3". So the old name can be read off the new
// one.
std::string net_name_of(std::string_view name);

// The same for each part of "x1.x2.net".
std::string net_path_of(std::string_view path);

// The names of one circuit's nets; a new name that two old ones would share is found.
class NetNames {
  public:
    // Empty when `name` becomes what another name already is.
    std::string add(std::string_view name);

  private:
    std::unordered_map<std::string, std::string> old_names_;  // by the new one
};

}  // namespace mho::netlist
