// SqlText: SQL under construction, with the places where values go. Internal.

#ifndef CUPEL_QUERY_SQL_TEXT_H_
#define CUPEL_QUERY_SQL_TEXT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/query/compiled.h"

namespace cupel::query_internal {

class SqlText {
 public:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    absl::StrAppend(&sql_, parts...);
  }
  // A value goes here.
  void AddSite(query::BindSite site) {
    site.offset = static_cast<uint32_t>(sql_.size());
    sites_.push_back(site);
  }
  // `other` goes here, with its sites.
  void Add(SqlText other) {
    const auto shift = static_cast<uint32_t>(sql_.size());
    for (query::BindSite& site : other.sites_) {
      site.offset += shift;
      sites_.push_back(site);
    }
    sql_ += other.sql_;
  }

  // For appenders that take a string; they only append.
  std::string* mutable_sql() { return &sql_; }
  const std::string& sql() const { return sql_; }
  bool empty() const { return sql_.empty() && sites_.empty(); }
  std::string TakeSql() && { return std::move(sql_); }
  std::vector<query::BindSite> TakeSites() && { return std::move(sites_); }

 private:
  std::string sql_;
  std::vector<query::BindSite> sites_;
};

}  // namespace cupel::query_internal

#endif  // CUPEL_QUERY_SQL_TEXT_H_
