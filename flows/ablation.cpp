// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "flows/infer_system.h"

namespace mho::flows {
namespace {

class Variants {
  public:
    explicit Variants(const SystemSpec& spec) : spec_(spec) {}

    // `change` takes the non-ideality out of a copy, and is asked only where the system has it.
    template <typename Change>
    void add(bool has, std::string name, std::string switched_off, Change change) {
        if (!has) return;
        Variant variant{std::move(name), std::move(switched_off), spec_};
        change(variant.spec);
        list_.push_back(std::move(variant));
    }

    std::vector<Variant> take() { return std::move(list_); }

  private:
    const SystemSpec& spec_;
    std::vector<Variant> list_;
};

void add_coding(const SystemSpec& spec, Variants& variants) {
    variants.add(spec.weights.slice_bits == 0 && spec.weights.rounded, "weight quantisation",
                 "weights.rounded = false",
                 [](SystemSpec& without) { without.weights.rounded = false; });
    const bool free_inputs = spec.inputs.bits > 0 && spec.inputs.slice_bits == 0 &&
                             spec.adc.range != AdcRule::maximum &&
                             spec.adc.range != AdcRule::granular;
    variants.add(free_inputs, "input quantisation", "inputs.bits = 0",
                 [](SystemSpec& without) { without.inputs.bits = 0; });
    variants.add(spec.adc.form != AdcForm::ideal, "converter errors", "adc.model = \"ideal\"",
                 [](SystemSpec& without) {
                     without.adc.form = AdcForm::ideal;
                     without.adc.card.clear();
                     without.adc.measured.reset();
                 });
    variants.add(spec.adc.range != AdcRule::none, "conversion", "adc.range = \"none\"",
                 [](SystemSpec& without) {
                     without.adc = {};
                     without.readout_noise_lsb = 0;
                 });
}

void add_device(const SystemSpec& spec, Variants& variants) {
    const CellSpec& device = spec.device;
    if (device.model) {
        variants.add(device.error_scale > 0, "spread of cells", "device.error_scale = 0",
                     [](SystemSpec& without) { without.device.error_scale = 0; });
        variants.add(device.model->current && !device.ohmic, "I-V curve", "device.ohmic = true",
                     [](SystemSpec& without) { without.device.ohmic = true; });
        variants.add(device.time_second > 0, "drift", "device.time_second = 0",
                     [](SystemSpec& without) {
                         without.device.time_second = 0;
                         without.device.celsius.reset();
                         without.device.compensation = false;
                     });
        variants.add(device.dose_krad > 0, "radiation", "device.dose_krad = 0",
                     [](SystemSpec& without) { without.device.dose_krad = 0; });
        variants.add(device.model->read_noise && device.read_noise_scale > 0 &&
                         device.model->read_noise->resampling == behavioral::Resampling::each_read,
                     "read noise", "device.read_noise_scale = 0",
                     [](SystemSpec& without) { without.device.read_noise_scale = 0; });
    }
    variants.add(spec.readout_noise_lsb > 0, "read-out noise", "noise.readout_lsb = 0",
                 [](SystemSpec& without) { without.readout_noise_lsb = 0; });
    variants.add(spec.timing.settle_second > 0, "settling", "timing.settle_second = 0",
                 [](SystemSpec& without) { without.timing = {}; });
    variants.add(spec.wire.any(), "wires", "wire.r_row, r_col, r_driver, r_sense = 0",
                 [](SystemSpec& without) {
                     without.wire = {};
                     without.wire.topology = behavioral::Topology::a;
                     without.timing = {};
                 });
}

}  // namespace

std::vector<Variant> ablated_systems(const SystemSpec& spec) {
    Variants variants(spec);
    add_coding(spec, variants);
    add_device(spec, variants);
    return variants.take();
}

}  // namespace mho::flows
