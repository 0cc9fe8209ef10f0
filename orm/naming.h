// The rule that names the table of a class whose mapping gives no name:
// BazBar -> baz_bar, HTTPServer -> http_server, APIKey -> api_key.

#ifndef CUPEL_ORM_NAMING_H_
#define CUPEL_ORM_NAMING_H_

#include <string>

#include "absl/strings/string_view.h"

namespace cupel {

enum class TableNameRule {
  // Splits before each capital that starts a word, then lowers everything:
  // UserID -> user_id, HTTP2Request -> http2_request, AB -> ab.
  kSnakeCase,
  // As Flask-SQLAlchemy 2.3 did, for databases that it made: splits and lowers
  // only runs of capitals that a small letter or digit follows, so UserID ->
  // userID, AB -> AB, HTTP2Request -> htt_p2_request.
  kLegacy,
};

// Returns the table name for `class_name`, which holds no scope.
std::string TableNameFor(absl::string_view class_name,
                         TableNameRule rule = TableNameRule::kSnakeCase);

}  // namespace cupel

#endif  // CUPEL_ORM_NAMING_H_
