// Registers the dialect in every program that links it.

#include "cupel/engine/dialects/mariadb/mariadb.h"

namespace cupel::mariadb {
namespace {

[[maybe_unused]] const bool registered = Register().ok();

}  // namespace
}  // namespace cupel::mariadb
