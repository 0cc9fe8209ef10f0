// The checks that every value passes on its way to the database, so that what a
// database would cut, clip or turn into NULL is refused instead.

#ifndef CUPEL_QUERY_BIND_CHECK_H_
#define CUPEL_QUERY_BIND_CHECK_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/value.h"
#include "cupel/query/node.h"

namespace cupel::engine {
struct Capabilities;
}  // namespace cupel::engine

namespace cupel::query {

// A value for a named Parameter().
struct ParameterValue {
  absl::string_view name;
  engine::Value value;
};

// The value of a bind; none for a named parameter that is not among
// `parameters`.
std::optional<engine::ValueView> ValueOfBind(
    const query_internal::Node& bind,
    absl::Span<const ParameterValue> parameters);

// Whether each named parameter has a value. Errors: kInvalidArgument, with the
// name of the first that has none.
absl::Status CheckParameters(
    absl::Span<const query_internal::Node* const> binds,
    absl::Span<const ParameterValue> parameters);

// Whether `logical` may be bound anywhere. (What a column takes is
// engine::CheckFits.)
//
// Errors: kInvalidArgument for text that is not UTF-8 (with the offset of the
// first bad byte), for NUL in text where the database cuts there, and for a
// number that is not finite where the database does not keep it. No message
// holds the value.
absl::Status CheckBindable(const engine::ValueView& logical,
                           const engine::Capabilities& capabilities);

}  // namespace cupel::query

#endif  // CUPEL_QUERY_BIND_CHECK_H_
