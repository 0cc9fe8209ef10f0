// The operator REGEXP, by RE2.
//
//   SELECT name FROM author WHERE name REGEXP '^[A-M]'
//
// It is true when the pattern matches anywhere in the text, NULL when either
// is. Nothing can stop a match, so that a pattern of a user could stall a
// connection; RE2 takes at most time that grows with the product of the text
// and of the program that it makes of the pattern. A pattern is refused on a
// text where that might be more than about a second: an instruction is about a
// character of the pattern, x{100} is 100 of them, a class such as \pL 1200.
// A refused pattern is an error, which names the reason and not the pattern.

#ifndef CUPEL_ENGINE_DIALECTS_SQLITE_REGEXP_H_
#define CUPEL_ENGINE_DIALECTS_SQLITE_REGEXP_H_

struct sqlite3;

namespace cupel::sqlite_internal {

// Adds the function regexp(pattern, text) to a connection; returns a result
// code of SQLite.
int AddRegexpFunction(sqlite3* connection);

}  // namespace cupel::sqlite_internal

#endif  // CUPEL_ENGINE_DIALECTS_SQLITE_REGEXP_H_
