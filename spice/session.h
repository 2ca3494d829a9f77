// SPDX-License-Identifier: Apache-2.0
// libngspice in this process. Only the worker program links it: the library keeps global state, can
// crash or hang on a user's netlist, and after a fatal error takes no further circuit.
#pragma once

#include <string>
#include <vector>

#include "spice/deck.h"
#include "spice/pool.h"
#include "spice/protocol.h"
#include "spice/simulator_log.h"

namespace mho::spice {

class Session {
  public:
    // Initialises ngspice: one thread, no pager, no last-resort "transient operating point" (it
    // reports nonsense as success), code models loaded even where ngspice's own start file is
    // missing. At most one per process. Throws Error(simulator).
    Session();
    ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    const SimulatorInfo& simulator() const { return simulator_; }

    // Runs one job and forgets it. Failures are in the reply; `leaving` is set when ngspice
    // cannot go on and the process must end.
    WorkerReply run(const Job& job);

  private:
    // ngspice's C callbacks; none lets an exception out.
    static int on_text(char* line, int id, void* self) noexcept;
    static int on_exit(int status, bool immediate, bool on_quit, int id, void* self) noexcept;

    void command(std::string text);
    void learn_simulator();
    void load_code_models();
    bool has_code_models();
    void forget();

    WorkerReply run_checked(const Job& job);
    bool load(const std::vector<std::string>& lines);
    WorkerReply analyse(const Analysis& analysis, const std::vector<VectorRequest>& requests);
    std::string status_of_analysis();
    WorkerReply failed_analysis(const std::string& status);

    SimulatorLog log_;
    SimulatorInfo simulator_;
    bool asked_to_exit_ = false;
};

}  // namespace mho::spice
