// SPDX-License-Identifier: Apache-2.0
// A compiled Verilog-A model as its compiler would make it: the module
//     module mho_conductor(p, n); parameter real g = 1e-3; analog I(p, n) <+ g * V(p, n);
// behind the binary interface OSDI 0.3, whose structures stand here as far as a simulator reads
// them. Built as a library for tests of loading such models.
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kInstanceParameter = 1U << 30;
constexpr std::uint32_t kResistiveConstant = 1 | 4;  // of a Jacobian's entry

struct InitInfo {
    std::uint32_t flags, error_count;
    void* errors;
};
struct SimulationParameters {
    char** names;
    double* values;
    char** text_names;
    char** texts;
};
struct SimulationInfo {
    SimulationParameters parameters;
    double time;
    double* solution;
    double* previous_state;
    double* next_state;
    std::uint32_t flags;
};
struct NodePair {
    std::uint32_t first, second;
};
struct JacobianEntry {
    NodePair nodes;
    std::uint32_t reactive_pointer, flags;
};
struct Node {
    const char *name, *units, *residual_units;
    std::uint32_t resistive_residual, reactive_residual, resistive_limit, reactive_limit;
    bool is_flow;
};
struct Parameter {
    const char* const* names;
    std::uint32_t aliases;
    const char *description, *units;
    std::uint32_t flags, length;
};

struct Model {
    double siemens;
    bool given;
};
struct Instance {
    double multiplier;
    bool given;
    std::array<std::uint32_t, 2> nodes;
    std::array<double*, 4> jacobian;
    std::array<double, 2> residual;
};

double siemens_of(const void* instance, const void* model) {
    return static_cast<const Model*>(model)->siemens *
           static_cast<const Instance*>(instance)->multiplier;
}

void* access(void* instance, void* model, std::uint32_t id, std::uint32_t flags) {
    const bool set = (flags & 1) != 0;
    if (id == 0) {
        auto& owner = *static_cast<Instance*>(instance);
        owner.given |= set;
        return &owner.multiplier;
    }
    auto& owner = *static_cast<Model*>(model);
    owner.given |= set;
    return &owner.siemens;
}

void setup_model(void*, void* model, SimulationParameters*, InitInfo* info) {
    auto& owner = *static_cast<Model*>(model);
    if (!owner.given) owner.siemens = 1e-3;
    *info = {};
}

void setup_instance(void*, void* instance, void*, double, std::uint32_t, SimulationParameters*,
                    InitInfo* info) {
    auto& owner = *static_cast<Instance*>(instance);
    if (!owner.given) owner.multiplier = 1;
    *info = {};
}

std::uint32_t eval(void*, void* instance, const void* model, const SimulationInfo* info) {
    auto& owner = *static_cast<Instance*>(instance);
    const double volt = info->solution[owner.nodes[0]] - info->solution[owner.nodes[1]];
    const double ampere = siemens_of(instance, model) * volt;
    owner.residual = {ampere, -ampere};
    return 0;
}

void load_residual(void* instance, void*, double* into) {
    const auto& owner = *static_cast<Instance*>(instance);
    for (std::size_t i = 0; i < 2; ++i) into[owner.nodes[i]] += owner.residual[i];
}

void load_jacobian(void* instance, void* model) {
    const auto& owner = *static_cast<Instance*>(instance);
    const double siemens = siemens_of(instance, model);
    for (std::size_t i = 0; i < 4; ++i) {
        *owner.jacobian[i] += i == 0 || i == 3 ? siemens : -siemens;
    }
}

void load_jacobian_scaled(void* instance, void* model, double) {
    load_jacobian(instance, model);
}
// What a linear conductor does not have.
void no_noise(void*, void*, double, double*) {}
void no_load(void*, void*, double*) {}
void no_rhs(void*, void*, double*, double*) {}
void no_rhs_scaled(void*, void*, double*, double*, double) {}
void no_jacobian_scaled(void*, void*, double) {}

constexpr std::array<Node, 2> kNodes{
    {{"p", "V", "A", offsetof(Instance, residual), kNone, kNone, kNone, false},
     {"n", "V", "A", offsetof(Instance, residual) + sizeof(double), kNone, kNone, kNone, false}}};
constexpr std::array<JacobianEntry, 4> kJacobian{{{{0, 0}, kNone, kResistiveConstant},
                                                  {{0, 1}, kNone, kResistiveConstant},
                                                  {{1, 0}, kNone, kResistiveConstant},
                                                  {{1, 1}, kNone, kResistiveConstant}}};
constexpr const char* kMultiplierName = "$mfactor";
constexpr const char* kSiemensName = "g";
constexpr std::array<Parameter, 2> kParameters{
    {{&kMultiplierName, 0, "devices in parallel", "", kInstanceParameter, 0},
     {&kSiemensName, 0, "conductance", "S", 0, 0}}};

struct Descriptor {
    const char* name;
    std::uint32_t node_count, terminal_count;
    const Node* nodes;
    std::uint32_t jacobian_count;
    const JacobianEntry* jacobian;
    std::uint32_t collapsible_count;
    const NodePair* collapsible;
    std::uint32_t collapsed;
    const void* noise_sources;
    std::uint32_t noise_count;
    std::uint32_t parameter_count, instance_parameter_count, output_count;
    const Parameter* parameters;
    std::uint32_t node_mapping, jacobian_pointers;
    std::uint32_t state_count, states;
    std::uint32_t bound_step;
    std::uint32_t instance_size, model_size;
    decltype(&access) access_parameter;
    decltype(&setup_model) set_up_model;
    decltype(&setup_instance) set_up_instance;
    decltype(&eval) evaluate;
    decltype(&no_noise) load_noise;
    decltype(&load_residual) load_residual_resistive, load_residual_reactive;
    decltype(&no_load) load_limit_resistive, load_limit_reactive;
    decltype(&no_rhs) load_rhs_dc;
    decltype(&no_rhs_scaled) load_rhs_transient;
    decltype(&load_jacobian) load_jacobian_resistive;
    decltype(&no_jacobian_scaled) load_jacobian_reactive;
    decltype(&load_jacobian_scaled) load_jacobian_transient;
};

}  // namespace

extern "C" {
extern const std::uint32_t OSDI_VERSION_MAJOR;
extern const std::uint32_t OSDI_VERSION_MINOR;
extern const std::uint32_t OSDI_NUM_DESCRIPTORS;
extern const Descriptor OSDI_DESCRIPTORS[1];
const std::uint32_t OSDI_VERSION_MAJOR = 0;
const std::uint32_t OSDI_VERSION_MINOR = 3;
const std::uint32_t OSDI_NUM_DESCRIPTORS = 1;
const Descriptor OSDI_DESCRIPTORS[1] = {{.name = "mho_conductor",
                                         .node_count = 2,
                                         .terminal_count = 2,
                                         .nodes = kNodes.data(),
                                         .jacobian_count = 4,
                                         .jacobian = kJacobian.data(),
                                         .collapsible_count = 0,
                                         .collapsible = nullptr,
                                         .collapsed = sizeof(Instance),
                                         .noise_sources = nullptr,
                                         .noise_count = 0,
                                         .parameter_count = 2,
                                         .instance_parameter_count = 1,
                                         .output_count = 0,
                                         .parameters = kParameters.data(),
                                         .node_mapping = offsetof(Instance, nodes),
                                         .jacobian_pointers = offsetof(Instance, jacobian),
                                         .state_count = 0,
                                         .states = sizeof(Instance),
                                         .bound_step = kNone,
                                         .instance_size = sizeof(Instance),
                                         .model_size = sizeof(Model),
                                         .access_parameter = access,
                                         .set_up_model = setup_model,
                                         .set_up_instance = setup_instance,
                                         .evaluate = eval,
                                         .load_noise = no_noise,
                                         .load_residual_resistive = load_residual,
                                         .load_residual_reactive = no_load,
                                         .load_limit_resistive = no_load,
                                         .load_limit_reactive = no_load,
                                         .load_rhs_dc = no_rhs,
                                         .load_rhs_transient = no_rhs_scaled,
                                         .load_jacobian_resistive = load_jacobian,
                                         .load_jacobian_reactive = no_jacobian_scaled,
                                         .load_jacobian_transient = load_jacobian_scaled}};
}
