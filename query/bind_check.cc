#include "cupel/query/bind_check.h"

#include <cmath>
#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/utf8.h"
#include "cupel/query/node.h"

namespace cupel::query {
namespace {

using engine::ErrorKind;
using engine::ValueKind;

absl::Status Invalid(absl::string_view what) {
  return engine::MakeError(ErrorKind::kInvalidValue, what);
}

absl::Status CheckText(absl::string_view text,
                       const engine::Capabilities& capabilities) {
  if (const size_t bad = engine::FindInvalidUtf8(text);
      bad != absl::string_view::npos) {
    return Invalid(absl::StrCat("a text is not valid UTF-8 at byte ", bad,
                                "; bind bytes as a binary value"));
  }
  if (!capabilities.keeps_nul_in_text) {
    if (const size_t nul = text.find('\0'); nul != absl::string_view::npos) {
      return Invalid(absl::StrCat("a text holds NUL at byte ", nul,
                                  ", which the database would cut; bind it as "
                                  "a binary value"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<engine::ValueView> ValueOfBind(
    const query_internal::Node& bind,
    absl::Span<const ParameterValue> parameters) {
  if (bind.text().empty()) return bind.values()[0];
  for (const ParameterValue& parameter : parameters) {
    if (parameter.name == bind.text()) return parameter.value.view();
  }
  return std::nullopt;
}

absl::Status CheckParameters(
    absl::Span<const query_internal::Node* const> binds,
    absl::Span<const ParameterValue> parameters) {
  for (const query_internal::Node* bind : binds) {
    if (bind->text().empty() || ValueOfBind(*bind, parameters).has_value()) {
      continue;
    }
    return Invalid(absl::StrCat("the statement's parameter \"",
                                absl::CHexEscape(bind->text()),
                                "\" has no value; give it one"));
  }
  return absl::OkStatus();
}

absl::Status CheckBindable(const engine::ValueView& logical,
                           const engine::Capabilities& capabilities) {
  switch (logical.kind()) {
    case ValueKind::kText:
    case ValueKind::kJson:
      return CheckText(logical.bytes(), capabilities);
    case ValueKind::kDouble:
      if (!capabilities.keeps_non_finite &&
          !std::isfinite(logical.double_value())) {
        return Invalid(
            "the database does not keep numbers that are not finite");
      }
      if (!capabilities.keeps_non_finite && logical.double_value() == 0 &&
          std::signbit(logical.double_value())) {
        return Invalid("the database does not keep the sign of -0.0; bind 0.0");
      }
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

}  // namespace cupel::query
