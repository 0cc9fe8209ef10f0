// Cupel in one include: mappings, sessions, queries, the database.
//
// The program that docs/tutorial.md explains:
//
//   struct User {
//     int64_t id = 0;
//     std::string username;
//     static constexpr auto Mapping() {
//       using namespace cupel;
//       return Table<User>(Column<&User::id>(PrimaryKey()),
//                          Column<&User::username>(String(80), Unique()));
//     }
//   };
//
//   CUPEL_ASSIGN_OR_RETURN(
//       auto db, cupel::Database::Open({.uri = uri}, cupel::Models<User>()));
//   CUPEL_RETURN_IF_ERROR(db.CreateAll());
//   cupel::Session session = db.NewSession();
//   session.Add(User{.username = "admin"});
//   CUPEL_RETURN_IF_ERROR(session.Commit());
//
// What lies below has includes of its own, which a program that only uses
// models need not compile: cupel/engine/engine.h (connections, pool, events,
// the statement recorder, the catalogue), cupel/schema/schema.h (tables, DDL,
// the inspector), cupel/query/query.h (compiled statements and their cache,
// whole results, bulk inserts), cupel/session/session.h (the erased session).

#ifndef CUPEL_ORM_ORM_H_
#define CUPEL_ORM_ORM_H_

#include "cupel/engine/engine_options.h"  // IWYU pragma: export
#include "cupel/engine/error_info.h"      // IWYU pragma: export
#include "cupel/engine/status_macros.h"   // IWYU pragma: export
#include "cupel/engine/type.h"            // IWYU pragma: export
#include "cupel/engine/type_traits.h"     // IWYU pragma: export
#include "cupel/orm/col.h"                // IWYU pragma: export
#include "cupel/orm/collection.h"         // IWYU pragma: export
#include "cupel/orm/column.h"             // IWYU pragma: export
#include "cupel/orm/config.h"             // IWYU pragma: export
#include "cupel/orm/database.h"           // IWYU pragma: export
#include "cupel/orm/deferred.h"           // IWYU pragma: export
#include "cupel/orm/http_status.h"        // IWYU pragma: export
#include "cupel/orm/load.h"               // IWYU pragma: export
#include "cupel/orm/mapping.h"            // IWYU pragma: export
#include "cupel/orm/member.h"             // IWYU pragma: export
#include "cupel/orm/model.h"              // IWYU pragma: export
#include "cupel/orm/naming.h"             // IWYU pragma: export
#include "cupel/orm/pagination.h"         // IWYU pragma: export
#include "cupel/orm/query.h"              // IWYU pragma: export
#include "cupel/orm/ref.h"                // IWYU pragma: export
#include "cupel/orm/reference.h"          // IWYU pragma: export
#include "cupel/orm/registry.h"           // IWYU pragma: export
#include "cupel/orm/relationship.h"       // IWYU pragma: export
#include "cupel/orm/request_scope.h"      // IWYU pragma: export
#include "cupel/orm/row_query.h"          // IWYU pragma: export
#include "cupel/orm/session.h"            // IWYU pragma: export
#include "cupel/orm/version.h"            // IWYU pragma: export
#include "cupel/query/case.h"             // IWYU pragma: export
#include "cupel/query/execution.h"        // IWYU pragma: export
#include "cupel/query/expr.h"             // IWYU pragma: export
#include "cupel/query/from_item.h"        // IWYU pragma: export
#include "cupel/query/function.h"         // IWYU pragma: export
#include "cupel/query/insert.h"           // IWYU pragma: export
#include "cupel/query/select.h"           // IWYU pragma: export
#include "cupel/query/statement.h"        // IWYU pragma: export
#include "cupel/query/text.h"             // IWYU pragma: export
#include "cupel/query/typed_expr.h"       // IWYU pragma: export
#include "cupel/query/update.h"           // IWYU pragma: export
#include "cupel/query/window.h"           // IWYU pragma: export

#endif  // CUPEL_ORM_ORM_H_
