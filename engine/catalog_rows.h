// What catalogs of dialects read their queries with. Internal to dialects.

#ifndef CUPEL_ENGINE_CATALOG_ROWS_H_
#define CUPEL_ENGINE_CATALOG_ROWS_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/value.h"

namespace cupel::engine_internal {

// Of a text (or blob), an integer, a boolean; of other cells "", 0, false.
std::string TextOf(const engine::ValueView& cell);
int64_t IntegerOf(const engine::ValueView& cell);
bool BoolOf(const engine::ValueView& cell);

// Calls `read` with each row.
absl::Status ForEachRow(
    engine::Connection& connection, absl::string_view sql,
    std::initializer_list<engine::ValueView> parameters,
    absl::FunctionRef<void(absl::Span<const engine::ValueView>)> read);

// The first column of all rows.
absl::StatusOr<std::vector<std::string>> ReadTexts(
    engine::Connection& connection, absl::string_view sql,
    std::initializer_list<engine::ValueView> parameters);

// The error for a table or view that is not there.
absl::Status NoSuchTable(const engine::Connection& connection,
                         absl::string_view table);

}  // namespace cupel::engine_internal

#endif  // CUPEL_ENGINE_CATALOG_ROWS_H_
