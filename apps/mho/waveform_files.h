// SPDX-License-Identifier: Apache-2.0
// Results of SPICE runs as files and as a table for people.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "spice/job.h"
#include "spice/request.h"

namespace mho::apps {

enum class WaveformFormat { raw, npz, csv };

// By the name's ending; standard output takes CSV. Throws bad_input for another ending.
WaveformFormat waveform_format(const std::filesystem::path& output);

struct Plot {
    std::string title;
    spice::AnalysisKind kind = spice::AnalysisKind::op;
    spice::Waveforms waveforms;
};

struct WaveformFile {
    std::filesystem::path path;
    std::vector<std::size_t> plots;  // indices of those in it
};

// The files that hold plots of these kinds. One raw file takes any number of them; of the other
// formats each has its own where there are several: out.tran.csv, out.op.csv, out.tran2.csv.
// Throws bad_input for several plots on standard output, and as waveform_format does.
std::vector<WaveformFile> waveform_files(const std::filesystem::path& output,
                                         std::span<const spice::AnalysisKind> kinds);

// The content of a file with these plots; one alone unless the format is raw.
std::string file_content(std::span<const Plot* const> plots, WaveformFormat format);

// One line for each vector, the axis first: points, least, largest and last value; for an operating
// point the value. At most `rows` vectors. Then the measurements.
std::string waveform_table(const spice::Waveforms& waveforms, std::size_t rows = 60);

}  // namespace mho::apps
