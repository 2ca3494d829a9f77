// SPDX-License-Identifier: Apache-2.0
#include "netlist/deck_elements.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "netlist/deck_stimulus.h"
#include "netlist/expression.h"
#include "netlist/word_text.h"

namespace mho::netlist {
namespace {

bool is_one_word(std::string_view text) {
    return !text.empty() && (is_letter(text.front()) || text.front() == '_') &&
           std::all_of(text.begin(), text.end(), is_word);
}

// Copies an expression word by word.
class ExpressionReader {
  public:
    ExpressionReader(const Card& card, const Scope& scope) : card_(card), scope_(scope) {}

    std::string read(std::string_view text) {
        std::string result;
        for (std::size_t at = 0; at < text.size();) {
            const char c = text[at];
            if (c == '{' || c == '\'') {
                at = copy_group(result, text, at);
            } else if (is_digit(c) || c == '.') {
                const std::size_t end = number_end(text, at);
                result += text.substr(at, end - at);
                at = end;
            } else if (is_letter(c) || c == '_') {
                at = copy_word(result, text, at);
            } else {
                result += c;
                ++at;
            }
        }
        return result;
    }

  private:
    // "{w}" is w, "{2*w}" is (2*w).
    std::size_t copy_group(std::string& result, std::string_view text, std::size_t at) {
        const char close = text[at] == '{' ? '}' : text[at];
        const std::size_t end = text.find(close, at + 1);
        if (end == std::string_view::npos || ++depth_ > kDeepest) {
            card_.fail(fmt::format("found '{}' in an expression without its end", text[at]));
        }
        const std::string_view inner = text.substr(at + 1, end - at - 1);
        result += is_one_word(inner) ? read(inner) : fmt::format("({})", read(inner));
        --depth_;
        return end + 1;
    }

    std::size_t copy_word(std::string& result, std::string_view text, std::size_t at) {
        std::size_t end = at;
        while (end < text.size() && is_word(text[end])) ++end;
        const std::string_view word = text.substr(at, end - at);
        const std::size_t next = text.find_first_not_of(' ', end);
        const bool call = next != std::string_view::npos && text[next] == '(';
        if (call && (word == "v" || word == "i")) {
            result.append(word).append("(");
            return copy_names(result, text, next + 1);
        }
        const auto number = scope_.numbers.find(word);
        if (call || scope_.is_parameter(word) || number == scope_.numbers.end()) {
            result += word;
        } else {
            const std::string value = number_text(number->second);
            result += number->second < 0 ? fmt::format("({})", value) : value;
        }
        return end;
    }

    // The names up to the parenthesis that closes, which is left to the caller.
    static std::size_t copy_names(std::string& result, std::string_view text, std::size_t at) {
        constexpr std::string_view kNameEnds = " ,()";
        while (at < text.size() && text[at] != ')' && text[at] != '(') {
            if (text[at] == ' ' || text[at] == ',') {
                result += text[at++];
                continue;
            }
            const std::size_t end = std::min(text.find_first_of(kNameEnds, at), text.size());
            result += net_name_of(text.substr(at, end - at));
            at = end;
        }
        return at;
    }

    static constexpr int kDeepest = 16;
    const Card& card_;
    const Scope& scope_;
    int depth_ = 0;
};

int take_count(Card& card, const Scope& scope, const Token& key) {
    const Token token = card.peek();
    const double number = take_number(card, scope, "a whole number");
    if (!(number >= 1 && number <= 1e6 && number == std::floor(number))) {
        card.fail(token, fmt::format("{} is {}, expected a whole number from 1 to 1000000",
                                     key.text, number_text(number)));
    }
    return static_cast<int>(number);
}

}  // namespace

std::string expression_of(const Card& card, std::string_view text, const Scope& scope) {
    std::string lower = lower_case(text);
    std::replace(lower.begin(), lower.end(), '\t', ' ');
    std::string_view whole = lower;
    while (whole.ends_with(' ')) whole.remove_suffix(1);
    while (whole.starts_with(' ')) whole.remove_prefix(1);
    // 'expression' and {expression}, which many simulators want, add nothing.
    if (whole.size() > 2) {
        const char open = whole.front();
        const char close = open == '{' ? '}' : open;
        const bool wrapped =
            (open == '{' || open == '\'') && whole.find(close, 1) == whole.size() - 1;
        const std::string_view inner = whole.substr(1, whole.size() - 2);
        if (wrapped && !is_one_word(inner)) whole = inner;
    }
    return ExpressionReader(card, scope).read(whole);
}

ElementReader::ElementReader(Circuit& circuit, NetNames names, Scope scope, FindDefinition find)
    : circuit_(circuit),
      names_(std::move(names)),
      scope_(std::move(scope)),
      find_(std::move(find)) {
    scope_.circuit = &circuit_;
}

void ElementReader::add(const SourceLine& line, std::string_view where) {
    Card card(line, where);
    const Token first = card.take();
    const std::string& name = first.text;
    const char kind = name.empty() ? ' ' : name.front();
    const bool known = first.kind == Token::Kind::word &&
                       std::string_view("rcvimbanx").find(kind) != std::string_view::npos;
    if (!known) {
        card.fail(first, fmt::format("element '{}' of kind '{}' is not supported here, expected r, "
                                     "c, v, i, b, a, n, m or x",
                                     name, kind));
    }
    if (!is_spice_name(name)) {
        card.fail(first, fmt::format("found the device name '{}', expected only letters, digits "
                                     "and _ in it",
                                     name));
    }
    switch (kind) {
        case 'r':
        case 'c':
            return passive(card, name);
        case 'v':
        case 'i':
            return source(card, name);
        case 'm':
            return mosfet(card, name);
        case 'b':
            return behavioural(card, name);
        case 'a':
            return code_model(card, name);
        case 'n':
            return compiled_model(card, name);
        default:
            return instance(card, name);
    }
}

NetId ElementReader::take_net(Card& card) {
    const Token token = card.take_word("a net");
    return net_of(card, token, token.text);
}

NetId ElementReader::net_of(Card& card, const Token& token, std::string_view net) {
    const std::string name = names_.add(std::string(net));
    if (name.empty()) {
        card.fail(token, fmt::format("the net '{}' and another one would both be '{}' here, "
                                     "expected different names",
                                     net, net_name_of(net)));
    }
    return card.located([&] { return circuit_.net(name); });
}

ElementReader::TwoPins ElementReader::take_pair(Card& card) {
    const NetId plus = take_net(card);
    return {plus, take_net(card)};
}

void ElementReader::passive(Card& card, const std::string& name) {
    const TwoPins pins = take_pair(card);
    const char kind = name.front();
    const std::string_view what = kind == 'r' ? "a resistance" : "a capacitance";
    if (card.peek().text == std::string(1, kind) && card.peek(1).is('=')) {
        (void)card.take();
        (void)card.take();
    }
    const Value value = take_value(card, scope_, what);
    card.expect_end();
    card.located([&] {
        if (kind == 'r') return circuit_.resistor(name, pins.plus, pins.minus, value);
        circuit_.capacitor(name, pins.plus, pins.minus, value);
    });
}

void ElementReader::source(Card& card, const std::string& name) {
    const TwoPins pins = take_pair(card);
    Stimulus stimulus = take_stimulus(card, scope_);
    card.located([&] {
        if (name.front() == 'v') {
            circuit_.voltage_source(name, pins.plus, pins.minus, std::move(stimulus));
        } else {
            circuit_.current_source(name, pins.plus, pins.minus, std::move(stimulus));
        }
    });
}

void ElementReader::mosfet(Card& card, const std::string& name) {
    MosPins pins;
    pins.drain = take_net(card);
    pins.gate = take_net(card);
    pins.source = take_net(card);
    pins.bulk = take_net(card);
    if (card.peek(1).is('=')) card.fail_expected(card.peek(), "a model");
    const Token model = card.take_word("a model");
    MosSize size{.width_m = 0.0, .length_m = 0.0};
    while (!card.done()) {
        const Token key = card.take_word("w=, l=, nf=, m= or delvto=");
        card.expect_symbol('=', fmt::format("'=' behind '{}'", key.text));
        if (key.text == "w") {
            size.width_m = take_value(card, scope_, "a width");
        } else if (key.text == "l") {
            size.length_m = take_value(card, scope_, "a length");
        } else if (key.text == "nf") {
            size.fingers = take_count(card, scope_, key);
        } else if (key.text == "m") {
            size.multiplier = take_count(card, scope_, key);
        } else if (key.text == "delvto") {
            size.threshold_shift_volt = take_value(card, scope_, "a threshold shift");
        } else {
            card.fail(key, fmt::format("the parameter '{}' of a transistor is not supported here, "
                                       "expected w, l, nf, m or delvto",
                                       key.text));
        }
    }
    card.located([&] { circuit_.mosfet(name, pins, model.text, std::move(size)); });
}

// Nets up to the first "name=" or "params:", the last of which is what is called.
ElementReader::Called ElementReader::take_call(Card& card, std::string_view expected) {
    std::size_t words = 0;
    while (card.peek(words).kind == Token::Kind::word && card.peek(words).text != "params:" &&
           !card.peek(words + 1).is('=')) {
        ++words;
    }
    if (words == 0) card.fail_expected(card.peek(), expected);
    Called call;
    for (std::size_t k = 0; k + 1 < words; ++k) call.nets.push_back(take_net(card));
    call.used = card.take();
    if (card.peek().text == "params:") (void)card.take();
    while (!card.done()) {
        const Token key = card.take_word("a parameter");
        card.expect_symbol('=', fmt::format("'=' behind '{}'", key.text));
        call.parameters.push_back({key.text, take_value(card, scope_, "a value")});
    }
    return call;
}

void ElementReader::instance(Card& card, const std::string& name) {
    Called call = take_call(card, "nets and a subcircuit");
    Definition definition = find_(call.used.text);
    if (!definition) {
        card.fail(call.used, fmt::format("found no .subckt '{}' in this deck; included files are "
                                         "not searched for it",
                                         call.used.text));
    }
    card.located([&] {
        circuit_.instance(name, std::move(definition), std::move(call.nets),
                          std::move(call.parameters));
    });
}

// "n1 a b model p=1": which pins and parameters a compiled model has only ngspice knows.
void ElementReader::compiled_model(Card& card, const std::string& name) {
    Called call = take_call(card, "nets and a model");
    card.located([&] {
        circuit_.compiled_model(name, std::move(call.nets), call.used.text,
                                std::move(call.parameters));
    });
}

// "a1 [a b] c null model"; the brackets may stand alone.
void ElementReader::code_model(Card& card, const std::string& name) {
    std::vector<CodePort> ports;
    std::vector<NetId> vector;
    bool inside = false;
    while (inside || card.peek(1).kind != Token::Kind::end) {
        const Token token = card.take_word(inside ? "']' behind the nets of a vector" : "a model");
        std::string_view word = token.text;
        if (word.find_first_of("~%") != std::string_view::npos) {
            card.fail(token, fmt::format("'{}' of a code model is not supported here, expected "
                                         "nets without '~' and '%'",
                                         word));
        }
        if (word.starts_with('[')) {
            if (inside) card.fail(token, "found '[' inside a vector of nets, expected ']'");
            inside = true;
            word.remove_prefix(1);
        }
        const bool ends = word.ends_with(']');
        if (ends) word.remove_suffix(1);
        if (!inside && ends) card.fail(token, "found ']', expected '[' before it");
        if (!inside && word == "null") {
            ports.emplace_back();
        } else if (!word.empty()) {
            const NetId net = net_of(card, token, word);
            if (!inside) ports.emplace_back(net);
            if (inside) vector.push_back(net);
        }
        if (!ends) continue;
        ports.push_back(CodePort::vector(std::exchange(vector, {})));
        inside = false;
    }
    const Token model = card.take_word("a model");
    card.located([&] { circuit_.code_model(name, ports, model.text); });
}

void ElementReader::behavioural(Card& card, const std::string& name) {
    const TwoPins pins = take_pair(card);
    const Token key = card.take_word("v= or i=");
    if (key.text != "v" && key.text != "i") card.fail_expected(key, "v= or i=");
    card.expect_symbol('=', fmt::format("'=' behind '{}'", key.text));
    const auto kind =
        key.text == "v" ? BehaviouralSource::Kind::voltage : BehaviouralSource::Kind::current;
    Waiting one{card, name, pins, kind, expression_of(card, card.rest(), scope_)};
    const ExpressionReads reads = scan_expression(one.expression);
    card.located([&] {
        for (const std::string& net : reads.nets) (void)circuit_.net(net);
    });
    const auto missing = [&](const std::string& read) { return !circuit_.has_device(read); };
    if (std::any_of(reads.sources.begin(), reads.sources.end(), missing)) {
        waiting_.push_back(std::move(one));
    } else {
        add_behavioural(one);
    }
}

void ElementReader::add_behavioural(const Waiting& one) {
    one.card.located([&] {
        if (one.kind == BehaviouralSource::Kind::voltage) {
            circuit_.behavioural_voltage(one.name, one.pins.plus, one.pins.minus, one.expression);
        } else {
            circuit_.behavioural_current(one.name, one.pins.plus, one.pins.minus, one.expression);
        }
    });
}

void ElementReader::add_waiting() {
    for (const Waiting& one : waiting_) add_behavioural(one);
    waiting_.clear();
}

}  // namespace mho::netlist
