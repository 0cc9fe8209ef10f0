// The steps of a flush that write rows of secondary tables: many-to-many links.

#ifndef CUPEL_SESSION_LINK_ROWS_H_
#define CUPEL_SESSION_LINK_ROWS_H_

#include "absl/status/status.h"
#include "cupel/session/flush_writer.h"

namespace cupel::session {

absl::Status InsertLinks(FlushWriter& writer, const LinkGroup& group);
absl::Status DeleteLinks(FlushWriter& writer, const LinkGroup& group);
// Deletes all links of entities that go.
absl::Status ClearLinks(FlushWriter& writer, const LinkClearing& clearing);

}  // namespace cupel::session

#endif  // CUPEL_SESSION_LINK_ROWS_H_
