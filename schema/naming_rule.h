// The table name that a class gets unless it says otherwise.
//
//   TableNameOf("HTTPServer")  // "http_server"

#ifndef CUPEL_SCHEMA_NAMING_RULE_H_
#define CUPEL_SCHEMA_NAMING_RULE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace cupel::schema {

// The two rules of Flask-SQLAlchemy, which differ in runs of capitals.
enum class NamingRule : uint8_t {
  // A capital starts a word behind a lower-case letter or digit, and before a
  // lower-case letter: UserID gives user_id, HTTP2Request http2_request.
  kFlask3,
  // A run of capitals before a lower-case letter or digit is split before its
  // last: UserID gives userID, HTTP2Request htt_p2_request.
  kFlask2,
};

// The snake-case form of `class_name`, without leading underscores. Only ASCII
// letters are capitals; other bytes stay as they are.
std::string TableNameOf(absl::string_view class_name,
                        NamingRule rule = NamingRule::kFlask3);

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_NAMING_RULE_H_
