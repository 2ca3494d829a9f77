// SPDX-License-Identifier: Apache-2.0
#include "netlist/mismatch.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"

namespace mho::netlist {
namespace {

constexpr double kSquareMetrePerUm2 = 1e-12;
constexpr double kLeastFactor = 0.01;  // no draw turns a size round

// Of one device of a pair whose difference has the coefficient `pair`.
double pelgrom(double pair, double area_m2) {
    return pair / std::sqrt(2 * area_m2);
}

// A device without mismatch into a circuit whose nets have the same numbers.
struct Copy {
    Circuit& to;
    const Device& device;

    void operator()(const Resistor& resistor) const {
        to.resistor(device.name, device.pins[0], device.pins[1], resistor.ohm);
    }
    void operator()(const VoltageSource& source) const {
        to.voltage_source(device.name, device.pins[0], device.pins[1], source.stimulus);
    }
    void operator()(const CurrentSource& source) const {
        to.current_source(device.name, device.pins[0], device.pins[1], source.stimulus);
    }
    void operator()(const BehaviouralSource& source) const {
        if (source.kind == BehaviouralSource::Kind::voltage) {
            to.behavioural_voltage(device.name, device.pins[0], device.pins[1], source.expression);
        } else {
            to.behavioural_current(device.name, device.pins[0], device.pins[1], source.expression);
        }
    }
    void operator()(const CodeModel& code) const {
        std::vector<CodePort> ports;
        auto pin = device.pins.begin();
        for (const int port : code.ports) {
            const int nets = port == CodeModel::kSingle ? 1 : std::max(port, 0);
            const std::vector<NetId> taken(pin, pin + nets);
            pin += nets;
            ports.push_back(port == CodeModel::kOpen     ? CodePort()
                            : port == CodeModel::kSingle ? CodePort(taken.front())
                                                         : CodePort::vector(taken));
        }
        to.code_model(device.name, ports, code.model);
    }
    void operator()(const CompiledModel& compiled) const {
        to.compiled_model(device.name, device.pins, compiled.model, compiled.parameters);
    }
    // Handled by MismatchCopy.
    void operator()(const Capacitor&) const {}
    void operator()(const Mosfet&) const {}
    void operator()(const Instance&) const {}
};

class MismatchCopy {
  public:
    MismatchCopy(const Technology& technology, const MismatchDraw& draw)
        : technology_(technology), random_(draw.seed, RandomPurpose::mismatch, draw.sample) {}

    Circuit top(const Circuit& circuit) {
        Circuit copy(circuit.name());
        fill(copy, circuit, "", false);
        return copy;
    }

  private:
    // Nets in the same order, so that their numbers stay.
    void fill(Circuit& copy, const Circuit& circuit, const std::string& path, bool vary) {
        for (std::uint32_t net = 1; net < circuit.net_count(); ++net) {
            (void)copy.net(circuit.net_name(NetId{net}));
        }
        copy.describe(circuit.description());
        auto section = circuit.sections().begin();
        for (std::size_t k = 0; k < circuit.devices().size(); ++k) {
            while (section != circuit.sections().end() && section->first_device == k) {
                copy.section((section++)->title);
            }
            add(copy, circuit, circuit.devices()[k], path, vary);
        }
    }

    void add(Circuit& copy, const Circuit& circuit, const Device& device, const std::string& path,
             bool vary) {
        const auto& pins = device.pins;
        if (const auto* instance = std::get_if<Instance>(&device.body)) {
            copy.instance(device.name, definition(*instance, path + "_" + device.name), pins,
                          instance->parameters);
        } else if (const auto* mosfet = std::get_if<Mosfet>(&device.body)) {
            const MosSize size = vary ? varied(*mosfet, circuit, device) : mosfet->size;
            copy.mosfet(device.name, {pins[0], pins[1], pins[2], pins[3]}, mosfet->model, size);
        } else if (const auto* capacitor = std::get_if<Capacitor>(&device.body)) {
            Value farad = capacitor->farad;
            if (vary) {
                const double nominal = number(farad, circuit, device);
                farad = nominal * factor(capacitor_sigma(technology_, nominal));
            }
            copy.capacitor(device.name, pins[0], pins[1], farad);
        } else {
            std::visit(Copy{copy, device}, device.body);
        }
    }

    Definition definition(const Instance& instance, const std::string& path) {
        const Circuit& circuit = *instance.definition;
        std::vector<std::string> ports;
        for (const NetId port : circuit.ports()) ports.push_back(circuit.net_name(port));
        const auto parameters = circuit.parameters();
        Circuit copy(circuit.name() + path, ports, {parameters.begin(), parameters.end()});
        fill(copy, circuit, path, true);
        return share(std::move(copy));
    }

    static double number(const Value& value, const Circuit& circuit, const Device& device) {
        if (!value.is_parameter()) return value.number();
        throw bad_input(
            "mismatch: the size of '{}' in '{}' is the parameter '{}', expected a number",
            device.name, circuit.name(), value.parameter_name());
    }

    MosSize varied(const Mosfet& mosfet, const Circuit& circuit, const Device& device) {
        MosSize size = mosfet.size;
        const double width = number(size.width_m, circuit, device);
        const double area = width * number(size.length_m, circuit, device) * size.multiplier;
        const double shift = number(size.threshold_shift_volt, circuit, device);
        const Mismatch& pair = technology_.mismatch(technology_.device(mosfet.model).supply);
        size.threshold_shift_volt = shift + pelgrom(pair.a_vt_volt_m, area) * random_.normal();
        size.width_m = width * factor(pelgrom(pair.a_beta_m, area));
        return size;
    }

    double factor(double sigma) { return std::max(kLeastFactor, 1 + sigma * random_.normal()); }

    const Technology& technology_;
    RandomStream random_;
};

}  // namespace

double capacitor_sigma(const Technology& technology, double farad) {
    const CapacitorKind& mom = technology.capacitor("mom");
    return pelgrom(mom.a_c_m, farad / mom.farad_per_um2 * kSquareMetrePerUm2);
}

double threshold_sigma_volt(const Technology& technology, const std::string& model,
                            double area_m2) {
    return pelgrom(technology.mismatch(technology.device(model).supply).a_vt_volt_m, area_m2);
}

Deck with_mismatch(const Deck& deck, const Technology& technology, const MismatchDraw& draw) {
    Deck varied = deck;
    varied.circuit = MismatchCopy(technology, draw).top(deck.circuit);
    return varied;
}

}  // namespace mho::netlist
