// SPDX-License-Identifier: Apache-2.0
#include "behavioral/card_numbers.h"

#include <fmt/format.h>

#include <initializer_list>
#include <type_traits>
#include <utility>
#include <vector>

#include "behavioral/card_fields.h"

namespace mho::behavioral {
namespace {

class Collector {
  public:
    Collector(std::vector<CardNumber>& out, std::string path) : out_(out), path_(std::move(path)) {}

    template <typename Value>
    void operator()(const char* key, Value& value) {
        const std::string path = fmt::format("{}.{}", path_, key);
        if constexpr (std::is_same_v<Value, double>) {
            out_.push_back({path, &value});
        } else if constexpr (std::is_same_v<Value, std::vector<double>>) {
            for (std::size_t k = 0; k < value.size(); ++k) {
                out_.push_back({fmt::format("{}[{}]", path, k), &value[k]});
            }
        } else if constexpr (std::is_same_v<Value, std::vector<ReadoutDynamics>> ||
                             std::is_same_v<Value, std::vector<MixedDynamics>>) {
            for (std::size_t k = 0; k < value.size(); ++k) {
                Collector inner(out_, fmt::format("{}[{}]", path, k));
                describe(inner, value[k]);
            }
        } else if constexpr (std::is_class_v<Value> && !std::is_same_v<Value, std::string>) {
            Collector inner(out_, path);
            describe(inner, value);
        }
    }
    template <typename Value>
    void optional(const char* key, Value& value, bool is_there) {
        if (is_there) (*this)(key, value);
    }
    static bool any(std::initializer_list<const char*>, bool are_there) { return are_there; }

  private:
    std::vector<CardNumber>& out_;
    std::string path_;
};

template <typename Group>
void collect(std::vector<CardNumber>& out, const char* name, Group& group) {
    Collector collector(out, name);
    describe(collector, group);
}

}  // namespace

std::vector<CardNumber> card_numbers(ModelCard& card) {
    std::vector<CardNumber> out;
    collect(out, "cell", card.cell);
    collect(out, "array", card.array);
    collect(out, "driver", card.driver);
    collect(out, "readout", card.readout);
    collect(out, "energy", card.energy);
    collect(out, "timing", card.timing);
    return out;
}

}  // namespace mho::behavioral
