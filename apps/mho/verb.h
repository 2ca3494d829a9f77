// SPDX-License-Identifier: Apache-2.0
// A verb of the program: `mho netlist ...`. One file per verb.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace mho::apps {

struct Verb {
    std::string name;
    std::string summary;  // one line, for `mho help`
    std::string example;  // worked example, for `mho VERB --help`
    // Declares the verb's options on its subcommand and returns what runs it; the result is the
    // exit code of the process.
    std::function<std::function<int()>(CLI::App&)> declare;
};

Verb adc_verb();
Verb macro_verb();
Verb map_verb();
Verb netlist_verb();
Verb calibrate_verb();
Verb check_verb();
Verb card_verb();
Verb device_verb();
Verb export_verb();
Verb infer_verb();
Verb report_verb();
Verb size_verb();
Verb solve_verb();
Verb spice_verb();
Verb tech_verb();

}  // namespace mho::apps
