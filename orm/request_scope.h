// RequestScope: the session of one request, job or test.
//
//   void Handle(const Request& request) {
//     cupel::RequestScope scope(db);
//     ... db.Query<User>() ... scope.session().Commit() ...
//   }   // the session ends here, whatever happened: uncommitted work is undone
//
// Scopes nest: an inner one has a session of its own, and its end leaves the
// outer one as it was. A scope belongs to the thread that made it.

#ifndef CUPEL_ORM_REQUEST_SCOPE_H_
#define CUPEL_ORM_REQUEST_SCOPE_H_

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "cupel/orm/database.h"
#include "cupel/orm/session.h"

namespace cupel {

class RequestScope {
 public:
  explicit RequestScope(Database db);
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;
  ~RequestScope();

  // The scope's session, made at the first call.
  Session& session();
  // Ends the session, so that the next call of session() makes a fresh one.
  absl::Status Remove();
  // Ends the scope's work: commits if `result` is OK and the configuration says
  // so (commit_on_teardown), else undoes what is not committed. Returns
  // `result`, or why the commit failed.
  absl::Status Finish(absl::Status result);

  // The innermost scope of `db` on this thread, or null.
  static RequestScope* Current(const Database& db);

 private:
  Database db_;
  RequestScope* outer_;  // the scope around this one, of any database
  std::optional<Session> session_;
};

}  // namespace cupel

#endif  // CUPEL_ORM_REQUEST_SCOPE_H_
