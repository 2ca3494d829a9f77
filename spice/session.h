// SPDX-License-Identifier: Apache-2.0
// libngspice in this process. Only the worker program links it: the library keeps global state, can
// crash or hang on a user's netlist, and after a fatal error takes no further circuit.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "spice/deck.h"
#include "spice/external_sources.h"
#include "spice/lockstep_driver.h"
#include "spice/pool.h"
#include "spice/protocol.h"
#include "spice/simulator_log.h"

struct vecinfoall;
struct vecvaluesall;

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

    // A transient in lockstep with whoever answers `channel.exchange`. When ngspice must be stopped
    // in the middle, channel.abandon gets the reply; it must end the process.
    struct Channel {
        LockstepDriver::Exchange exchange;
        std::function<void(const WorkerReply&)> abandon;
    };
    WorkerReply run(const LockstepOrder& order, const Channel& channel);

  private:
    // ngspice's C callbacks; none lets an exception out.
    static int on_text(char* line, int id, void* self) noexcept;
    static int on_exit(int status, bool immediate, bool on_quit, int id, void* self) noexcept;
    static int on_point(vecvaluesall* point, int vectors, int id, void* self) noexcept;
    static int on_plot(vecinfoall* plot, int id, void* self) noexcept;
    static int on_source(double* value, double time, char* name, int id, void* self) noexcept;

    void command(std::string text);
    void learn_simulator();
    void load_code_models();
    bool has_code_models();
    void forget();

    // A job, read.
    struct Task {
        Analysis analysis;
        std::vector<VectorRequest> requests;
    };
    WorkerReply run_timed(const Job& job, const std::vector<std::string>& observed,
                          std::string_view options);
    WorkerReply run_checked(const Job& job, const std::vector<std::string>& observed,
                            std::string_view options);
    std::string load_models(const std::vector<std::string>& files);
    bool load(const std::vector<std::string>& lines);
    WorkerReply run_altered(const Job& job, const Task& task);
    // A dc sweep of a source that nothing depends on, a point per row of job.inputs.
    static Analysis sweep_of_runs(const Job& job, const Analysis& analysis);
    static void append_run_source(std::vector<std::string>& lines);
    WorkerReply run_inputs(const Job& job, const Task& task);
    std::string alter(const ValueTable& table, std::size_t row);
    WorkerReply analyse(const Analysis& analysis, const std::vector<VectorRequest>& requests);
    std::string status_of_analysis();
    WorkerReply failed_analysis(const std::string& status,
                                const std::vector<VectorRequest>& requests);

    SimulatorLog log_;
    SimulatorInfo simulator_;
    bool asked_to_exit_ = false;
    std::set<std::string> loaded_models_;
    ExternalSources sources_;
    std::function<void(const vecvaluesall&)> at_point_;  // at every accepted point
    std::function<void(const WorkerReply&)> abandon_;
};

}  // namespace mho::spice
