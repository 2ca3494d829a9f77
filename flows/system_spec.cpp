// SPDX-License-Identifier: Apache-2.0
#include "flows/system_spec.h"

#include <fmt/format.h>

#include "base/error.h"

namespace mho::flows {
namespace {

using namespace behavioral;

void check_cells(const SystemSpec& spec) {
    const CellSpec& device = spec.device;
    const auto fail = [&](std::string_view what) {
        throw bad_input("system '{}': {}", spec.name, what);
    };
    if (device.on_off > 0 && device.on_off <= 1) fail("device.on_off must be more than 1");
    if (device.model) {
        if (device.r_min > 0) fail("device.r_min is for exact cells, without device.name");
        const auto& current = device.model->current;
        if (current && !device.ohmic && device.read_volt > current->max_volt) {
            fail(fmt::format("device.read_volt = {}, but the I-V curve ends at {} V",
                             device.read_volt, current->max_volt));
        }
        return;
    }
    if (device.time_second > 0 || device.celsius || device.dose_krad > 0 || device.compensation) {
        fail("device.time_second, celsius, dose_krad and compensation need device.name");
    }
    if (device.levels > 0 || device.stuck_low || device.stuck_high) {
        fail("device.levels, stuck_low and stuck_high need device.name");
    }
    if (spec.wire.any() && device.r_min == 0) {
        fail("wires need device.name, or device.r_min for exact cells");
    }
}

void check_converters(const SystemSpec& spec) {
    const AdcSpec& adc = spec.adc;
    const auto fail = [&](std::string_view what) {
        throw bad_input("system '{}': {}", spec.name, what);
    };
    if ((adc.range == AdcRule::file) != !adc.file.empty()) {
        fail("adc.range = \"file\" and adc.file belong together");
    }
    if ((adc.form == AdcForm::card) != adc.measured.has_value()) {
        fail("adc.model = \"card\" and a card (adc.card, --card) belong together");
    }
    if (adc.form == AdcForm::ideal) return;
    if (adc.range == AdcRule::none) {
        fail("adc.model other than \"ideal\" needs adc.range, but that is \"none\"");
    }
    if (adc.exact_zero) fail("adc.exact_zero is of adc.model = \"ideal\"");
    if (adc.measured && adc.measured->bits != adc.bits) {
        fail(fmt::format("the card's converter has {} bits, but adc.bits = {}", adc.measured->bits,
                         adc.bits));
    }
    if (adc.is_circuit()) check_adc_circuit(adc.circuit, adc.bits);
}

void check_timing(const SystemSpec& spec) {
    const TimingSpec& timing = spec.timing;
    const bool farads = timing.row_farad > 0 || timing.column_farad > 0 || timing.cell_farad > 0;
    if (timing.settle_second == 0) return;
    const auto fail = [&](std::string_view what) {
        throw bad_input("system '{}': {}", spec.name, what);
    };
    if (!farads) {
        fail("timing.settle_second needs timing.row_farad, column_farad or cell_farad");
    }
    if (!spec.wire.any() || spec.wire.topology != Topology::a) {
        fail("timing.settle_second is of arrays with wires, topology a");
    }
}

}  // namespace

void check_system(const SystemSpec& spec) {
    const auto fail = [&](std::string_view what) {
        throw bad_input("system '{}': {}", spec.name, what);
    };
    if (spec.products == Products::floating) return;
    check_cells(spec);
    check_converters(spec);
    check_timing(spec);
    const bool ranged = spec.adc.range == AdcRule::maximum || spec.adc.range == AdcRule::granular;
    if (ranged && spec.inputs.bits == 0) {
        fail("adc.range by rule needs inputs.bits above 0, or range = \"calibrated\"");
    }
    if (spec.adc.range == AdcRule::none && spec.readout_noise_lsb > 0) {
        fail("noise.readout_lsb counts steps of a converter, but adc.range is \"none\"");
    }
    if (spec.weights.two_sided && spec.weights.sign != WeightSign::differential) {
        fail("weights.pairs = \"two_sided\" needs weights.sign = \"differential\"");
    }
    if (!spec.weights.rounded && spec.weights.slice_bits > 0) {
        fail("weights.rounded = false needs weights.slice_bits = 0");
    }
    if (spec.inputs.bits == 0 && spec.inputs.slice_bits > 0) {
        fail("inputs.slice_bits needs inputs.bits above 0");
    }
    if (spec.inputs.bits == 1) fail("inputs.bits must be 0 or 2 to 16");
    if (spec.inputs.negative == InputSign::twos_complement && spec.inputs.slice_bits != 1) {
        fail("inputs.negative = \"twos_complement\" needs inputs.slice_bits = 1");
    }
    if (!spec.wire.any() || spec.wire.topology == Topology::a) return;
    if (spec.inputs.slice_bits != 1 || spec.inputs.negative != InputSign::twos_complement) {
        fail(
            "wire.topology b and c drive gates: inputs.slice_bits = 1 and "
            "inputs.negative = \"twos_complement\" expected");
    }
    if (spec.wire.topology == Topology::c && (spec.weights.sign != WeightSign::differential ||
                                              spec.weights.subtraction != Subtraction::analog)) {
        fail("wire.topology c needs weights.sign = \"differential\", subtracted analog");
    }
}

}  // namespace mho::flows
