// The words that MariaDB takes for names only in quotes.

#ifndef CUPEL_ENGINE_DIALECTS_MARIADB_RESERVED_WORDS_H_
#define CUPEL_ENGINE_DIALECTS_MARIADB_RESERVED_WORDS_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cupel::mariadb_internal {

// Lower case, sorted: each word of information_schema.keywords of 10.11 that a
// server refused as the name of a table, a column or an alias.
absl::Span<const absl::string_view> ReservedWords();

}  // namespace cupel::mariadb_internal

#endif  // CUPEL_ENGINE_DIALECTS_MARIADB_RESERVED_WORDS_H_
