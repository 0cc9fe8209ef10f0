// Objects as rows: members of structs go to the database as they lie in memory,
// without a statement, a node or a copy for each.
//
//   struct Reading { std::string sensor; double value; };
//   std::vector<Reading> readings = ...;
//   CUPEL_RETURN_IF_ERROR(query::InsertObjects(
//       connection, cache, absl::MakeConstSpan(readings),
//       {query::From(sensor, &Reading::sensor),
//        query::From(value, &Reading::value)}));
//
// For keys that come back, and for expressions as values, see insert_pages.h.

#ifndef CUPEL_QUERY_INSERT_OBJECTS_H_
#define CUPEL_QUERY_INSERT_OBJECTS_H_

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/insert_pages.h"
#include "cupel/query/statement_cache.h"
#include "cupel/query/typed_expr.h"
#include "cupel/schema/schema.h"

namespace cupel::query {

// A column and the place of its value in an object.
struct ObjectColumn {
  const schema::Column* column;  // Null for what is no column of a table.
  const engine::TypeOps* ops;    // of the member
  size_t offset;                 // of the member, in bytes
};

// Objects that lie one after the other.
struct ObjectRows {
  const void* first;
  size_t count;
  size_t stride;  // bytes from one to the next
};

// Inserts `rows` into the table of `columns`, `page_rows` by one statement or
// as many as the database takes of them. Columns that are left out get what
// Insert gives them.
//
// Errors: kInvalidArgument when there is no column, or columns of several
// tables, and for a text that is no UTF-8; kOutOfRange for a value that does
// not fit its column (the object and the column are named; objects of pages
// before are inserted, roll back); those of the database.
absl::Status InsertObjects(
    engine::Connection& connection, StatementCache& cache,
    const ObjectRows& rows, absl::Span<const ObjectColumn> columns,
    size_t page_rows = 100,
    engine::Location origin = engine::Location::Current());

// A column of the objects of type Object.
template <typename Object>
struct MemberColumn {
  const schema::Column* column;
  const engine::TypeOps* ops;
  const void* (*place)(const Object& object, const void* member);
  // The pointer to the member.
  std::shared_ptr<const void> member;
};

// `column` takes its value from `member`, which has its type.
template <typename T, typename Object>
MemberColumn<Object> From(const TypedExpr<T>& column, T Object::*member) {
  using Member = T Object::*;
  return {column.column(), &engine::TypeOpsOf<T>(),
          [](const Object& object, const void* erased) -> const void* {
            return &(object.*(*static_cast<const Member*>(erased)));
          },
          std::make_shared<const Member>(member)};
}

// The same for structs: see From().
template <typename Object>
absl::Status InsertObjects(
    engine::Connection& connection, StatementCache& cache,
    absl::Span<const Object> objects,
    std::initializer_list<MemberColumn<Object>> members, size_t page_rows = 100,
    engine::Location origin = engine::Location::Current()) {
  if (objects.empty()) return absl::OkStatus();
  std::vector<ObjectColumn> columns;
  for (const MemberColumn<Object>& member : members) {
    const void* const place = member.place(objects[0], member.member.get());
    columns.push_back(
        {member.column, member.ops,
         static_cast<size_t>(static_cast<const char*>(place) -
                             reinterpret_cast<const char*>(&objects[0]))});
  }
  return InsertObjects(connection, cache,
                       {objects.data(), objects.size(), sizeof(Object)},
                       columns, page_rows, origin);
}

}  // namespace cupel::query

#endif  // CUPEL_QUERY_INSERT_OBJECTS_H_
