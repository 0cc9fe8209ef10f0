// BoundParameters: the values of a statement as the database takes them.

#ifndef CUPEL_QUERY_BOUND_PARAMETERS_H_
#define CUPEL_QUERY_BOUND_PARAMETERS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/value.h"
#include "cupel/query/bind_check.h"
#include "cupel/query/compiled.h"
#include "cupel/query/statement.h"

namespace cupel::query {

// The storage values of one execution, in the order of the placeholders.
class BoundParameters {
 public:
  BoundParameters() = default;
  BoundParameters(const BoundParameters&) = delete;
  BoundParameters& operator=(const BoundParameters&) = delete;

  // Takes the values out of `statement`, which has the shape of `compiled`,
  // encodes them, and works out the text if it depends on list lengths. Views
  // point into `statement`, which must outlive this, and into what TakeOwned()
  // hands out.
  //
  // Errors: kInvalidArgument for a named parameter without a value;
  // kResourceExhausted for more values than the database binds; those of
  // CheckBindable; what a
  // codec or a client default reports.
  absl::Status Fill(const Compiled& compiled, const Statement& statement,
                    absl::Span<const ParameterValue> parameters = {});

  absl::string_view sql() const { return sql_; }
  absl::Span<const engine::ValueView> values() const { return values_; }

  // Encoded values that own memory, at stable addresses.
  using Owned = std::vector<std::unique_ptr<engine::BoundValue>>;
  // What must live as long as the statement runs.
  Owned TakeOwned() { return std::move(owned_); }

 private:
  friend class ParameterFiller;

  std::string expanded_;
  absl::string_view sql_;
  absl::InlinedVector<engine::ValueView, 16> values_;
  Owned owned_;
};

}  // namespace cupel::query

#endif  // CUPEL_QUERY_BOUND_PARAMETERS_H_
