// Opening the store: the database of a URL, and its SQL script.

#ifndef CUPEL_EXAMPLES_CHINOOK_STORE_H_
#define CUPEL_EXAMPLES_CHINOOK_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "cupel/examples/chinook/spelling.h"
#include "cupel/orm/orm.h"

namespace chinook {

struct Store {
  cupel::Database db;
  Spelling spelling;
};

// The store in the database of a URL, whichever of the three kinds it is.
// Errors: kNotFound when it is not there.
absl::StatusOr<Store> OpenStore(const std::string& url);

// Fills the empty database of a URL by the script at `path`, made for its kind
// of database.
absl::StatusOr<Store> LoadScript(const std::string& url,
                                 const std::string& path);

}  // namespace chinook

#endif  // CUPEL_EXAMPLES_CHINOOK_STORE_H_
