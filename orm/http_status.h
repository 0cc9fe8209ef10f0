// Errors that a web program answers with an HTTP status: GetOr404(),
// FirstOr404(), OneOr404() and Paginate() give kNotFound that carries 404.
//
//   absl::StatusOr<Ref<User>> user = session.GetOr404<User>(id);
//   if (!user.ok()) return Respond(HttpStatusOf(user.status()).value_or(500));

#ifndef CUPEL_ORM_HTTP_STATUS_H_
#define CUPEL_ORM_HTTP_STATUS_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/session/entity_state.h"

namespace cupel {

// kNotFound that carries 404.
absl::Status NotFound404(absl::string_view description);

// The HTTP status that an error carries, if any.
std::optional<int> HttpStatusOf(const absl::Status& status);

namespace orm_internal {

// A null handle as kNotFound with 404.
absl::StatusOr<session::EntityRef> NullAsNotFound(
    absl::StatusOr<session::EntityRef> found, absl::string_view name,
    absl::string_view description);
// "None" and "more than one" as kNotFound with 404.
absl::StatusOr<session::EntityRef> ErrorAsNotFound(
    absl::StatusOr<session::EntityRef> found, absl::string_view description);

}  // namespace orm_internal

}  // namespace cupel

#endif  // CUPEL_ORM_HTTP_STATUS_H_
