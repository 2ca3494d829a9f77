// SPDX-License-Identifier: Apache-2.0
// `mho solve`: arrays in and out of NumPy files.
#include <Eigen/Core>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <cstring>
#include <string>

#include "apps/command.h"
#include "base/file.h"
#include "behavioral/array_nodes.h"
#include "behavioral/effective_matrix.h"
#include "behavioral/gated_nodes.h"
#include "behavioral/gated_nonlinear.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Eigen::MatrixXd;
using namespace mho::test;

namespace {

// An NPY file by hand, so that the program's own writer is not its own judge.
template <typename T, int order>
void write_npy(const std::filesystem::path& path, const MatrixXd& values, const char* type) {
    const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, order> data = values.cast<T>();
    std::string header = std::string("{'descr': '") + type +
                         "', 'fortran_order': " + (order == Eigen::ColMajor ? "True" : "False") +
                         ", 'shape': (" + std::to_string(values.rows()) + ", " +
                         std::to_string(values.cols()) + "), }";
    header.append(117 - header.size(), ' ');
    header += '\n';
    std::string bytes = std::string("\x93NUMPY\x01", 7) + '\0' + 'v' + '\0' + header;
    const std::size_t start = bytes.size();
    bytes.resize(start + static_cast<std::size_t>(data.size()) * sizeof(T));
    if (data.size() > 0) std::memcpy(bytes.data() + start, data.data(), bytes.size() - start);
    mho::write_file(path, bytes);
}

void write_npy(const std::filesystem::path& path, const MatrixXd& values) {
    write_npy<double, Eigen::RowMajor>(path, values, "<f8");
}

// The numbers of an f8 file in C order, and what its header says of the shape.
struct Numbers {
    std::string shape;
    Eigen::VectorXd values;
};
Numbers read_numbers(const std::filesystem::path& path) {
    const std::string bytes = mho::read_file(path);
    REQUIRE(bytes.size() >= 64);
    const std::size_t start = 10 + static_cast<unsigned char>(bytes[8]) +
                              256 * static_cast<std::size_t>(static_cast<unsigned char>(bytes[9]));
    const std::string header = bytes.substr(10, start - 10);
    CHECK_THAT(header, ContainsSubstring("'<f8'") && ContainsSubstring("False"));
    const std::size_t open = header.find('(');
    Numbers numbers{header.substr(open, header.find(')') - open + 1),
                    Eigen::VectorXd(static_cast<Eigen::Index>((bytes.size() - start) / 8))};
    std::memcpy(numbers.values.data(), bytes.data() + start, bytes.size() - start);
    return numbers;
}

struct Example {
    MatrixXd g{8, 5}, v{1, 8}, gates{1, 8};
    Example() {
        for (int i = 0; i < 8; ++i) {
            v(0, i) = ((3 * i + 1) % 8) / 7.0;
            gates(0, i) = i % 3 != 1 ? 1 : 0;
            for (int o = 0; o < 5; ++o) g(i, o) = 0.01 + 0.99 * ((7 * o + 3 * i + o * i) % 17) / 16;
        }
    }
};

std::string solve(const TemporaryFolder& folder, const std::string& options) {
    return "solve --g " + quoted(folder / "g.npy") + " --v " + quoted(folder / "v.npy") + " -o " +
           quoted(folder / "i.npy") + " " + options;
}

ProgramResult run_well(const std::string& command) {
    const ProgramResult result = run_mho(command);
    INFO("stderr: " << result.err);
    REQUIRE(result.exit_code == 0);
    CHECK(result.err.empty());
    return result;
}

}  // namespace

TEST_CASE("solve meets the published currents of an 8 x 5 array with either method") {
    const double published[] = {1.3702987316, 1.9882481062, 1.8186009142, 2.596908221,
                                1.5703657088};
    const TemporaryFolder folder;
    const Example example;
    write_npy(folder / "g.npy", example.g);
    write_npy(folder / "v.npy", example.v);
    const std::string method = GENERATE("exact", "fast --tolerance 1e-11");
    const ProgramResult result =
        run_well(solve(folder, "--r-row 1e-3 --r-col 2e-3 --r-sense 1e-2 --method " + method));
    CHECK_THAT(result.out, ContainsSubstring("8 x 5 cells, 1 input vectors"));
    const Numbers found = read_numbers(folder / "i.npy");
    CHECK(found.shape == "(1, 5)");
    for (int o = 0; o < 5; ++o) CHECK_THAT(found.values(o), WithinAbs(published[o], 6e-11));
}

TEST_CASE("solve meets the published currents of a gated array with either method") {
    const double published[] = {1.9262978344, 2.9327814638, 2.9279188185, 1.9245532624,
                                2.9222945085};
    const TemporaryFolder folder;
    const Example example;
    write_npy(folder / "g.npy", example.g);
    write_npy<std::uint8_t, Eigen::RowMajor>(folder / "v.npy", example.gates, "|u1");
    const std::string method = GENERATE("exact", "fast");
    run_well(solve(folder, "--r-row 1e-3 --r-col 2e-3 --topology B --v-read 1 --method " + method));
    const Numbers found = read_numbers(folder / "i.npy");
    for (int o = 0; o < 5; ++o) CHECK_THAT(found.values(o), WithinAbs(published[o], 6e-11));
}

TEST_CASE("solve takes single precision and Fortran order") {
    const TemporaryFolder folder;
    const Example example;
    write_npy<float, Eigen::ColMajor>(folder / "g.npy", example.g, "<f4");
    write_npy<double, Eigen::ColMajor>(folder / "v.npy", example.v.replicate(3, 1), "<f8");
    run_well(solve(folder, "--r-row 0 --r-col 0"));
    const Numbers found = read_numbers(folder / "i.npy");
    CHECK(found.shape == "(3, 5)");
    const Eigen::VectorXd ideal = (example.v * example.g).transpose();
    CHECK((found.values.tail(5) - ideal).cwiseAbs().maxCoeff() < 1e-6);
    CHECK((found.values.tail(5) - ideal).cwiseAbs().maxCoeff() > 0);
}

TEST_CASE("solve writes node voltages and the effective matrix") {
    const TemporaryFolder folder;
    const Example example;
    write_npy(folder / "g.npy", example.g);
    MatrixXd volts = example.v.replicate(2, 1);
    volts.row(1) *= -2;
    write_npy(folder / "v.npy", volts);
    const std::string method = GENERATE("exact", "fast --tolerance 1e-11");
    run_well(solve(folder, "--r-row 0.1 --r-col 0.2 --r-driver 0.3 --method " + method +
                               " --nodes-row " + quoted(folder / "u.npy") + " --nodes-col " +
                               quoted(folder / "w.npy") + " --effective " +
                               quoted(folder / "e.npy")));
    const mho::behavioral::ArrayModel model{8, 5, 0.1, 0.2, 0.3, 0};
    const auto expected = mho::behavioral::solve_nodes(example.g, model, volts);
    const Numbers u = read_numbers(folder / "u.npy"), w = read_numbers(folder / "w.npy");
    CHECK(u.shape == "(2, 8, 5)");
    CHECK(w.shape == "(2, 8, 5)");
    const Numbers effective = read_numbers(folder / "e.npy");
    CHECK(effective.shape == "(8, 5)");
    const MatrixXd map = mho::behavioral::array_response(example.g, model).column_ampere_per_volt;
    for (Eigen::Index i = 0; i < 8; ++i) {
        for (Eigen::Index j = 0; j < 5; ++j) {
            const Eigen::Index at = 40 + 5 * i + j;
            CHECK_THAT(u.values(at), WithinAbs(expected[1].row_volt(i, j), 1e-10));
            CHECK_THAT(w.values(at), WithinAbs(expected[1].column_volt(i, j), 1e-10));
            CHECK_THAT(effective.values(5 * i + j), WithinAbs(map(i, j), 1e-12));
        }
    }
}

TEST_CASE("solve takes the cells of topology C in turn") {
    const TemporaryFolder folder;
    const Example example;
    write_npy(folder / "g.npy", example.g);
    const MatrixXd gates{{1, 0, 1, 1}};
    write_npy(folder / "v.npy", gates);
    const MatrixXd positive = example.g(Eigen::seq(0, 7, 2), Eigen::all);
    const MatrixXd negative = example.g(Eigen::seq(1, 7, 2), Eigen::all);
    const std::string method = GENERATE("exact", "fast");
    const std::string row = GENERATE("0", "1e-2");
    const ProgramResult result = run_well(solve(
        folder, "--topology C --v-read 0.5 --r-col 1e-2 --r-row " + row + " --method " + method));
    if (method == "fast") CHECK_THAT(result.out, ContainsSubstring("recurrence"));
    const mho::behavioral::ArrayModel model{4, 5, std::stod(row), 1e-2, 0, 0};
    const auto expected = mho::behavioral::solve_interleaved(positive, negative, model, gates, 0.5);
    const Numbers found = read_numbers(folder / "i.npy");
    CHECK((found.values - expected[0].column_ampere).cwiseAbs().maxCoeff() < 1e-13);
}

TEST_CASE("solve takes non-linear cells and wires with two ends") {
    using namespace mho::behavioral;
    const TemporaryFolder folder;
    const Example example;
    const MatrixXd bent = 0.4 * example.g, steep = 2 * example.g;
    write_npy(folder / "g.npy", example.g);
    write_npy(folder / "v.npy", example.v);
    write_npy(folder / "a3.npy", steep);
    write_npy(folder / "a2.npy", bent);
    const ArrayModel model{8, 5, 0.01, 0.02, 0.03, 0.04};
    const std::string wires = "--r-row 0.01 --r-col 0.02 --r-driver 0.03 --r-sense 0.04 ";
    const std::string laws =
        "--quadratic " + quoted(folder / "a2.npy") + " --cubic " + quoted(folder / "a3.npy") + " ";
    const std::string method = GENERATE("--method exact", "--method fast --tolerance 1e-10");
    const ProgramResult result =
        run_well(solve(folder, wires + laws + "--drive-ends both --sense-ends both " + method));
    if (method != "--method exact") CHECK_THAT(result.out, ContainsSubstring("Newton steps"));
    const auto expected =
        solve_nonlinear(PolynomialCells{example.g, bent, steep},
                        regular_circuit(model, Ends::both, Ends::both), example.v);
    const Numbers found = read_numbers(folder / "i.npy");
    CHECK((found.values - expected[0].column_ampere).cwiseAbs().maxCoeff() < 1e-9);
    // Gates, and another law.
    write_npy(folder / "v.npy", example.gates);
    run_well(solve(folder, wires + "--sinh 0.3 --topology B --v-read 0.5 " + method +
                               " --nodes-col " + quoted(folder / "w.npy")));
    const auto gated = solve_gated_nonlinear(SinhCells{example.g, 0.3}, model, example.gates, 0.5);
    CHECK((read_numbers(folder / "i.npy").values - gated.column_ampere.row(0).transpose())
              .cwiseAbs()
              .maxCoeff() < 1e-5);
    CHECK(read_numbers(folder / "w.npy").shape == "(1, 8, 5)");
    write_npy(folder / "v.npy", MatrixXd(example.gates.leftCols(4)));
    run_well(solve(folder, wires + laws + "--topology C --v-read 0.5"));
    CHECK(read_numbers(folder / "i.npy").shape == "(1, 5)");
}

TEST_CASE("solve takes every segment's resistance from a file, in all topologies") {
    using namespace mho::behavioral;
    const TemporaryFolder folder;
    const Example example;
    const std::string method = GENERATE("exact", "fast");
    const std::string options = "--sense-ends both --r-driver 0.3 --r-sense 0.4 --r-row " +
                                quoted(folder / "row.npy") + " --r-col " +
                                quoted(folder / "column.npy") + " --method " + method;
    write_npy(folder / "g.npy", example.g);
    write_npy(folder / "v.npy", example.v);
    const MatrixXd one_row{{0.01, 0.02, 0, 0.04, 0.05}};
    const MatrixXd columns =
        MatrixXd::NullaryExpr(5, 9, [](int j, int i) { return 0.01 * (1 + (3 * i + j) % 4); });
    write_npy(folder / "row.npy", one_row);
    write_npy(folder / "column.npy", columns);
    ArrayCircuit circuit(ArrayModel{8, 5, 0, 0, 0, 0});
    circuit.row.first_ohm.setConstant(0.31);
    circuit.row.between_ohm = one_row.rightCols(4).replicate(8, 1);
    circuit.column.first_ohm = columns.col(0).array() + 0.4;
    circuit.column.between_ohm = columns.middleCols(1, 7);
    circuit.column.last_ohm = columns.col(8).array() + 0.4;
    run_well(solve(folder, options + " --tolerance 1e-11 --effective " + quoted(folder / "e.npy")));
    const auto expected = solve_nodes(example.g, circuit, example.v);
    CHECK(
        (read_numbers(folder / "i.npy").values - expected[0].column_ampere).cwiseAbs().maxCoeff() <
        1e-9);
    const Numbers effective = read_numbers(folder / "e.npy");
    REQUIRE(effective.shape == "(8, 5)");
    for (int j = 0; j < 5; ++j) {
        double sum = 0;
        for (int i = 0; i < 8; ++i) sum += example.v(0, i) * effective.values(5 * i + j);
        CHECK_THAT(sum, WithinAbs(expected[0].column_ampere(j), 1e-10));
    }
    // Source lines stand beside the bitlines, with one segment per row.
    const MatrixXd sources = columns.leftCols(8).reverse();
    write_npy(folder / "row.npy", sources);
    write_npy(folder / "v.npy", example.gates);
    GatedCircuit gated(ArrayModel{8, 5, 0, 0, 0, 0});
    gated.source.first_ohm = sources.col(0).array() + 0.3;
    gated.source.between_ohm = sources.rightCols(7);
    gated.bitline = circuit.column;
    run_well(solve(folder,
                   options + " --topology B --v-read 0.5 --nodes-row " + quoted(folder / "u.npy")));
    const auto gated_expected = solve_gated(example.g, gated, example.gates, 0.5);
    CHECK((read_numbers(folder / "i.npy").values - gated_expected[0].column_ampere)
              .cwiseAbs()
              .maxCoeff() < 1e-12);
    CHECK_THAT(read_numbers(folder / "u.npy").values(39),
               WithinAbs(gated_expected[0].source_volt(7, 4), 1e-12));
}

TEST_CASE("solve refuses what makes no sense in one line") {
    const TemporaryFolder folder;
    const Example example;
    write_npy(folder / "g.npy", example.g);
    write_npy(folder / "v.npy", example.v);
    const auto refused = [&](const std::string& options, const std::string& text) {
        CAPTURE(options);
        check_refused(run_mho(solve(folder, options)), text);
        CHECK_FALSE(std::filesystem::exists(folder / "i.npy"));
    };
    const std::string wires = "--r-row 1 --r-col 1 ";
    refused("--r-row 1", "--r-col");
    refused("--r-row 1 --r-col -1", "column_segment_ohm is -1");
    refused("--r-row nan --r-col 1", "row_segment_ohm is nan");
    refused(wires + "--topology D", "--topology");
    refused(wires + "--method slow", "--method");
    refused(wires + "--method fast --tolerance 0", "--tolerance is 0");
    refused(wires + "--tolerance nan", "--tolerance is nan");
    refused("--r-row '' --r-col 1", "--r-row");
    refused("--r-row 1e-310 --r-col 1", "expected 0 or at least 1e-300");
    refused(wires + "--v-read 1", "--v-read is for topology B and C");
    refused(wires + "--topology B", "--v-read is missing");
    refused(wires + "--topology B --v-read 1", "expected 0 or 1");
    refused(wires + "--topology B --v-read 1 --effective e.npy", "--effective");
    refused(wires + "--sinh 0", "v0 is 0");
    refused(wires + "--sinh 1 --cubic " + quoted(folder / "g.npy"), "another cell law");
    refused(wires + "--cubic " + quoted(folder / "v.npy"), "cubic coefficients: 1 x 8");
    refused(wires + "--sinh 1 --effective e.npy", "--effective: only ohmic cells");
    refused("--r-row 1 --r-col 1e999", "--r-col: 1e999 is beyond the range");
    refused("--r-row 1 --r-col none.npy", "none.npy");
    write_npy(folder / "r.npy", MatrixXd::Ones(2, 5));
    refused("--r-col 1 --r-row " + quoted(folder / "r.npy"),
            "2 x 5 resistances, expected 5 segments, of one wire or of each of 8");
    write_npy(folder / "r.npy", MatrixXd::Constant(1, 5, -2));
    refused("--r-col 1 --r-row " + quoted(folder / "r.npy"), "row wire 0, segment 0 is -2");
    refused(wires + "--topology C --v-read 1", "expected one per row of the array (4)");
    refused(wires + "--nodes-row " + quoted(folder / "i.npy"), "written twice");
    write_npy(folder / "v.npy", example.v.leftCols(7));
    refused(wires, "expected one per row of the array (8)");
    write_npy(folder / "g.npy", -example.g);
    refused(wires, "expected a finite value >= 0 siemens");
    mho::write_file(folder / "g.npy", "no array");
    refused(wires, "not an NPY file");
    check_refused(
        run_mho("solve --g " + quoted(folder / "v.npy") + " --v " + quoted(folder / "v.npy") +
                " -o " + quoted(folder / "v.npy") + " " + wires),
        "would be overwritten");
}

TEST_CASE("solve refuses arrays that are none, whatever is wrong with the file") {
    const TemporaryFolder folder;
    const Example example;
    write_npy(folder / "v.npy", example.v);
    const std::string method = GENERATE("exact", "fast");
    const auto refused = [&](const std::string& text) {
        check_refused(run_mho(solve(folder, "--r-row 1 --r-col 1 --method " + method)), text);
        CHECK_FALSE(std::filesystem::exists(folder / "i.npy"));
    };
    MatrixXd odd = example.g;
    for (const double value : {std::nan(""), HUGE_VAL, -1e-6}) {
        odd(3, 2) = value;
        write_npy(folder / "g.npy", odd);
        refused("row 3, column 2 is");
    }
    write_npy(folder / "g.npy", MatrixXd(0, 5));
    refused("expected");
    write_npy<std::uint16_t, Eigen::RowMajor>(folder / "g.npy", example.g, "<f2");
    refused("'<f2' is not supported");
    write_npy<double, Eigen::RowMajor>(folder / "g.npy", example.g, ">f8");
    refused("'>f8' is not supported");
    write_npy(folder / "g.npy", example.g);
    const std::string whole = mho::read_file(folder / "g.npy");
    for (const std::size_t kept :
         {std::size_t{0}, std::size_t{7}, std::size_t{60}, whole.size() - 1}) {
        mho::write_file(folder / "g.npy", whole.substr(0, kept));
        refused("NPY");
    }
    write_npy(folder / "g.npy", example.g);
    odd = example.v;
    odd(0, 4) = HUGE_VAL;
    write_npy(folder / "v.npy", odd);
    refused("finite");
}
