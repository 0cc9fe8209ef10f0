// Bound values on their way to the server, in the binary format of the type
// that the server expects for each.
//
// Text is never left to the server to interpret where it could mean something
// else (a date, "now"); nothing passes through a double that is not one.

#ifndef CUPEL_ENGINE_DIALECTS_POSTGRESQL_PARAMETERS_H_
#define CUPEL_ENGINE_DIALECTS_POSTGRESQL_PARAMETERS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/json_array.h"
#include "cupel/engine/value.h"

namespace cupel::postgresql_internal {

// The largest message that the protocol takes, and the largest value.
inline constexpr size_t kMaxMessageBytes = (size_t{1} << 30) - 1024;

// The protocol counts 65,535 parameters, but libpq takes a description of more
// than 30,000 bytes, four for each, for garbage and closes the connection.
inline constexpr size_t kMaxParameters = 7400;

// Used again and again for the executions of one statement. Thread-compatible.
class Parameters {
 public:
  // Encodes one row. The result points into `values` for long texts: it is
  // valid while these are and until the next call. Errors: kInvalidValue for a
  // kind that does not go with the type, NUL in text and text that is not
  // UTF-8; kTooBig for what the type cannot hold or a message cannot carry.
  // Messages name the position of the parameter, never its value. Requires: as
  // many types as values.
  absl::Status Encode(absl::Span<const engine::ValueView> values,
                      absl::Span<const TypeId> types);

  int size() const { return static_cast<int>(pointers_.size()); }
  const char* const* pointers() const { return pointers_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }
  size_t total_bytes() const { return total_bytes_; }

 private:
  absl::Status EncodeOne(const engine::ValueView& value, TypeId type);
  absl::Status EncodeText(const engine::ValueView& value, TypeId type);
  absl::Status EncodeTextAs(absl::string_view text, TypeId type);
  absl::Status EncodeInteger(int64_t value, TypeId type);
  absl::Status EncodeDouble(double value, TypeId type);
  absl::Status EncodeDecimal(const engine::Decimal& value, TypeId type);
  // A JSON array as an array of `element`.
  absl::Status EncodeArray(absl::string_view json, TypeId element);
  absl::Status EncodeElement(const engine::JsonScalar& value, TypeId element);
  absl::Status EncodeTextElement(const std::string& text, TypeId element);
  absl::Status EncodeMoment(const engine::ValueView& value, TypeId type);
  // The value is what follows `buffer_start_` in the buffer.
  void Keep();
  // The value is what somebody else keeps.
  void Point(absl::string_view bytes, bool binary = true);
  void PointNull();

  std::vector<const char*> pointers_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<size_t> offsets_;  // in buffer_, or kElsewhere
  std::string buffer_;
  size_t buffer_start_ = 0;
  size_t total_bytes_ = 0;
};

// The type to declare a parameter as when the server took it for text for want
// of anything better, but `value` says more. kUnspecifiedId: text is right.
TypeId TypeFor(const engine::ValueView& value);

}  // namespace cupel::postgresql_internal

#endif  // CUPEL_ENGINE_DIALECTS_POSTGRESQL_PARAMETERS_H_
