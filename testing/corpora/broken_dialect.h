// A dialect that handles texts as careless libraries do: what finds injections
// has to find these.
//
//   auto dialect = BrokenDialect({.literal = [](absl::string_view text) {
//     return absl::StrCat("'", text, "'");
//   }});
//   Engine::Create({.uri = MemoryUrl(), .dialect = dialect});

#ifndef CUPEL_TESTING_CORPORA_BROKEN_DIALECT_H_
#define CUPEL_TESTING_CORPORA_BROKEN_DIALECT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"

namespace cupel::testing {

// What is broken; nothing where a member is empty. Functions must be
// thread-safe.
struct Breakage {
  using Rewrite = std::function<std::string(absl::string_view)>;

  // Makes of a text what stands for it in DDL; nothing else is written so.
  Rewrite ddl_literal;
  // Bound values are not bound but written into the statement, texts as this
  // makes them.
  Rewrite literal;
  // Of the text of each statement, before it reaches the database.
  Rewrite sql;
  // Of each bound text.
  Rewrite parameter;
  // Whether negative numbers are written without parentheses.
  bool bare_negatives = false;
  // Executed on each new connection.
  std::string on_connect;
};

// The default dialect, so broken. Not registered: it goes into
// EngineOptions::dialect.
std::shared_ptr<const engine::Dialect> BrokenDialect(Breakage breakage);

}  // namespace cupel::testing

#endif  // CUPEL_TESTING_CORPORA_BROKEN_DIALECT_H_
