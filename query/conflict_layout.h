// What the members of an ON CONFLICT clause are, in order: target columns, the
// condition of a partial index, columns and values of SET, a condition. Kept in
// the clause's detail, which is part of the statement's shape.

#ifndef CUPEL_QUERY_CONFLICT_LAYOUT_H_
#define CUPEL_QUERY_CONFLICT_LAYOUT_H_

#include <cstdint>

namespace cupel::query_internal {

struct ConflictLayout {
  bool does_update = false;
  bool with_on_update = false;
  bool has_index_where = false;
  bool has_where = false;
  uint16_t target_columns = 0;
  uint16_t assignments = 0;

  uintptr_t ToDetail() const {
    return (does_update ? 1u : 0u) | (with_on_update ? 2u : 0u) |
           (has_index_where ? 4u : 0u) | (has_where ? 8u : 0u) |
           (static_cast<uintptr_t>(target_columns) << 8) |
           (static_cast<uintptr_t>(assignments) << 24);
  }
  static ConflictLayout FromDetail(uintptr_t detail) {
    return {.does_update = (detail & 1) != 0,
            .with_on_update = (detail & 2) != 0,
            .has_index_where = (detail & 4) != 0,
            .has_where = (detail & 8) != 0,
            .target_columns = static_cast<uint16_t>(detail >> 8),
            .assignments = static_cast<uint16_t>(detail >> 24)};
  }
};

}  // namespace cupel::query_internal

#endif  // CUPEL_QUERY_CONFLICT_LAYOUT_H_
