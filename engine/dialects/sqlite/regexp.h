// The operator REGEXP, by RE2.
//
//   SELECT name FROM author WHERE name REGEXP '^[A-M]'
//
// It is true when the pattern matches anywhere in the text, NULL when either
// is. RE2 works in time linear to the text, and a very large pattern is refused
// on a long text, so that patterns of users cannot stall a connection. A
// refused pattern is an error, which names the reason and not the pattern.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_REGEXP_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_REGEXP_H_

struct sqlite3;

namespace cupel::sqlite_internal {

// Adds the function regexp(pattern, text) to a connection; returns a result
// code of SQLite.
int AddRegexpFunction(sqlite3* connection);

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_REGEXP_H_
