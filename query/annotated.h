// Errors with a prefix. Internal.

#ifndef CUPEL_QUERY_ANNOTATED_H_
#define CUPEL_QUERY_ANNOTATED_H_

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cupel::query {

// `status` with `prefix` before its message and its payloads kept.
inline absl::Status Annotated(const absl::Status& status,
                              absl::string_view prefix) {
  absl::Status result(status.code(), absl::StrCat(prefix, status.message()));
  status.ForEachPayload(
      [&result](absl::string_view url, const absl::Cord& payload) {
        result.SetPayload(url, payload);
      });
  return result;
}

}  // namespace cupel::query

#endif  // CUPEL_QUERY_ANNOTATED_H_
