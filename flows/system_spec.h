// SPDX-License-Identifier: Apache-2.0
// An analog system as a user describes it: how weights become cells, inputs drive them and outputs
// are converted, of which device, behind which wires. Files hold it as TOML
// (docs/formats/system.md, flows/system_toml.h); ranges of all values stand there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "behavioral/adc_circuits.h"
#include "behavioral/card.h"
#include "behavioral/device_model.h"
#include "behavioral/sliced_multiply.h"
#include "flows/layer_ranges.h"

namespace mho::flows {

enum class Products {
    floating,   // the network as it is, in single precision
    quantised,  // by behavioral::SlicedMultiply
};

struct WeightSpec {
    int bits = 8;
    int slice_bits = 0;  // 0: all in one cell
    behavioral::WeightSign sign = behavioral::WeightSign::differential;
    bool two_sided = false;  // pairs: both cells move, in the middle for 0; else one stays lowest
    behavioral::Subtraction subtraction = behavioral::Subtraction::analog;
    behavioral::OffsetRemoval offset_removal = behavioral::OffsetRemoval::digital;
    double percentile = 100;  // percent of a layer's |weights| inside the range; others are clipped
    bool rounded = true;      // to integers; false (one slice only): cells of any state
    bool bias_in_array = false;  // as rows driven at the top of the inputs' range; else digital
};

struct ArraySpec {
    int rows = 0;     // 0: as many as a layer has inputs
    int columns = 0;  // 0: as many as it has outputs; matters for wires and for counting arrays
    behavioral::RowSplit split = behavioral::RowSplit::full;
    int groups = 1;  // of a grouped convolution in one array at most; 0: as many as fit
    int copies = 1;  // of each convolution's arrays, which share its positions
};

struct InputSpec {
    int bits = 8;  // 0: no DAC, inputs drive the array as they are
    int slice_bits = 0;
    // Of layers whose inputs are negative in the calibration images. Others have no sign.
    behavioral::InputSign negative = behavioral::InputSign::magnitude;
    behavioral::SliceSum sum = behavioral::SliceSum::digital;
    double percentile = 100;  // percent of a layer's |inputs| inside the range
    int images = 256;         // that calibrate it, the first of the data set
    std::string file;         // with ranges instead; empty: calibrated
    std::optional<LayerRanges> ranges;
};

enum class AdcRule { none, maximum, granular, calibrated, file };

enum class AdcForm {
    ideal,
    ramp,  // to cyclic: AdcSpec::circuit, of that architecture
    sar,
    pipeline,
    cyclic,
    card,  // the measured converter of a calibrated card
};

struct AdcSpec {
    AdcForm form = AdcForm::ideal;
    AdcRule range = AdcRule::none;  // none: no converter
    int bits = 8;
    double percentile = 100;  // percent of a layer's sums inside a calibrated range, in the middle
    int images = 64;          // that calibrate it, the first of the data set
    bool exact_zero = false;
    bool symmetric = false;             // calibrated or from a file: as far below 0 as above
    std::string file;                   // of AdcRule::file
    std::optional<LayerRanges> ranges;  // in it
    behavioral::AdcCircuit circuit;
    std::string card;                              // a card's file
    std::optional<behavioral::AdcModel> measured;  // of that card

    bool is_circuit() const { return form != AdcForm::ideal && form != AdcForm::card; }
};

struct CellSpec {
    std::string name;                              // of the device; empty: exact cells
    std::optional<behavioral::DeviceModel> model;  // of that name
    double r_min = 0;        // ohm at the highest state; exact cells only, 0: not given
    double on_off = 0;       // highest over lowest state; 0: the device's, or infinite
    double time_second = 0;  // since programming
    std::optional<double> celsius;
    double dose_krad = 0;              // total ionizing dose in silicon
    double error_scale = 1;            // of what states differ from their mean
    double read_noise_scale = 1;       // of its deviation
    bool compensation = false;         // a factor for each layer undoes the mean drift
    int levels = 0;                    // states that can be programmed; 0: as the device
    std::optional<double> stuck_low;   // part of the cells stuck at the lowest state; none: as the
    std::optional<double> stuck_high;  // device; likewise at the highest
    double read_volt = 0.1;            // of the largest input, where the device has an I-V curve
    bool ohmic = false;                // that is not applied
};

struct WireSpec {
    behavioral::Topology topology = behavioral::Topology::a;
    double r_row = 0;  // ohm of a segment from cell to cell
    double r_col = 0;
    double r_driver = 0;
    double r_sense = 0;

    bool any() const { return r_row > 0 || r_col > 0 || r_driver > 0 || r_sense > 0; }
};

// How long the arrays' currents may settle.
struct TimingSpec {
    double settle_second = 0;  // of each slice of the inputs; 0: as long as it takes
    double row_farad = 0;      // of a row's wire at each cell
    double column_farad = 0;   // likewise of a column's
    double cell_farad = 0;     // across a cell
    bool integrates = false;   // read-outs take the mean current of that time, not the last one
};

// Published figures; what is not given is reported as not known.
struct CostSpec {
    std::optional<double> conversion_joule;   // of one conversion
    std::optional<double> slice_second;       // of one slice of the inputs
    std::optional<double> conversion_second;  // that adds to it, 0 where it overlaps
    std::string source;
};

struct SystemSpec {
    std::string name;
    std::string title;
    std::string source;
    std::vector<std::string> notes;  // what a user should know first
    Products products = Products::quantised;
    std::vector<std::string> digital_layers;  // names of nodes, "first" and "last"
    WeightSpec weights;
    ArraySpec array;
    InputSpec inputs;
    AdcSpec adc;
    CellSpec device;
    WireSpec wire;
    TimingSpec timing;
    double readout_noise_lsb = 0;  // rms at each conversion, in steps of the converter
    CostSpec cost;
};

// Throws bad_input "system 'NAME': KEY ..." when values exclude each other.
void check_system(const SystemSpec& spec);

}  // namespace mho::flows
