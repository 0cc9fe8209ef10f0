#include "cupel/query/case.h"

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "cupel/query/node.h"
#include "cupel/query/statement.h"

namespace cupel::query {

Expr CaseOf(absl::Span<const Expr> parts, bool has_subject, bool has_else,
            const engine::Type* type) {
  if (parts.size() < (has_subject ? 3u : 2u)) {
    return ErrorExpr(
        absl::InvalidArgumentError("cupel: a CASE without a branch"));
  }
  for (const Expr& part : parts) {
    if (part.empty()) {
      return ErrorExpr(
          absl::InvalidArgumentError("cupel: an empty part of a CASE"));
    }
  }
  auto nodes = query_internal::NodesOf(parts);
  const int flags = (has_subject ? query_internal::kHasSubject : 0) |
                    (has_else ? query_internal::kHasElse : 0);
  return Expr(query_internal::MakeNode({.kind = query_internal::NodeKind::kCase,
                                        .flags = static_cast<uint16_t>(flags),
                                        .type = type},
                                       absl::MakeSpan(nodes)));
}

}  // namespace cupel::query
