// What the driver sets on each session, and reads back.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "mariadb/mysql.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::ErrorKind;

// Refuses what would be stored as something else, and takes backslashes in
// literals for what they are.
constexpr absl::string_view kSqlMode =
    "STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_BACKSLASH_ESCAPES,"
    "NO_AUTO_VALUE_ON_ZERO";

absl::Status NotKept(absl::string_view setting) {
  return MakeDriverError(ErrorKind::kUnsupported,
                         absl::StrCat("the server has not kept the setting ",
                                      setting, " that cupel relies on"));
}

}  // namespace

absl::Status MariadbConnection::SetUp(Deadline deadline) {
  // Unlike mysql_set_character_set, SET NAMES can choose the collation: texts
  // are equal when their characters are.
  std::string sql = absl::StrCat(
      "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin, sql_mode='", kSqlMode,
      "', time_zone='+00:00', autocommit=1, sql_auto_is_null=0, "
      "div_precision_increment=20");
  if (options_.lock_wait_timeout_seconds) {
    absl::StrAppend(&sql, ", innodb_lock_wait_timeout=",
                    *options_.lock_wait_timeout_seconds);
  }
  if (options_.max_statement_time) {
    absl::StrAppend(&sql, ", max_statement_time=",
                    absl::ToDoubleSeconds(*options_.max_statement_time));
  }
  CUPEL_RETURN_IF_ERROR(RunControl(sql, Phase::kOpen, deadline));
  return ReadSettings(deadline);
}

absl::Status MariadbConnection::ReadSettings(Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(
      const std::vector<std::vector<std::string>> rows,
      ReadRows("SELECT @@sql_mode, @@time_zone, @@character_set_client, "
               "@@character_set_connection, @@character_set_results, "
               "@@autocommit, @@max_allowed_packet",
               Phase::kOpen, deadline));
  if (rows.size() != 1 || rows[0].size() != 7) return NotKept("of the session");
  const std::vector<std::string>& row = rows[0];
  for (absl::string_view mode : absl::StrSplit(kSqlMode, ',')) {
    if (!absl::StrContains(row[0], mode)) return NotKept(mode);
  }
  for (absl::string_view mode : absl::StrSplit(row[0], ',')) {
    // Double quotes are those of strings, as the compiler of SQL knows them.
    if (mode == "ANSI_QUOTES") return NotKept("ANSI_QUOTES off");
  }
  if (row[1] != "+00:00") return NotKept("time_zone");
  for (int i = 2; i <= 4; ++i) {
    if (row[i] != "utf8mb4") return NotKept("utf8mb4");
  }
  if (row[5] != "1") return NotKept("autocommit");
  if (!absl::SimpleAtoi(row[6], &max_packet_bytes_)) {
    return NotKept("max_allowed_packet");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::vector<std::string>>>
MariadbConnection::ReadRows(absl::string_view sql, Phase phase,
                            Deadline deadline) {
  int code = 0;
  client_.Run(
      deadline,
      [&] {
        return mysql_real_query_start(&code, client_.handle(), sql.data(),
                                      sql.size());
      },
      [&](int ready) {
        return mysql_real_query_cont(&code, client_.handle(), ready);
      });
  if (code != 0) return Fail(client_.error(), phase, sql, 0);
  MYSQL_RES* result = nullptr;
  client_.Run(
      deadline,
      [&] { return mysql_store_result_start(&result, client_.handle()); },
      [&](int ready) {
        return mysql_store_result_cont(&result, client_.handle(), ready);
      });
  if (result == nullptr) return Fail(client_.error(), phase, sql, 0);
  std::vector<std::vector<std::string>> rows;
  while (MYSQL_ROW row = mysql_fetch_row(result)) {
    const unsigned long* const sizes = mysql_fetch_lengths(result);
    std::vector<std::string>& cells = rows.emplace_back();
    for (unsigned i = 0; i < mysql_num_fields(result); ++i) {
      cells.emplace_back(row[i] == nullptr ? "" : row[i], sizes[i]);
    }
  }
  mysql_free_result(result);
  return rows;
}

}  // namespace cupel::mariadb_internal
